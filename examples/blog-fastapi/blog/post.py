"""The one table of the blog."""

from datetime import datetime

from fastapi_orm import (
    BooleanField,
    DateTimeField,
    IntegerField,
    Model,
    SoftDeleteMixin,
    StringField,
    TextField,
)


class Post(Model, SoftDeleteMixin):
    """An entry of the blog. The mixin gives it ``deleted_at`` and a place in the bin."""

    __tablename__ = "posts"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=200, nullable=False)
    content: str = TextField(nullable=False)
    published: bool = BooleanField(default=False)
    created_at: datetime = DateTimeField(auto_now_add=True)
