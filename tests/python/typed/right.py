# pyright: strict
"""Code that is right, and the types that it has: neither checker may find anything here."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import assert_type

from fastapi_orm import (
    AnySession,
    AuditLog,
    Collection,
    CursorPaginator,
    Database,
    Deletion,
    Q,
    Query,
    Response,
    Restoration,
    Session,
    atomic,
    get_audit_trail,
    transaction,
    transactional,
)
from shapes import Bare, Post, Size, User


def fields(post: Post, bare: Bare) -> None:
    assert_type(post.id, int)
    assert_type(post.title, str)
    assert_type(post.content, str | None)
    assert_type(post.published, bool)
    assert_type(post.price, Decimal | None)
    assert_type(post.at, datetime)
    assert_type(post.extra, dict[str, int])
    assert_type(post.size, Size)
    assert_type(post.tags, list[str])
    assert_type(post.deleted_at, datetime | None)
    assert_type(post.is_deleted, bool)
    post.title = post.title.upper()
    post.content = None

    assert_type(bare.id, int)
    assert_type(bare.name, str)
    assert_type(bare.note, str | None)
    assert_type(bare.done, bool)
    assert_type(bare.price, Decimal)
    assert_type(bare.created_at, datetime)
    assert_type(bare.changed_at, datetime)
    assert_type(bare.due, datetime | None)
    assert_type(bare.day, date | None)
    assert_type(bare.token, UUID)
    assert_type(bare.size, Size)
    assert_type(bare.colour, Size | None)
    assert_type(bare.tags, list[str])
    assert_type(bare.scores, list[int] | None)
    bare.name = "b"
    bare.due = None
    bare.created_at = datetime.now()


async def reading(session: Session, id: int) -> None:
    assert_type(await Post.get(session, id), Post | None)
    assert_type(await Post.get_or_404(session, id), Post)
    assert_type(await Post.get_by(session, title="a"), Post | None)
    assert_type(await Post.first(session), Post | None)
    assert_type(await Post.last(session, order_by="title"), Post | None)
    assert_type(await Post.count(session, published=True), int)
    assert_type(await Post.exists(session, Q(title="a") | ~Q(views__gt=1)), bool)
    assert_type(Post.all(session), Query[Post])
    assert_type(await Post.all(session, limit=5, offset=5), list[Post])
    assert_type(Post.filter(session, published=True), Query[Post])
    assert_type(await Post.filter(session, Q(title="a"), views={"gte": 1}), list[Post])
    assert_type(await Post.filter_by(session, order_by=["-at", "id"], limit=5), list[Post])
    query = Post.filter(session).order_by("-at", "id").limit(20).offset(40).include("author", with_deleted=True)
    assert_type(query, Query[Post])
    assert_type(await query, list[Post])
    assert_type(await query.first(), Post | None)
    assert_type(await query.last(), Post | None)
    assert_type(await query.count(), int)
    assert_type(await query.exists(), bool)
    if post := await Post.get(session, id):
        assert_type(post.title, str)


async def writing(session: Session) -> None:
    post = await Post.create(session, title="a")
    assert_type(post, Post)
    assert_type(await post.update(session, title="b"), Post)
    assert_type(await post.save(session), Post)
    assert_type(await post.refresh(session), Post)
    assert_type(post.to_dict(exclude=["at"]), dict[str, Any])
    assert_type(post.to_response(), Response)
    await post.delete(session, force=True)
    await session.flush()
    await session.commit()


async def deleting(session: Session, post: Post, user: User) -> None:
    for deletion in (await post.soft_delete(session, reason="spam"), await user.soft_delete(session, cascade=True)):
        assert_type(deletion, Deletion)
        assert_type(deletion.id, UUID)
        assert_type(deletion.at, datetime)
        assert_type(deletion.rows, dict[str, int])
        assert_type(await deletion.undo(session), Restoration)
    for restoration in (await post.restore(session), await user.restore(session, cascade=True, ancestors=True)):
        assert_type(restoration, Restoration)
        assert_type(restoration.total, int)
    assert_type(await Post.get_with_deleted(session, 1), Post | None)
    assert_type(await User.get_with_deleted(session, 1), User | None)
    assert_type(await Post.only_deleted(session, title="a"), list[Post])
    assert_type(await User.all_with_deleted(session), list[User])
    assert_type(User.filter_with_deleted(session).order_by("id"), Query[User])
    assert_type(await Post.bulk_soft_delete(session, [1, 2], reason="old"), int)
    assert_type(await User.bulk_restore(session, (1, 2), cascade=True), int)


async def relations(session: Session, post: Post, user: User) -> None:
    assert_type(user.posts, Collection[Post])
    assert_type(await user.posts, Collection[Post])
    assert_type([post.title for post in user.posts], list[str])
    assert_type(await user.posts.filter(published=True).order_by("id"), list[Post])
    user.posts.append(post)
    assert_type(post.author, User | None)
    post.author = user
    if post.author:
        assert_type(await post.author, User)


async def databases() -> None:
    async with Database("sqlite:///:memory:", pool_size=2) as db:
        await db.create_tables([User, Post])
        async with db.session() as session:
            assert_type(session, Session)
        async for session in db.get_session():
            assert_type(session, Session)
        assert_type(await db.fetch_one("SELECT 1"), dict[str, Any] | None)


async def transactions(db: Database, session: Session, other: AsyncSession) -> None:
    async with session.begin() as inner, session.begin_nested() as savepoint:
        assert_type(inner, Session)
        assert_type(savepoint, Session)
    async with transaction(other):
        await Post.create(other, title="a")
    async with atomic(db) as own:
        assert_type(own, Session)
        assert_type(await publish(own, "a"), Post)

    @atomic(db, retries=3)
    async def renamed(session: Session, post: Post, title: str = "b") -> list[str]:
        return [post.title, title]

    @transactional(db)
    async def counted(session: Session) -> int:
        return 1

    post = await publish(session, "c")
    assert_type(await renamed(post, title="d"), list[str])
    assert_type(await renamed(session, post), list[str])
    assert_type(await counted(), int)
    assert_type(await atomic(db, retries=3).run(publish, "e"), Post)


@transactional
async def publish(session: Session, title: str) -> Post:
    return await Post.create(session, title=title)


async def audit(session: Session) -> None:
    for entry in await get_audit_trail(session, Post, 1, limit=5):
        assert_type(entry, AuditLog)
        assert_type(entry.operation, str)


async def sessions(own: Session, other: AsyncSession) -> None:
    assert_type(await titles(own), list[str])
    assert_type(await titles(other), list[str])
    assert_type(await Post.get(other, 1), Post | None)


async def titles(session: AnySession) -> list[str]:
    return [post.title for post in await Post.all(session)]


async def pages(session: AnySession) -> None:
    page = await Post.paginate(session, page=1, page_size=10, order_by="-views", published=True)
    assert_type(page["items"], list[Post])
    assert_type(page["total"], int)
    assert_type(page["has_prev"], bool)
    assert_type((await Post.filter(session).paginate(2))["items"], list[Post])
    behind = await Post.paginate_by_cursor(session, cursor=None, order_by=["-views", "id"])
    assert_type(behind["items"], list[Post])
    assert_type(behind["next_cursor"], str | None)
    more = await CursorPaginator(Post, cursor_field="views", order="desc").paginate(session, published=True)
    assert_type(more["items"], list[Post])
    assert_type(more["has_more"], bool)
    assert_type((await Post.all(session).paginate_by_cursor(behind["next_cursor"]))["has_next"], bool)


async def streams(session: AnySession) -> None:
    async for post in Post.filter(session, published=True):
        assert_type(post, Post)
    async for post in Post.all(session).stream(batch_size=10):
        assert_type(post, Post)
    async for posts in Post.all(session).batches(10):
        assert_type(posts, list[Post])
    assert_type([post async for post in Post.all(session)], list[Post])


async def upserts(session: AnySession) -> None:
    post, created = await Post.get_or_create(session, title="a", defaults={"views": 1})
    assert_type(post, Post)
    assert_type(created, bool)
    assert_type((await Post.update_or_create(session, title="a", _audit_user_id=1))[0], Post)
