"""Objects that are not what they are taken for: no Python code reaches memory that is not its own.

Where memory was corrupted once, a fault ends the process; so these run in processes of their own, several in each.
"""

import asyncio
import contextlib
import copy
import gc
import itertools
import pickle
import sys
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from fastapi_orm import (
    Database,
    ForeignKeyField,
    IntegerField,
    JSONField,
    ManyToOne,
    Model,
    OneToMany,
    Q,
    Session,
    SoftDeleteMixin,
    StringField,
    ValidationError,
    _engine,
)
from fastapi_orm.exceptions import ORMError, SchemaError
from fastapi_orm.model import ModelMeta
from support import python, says

# So many objects lie beside each other that one which writes past its end hits another.
MANY = 50


class Large(Model):
    __tablename__ = "hostile_large"

    id: int = IntegerField(primary_key=True)
    parent_id: int = ForeignKeyField("hostile_large")
    parent = ManyToOne("Large", back_populates="children")
    children = OneToMany("Large", back_populates="parent")
    f1: str = StringField()
    f2: str = StringField()
    f3: str = StringField()
    f4: str = StringField()
    f5: str = StringField()
    f6: str = StringField()
    f7: str = StringField()
    f8: str = StringField()
    f9: str = StringField()


class Small(Model):
    __tablename__ = "hostile_small"

    id: int = IntegerField(primary_key=True)
    name: str = StringField()


class Twin(Model):
    """It has the slots of ``Small``, so that an object of one can be made one of the other."""

    __tablename__ = "hostile_twin"

    id: int = IntegerField(primary_key=True)
    name: str = StringField()


class Papers(Model):
    __tablename__ = "hostile_papers"

    id: int = IntegerField(primary_key=True)
    document: Any = JSONField()


class Dated(Model, SoftDeleteMixin):
    __tablename__ = "hostile_dated"

    id: int = IntegerField(primary_key=True)


def run(attack: Callable[[Session], Awaitable[None]]) -> None:
    async def main() -> None:
        async with Database("sqlite:///:memory:") as db:
            await db.create_tables()
            async with db.session() as session:
                await attack(session)

    asyncio.run(main())


def refused(*words: str, by: type[BaseException] = ORMError) -> Any:
    """A block that raises such an error, which says these words."""
    return Refused(by, words)


class Refused:
    def __init__(self, by: type[BaseException], words: tuple[str, ...]) -> None:
        self.by, self.words = by, words

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        assert isinstance(error, self.by), f"{self.by.__name__} expected, got {error!r}"
        says(error, *self.words)
        return True


def survive(path: Path, *attacks: Callable[[], None]) -> None:
    """Each of them ends as it should, and the process with them."""
    names = [attack.__name__ for attack in attacks]
    code = (
        "import gc, sys, test_hostile_objects as attacks\n"
        "for name in sys.argv[1:]:\n"
        "    getattr(attacks, name)()\n"
        "    gc.collect()\n"
        "    print(name)\n"
    )
    assert python(code, *names, cwd=path).split() == names


# The object that a class makes.


def new_returns_an_object_of_another_model() -> None:
    class Odd(Model):
        __tablename__ = "odd_new"

        id: int = IntegerField(primary_key=True)
        a: str = StringField()
        b: str = StringField()
        c: str = StringField()

        def __new__(cls, *_: Any, **__: Any) -> Any:
            return Small.__new__(Small)

    async def attack(session: Session) -> None:
        for _ in range(MANY):
            with refused("Odd", "Small", "__new__", by=SchemaError):
                await Odd.create(session, a="x")
        with refused("Odd", "Small"):
            await Odd.bulk_create(session, [{"a": "x"}] * MANY)

    run(attack)


def new_returns_what_is_no_model() -> None:
    made: list[Any] = [None, 1, "text", [], object(), Model, asyncio, _engine.Q()]

    class Odder(Model):
        __tablename__ = "odd_anything"

        id: int = IntegerField(primary_key=True)
        a: str = StringField()

        def __new__(cls, *_: Any, **__: Any) -> Any:
            return made[-1]

    async def attack(session: Session) -> None:
        while made:
            with refused("Odder", "__new__", by=SchemaError):
                await Odder.create(session, a="x")
            made.pop()
        with refused("list index", by=IndexError):
            await Odder.create(session, a="x")

    run(attack)


def new_returns_the_same_object_again() -> None:
    class Single(Model):
        __tablename__ = "odd_single"

        id: int = IntegerField(primary_key=True)
        a: str = StringField()
        only: Any = None

        def __new__(cls, *_: Any, **__: Any) -> Any:
            Single.only = Single.only or super().__new__(cls)
            return Single.only

    async def attack(session: Session) -> None:
        for number in range(MANY):
            await Single.create(session, a=str(number))
        rows = await Single.all(session).order_by("id")
        assert len(rows) == MANY
        assert {row.a for row in rows} == {str(MANY - 1)}

    run(attack)


def subclasses_of_ones_own_still_work() -> None:
    class Parent(Model):
        __tablename__ = "odd_parent"

        id: int = IntegerField(primary_key=True)
        name: str = StringField()

        def __new__(cls, *_: Any, **__: Any) -> Any:
            made = super().__new__(cls)
            made.__dict__["mine"] = True
            return made

    class Child(Parent):
        __tablename__ = "odd_child"
        __slots__ = ("extra",)

        age: int = IntegerField()

    class View(Parent):
        __abstract__ = True

    async def attack(session: Session) -> None:
        child = await Child.create(session, name="c", age=3)
        assert (child.id, child.name, child.age, child.mine) == (1, "c", 3, True)
        child.extra = 1
        await Parent.create(session, name="p")
        seen = await View.get(session, 1)
        assert type(seen) is View
        assert seen.name == "p"
        seen.name = "q"
        await session.flush()
        assert (await Parent.get(session, 1)).name == "q"

    run(attack)


# The table that a class has.


def a_table_of_another_model() -> None:
    class Thief(Model):
        __tablename__ = "odd_thief"

        id: int = IntegerField(primary_key=True)

    own, Thief.__table__ = Thief.__table__, Large.__table__

    async def attack(session: Session) -> None:
        row = await Large.create(session, f9="x")
        thieves: list[Any] = [Thief.__new__(Thief) for _ in range(MANY)]
        for thief in thieves:
            for use in (
                lambda thief=thief: Thief(f9="x"),
                lambda thief=thief: setattr(thief, "f9", "x"),
                lambda thief=thief: thief.to_dict(),
                lambda thief=thief: session.add(thief),
                lambda thief=thief: Thief.filter(session, f9="x"),
            ):
                with refused("Thief", "Large", "table", by=SchemaError):
                    use()
        for verb in (
            lambda: Thief.get(session, row.id),
            lambda: Thief.create(session, f9="x"),
            lambda: thieves[0].save(session),
        ):
            with refused("Thief", "Large", by=SchemaError):
                await verb()
        Thief.__table__ = own
        assert (await Thief.create(session)).id == 1
        del Thief.__table__
        with refused("Thief", "table", by=SchemaError):
            await Thief.create(session)

    run(attack)


def a_table_in_an_abstract_body() -> None:
    class Abstract(Model):
        __abstract__ = True
        __table__ = Large.__table__

        name: str = StringField()

    async def attack(session: Session) -> None:
        with refused("Abstract", "Large", by=SchemaError):
            await Abstract.get(session, 1)
        with refused("Abstract", "Large", by=SchemaError):
            Abstract.__new__(Abstract).f9 = "x"

    run(attack)


def a_class_without_the_metaclass() -> None:
    class Bare(_engine.ModelBase):
        __table__ = Large.__table__
        __relations__: ClassVar[dict[str, Any]] = {}
        __collections__: Any = ()

    class Slotless(_engine.ModelBase):
        __slots__ = ()
        __table__ = Large.__table__
        __relations__: ClassVar[dict[str, Any]] = {}

    async def attack(session: Session) -> None:
        await Large.create(session, f9="x")
        for odd in (Bare, Slotless):
            objects = [odd() for _ in range(MANY)]
            for one in objects:
                with refused(odd.__name__, "Large", by=SchemaError):
                    one.f9 = "x"
                with refused(odd.__name__, "Large", by=SchemaError):
                    one.to_dict()
                _engine.keep_related(one, "it", one)
            with refused(odd.__name__, "Large", by=SchemaError):
                await odd.get(session, 1)
        _engine.keep_related(_engine.ModelBase(), "it", 1)

    run(attack)


def a_metaclass_that_lies() -> None:
    class Liar(ModelMeta):
        def __subclasscheck__(cls, _: type) -> bool:
            return True

        def __instancecheck__(cls, _: Any) -> bool:
            return True

        def __getattribute__(cls, name: str) -> Any:
            return Large.__table__ if name == "__table__" else super().__getattribute__(name)

    class Lying(Model, metaclass=Liar):
        __tablename__ = "odd_lying"

        id: int = IntegerField(primary_key=True)

    async def attack(session: Session) -> None:
        with refused("Lying", "Large", by=SchemaError):
            await Lying.create(session)

    run(attack)
    # The class statement's own work, left out.
    plain: Any = type.__new__(ModelMeta, "Plain", (Small,), {"__slots__": ()})

    async def inherit(session: Session) -> None:
        row = await plain.create(session, name="x")
        assert (type(row), row.name, (await plain.get(session, row.id)).name) == (plain, "x", "x")

    run(inherit)


def a_table_that_outlives_its_class() -> None:
    def declare(number: int) -> Any:
        fields = {f"f{field}": StringField() for field in range(20)}
        return ModelMeta(f"Gone{number}", (Model,), {"id": IntegerField(primary_key=True), **fields})

    tables = [declare(number).__table__ for number in range(MANY)]
    gc.collect()
    for table in tables:
        # Some of these lie where the classes lay.
        heir: Any = ModelMeta("Heir", (Model,), {"__abstract__": True, "__table__": table})
        with refused("Heir", "table", by=SchemaError):
            heir.__new__(heir).f19 = "x"


def tables_made_by_hand() -> None:
    description = StringField().describe()
    key = IntegerField(primary_key=True).describe()

    class Plain:
        __slots__ = ("id", "name")

    for odd in (Plain, int, type, Exception, types.ModuleType):
        with refused("Model", by=SchemaError):
            _engine.Table(_engine.Schema(), odd, "odd", [("id", key)], False, "new", False, [])
    fields: Any = [("id", key), ("name", description)]
    again = _engine.Table(_engine.Schema(), Small, "again", fields[:1], False, "new", False, [])
    one = Small(name="x")
    own, Small.__table__ = Small.__table__, again
    one.id = 1
    one.name = "y"
    Small.__table__ = own
    assert one.to_dict() == {"id": 1, "name": "y"}


# Slots and descriptors of other classes.


def a_mixin_with_a_slot_of_another_class() -> None:
    class Named(Model):
        __abstract__ = True
        name: str = StringField()

    class First(Named):
        __tablename__ = "odd_first"

        id: int = IntegerField(primary_key=True)

    class Mixin:
        __slots__ = ()
        name = vars(Large)["f9"]

    with refused("name", "slot", "another class", by=SchemaError):

        class Second(Mixin, First):
            __tablename__ = "odd_second"


def slots_of_another_kind() -> None:
    for name, odd in {
        "a property": property(lambda _: 1),
        "a member of C": vars(types.FunctionType)["__closure__"],
        "a number of C": vars(type)["__basicsize__"],
    }.items():
        mixin = type("Mixin", (), {"__slots__": (), "name": odd})
        with refused("name", by=SchemaError):
            ModelMeta(f"Odd{name.split()[-1]}", (mixin, Small), {})


def a_relation_of_another_class() -> None:
    async def attack(session: Session) -> None:
        parent = await Large.create(session, f9="x")
        await Large.create(session, parent_id=parent.id)
        small = await Small.create(session, name="n")
        smalls: list[Any] = [await Small.get(session, small.id) for _ in range(MANY)]
        loader: Any
        Small.parent, Small.children = vars(Large)["parent"], vars(Large)["children"]  # type: ignore[attr-defined]
        try:
            for one in smalls:
                with refused("Large", "Small", by=SchemaError):
                    await one.parent
            with refused("Large", "Small", by=SchemaError):
                _engine.relation_loader(smalls[0], Large.parent, Large.parent.path(), Large)
            with refused("Large", "Small", by=SchemaError):
                await smalls[0].children
            # The key of one model is the key of another: what is wrong is found, and memory is left alone.
            loader = _engine.relation_loader(smalls[0], Large.children, Large.children.path(), Large)
            assert await loader.load() == await Large.filter(session, parent_id=small.id)
            Small.__relations__["parent"] = vars(Large)["parent"]
            with refused("Large", "Small", by=SchemaError):
                await Small.filter(session).include("parent")
        finally:
            del Small.parent, Small.children  # type: ignore[attr-defined]
            Small.__relations__.pop("parent", None)
        loader = _engine.relation_loader(parent, Large.children, Large.children.path(), Small)
        with refused("Small", by=SchemaError):
            await loader.load()
        for odd in (int, object, Model, _engine.ModelBase):
            with refused(by=Exception):
                await _engine.relation_loader(parent, Large.children, Large.children.path(), odd).load()

    run(attack)


def a_field_that_is_deleted_from_its_class() -> None:
    class Losing(Model):
        __tablename__ = "odd_losing"

        id: int = IntegerField(primary_key=True)
        name: str = StringField()

    async def attack(session: Session) -> None:
        row = await Losing.create(session, name="x")
        type.__delattr__(Losing, "name")
        assert row.to_dict() == {"id": 1, "name": "x"}
        row.name = "y"
        await session.flush()
        assert [one.to_dict()["name"] for one in await Losing.all(session)] == ["x"]
        type.__setattr__(Losing, "name", vars(Large)["f9"])
        with refused("descriptor", by=TypeError):
            row.name = "z"
        assert row.to_dict()["name"] == "x"

    run(attack)


def a_relation_made_by_hand() -> None:
    path = _engine.RelationPath

    async def attack(session: Session) -> None:
        small = await Small.create(session, name="x")
        dated = await Dated.create(session)
        # The column of the deletion is in the table, and no field.
        for key in ("id", "deletion_id", "deleted_at"):
            hidden = path("it", "Dated.it", Dated.__table__, Dated.__table__, False, key)
            loader = _engine.relation_loader(dated, Dated, hidden, Dated)
            assert await loader.load() == ([dated] if key == "id" else [])
            with refused("Dated", "Small", by=SchemaError):
                _engine.relation_loader(small, Dated, hidden, Dated)
        with refused("column", by=SchemaError):
            path("it", "Small.it", Small.__table__, Large.__table__, False, "f9")

    run(attack)


def fields_that_are_deleted_from_an_object() -> None:
    async def attack(session: Session) -> None:
        row = await Small.create(session, name="x")
        row.name = "y"
        for name in ("id", "name"):
            with refused("Small", by=TypeError):
                object.__delattr__(row, name)
            vars(Small)[name].__delete__(row)
        assert row.to_dict() == {"id": None, "name": None}
        with refused("id", by=ValidationError):
            await session.flush()
        with refused("id", by=ValidationError):
            await row.refresh(session)
        await session.rollback()
        row = await Small.create(session, name="x")
        vars(Small)["name"].__set__(row, row)
        with refused("name", by=ValidationError):
            await row.update(session, name=row)
        await session.rollback()

    run(attack)


# Objects whose class is changed, and those that are copied.


def an_object_of_another_class() -> None:
    async def attack(session: Session) -> None:
        row: Any = await Small.create(session, name="x")
        with refused("layout", by=TypeError):
            row.__class__ = Large
        row.__class__ = Twin
        for use in (
            lambda: row.to_dict(),
            lambda: setattr(row, "name", "y"),
            lambda: _engine.relation_loader(row, Large.parent, Large.parent.path(), Large),
        ):
            with refused("Twin", by=SchemaError):
                use()
        for verb in (
            lambda: row.update(session, name="y"),
            lambda: row.delete(session),
            lambda: row.refresh(session),
            lambda: session.refresh(row),
        ):
            with refused("Small", "Twin", by=SchemaError):
                await verb()
        row.__class__ = Small
        row.name = "y"
        row.__class__ = Twin
        with refused("Small", "Twin", by=SchemaError):
            await session.flush()
        await session.rollback()
        row.__class__ = Small
        new: Any = Small(name="x")
        new.__class__ = Twin
        with refused("Small", "Twin", by=SchemaError):
            await new.save(session)
        assert await Twin.count(session) == 0

    run(attack)


def copies() -> None:
    async def attack(session: Session) -> None:
        row = await Small.create(session, name="x")
        for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
            with refused("Small", by=TypeError):
                duplicate(row)
        with refused("Small", by=TypeError):
            object.__new__(Small)
        with refused("subtype", by=TypeError):
            Small.__new__(int)  # type: ignore[type-var]
        empty = _engine.ModelBase.__new__(Small)
        assert empty.to_dict() == {"id": None, "name": None}
        blank = Small.__new__(Large)
        assert blank.to_dict()["f9"] is None
        row.__dict__ = {"name": 1}
        assert row.name == "x"

    run(attack)


def bases_that_change() -> None:
    class Abstract(Model):
        __abstract__ = True

    class Heir(Abstract):
        __tablename__ = "odd_heir"

        id: int = IntegerField(primary_key=True)

    async def attack(session: Session) -> None:
        row = await Heir.create(session)
        for bases in ((Large,), (Small,), (object,), (_engine.ModelBase,), (Model, dict)):
            try:
                Heir.__bases__ = bases
            except TypeError:
                continue
            try:
                row.to_dict()
                await Heir.all(session)
            except (ORMError, AttributeError, TypeError):
                pass
        Heir.__bases__ = (Abstract,)
        assert row.to_dict() == {"id": 1}

    run(attack)


def a_date_that_is_none() -> None:
    code = sys.modules["fastapi_orm.mixins"]
    if hasattr(code, "DeletedAt"):
        code.DeletedAt = dict  # type: ignore[attr-defined]

    async def attack(session: Session) -> None:
        row = await Dated.create(session)
        try:
            await row.soft_delete(session)
            assert row.is_deleted
        except TypeError as error:
            says(error, "DeletedAt", "datetime")

    run(attack)


# Values that lie, never end, or run code while they are read.


def lists_in_lists() -> None:
    deep: Any = "id"
    for _ in range(50_000):
        deep = [deep]
    endless: list[Any] = []
    endless.append(endless)

    class Yields:
        def __iter__(self) -> Any:
            return iter([self])

    class YieldsItself(list[Any]):
        def __iter__(self) -> Any:
            return iter([self])

        def __getitem__(self, _: Any) -> Any:
            return self

    async def attack(session: Session) -> None:
        for odd in (deep, endless, Yields(), YieldsItself([1])):
            with refused("order_by", by=ValidationError):
                Papers.filter(session).order_by(odd)
            with refused("order_by", by=ValidationError):
                Papers.filter_by(session, order_by=odd)
        for odd in (deep, endless):
            for use in (
                lambda odd=odd: Papers.create(session, document=odd),
                lambda odd=odd: Papers.create(session, document={"a": odd}),
                lambda odd=odd: Papers.bulk_create(session, [{"document": odd}]),
                lambda odd=odd: Papers.filter(session, document=odd),
                lambda odd=odd: Papers.filter(session, id__in=odd),
                lambda odd=odd: Papers.filter(session, Q(document=odd)),
                lambda odd=odd: Papers.bulk_delete(session, odd),
                lambda odd=odd: session.execute("SELECT :value", {"value": odd}),
                lambda odd=odd: Papers.filter(session).include(odd),
            ):
                with refused(by=Exception):
                    await use()
        with refused("Circular", by=ValidationError):
            await Papers.create(session, document=YieldsItself([1]))
        path = ".".join(["parent"] * 50_000)
        with refused("include", by=ValidationError):
            Large.filter(session).include(path)

    run(attack)


def documents_that_lie() -> None:
    class Hidden(dict[Any, Any]):
        def items(self) -> Any:
            return ()

        def __len__(self) -> int:
            return 1

    deep: Any = Hidden(a=1)
    for _ in range(50_000):
        deep = Hidden(a=deep)

    async def attack(session: Session) -> None:
        with refused("deep", by=ValidationError):
            await Papers.create(session, document=deep)
        with refused("deep", by=ValidationError):
            await Papers.filter(session, document=[deep])

    run(attack)


def lengths_that_lie() -> None:
    class Long(list[Any]):
        length: Any = 2**62

        def __len__(self) -> int:
            return self.length

        def __length_hint__(self) -> int:
            return self.length

    class LongIterator:
        def __init__(self, items: Any) -> None:
            self.items = iter(items)

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Any:
            return next(self.items)

        def __length_hint__(self) -> int:
            return 2**62

    async def attack(session: Session) -> None:
        for length in (2**62, 2**40, 0):
            Long.length = length
            for kind in (Long, LongIterator):
                rows = await Small.bulk_create(session, kind([{"name": "x"}, {"name": "y"}]))
                keys = [row.id for row in rows]
                changes = [{"id": key, "name": "z"} for key in keys]
                assert await Small.bulk_update(session, kind(changes), fields=kind(["name"])) == 2
                assert await Small.filter(session, id__in=kind(keys)).order_by(kind(["id"])).count() == 2
                assert rows[0].to_dict(include=kind(["name"])) == {"name": "x"}
                session.add_all(kind([Small(name="x")]))
                assert await Small.bulk_delete(session, kind(keys)) == 2
            with refused(by=Exception):
                await session.execute("SELECT :a", Long([1]))

    run(attack)


def code_that_runs_while_a_value_is_read() -> None:
    operators: dict[Any, Any] = {}

    class Key(str):
        __slots__ = ()

        def __str__(self) -> str:
            operators.clear()
            operators.update({str(number): number for number in range(1000)})
            return "gte"

        def __hash__(self) -> int:
            return hash(str.__str__(self))

        def __eq__(self, other: object) -> bool:
            return str.__eq__(self, other)  # type: ignore[arg-type]

    class Row(dict[str, Any]):
        def keys(self) -> Any:
            self["another"] = 1
            return super().keys()

    async def attack(session: Session) -> None:
        class Number(int):
            def __index__(self) -> int:
                raise ZeroDivisionError

            def __eq__(self, _: object) -> bool:
                raise ZeroDivisionError

            def __hash__(self) -> int:
                raise ZeroDivisionError

            def __repr__(self) -> str:
                raise ZeroDivisionError

            def __lt__(self, _: object) -> bool:
                raise ZeroDivisionError

        class Text(str):
            __slots__ = ()

            def __eq__(self, _: object) -> bool:
                raise ZeroDivisionError

            def __hash__(self) -> int:
                raise ZeroDivisionError

            def __str__(self) -> str:
                raise ZeroDivisionError

            def __repr__(self) -> str:
                raise ZeroDivisionError

        class Reentering:
            def __iter__(self) -> Any:
                row.name = "z"
                session.add(Small(name="y"))
                gc.collect()
                return iter([{"name": "w"}])

            def __repr__(self) -> str:
                row.name = "repr"
                return "it"

        operators[Key("gte")] = 1
        row = await Small.create(session, name="x")
        for use in (
            lambda: Small.filter(session, id=operators),
            lambda: Small.bulk_create(session, [Row(name="x")]),
            lambda: Small.get(session, Number(1)),
            lambda: Small.filter(session, id=Number(1)),
            lambda: Small.filter(session, name=Text("x")),
            lambda: Small.create(session, name=Text("x")),
            lambda: Small.create(session, id=Number(7)),
            lambda: Small.create(session, name=Number(7)),
            lambda: Small.filter(session).limit(Number(7)),
            lambda: Small.paginate(session, page=Number(7)),
            lambda: Small.bulk_create(session, Reentering()),
            lambda: Small.create(session, name=Reentering()),
            lambda: Small.filter(session, name=Reentering()),
            lambda: row.update(session, name=Text("x")),
            lambda: session.execute("SELECT :a", {"a": Text("x")}),
            lambda: session.execute("SELECT :a", {"a": Number(1)}),
            lambda: session.execute("SELECT :a", {"a": Reentering()}),
        ):
            with contextlib.suppress(ORMError, ZeroDivisionError):
                await use()
        row.name = Text("x")
        row.name = Text("y")
        await session.flush()
        await session.rollback()

    run(attack)


def conditions_without_an_end() -> None:
    async def attack(session: Session) -> None:
        query = Small.filter(session)
        for _ in range(3_000):
            query = query.filter(name="x")
        with_all = Q()
        for _ in range(3_000):
            with_all = with_all & Q(name="x")
        assert await Small.filter(session, with_all).count() == 0
        with contextlib.suppress(ORMError):
            assert await query.count() == 0
        with refused("nest", by=ValidationError):
            deep = Q(name="x")
            for turn in itertools.cycle("&|"):
                deep = (deep & Q(name="y")) if turn == "&" else (deep | Q(name="y"))

    run(attack)


def test_objects_of_another_class_are_refused(tmp_path: Path) -> None:
    survive(
        tmp_path,
        new_returns_an_object_of_another_model,
        new_returns_what_is_no_model,
        new_returns_the_same_object_again,
        subclasses_of_ones_own_still_work,
        an_object_of_another_class,
        copies,
        bases_that_change,
        a_date_that_is_none,
    )


def test_tables_and_slots_of_another_class_are_refused(tmp_path: Path) -> None:
    survive(
        tmp_path,
        a_table_of_another_model,
        a_table_in_an_abstract_body,
        a_class_without_the_metaclass,
        a_metaclass_that_lies,
        a_table_that_outlives_its_class,
        tables_made_by_hand,
        a_mixin_with_a_slot_of_another_class,
        slots_of_another_kind,
        a_relation_of_another_class,
        a_relation_made_by_hand,
        fields_that_are_deleted_from_an_object,
        a_field_that_is_deleted_from_its_class,
    )


def test_values_that_lie_or_never_end_are_refused(tmp_path: Path) -> None:
    survive(
        tmp_path,
        lists_in_lists,
        documents_that_lie,
        lengths_that_lie,
        code_that_runs_while_a_value_is_read,
        conditions_without_an_end,
    )
