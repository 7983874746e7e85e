"""Models with every kind of relation, and what a session is asked to run."""

from fastapi_orm import (
    Database,
    ForeignKeyField,
    IntegerField,
    ManyToMany,
    ManyToOne,
    Model,
    OneToMany,
    SoftDeleteMixin,
    StringField,
    create_association_table,
)

book_labels = create_association_table("book_labels", "lib_books", "lib_labels")
create_association_table("lib_follows", "lib_writers", "lib_writers")


class Writer(Model, SoftDeleteMixin):
    __tablename__ = "lib_writers"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=100, nullable=False)
    mentor_id: int = ForeignKeyField("lib_writers", on_delete="SET NULL")
    favourite_id: int = ForeignKeyField("lib_books", on_delete="SET NULL")
    mentor = ManyToOne("Writer", back_populates="pupils", foreign_key="mentor_id")
    pupils = OneToMany("Writer", back_populates="mentor", foreign_key="mentor_id")
    books = OneToMany("Book", back_populates="writer")
    favourite = ManyToOne("Book")
    follows = ManyToMany("Writer", secondary="lib_follows", back_populates="followers")
    followers = ManyToMany("Writer", secondary="lib_follows", back_populates="follows")


class Book(Model, SoftDeleteMixin):
    __tablename__ = "lib_books"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=100, nullable=False)
    writer_id: int = ForeignKeyField("lib_writers")
    writer = ManyToOne("Writer", back_populates="books")
    chapters = OneToMany("Chapter", back_populates="book")
    labels = ManyToMany("Label", secondary=book_labels, back_populates="books")


class Chapter(Model, SoftDeleteMixin):
    __tablename__ = "lib_chapters"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=100, nullable=False)
    book_id: int = ForeignKeyField("lib_books", nullable=False)
    book = ManyToOne("Book", back_populates="chapters")


class Label(Model, SoftDeleteMixin):
    __tablename__ = "lib_labels"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=100, nullable=False)
    books = ManyToMany("Book", secondary="book_labels", back_populates="labels")


LIBRARY = [Writer, Book, Chapter, Label]


def titles(rows):
    return [row.title for row in rows]


def names(rows):
    return [row.name for row in rows]


async def open_library(store):
    """A database that logs its statements, and a session on it."""
    database = Database(store.url, echo=True)
    await database.create_tables(LIBRARY)
    return database


def fixtures(loop, store):
    """A session on a library; what the test does not commit is rolled back."""
    database = loop.run_until_complete(open_library(store))
    context = database.session()
    yield loop.run_until_complete(context.__aenter__())
    loop.run_until_complete(context.__aexit__(RuntimeError, RuntimeError("the test is over"), None))
    loop.run_until_complete(database.close())
