# ruff: noqa: B008 - calls in argument defaults are how FastAPI declares dependencies
"""An app that the server tests run: shelves of items, over a database that SHOP_DATABASE names."""

import os
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import StreamingResponse

from fastapi_orm import (
    AuditMixin,
    Database,
    ForeignKeyField,
    IntegerField,
    Model,
    Session,
    SoftDeleteMixin,
    StringField,
)


class Shelf(Model, SoftDeleteMixin):
    __tablename__ = "shelves"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=100, nullable=False)


class Item(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "items"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=100, nullable=False)
    shelf_id: int = ForeignKeyField("shelves")


state = {}


@asynccontextmanager
async def lifespan(app):
    state["db"] = Database(os.environ.get("SHOP_DATABASE", "sqlite+aiosqlite:///shop.db"))
    await state["db"].create_tables()
    yield
    await state["db"].close()


async def get_db():
    async for session in state["db"].get_session():
        yield session


async def get_db_by_context():
    async with state["db"].session() as session:
        yield session


async def get_first_item(session: Session = Depends(get_db)):
    return await Item.filter(session).order_by("id").first()


app = FastAPI(lifespan=lifespan)


@app.post("/shelves", status_code=201)
async def create_shelf(name: str, session=Depends(get_db)):
    return (await Shelf.create(session, name=name)).to_response()


@app.delete("/shelves/{id}", status_code=204)
async def delete_shelf(id: int, session=Depends(get_db)):
    shelf = await Shelf.get(session, id)
    if not shelf:
        raise HTTPException(404)
    await shelf.soft_delete(session, cascade=True)


@app.post("/shelves/{id}/restore")
async def restore_shelf(id: int, session=Depends(get_db)):
    shelf = await Shelf.get_with_deleted(session, id)
    await shelf.restore(session, cascade=True)
    return shelf.to_response()


@app.post("/items", status_code=201)
async def create_item(name: str, shelf_id: int | None = None, session=Depends(get_db)):
    return (await Item.create(session, name=name, shelf_id=shelf_id)).to_response()


@app.get("/items/{id}")
async def get_item(id: int, session=Depends(get_db)):
    item = await Item.get(session, id)
    if not item:
        raise HTTPException(404)
    return item.to_response()


@app.get("/items")
async def list_items(session=Depends(get_db)):
    return [item.to_response() for item in await Item.all(session)]


@app.put("/items/{id}")
async def rename_item(id: int, name: str, session=Depends(get_db)):
    item = await Item.get(session, id)
    item.name = name
    return item.to_response()


@app.delete("/items/{id}", status_code=204)
async def delete_item(id: int, session=Depends(get_db)):
    item = await Item.get(session, id)
    if not item:
        raise HTTPException(404)
    await item.soft_delete(session)


@app.post("/refused")
async def create_and_refuse(name: str, session=Depends(get_db)):
    await Item.create(session, name=name)
    raise HTTPException(409, "not today")


@app.post("/failed")
async def create_and_fail(name: str, session=Depends(get_db)):
    await Item.create(session, name=name)
    raise RuntimeError("a mistake in the endpoint")


@app.post("/invalid")
async def create_and_answer_wrongly(name: str, session=Depends(get_db)) -> int:
    return (await Item.create(session, name=name)).name


@app.post("/context", status_code=201)
async def create_by_context(name: str, session=Depends(get_db_by_context)):
    return (await Item.create(session, name=name)).to_response()


@app.post("/nested", status_code=201)
async def create_beside_a_dependency(name: str, first=Depends(get_first_item, use_cache=True), session=Depends(get_db)):
    item = await Item.create(session, name=name)
    return {"id": item.id, "first": first.id if first else None}


@app.get("/stream")
async def stream(session=Depends(get_db)):
    async def lines():
        for item in await Item.all(session):
            yield f"{item.name}\n"

    return StreamingResponse(lines(), media_type="text/plain")


@app.post("/committed", status_code=201)
async def create_and_commit(name: str, session=Depends(get_db)):
    item = await Item.create(session, name=name)
    await session.commit()
    await Item.create(session, name=f"{name} again")
    return item.to_response()


@app.post("/taken", status_code=201)
async def create_taken(id: int, name: str, session=Depends(get_db)):
    return (await Item.create(session, id=id, name=name)).to_response()
