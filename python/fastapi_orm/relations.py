"""Relations: names for what foreign keys and tables of links say.

``user.posts`` is a list, and ``post.author`` an object or None. An object that was read or made alone (by ``create``,
``get``, ``first`` and the like) loads a relation when it is read: one statement, for the relation that is read. A row
of a list (of ``filter``, ``all``, ``include``) never does, for in a loop that would be a statement per row:
``User.filter(session).include("posts")`` loads it by one statement for any number of users, ``await user.posts`` for
one. What is not loaded says so when it is used, and names ``include()``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import _engine
from .association import AssociationTable, create_association_table
from .exceptions import RelationNotLoadedError, SchemaError, ValidationError
from .fields import ForeignKeyField
from .reading import AWAITED, next_use
from .unloaded import CLOSED, UnloadedList, UnloadedRow, keep_list, keep_row

# Users of the older package import all five from here.
__all__ = ["ForeignKeyField", "ManyToMany", "ManyToOne", "OneToMany", "Relation", "create_association_table"]

if TYPE_CHECKING:
    # A relation stands for what it holds, as the class annotates it: ``posts: Collection["Post"] = OneToMany("Post")``.
    _Held = Any
else:
    _Held = object


class Relation(_Held):  # type: ignore[misc]
    """A relation to another model, named by its class. Targets are resolved when they are first needed.

    :param target: the other model's class name, or the class
    :param back_populates: the name of the relation on the other side
    :param foreign_key: which foreign key, when there is more than one between the two
    """

    many = False

    def __init__(
        self, target: str | type, *, back_populates: str | None = None, foreign_key: str | None = None
    ) -> None:
        self.target_name = target if isinstance(target, str) else target.__name__
        self._target: Any = None if isinstance(target, str) else target
        self.back_populates = back_populates
        self.foreign_key = foreign_key
        self.name = ""
        self.owner: Any = None
        self._path: _engine.RelationPath | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.owner = owner

    def check_owner(self, instance: Any) -> None:
        """
        :raises SchemaError: when it is a relation of another model, or of none, that was put on the object's class
        """
        if self.owner is None or not isinstance(instance, self.owner):
            what = "A relation" if self.owner is None else f"The relation {self.place()}"
            raise SchemaError(
                f"{what} was put on {type(instance).__name__}, which does not declare it: declare a relation of its "
                "own in the body of the class"
            )

    def place(self) -> str:
        """``User.posts``, for messages."""
        return f"{self.owner.__name__}.{self.name}"

    def target(self) -> Any:
        """The other model.

        :raises SchemaError: when no model of that name is declared, or more than one
        """
        if self._target is None:
            self._target = self.owner.__registry__.model(self.target_name, self.place())
        return self._target

    def link(self) -> tuple[Any, str]:
        """The model that holds the foreign key, and the key's name."""
        target = self.target()
        child, parent = (target, self.owner) if self.many else (self.owner, target)
        keys = [
            name
            for name, field in child.__fields__.items()
            if getattr(field, "table", None) == parent.__tablename__
            and (self.foreign_key is None or name == self.foreign_key)
        ]
        if len(keys) == 1:
            return child, keys[0]
        if not keys:
            raise SchemaError(
                f"{self.place()} is a relation to {target.__name__}, but {child.__name__} has no foreign key to the "
                f"table '{parent.__tablename__}': declare one with ForeignKeyField('{parent.__tablename__}')"
            )
        raise SchemaError(
            f"{self.place()} is ambiguous: {child.__name__} refers to '{parent.__tablename__}' by {', '.join(keys)}. "
            "Say which with foreign_key="
        )

    def path(self) -> _engine.RelationPath:
        """Where it leads, for the engine; worked out once."""
        if self._path is None:
            self._path = self._make_path()
        return self._path

    def _make_path(self) -> _engine.RelationPath:
        _, key = self.link()
        return _engine.RelationPath(
            self.name, self.place(), self.owner.__table__, self.target().__table__, self.many, key
        )

    def loader(self, instance: Any) -> _engine.RelationLoader:
        """What reads the rows of one object.

        :raises SessionError: when its row is not in the database
        """
        return _engine.relation_loader(instance, self, self.path(), self.target())

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        # Asked for a loaded relation, Python finds it in the object's __dict__ and does not come here.
        if instance is None:
            return self
        self.check_owner(instance)
        unloaded = UnloadedList if self.many else UnloadedRow
        use = next_use(sys._getframe(1))
        if use == AWAITED or (self.many and use in UnloadedList.NEEDS_NO_ROWS):
            return unloaded(self, instance)
        return self._read(instance) if _engine.is_alone(instance) else self._unread(instance)

    def _unread(self, instance: Any) -> Any:
        """What a row of a list has."""
        return UnloadedList(self, instance)

    def _read(self, instance: Any) -> Any:
        """Loads it now."""
        loader = self.loader(instance)
        return keep_list(loader, instance, self._rows_now(loader))

    def _rows_now(self, loader: _engine.RelationLoader) -> list[Any]:
        if loader.closed:
            raise RelationNotLoadedError(self.owner.__name__, self.name, CLOSED)
        return loader.load_now()

    if TYPE_CHECKING:
        # The model's own __setattr__ comes first.
        def __set__(self, instance: Any, value: Any) -> None: ...

    def assign(self, instance: Any, value: Any) -> None:
        """What ``post.author = user`` and ``book.tags = [...]`` do."""
        raise NotImplementedError

    def write(self, loader: _engine.RelationLoader, owner: Any, row: Any, added: bool) -> None:
        """What adding a row to a collection, or taking it out, does."""
        raise NotImplementedError

    def _assign_rows(self, instance: Any, rows: Any) -> None:
        current = getattr(instance, self.name)
        if isinstance(current, UnloadedList):
            # What is to go is known only when all are.
            current._refuse()
        current[:] = rows

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.place()}>" if self.owner else f"{type(self).__name__}()"


class OneToMany(Relation):
    """The rows of another model that refer to this one by a foreign key: a list.

    ``user.posts.append(post)`` sets the post's foreign key, ``user.posts.remove(post)`` sets it to NULL; both are
    written at the next flush::

        user = await User.get(session, 1)
        print([post.title for post in user.posts])
        user.posts.append(await Post.create(session, title="Later"))
        await session.commit()
    """

    many = True

    def write(self, loader: _engine.RelationLoader, owner: Any, row: Any, added: bool) -> None:
        _, key = self.link()
        if added:
            setattr(row, key, loader.key)
            if owner is not None and self.back_populates:
                _engine.keep_related(row, self.back_populates, owner)
            return
        if getattr(row, key, None) != loader.key:
            raise ValueError(f"{self.place()} has no {row!r}")
        if not type(row).__fields__[key].nullable:
            raise ValidationError(
                key,
                f"{self.target_name}.{key} cannot be NULL, so that {row!r} cannot be taken out of {self.place()}: "
                "give it to another row, or delete it",
            )
        setattr(row, key, None)

    def assign(self, instance: Any, value: Any) -> None:
        self._assign_rows(instance, value)


class ManyToOne(Relation):
    """The row that a foreign key of this model refers to: the object, or None.

    ``post.author = user`` sets the foreign key. A reference to a deleted row reads as None, and never hides the row
    that refers; ``include("author", with_deleted=True)`` reads the deleted row::

        post = await Post.get(session, 1)
        print(post.author.username)
    """

    def _unread(self, instance: Any) -> Any:
        # A reference to nothing needs no statement.
        return None if getattr(instance, self.link()[1], None) is None else UnloadedRow(self, instance)

    def _read(self, instance: Any) -> Any:
        if getattr(instance, self.link()[1], None) is None:
            return None
        rows = self._rows_now(self.loader(instance))
        return keep_row(self, instance, rows)

    def key_of(self, row: Any) -> Any:
        """The foreign key that leads to a row, or to none.

        :raises ValidationError: when it is no row of the target
        """
        target = self.target()
        if row is None:
            return None
        if not isinstance(row, target):
            raise ValidationError(self.name, f"{self.place()} is a {target.__name__} or None, got {row!r}")
        key = getattr(row, target.__key__, None)
        if key is None:
            raise ValidationError(
                self.name, f"{self.place()} is given a {target.__name__} without a key: create its row first"
            )
        return key

    def assign(self, instance: Any, value: Any) -> None:
        if not self._is_awaited(instance, value):
            setattr(instance, self.link()[1], self.key_of(value))
        if value is not None:
            _engine.keep_related(instance, self.name, value)
        else:
            instance.__dict__.pop(self.name, None)

    def _is_awaited(self, instance: Any, value: Any) -> bool:
        """Whether both are new: the foreign key is set when the other row has its key."""
        if not isinstance(value, self.target()) or _engine.is_stored(instance) or _engine.is_stored(value):
            return False
        return getattr(value, self.target().__key__, None) is None


class ManyToMany(Relation):
    """The rows of another model that a table of links connects with this one: a list.

    ``book.tags.append(tag)`` links the two and ``book.tags.remove(tag)`` takes the link away, at the next flush. Both
    rows stay. Adding a row that is linked already changes nothing::

        create_association_table("book_tags", "books", "tags")

        class Book(Model):
            __tablename__ = "books"

            id: int = IntegerField(primary_key=True)
            tags = ManyToMany("Tag", secondary="book_tags", back_populates="books")

        class Tag(Model):
            __tablename__ = "tags"

            id: int = IntegerField(primary_key=True)
            books = ManyToMany("Book", secondary="book_tags", back_populates="tags")

    :param secondary: the table of links, or its name. A model with two foreign keys can be one too; its rows are
        then created and deleted by themselves when it has soft delete or an audit trail.
    :param foreign_key: the column of the links that names rows of this model, when both ends are the same model. Left
        out, the first of the two relations is the one from left to right.
    """

    many = True

    def __init__(
        self,
        target: str | type,
        secondary: Any,
        *,
        back_populates: str | None = None,
        foreign_key: str | None = None,
    ) -> None:
        super().__init__(target, back_populates=back_populates, foreign_key=foreign_key)
        self.secondary = secondary

    def links(self) -> Any:
        """The table of links.

        :raises SchemaError: when none of that name is declared
        """
        if isinstance(self.secondary, str):
            self.secondary = self.owner.__registry__.links(self.secondary, self.place())
        return self.secondary

    def ends(self) -> tuple[str, str]:
        """The columns of the links: that with the key of this model's row, and that with the target's.

        :raises SchemaError: when the links do not connect the two
        """
        links = self.links()
        columns = (
            [links.left, links.right]
            if isinstance(links, AssociationTable)
            else [(name, field.table) for name, field in links.__fields__.items() if hasattr(field, "on_delete")]
        )
        here, there = self.owner.__tablename__, self.target().__tablename__
        near = [name for name, table in columns if table == here and self.foreign_key in (None, name)]
        if here == there and self.foreign_key is None and self._is_second():
            near = near[1:]
        far = [name for name, table in columns if table == there and near and name != near[0]]
        if near and far:
            return near[0], far[0]
        raise SchemaError(
            f"{self.place()} is a relation to {self.target_name} by the links '{links.__tablename__}', which refer to "
            f"{', '.join(table for _, table in columns) or 'no table'} and not to both '{here}' and '{there}'"
        )

    def _is_second(self) -> bool:
        names = list(self.owner.__relations__)
        return self.back_populates in names and names.index(self.back_populates) < names.index(self.name)

    def link(self) -> tuple[Any, str]:
        return self.links(), self.ends()[0]

    def _make_path(self) -> _engine.RelationPath:
        near, far = self.ends()
        links = self.links()
        table = links.links if isinstance(links, AssociationTable) else links.__table__
        return _engine.RelationPath(
            self.name, self.place(), self.owner.__table__, self.target().__table__, True, near, table, far
        )

    def write(self, loader: _engine.RelationLoader, owner: Any, row: Any, added: bool) -> None:
        loader.link(row, added)
        for collection in loader.opposite(row) if owner is not None else ():
            (collection._gained if added else collection._lost)(owner)

    def assign(self, instance: Any, value: Any) -> None:
        self._assign_rows(instance, value)


def related(instance: Any) -> dict[str, Any]:
    """The relations of an object that are loaded or set."""
    return {name: instance.__dict__[name] for name in type(instance).__relations__ if name in instance.__dict__}


def relate(instance: Any, loaded: dict[str, Any]) -> None:
    """Puts back what :func:`related` gave."""
    forget(instance, None)
    for name, value in loaded.items():
        _engine.keep_related(instance, name, value)


def spell_out(model: Any, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a new row: fields, with ``author=user`` as the foreign key; and the lists of related rows."""
    fields: dict[str, Any] = {}
    lists: dict[str, Any] = {}
    for name, value in values.items():
        relation = model.__relations__.get(name)
        if relation is None:
            fields[name] = value
        elif relation.many:
            lists[name] = list(value)
        else:
            fields[relation.link()[1]] = relation.key_of(value)
    return fields, lists


def forget(instance: Any, key: str | None) -> None:
    """Forgets what was loaded: all relations, or those by this foreign key."""
    kept = instance.__dict__
    for name, relation in type(instance).__relations__.items() if kept else ():
        if name in kept and (key is None or (not relation.many and relation.link()[1] == key)):
            del kept[name]


def begin(instance: Any) -> None:
    """The collections of a row that was just created are empty."""
    for name in type(instance).__collections__:
        keep_list(type(instance).__relations__[name].loader(instance), instance, [])
