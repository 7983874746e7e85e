"""The API of the blog: each route is one or two calls of the model."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, status

from .post import Post

router = APIRouter(prefix="/posts")

READING, WRITING, BIN = "Reading", "Writing", "The bin"


async def open_session(request: Request) -> AsyncIterator[Any]:
    """One session, and so one transaction, for each request."""
    async for session in request.app.state.database.get_session():
        yield session


Session = Annotated[Any, Depends(open_session)]
IncludeDeleted = Annotated[bool, Query(description="Look into the bin as well.")]
OnlyDeleted = Annotated[bool, Query(description="Look into the bin alone; wins over `include_deleted`.")]


def found(post: Post | None) -> Post:
    """The post, or the answer that there is none."""
    if post is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Post not found")
    return post


@router.get("", tags=[READING], summary="List posts")
async def list_posts(
    session: Session,
    include_deleted: IncludeDeleted = False,
    only_deleted: OnlyDeleted = False,
) -> list[dict[str, Any]]:
    if only_deleted:
        posts = await Post.only_deleted(session)
    elif include_deleted:
        posts = await Post.all_with_deleted(session)
    else:
        posts = await Post.all(session)
    return [post.to_response() for post in posts]


@router.get("/{post_id}", tags=[READING], summary="Read one post")
async def read_post(post_id: int, session: Session, include_deleted: IncludeDeleted = False) -> dict[str, Any]:
    read = Post.get_with_deleted if include_deleted else Post.get
    return found(await read(session, post_id)).to_response()


@router.post("", status_code=status.HTTP_201_CREATED, tags=[WRITING], summary="Write a post")
async def write_post(title: str, content: str, session: Session) -> dict[str, Any]:
    post = await Post.create(session, title=title, content=content)
    return post.to_response()


@router.delete("/{post_id}/soft", status_code=status.HTTP_204_NO_CONTENT, tags=[BIN], summary="Throw a post in the bin")
async def bin_post(post_id: int, session: Session) -> None:
    post = found(await Post.get(session, post_id))
    await post.soft_delete(session)


@router.post("/{post_id}/restore", tags=[BIN], summary="Take a post out of the bin")
async def restore_post(post_id: int, session: Session) -> dict[str, Any]:
    post = found(await Post.get_with_deleted(session, post_id))
    if not post.is_deleted:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "Post is not deleted")
    await post.restore(session)
    return post.to_response()


@router.delete("/{post_id}/permanent", tags=[BIN], summary="Remove a post for good")
async def remove_post(post_id: int, session: Session) -> dict[str, str]:
    post = found(await Post.get_with_deleted(session, post_id))
    await post.delete(session, force=True)
    return {"message": "Post permanently deleted"}
