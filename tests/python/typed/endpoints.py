"""Endpoints with pydantic models made of models, as both checkers accept them."""

from fastapi import FastAPI

from fastapi_orm import Session
from shapes import Post

app = FastAPI()


# mypy reads no class that is made at run time, and says so; a subclass is one to annotate with all the same.
class PostCreate(Post.create_model(exclude="author_id")):  # type: ignore[misc]
    pass


class PostAnswer(Post.response_model()):  # type: ignore[misc]
    pass


@app.post("/posts", response_model=PostAnswer)
async def add(body: PostCreate, session: Session) -> Post:
    return await Post.create(session, **body.model_dump())


@app.get("/posts", response_model=list[PostAnswer])
async def posts(session: Session) -> list[Post]:
    return await Post.all(session)


@app.get("/posts/{id}", response_model=Post.response_model(include="author"))
async def post(id: int, session: Session) -> Post | None:
    return await Post.filter(session, id=id).include("author").first()
