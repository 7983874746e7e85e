"""Code that is wrong. Each error must be given where a comment says so, and no other:

``# error: MYPY-CODE PYRIGHT-RULE: words of both messages, between commas``
"""
# ruff: noqa: B015, B018, RUF100

from datetime import datetime

from fastapi_orm import Database, IntegerField, Model, Q, Session, StringField, TextField, atomic
from shapes import Bare, Post, User


def fields(post: Post, bare: Bare) -> None:
    post.titel  # error: attr-defined reportAttributeAccessIssue: titel
    post.title + 1  # error: operator reportOperatorIssue: +
    post.title = 5  # error: assignment reportAttributeAccessIssue: str
    post.title = None  # error: assignment reportAttributeAccessIssue: None
    post.content.upper()  # error: union-attr reportOptionalMemberAccess: upper, None
    post.deleted_at.isoformat()  # error: union-attr reportOptionalMemberAccess: isoformat, None
    post.is_deleted = True  # error: misc reportAttributeAccessIssue: is_deleted
    bare.created_at + 1  # error: operator reportOperatorIssue: +
    bare.note.upper()  # error: union-attr reportOptionalMemberAccess: upper, None
    bare.name = 5  # error: assignment reportAttributeAccessIssue: str
    bare.name = None  # error: assignment reportAttributeAccessIssue: None
    bare.soft_delete  # error: attr-defined reportAttributeAccessIssue: soft_delete


class Mistakes(Model):
    id: int = IntegerField(primary_key=True)
    text: str = IntegerField()  # error: assignment reportAssignmentType: IntegerField
    number: int = StringField(max_length=20)  # error: assignment reportAssignmentType: StringField
    day: datetime = TextField()  # error: assignment reportAssignmentType: TextField
    limit: str = StringField(max_lenght=20)  # error: call-overload reportCallIssue:
    wide: str = StringField(max_length="20")  # error: call-overload reportArgumentType:
    preset: int = IntegerField(default="0")  # error: call-overload reportArgumentType:


async def reading(session: Session) -> None:
    (await Post.get(session, 1)).title  # error: union-attr reportOptionalMemberAccess: title, None
    (await Post.first(session)).title  # error: union-attr reportOptionalMemberAccess: title, None
    (await Post.get_with_deleted(session, 1)).title  # error: union-attr reportOptionalMemberAccess: title, None
    (await Bare.filter(session).first()).name  # error: union-attr reportOptionalMemberAccess: name, None
    post: Post = await Post.get(session, 1)  # error: assignment reportAssignmentType: None
    user: User = await Post.get_or_404(session, 1)  # error: assignment reportAssignmentType: Post, User
    posts: list[User] = await Post.all(session)  # error: assignment reportAssignmentType: Post, User
    number: str = await Post.count(session)  # error: assignment reportAssignmentType: int, str
    print(post, user, posts, number)


async def without_await(session: Session) -> None:
    Post.get(session, 1).title  # error: attr-defined reportAttributeAccessIssue: title, Coroutine
    Post.all(session)[0]  # error: index reportIndexIssue: Query
    len(Post.filter(session))  # error: arg-type reportArgumentType: Query
    [post.title for post in Post.all(session)]  # error: attr-defined reportGeneralTypeIssues: Query
    await (await Post.all(session))  # error: misc reportGeneralTypeIssues: list
    await (await Post.count(session))  # error: misc reportGeneralTypeIssues: int


async def sessions(db: Database, id: int) -> None:
    await Post.get(id, id)  # error: arg-type reportArgumentType: int, AnySession
    await Post.get("session", id)  # error: arg-type reportArgumentType: AnySession
    await Post.all(db)  # error: arg-type reportArgumentType: Database, AnySession
    await Post.create(None, title="a")  # error: arg-type reportArgumentType: None, AnySession
    await Post.all_with_deleted(db.session())  # error: arg-type reportArgumentType: AnySession
    await Post.get(id=id)  # error: call-arg reportCallIssue: session


async def arguments(session: Session, post: Post, user: User) -> None:
    await Post.all(session, limit="5")  # error: arg-type reportArgumentType: int
    await Post.filter(session, "title")  # error: arg-type reportArgumentType: Q
    await Post.filter(session).limit("5")  # error: arg-type reportArgumentType: int
    await Post.filter(session).order(Q())  # error: attr-defined reportAttributeAccessIssue: order
    await Post.filter_by(session, order_by=5)  # error: arg-type reportArgumentType: Iterable
    await post.soft_delete(session, "spam")  # error: call-arg reportCallIssue: positional
    await post.soft_delete(session, reason=5)  # error: arg-type reportArgumentType: str
    await user.restore(session, cascade="yes")  # error: arg-type reportArgumentType: bool
    await Post.bulk_soft_delete(session, 5)  # error: arg-type reportArgumentType: Iterable
    await post.delete(session, True)  # error: call-arg reportCallIssue: positional
    (await post.soft_delete(session)).undo()  # error: call-arg reportCallIssue: session
    await post.destroy(session)  # error: attr-defined reportAttributeAccessIssue: destroy
    user.posts.append(user)  # error: arg-type reportArgumentType: User, Post
    post.author = post  # error: assignment reportAttributeAccessIssue: Post, User


async def retried(db: Database, session: Session) -> None:
    @atomic(db, retries=3)
    async def half(session: Session, number: int) -> float:
        return number / 2

    await half("4")  # error: call-overload reportArgumentType:
    await half(session, "4")  # error: call-overload reportArgumentType:
    (await half(4)).upper()  # error: attr-defined reportAttributeAccessIssue: upper
