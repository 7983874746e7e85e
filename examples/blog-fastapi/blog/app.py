"""The application: a database that lives as long as the server, the API, and a page to look at."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

from fastapi_orm import Database

from .routes import router

PAGE = Path(__file__).with_name("page.html")


def create_app(database_url: str | None = None) -> FastAPI:
    """The blog on the database given, or on the one that ``BLOG_DATABASE_URL`` names."""
    url = database_url or os.environ.get("BLOG_DATABASE_URL", "sqlite+aiosqlite:///./blog.db")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Opened here and not on import: each worker process has connections of its own.
        database = Database(url)
        await database.create_tables()
        app.state.database = database
        yield
        await database.close()

    app = FastAPI(
        title="A blog with a bin",
        description="Posts can be thrown away, looked at in the bin, brought back, or removed for good.",
        lifespan=lifespan,
    )
    app.include_router(router)
    app.add_api_route("/", show_page, include_in_schema=False)
    return app


async def show_page() -> FileResponse:
    return FileResponse(PAGE)
