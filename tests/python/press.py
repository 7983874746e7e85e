# ruff: noqa: B008 - calls in argument defaults are how FastAPI declares dependencies
"""An app whose routes take and answer with pydantic models made of models: authors write articles, which have notes."""

import enum
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import Depends, FastAPI

from fastapi_orm import (
    ArrayField,
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    EnumField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    ManyToOne,
    Model,
    OneToMany,
    Session,
    SoftDeleteMixin,
    StringField,
    TextField,
    TimeField,
    UUIDField,
)


class Genre(enum.Enum):
    NEWS = "news"
    ESSAY = "essay"


def no_shouting(text: str) -> bool:
    return text != text.upper()


class Author(Model, SoftDeleteMixin):
    __tablename__ = "press_authors"

    id: UUID = UUIDField(primary_key=True, auto_generate=True)
    name: str = StringField(max_length=40, nullable=False)
    email: str = StringField(max_length=80)
    articles = OneToMany("Article", back_populates="author")


class Article(SoftDeleteMixin, Model):
    __tablename__ = "press_articles"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=20, min_length=2, nullable=False, validators=[no_shouting])
    slug: str = StringField(max_length=30, nullable=False, unique=True)
    body: str | None = TextField()
    words: int = IntegerField(default=0, min_value=0, max_value=9000)
    rating: float | None = FloatField(min_value=0.5)
    price: Decimal | None = DecimalField(precision=6, scale=2, min_value=0)
    free: bool = BooleanField(default=False, nullable=False)
    genre: Genre = EnumField(Genre, default=Genre.NEWS)
    tags: list[str] = ArrayField(str, default=list)
    extra: Any = JSONField()
    day: date | None = DateField()
    hour: time | None = TimeField()
    token: UUID = UUIDField(auto_generate=True, nullable=False)
    embargo: datetime | None = DateTimeField()
    created_at: datetime = DateTimeField(auto_now_add=True)
    updated_at: datetime = DateTimeField(auto_now=True)
    author_id: UUID | None = ForeignKeyField("press_authors")
    author = ManyToOne("Author", back_populates="articles")
    notes = OneToMany("Note", back_populates="article")


class Note(Model):
    __tablename__ = "press_notes"

    id: int = IntegerField(primary_key=True)
    text: str = TextField(nullable=False)
    article_id: int = ForeignKeyField("press_articles", nullable=False)
    article = ManyToOne("Article", back_populates="notes")


PRESS = [Author, Article, Note]

ArticleAnswer = Article.response_model()
ArticleCreate = Article.create_model(optional="slug")
ArticleUpdate = Article.update_model()
AuthorCreate = Author.create_model()

app = FastAPI()


async def get_session():
    async with app.state.db.session() as session:
        yield session


@app.post("/authors", status_code=201)
async def add_author(body: AuthorCreate, session: Session = Depends(get_session)) -> Author.response_model():
    return await Author.create(session, **body.model_dump())


@app.get(
    "/authors", response_model=list[Author.response_model(include=["articles", "articles.notes"], exclude="email")]
)
async def authors(session: Session = Depends(get_session)):
    return await Author.all(session).include("articles.notes")


@app.get("/authors/short", response_model=list[Author.response_model(include="articles")])
async def authors_without_their_articles(session: Session = Depends(get_session)):
    return await Author.all(session)


@app.post("/articles", status_code=201, response_model=ArticleAnswer)
async def add_article(body: ArticleCreate, session: Session = Depends(get_session)):
    values = body.model_dump()
    return await Article.create(session, **{"slug": body.title.lower().replace(" ", "-"), **values})


@app.patch("/articles/{id}")
async def change_article(id: int, body: ArticleUpdate, session: Session = Depends(get_session)) -> ArticleAnswer:
    article = await Article.get_or_404(session, id)
    return await article.update(session, **body.model_dump(exclude_unset=True))


@app.delete("/articles/{id}", response_model=ArticleAnswer)
async def throw_away(id: int, session: Session = Depends(get_session)):
    article = await Article.get_or_404(session, id)
    await article.soft_delete(session)
    return article.to_response()


@app.get("/articles")
async def articles(session: Session = Depends(get_session)) -> list[ArticleAnswer]:
    return await Article.all(session)


@app.get("/articles/responses", response_model=list[ArticleAnswer])
async def articles_by_to_response(session: Session = Depends(get_session)):
    return [article.to_response() for article in await Article.all(session)]


@app.get("/articles/plain")
async def articles_without_a_model(session: Session = Depends(get_session)):
    return [article.to_response() for article in await Article.all(session)]


@app.get("/articles/{id}/author", response_model=Article.response_model(include="author") | None)
async def article_and_author(id: int, session: Session = Depends(get_session)):
    return await Article.filter(session, id=id).include("author").first()


async def open_press(url):
    """The app's database, and a client of the app without a server between."""
    import httpx

    from fastapi_orm import Database

    app.state.db = Database(url)
    await app.state.db.create_tables(PRESS)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://press")
