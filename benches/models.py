"""The tables that are measured: the blog's post, and an author with entries for the cascade."""

from datetime import datetime

from fastapi_orm import (
    BooleanField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    ManyToOne,
    Model,
    OneToMany,
    SoftDeleteMixin,
    StringField,
    TextField,
)

# The public columns of `posts`, in the order both sides read them.
POST_COLUMNS = ("id", "title", "content", "published", "created_at", "deleted_at")


class Post(Model, SoftDeleteMixin):
    __tablename__ = "posts"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=200, nullable=False)
    content: str = TextField(nullable=False)
    published: bool = BooleanField(default=False)
    created_at: datetime = DateTimeField(auto_now_add=True)


class Author(Model, SoftDeleteMixin):
    __tablename__ = "authors"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=100, nullable=False)
    entries = OneToMany("Entry", back_populates="author")


class Entry(Model, SoftDeleteMixin):
    __tablename__ = "entries"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=200, nullable=False)
    author_id: int = ForeignKeyField("authors")
    author = ManyToOne("Author", back_populates="entries")
