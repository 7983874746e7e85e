"""Models for the snippets that type checkers read: annotated fields and bare ones, both orders of bases."""

import enum
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from fastapi_orm import (
    ArrayField,
    AuditMixin,
    BooleanField,
    Collection,
    DateField,
    DateTimeField,
    DecimalField,
    EnumField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    ManyToMany,
    ManyToOne,
    Model,
    OneToMany,
    SoftDeleteMixin,
    StringField,
    TextField,
    TimeField,
    UUIDField,
)


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Title(StringField):
    """A field of a program's own."""


class User(Model, SoftDeleteMixin):
    __tablename__ = "typed_users"

    id: int = IntegerField(primary_key=True)
    username: str = StringField(max_length=100, nullable=False, unique=True)
    posts: Collection["Post"] = OneToMany("Post", back_populates="author")
    drafts = OneToMany("Post", back_populates="editor")


class Post(SoftDeleteMixin, Model, AuditMixin):
    __tablename__ = "typed_posts"

    id: int = IntegerField(primary_key=True)
    title: str = Title(max_length=200, nullable=False)
    content: str | None = TextField()
    reason: str = TextField(nullable=True)
    published: bool = BooleanField(default=False)
    rating: float = FloatField(default=0.5)
    price: Decimal | None = DecimalField(8, 2)
    at: datetime = DateTimeField(auto_now=True)
    day: date | None = DateField()
    hour: time | None = TimeField()
    extra: dict[str, int] = JSONField()
    token: UUID = UUIDField(auto_generate=True)
    size: Size = EnumField(Size, default=Size.SMALL)
    tags: list[str] = ArrayField(str, default=list)
    author_id: int | None = ForeignKeyField("typed_users")
    editor_id: int | None = ForeignKeyField("typed_users")
    author: User | None = ManyToOne("User", back_populates="posts", foreign_key="author_id")
    editor = ManyToOne("User", back_populates="drafts", foreign_key="editor_id")
    labels: Collection["Bare"] = ManyToMany("Bare", secondary="typed_links")


class Bare(Model):
    id = IntegerField(primary_key=True)
    name = StringField(max_length=10, nullable=False)
    note = TextField()
    done = BooleanField(default=False)
    price = DecimalField(precision=8, scale=2, nullable=False)
    created_at = DateTimeField(auto_now_add=True)
    changed_at = DateTimeField(auto_now=True)
    due = DateTimeField()
    day = DateField()
    token = UUIDField(auto_generate=True)
    size = EnumField(Size, nullable=False)
    colour = EnumField(Size)
    tags = ArrayField(str, default=list)
    scores = ArrayField(int)
    post_id = ForeignKeyField("typed_posts")
