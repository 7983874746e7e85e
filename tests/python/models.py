"""The models that most tests use: users write posts, posts have comments, comments answer comments."""

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


class User(Model, SoftDeleteMixin):
    __tablename__ = "users"

    id: int = IntegerField(primary_key=True)
    username: str = StringField(max_length=100, nullable=False, unique=True)
    posts = OneToMany("Post", back_populates="author")


class Post(SoftDeleteMixin, Model):
    __tablename__ = "posts"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=200, nullable=False)
    content: str = TextField(nullable=True)
    published: bool = BooleanField(default=False)
    views: int = IntegerField(default=0)
    created_at = DateTimeField(auto_now_add=True)
    delete_reason: str = TextField()
    author_id: int = ForeignKeyField("users")
    author = ManyToOne("User", back_populates="posts")
    comments = OneToMany("Comment", back_populates="post")


class Comment(Model, SoftDeleteMixin):
    __tablename__ = "comments"

    id: int = IntegerField(primary_key=True)
    body: str = TextField(nullable=False)
    post_id: int = ForeignKeyField("posts")
    answers_id: int = ForeignKeyField("comments")
    post = ManyToOne("Post", back_populates="comments")


class Memo(Model):
    """A row without soft delete, under a post."""

    __tablename__ = "memos"

    id: int = IntegerField(primary_key=True)
    text: str = TextField(nullable=False)
    post_id: int = ForeignKeyField("posts")


MODELS = [User, Post, Comment, Memo]
