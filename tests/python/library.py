# ruff: noqa: B008 - calls in argument defaults are how FastAPI declares dependencies
"""An app without handlers of its own, over a database that LIBRARY_DATABASE names: books on shelves."""

import os
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, HTTPException

from fastapi_orm import (
    ConnectionLostError,
    Database,
    DatabaseTimeoutError,
    DatabaseUnavailableError,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    SoftDeleteMixin,
    StringField,
)


class Shelf(Model, SoftDeleteMixin):
    __tablename__ = "shelves"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=100, nullable=False)


class Book(Model, SoftDeleteMixin):
    __tablename__ = "books"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=100, nullable=False, unique=True)
    created_at = DateTimeField(auto_now_add=True)
    shelf_id: int = ForeignKeyField("shelves", on_delete="RESTRICT")


class Missing(Model):
    """A model whose table is never created."""

    __tablename__ = "missing"

    id: int = IntegerField(primary_key=True)


db = Database(os.environ.get("LIBRARY_DATABASE", "sqlite+aiosqlite:///library.db"))


@asynccontextmanager
async def lifespan(app):
    await db.create_tables([Shelf, Book])
    yield
    await db.close()


async def get_db():
    async for session in db.get_session():
        yield session


app = FastAPI(lifespan=lifespan)


@app.post("/shelves", status_code=201)
async def create_shelf(name: str, session=Depends(get_db)):
    return (await Shelf.create(session, name=name)).to_response()


@app.delete("/shelves/{id}", status_code=204)
async def delete_shelf(id: int, session=Depends(get_db)):
    await (await Shelf.get(session, id)).soft_delete(session, cascade=True)


@app.post("/books", status_code=201)
async def create_book(title: str, shelf_id: int | None = None, session=Depends(get_db)):
    return (await Book.create(session, title=title, shelf_id=shelf_id)).to_response()


@app.get("/books")
async def list_books(session=Depends(get_db)):
    return [book.to_response() for book in await Book.all(session)]


@app.get("/plain")
async def list_plain_books(session=Depends(get_db)):
    return [dict(book.to_response()) for book in await Book.all(session)]


@app.get("/books/{id}")
async def get_book(id: int, include_deleted: bool = False, session=Depends(get_db)):
    book = await (Book.get_with_deleted if include_deleted else Book.get)(session, id)
    if not book:
        raise HTTPException(404, "Book not found")
    return book.to_response()


@app.put("/books/{id}")
async def rename_book(id: int, title: str, session=Depends(get_db)):
    book = await Book.get(session, id)
    book.title = title
    return book.to_response()


@app.delete("/books/{id}", status_code=204)
async def delete_book(id: int, session=Depends(get_db)):
    await (await Book.get(session, id)).soft_delete(session)


@app.post("/books/{id}/restore")
async def restore_book(id: int, session=Depends(get_db)):
    book = await Book.get_with_deleted(session, id)
    await book.restore(session)
    return book.to_response()


@app.post("/gone")
async def refresh_a_row_that_is_gone(session=Depends(get_db)):
    book = await Book.create(session, title="gone")
    await book.delete(session, force=True)
    await book.refresh(session)


@app.post("/faults/{fault}")
async def fail(fault: str, session=Depends(get_db)):
    if fault == "field":
        await Book.create(session, titel="a mistake in the program")
    if fault == "table":
        await Missing.create(session)
    if fault == "unavailable":
        raise DatabaseUnavailableError("connect", "no server at secret")
    if fault == "crowded":
        raise DatabaseTimeoutError("commit", "held by secret")
    if fault == "doubtful":
        raise ConnectionLostError("commit", "secret went away", in_doubt=True)
    return 1 / 0
