"""Every public name says what it does, and its examples run."""

import ast
import asyncio
import collections.abc
import inspect
import re
import sys
import textwrap
import types
from pathlib import Path

import pytest

import fastapi_orm
from fastapi_orm import Model, _engine
from fastapi_orm._engine import ModelBase
from fastapi_orm.registry import Registry
from fastapi_orm.testing import create_test_model_base

# What an example finds, unless it declares models of its own.
MODELS = """
class User(Model, SoftDeleteMixin):
    __tablename__ = "users"

    id: int = IntegerField(primary_key=True)
    username: str = StringField(max_length=100, unique=True)
    email: str = StringField(max_length=200)
    name: str = StringField(max_length=100)
    role: str = StringField(max_length=20)
    age: int = IntegerField()
    active: bool = BooleanField(default=True)
    posts = OneToMany("Post", back_populates="author")

class Post(Model, SoftDeleteMixin, AuditMixin):
    __tablename__ = "posts"

    id: int = IntegerField(primary_key=True)
    title: str = StringField(max_length=200, nullable=False)
    text: str = TextField()
    published: bool = BooleanField(default=False)
    views: int = IntegerField(default=0)
    created_at = DateTimeField(auto_now_add=True)
    author_id: int = ForeignKeyField("users", on_delete="CASCADE")
    author = ManyToOne("User", back_populates="posts")
    tags = ManyToMany("Tag", secondary="post_tags", back_populates="posts")

class Tag(Model, SoftDeleteMixin):
    __tablename__ = "tags"

    id: int = IntegerField(primary_key=True)
    name: str = StringField(max_length=50, unique=True)
    posts = ManyToMany("Post", secondary="post_tags", back_populates="tags")

create_association_table("post_tags", "posts", "tags")
db = Database("sqlite:///:memory:")
await db.create_tables()
"""

ROWS = """
ada = await User.create(session, username="ada", email="ada@example.com", name="Ada", role="admin", age=36)
tag = await Tag.create(session, name="news")
post = await Post.create(session, title="Hello", published=True, views=12, author=ada, tags=[tag])
await Post.create(session, title="Draft", author=ada)
await session.commit()
user = ada
"""

# Methods that lists, mappings and tuples have do what they do there.
STANDARD = (list, dict, tuple, collections.abc.MutableMapping)
# What the parts of the library call on each other.
INNER = {"describe", "place", "target", "link", "links", "ends", "path", "loader", "key_of", "write", "assign"}


def public():
    """The public names, with the methods and properties of the classes, and those of ``fastapi_orm.testing``."""
    yield "testing.create_test_model_base", create_test_model_base
    for name in fastapi_orm.__all__:
        value = getattr(fastapi_orm, name)
        if callable(value):
            yield name, value
        is_class = isinstance(value, type) and not issubclass(value, BaseException)
        if is_class and not getattr(value, "_is_protocol", False):
            yield from members(value)


def members(kind):
    for base in kind.__mro__:
        # A member is tested where it is written; the base of models is no name of its own.
        if base is kind or (kind is Model and base is ModelBase):
            for name, held in vars(base).items():
                value = getattr(held, "__func__", held)
                described = callable(value) or isinstance(value, property) or inspect.isgetsetdescriptor(value)
                if described and not name.startswith("_") and name not in INNER:
                    yield f"{kind.__name__}.{name}", value


# PyO3 lists properties in any order.
NAMES = dict(sorted(public(), key=lambda named: named[0]))


def text_of(value):
    return inspect.cleandoc(getattr(value, "__doc__", None) or "")


def examples(text):
    """The literal blocks of a docstring."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.rstrip().endswith("::"):
            indent = len(line) - len(line.lstrip())
            block = []
            for below in lines[at + 1 :]:
                if below.strip() and len(below) - len(below.lstrip()) <= indent:
                    break
                block.append(below)
            yield textwrap.dedent("\n".join(block))


def is_standard(name):
    kind, _, member = name.removeprefix("testing.").partition(".")
    held = getattr(fastapi_orm, kind, None)
    if not member or (held is not None and not issubclass(held, (list, collections.abc.Mapping))):
        return False
    return any(hasattr(base, member) for base in STANDARD)


def needs_example(name, value):
    is_property = isinstance(value, property) or inspect.isgetsetdescriptor(value)
    return not is_property and not is_standard(name)


@pytest.mark.parametrize("name", [name for name in NAMES if not is_standard(name)])
def test_a_public_name_says_what_it_does(name):
    assert text_of(NAMES[name]).strip(), f"{name} has no docstring"


@pytest.mark.parametrize("name", [name for name, value in NAMES.items() if needs_example(name, value)])
def test_a_public_name_has_an_example(name):
    assert list(examples(text_of(NAMES[name]))), f"the docstring of {name} has no example"


EXAMPLES = [
    pytest.param(source, id=f"{name}-{number}")
    for name, value in NAMES.items()
    for number, source in enumerate(examples(text_of(value)))
]


async def run(source, module):
    code = compile(source, module.__name__, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        await eval(code, module.__dict__)
    else:
        exec(code, module.__dict__)


def declares_models(source):
    return bool(re.search(r"^class \w+\((Model|TestModel)\b", source, re.M))


async def run_example(source, module):
    if declares_models(source):
        # Each table may be declared once; the rows of the others are not there.
        await run(source, module)
        if "db" not in module.__dict__:
            await run('db = Database("sqlite:///:memory:")\nawait db.create_tables()', module)
        await module.db.close()
        return
    await run(MODELS, module)
    async with module.db, module.db.session() as session:
        module.session = session
        await run(ROWS, module)
        await run(source, module)
        if not session.closed:
            await session.rollback()


@pytest.mark.parametrize("source", EXAMPLES)
def test_an_example_runs(source, tmp_path, monkeypatch):
    monkeypatch.setattr(Model, "__registry__", Registry())
    monkeypatch.setattr(fastapi_orm.Base, "__registry__", Model.__registry__)
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("example")
    monkeypatch.setitem(sys.modules, "example", module)
    exec("from fastapi_orm import *\nfrom fastapi_orm.testing import *", module.__dict__)
    asyncio.run(run_example(source, module))


def engine_texts():
    """The texts of `_engine.pyi`, by name."""
    tree = ast.parse(Path(fastapi_orm.__file__).with_name("_engine.pyi").read_text("utf-8"))
    for kind in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        yield kind.name, ast.get_docstring(kind)
        for node in kind.body:
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                yield f"{kind.name}.{node.name}", ast.get_docstring(node)


@pytest.mark.parametrize(("name", "text"), [pytest.param(*named, id=named[0]) for named in engine_texts()])
def test_help_shows_of_the_engine_what_editors_show(name, text):
    """The texts are written in `_engine.pyi`, and help() has them, with the signatures."""
    kind, _, method = name.partition(".")
    value = getattr(_engine, kind)
    if method:
        value = vars(value)[method]
    assert inspect.getdoc(value) == text
    if inspect.ismethoddescriptor(value):
        assert value.__text_signature__.startswith(("($self", "($cls"))


def test_the_verbs_of_a_model_have_their_texts():
    assert "Example::" in inspect.getdoc(Model.get) and str(inspect.signature(Model.get)) == "(session, id)"
