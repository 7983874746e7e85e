# ruff: noqa: B008 - calls in argument defaults are how FastAPI declares dependencies
"""The list route of a blog, answering in three ways; :mod:`serving` serves it over the file in BENCH_DATABASE."""

import os

from fastapi import Depends, FastAPI

from fastapi_orm import Database, Session
from models import Post

app = FastAPI()
db = Database(os.environ["BENCH_DATABASE"])


async def get_db():
    async for session in db.get_session():
        yield session


@app.get("/responses")
async def responses(session: Session = Depends(get_db)):
    posts = await Post.all(session)
    return [post.to_response() for post in posts]


@app.get("/dictionaries")
async def dictionaries(session: Session = Depends(get_db)):
    posts = await Post.all(session)
    return [post.to_dict() for post in posts]


@app.get("/models", response_model=list[Post.response_model()])
async def models(session: Session = Depends(get_db)):
    return await Post.all(session)
