"""Tables of links: which rows of two tables belong together."""

from __future__ import annotations

from typing import Any

from . import _engine

__all__ = ["AssociationTable", "create_association_table"]


class AssociationTable:
    """A table whose rows are pairs of references. Made by :func:`create_association_table`.

    ``left`` and ``right`` are its columns and the tables they refer to.

    Example::

        links = create_association_table("user_tags", "users", "tags")
        print(links.name, links.left, links.right)
    """

    def __init__(self, registry: Any, name: str, left: tuple[str, str], right: tuple[str, str]) -> None:
        self.__tablename__ = name
        self.left = left
        self.right = right
        self.links = _engine.LinkTable(registry.schema, name, left, right)

    @property
    def name(self) -> str:
        """The table's name."""
        return self.__tablename__

    def __repr__(self) -> str:
        return f"<AssociationTable {self.name}: {self.left[0]}, {self.right[0]}>"


def create_association_table(
    name: str,
    left: Any,
    right: Any,
    base: Any = None,
    first_column: str | None = None,
    second_column: str | None = None,
) -> AssociationTable:
    """Declares a table of links between two tables, for :class:`~fastapi_orm.ManyToMany`.

    It has a column for each end, ``courses_id`` and ``students_id`` in the example (``left_users_id`` and
    ``right_users_id`` when both ends are ``users``), and the pair is its key. ``create_tables()`` creates it with the
    others. A soft deletion of an end leaves its links: nobody sees them, and a restore brings them back. A physical
    one takes them along.

    :param name: the table's name
    :param left: the table, or the model, of one end
    :param right: the table, or the model, of the other
    :param base: the base of the models, when they have one of their own
    :param first_column: the name of the column with the key of ``left``
    :param second_column: the name of the column with the key of ``right``
    :returns: the table, for ``secondary=``
    :raises SchemaError: when another table has that name

    Example::

        links = create_association_table("course_students", "courses", "students")

        class Course(Model):
            __tablename__ = "courses"

            id: int = IntegerField(primary_key=True)
            students = ManyToMany("Student", secondary=links, back_populates="courses")

        class Student(Model):
            __tablename__ = "students"

            id: int = IntegerField(primary_key=True)
            courses = ManyToMany("Course", secondary=links, back_populates="students")
    """
    from .model import Model

    registry = (Model if base is None else base).__registry__
    tables = _table(left), _table(right)
    sides = ("left_", "right_") if tables[0] == tables[1] else ("", "")
    named = (first_column, second_column)
    columns = [given or f"{side}{table}_id" for given, side, table in zip(named, sides, tables, strict=True)]
    table: AssociationTable = registry.declare_links(
        AssociationTable, name, (columns[0], tables[0]), (columns[1], tables[1])
    )
    return table


def _table(end: Any) -> str:
    return end.split(".")[0] if isinstance(end, str) else end.__tablename__
