"""What a model can be given: soft delete, an audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import _engine
from .fields import DateTimeField

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from typing_extensions import Self

    from .sessions import AnySession

__all__ = ["AuditMixin", "SoftDeleteMixin", "TimestampMixin"]


class SoftDeleteMixin:
    """Rows that can be deleted and taken back. Adds ``deleted_at``; ordinary queries see live rows only.

    Example::

        class Item(Model, SoftDeleteMixin):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
    """

    __slots__ = ()

    deleted_at: datetime | None

    @property
    def is_deleted(self) -> bool:
        """Whether the row is deleted, as far as this object knows."""
        return self.deleted_at is not None

    def soft_delete(
        self,
        session: AnySession,
        *,
        cascade: bool = False,
        reason: str | None = None,
        _audit_user_id: Any = None,
    ) -> Awaitable[_engine.Deletion]:
        """Marks the row as deleted, together with the object's other changed attributes.

        A second time it changes nothing: the deletion has no rows. The object of a row that was deleted after it was
        read takes over what the row holds, and what was changed on the object is not written.

        :param cascade: take the rows that refer to it along, as their ``on_delete`` has it
        :param reason: why, for the journal of deletions
        :param _audit_user_id: who deletes, for this call, where the task has set no user
        :returns: the deletion: its id, instant, and rows per table
        :raises RestrictedError: when a live row refers to it with ``on_delete="RESTRICT"``

        Example::

            post = await Post.get(session, 1)
            deletion = await post.soft_delete(session, cascade=True, reason="spam")
            print(deletion.rows)
        """
        return _engine.soft_delete(self, session, cascade=cascade, reason=reason, _audit_user_id=_audit_user_id)

    def restore(
        self,
        session: AnySession,
        *,
        cascade: bool = False,
        ancestors: bool = False,
        _audit_user_id: Any = None,
    ) -> Awaitable[_engine.Restoration]:
        """Makes the row live again; a live row stays as it is. What is changed on an object from the trash is written
        first.

        :param cascade: restore all that was deleted together with it
        :param ancestors: restore deleted parents too
        :param _audit_user_id: who restores, for this call, where the task has set no user
        :raises RestoreConflict: when a live row took its unique key, or its parent was deleted by a cascade

        Example::

            post = await Post.get(session, 1)
            await post.soft_delete(session)
            await post.restore(session)
        """
        return _engine.restore(self, session, cascade=cascade, ancestors=ancestors, _audit_user_id=_audit_user_id)

    @classmethod
    def get_with_deleted(cls, session: AnySession, id: Any) -> Awaitable[Self | None]:
        """The row with this key, live or deleted, or None.

        Example::

            post = await Post.get_with_deleted(session, 1)
            print(post.is_deleted)
        """
        return _engine.get(cls, session, id, "any")

    @classmethod
    def only_deleted(
        cls, session: AnySession, limit: int | None = None, offset: int = 0, **filters: Any
    ) -> _engine.Query[Self]:
        """The deleted rows that fulfil the filters.

        :param limit: at most so many rows
        :param offset: leave so many rows out first

        Example::

            posts = await Post.only_deleted(session, published=True)
        """
        return _engine.filter(cls, session, "deleted", filters).limit(limit).offset(offset)

    @classmethod
    def all_with_deleted(cls, session: AnySession, limit: int | None = None, offset: int = 0) -> _engine.Query[Self]:
        """The rows, live and deleted.

        :param limit: at most so many rows
        :param offset: leave so many rows out first

        Example::

            posts = await Post.all_with_deleted(session).order_by("id")
        """
        return _engine.filter(cls, session, "any", {}).limit(limit).offset(offset)

    @classmethod
    def filter_with_deleted(cls, session: AnySession, **filters: Any) -> _engine.Query[Self]:
        """The rows that fulfil the filters, live and deleted.

        Example::

            posts = await Post.filter_with_deleted(session, published=True)
        """
        return _engine.filter(cls, session, "any", filters)

    @classmethod
    def bulk_soft_delete(
        cls,
        session: AnySession,
        ids: Iterable[Any],
        *,
        cascade: bool = False,
        reason: str | None = None,
        _audit_user_id: Any = None,
    ) -> Awaitable[int]:
        """Deletes the rows with these keys, as one deletion; returns how many rows of this model were taken.

        Example::

            taken = await Post.bulk_soft_delete(session, [1, 2], reason="spring cleaning")
        """
        return _engine.bulk_soft_delete(
            cls, session, ids, cascade=cascade, reason=reason, _audit_user_id=_audit_user_id
        )

    @classmethod
    def bulk_restore(
        cls,
        session: AnySession,
        ids: Iterable[Any],
        *,
        cascade: bool = False,
        ancestors: bool = False,
        _audit_user_id: Any = None,
    ) -> Awaitable[int]:
        """Restores the rows with these keys; returns how many rows are live again.

        Example::

            await Post.bulk_soft_delete(session, [1, 2])
            restored = await Post.bulk_restore(session, [1, 2])
        """
        return _engine.bulk_restore(
            cls, session, ids, cascade=cascade, ancestors=ancestors, _audit_user_id=_audit_user_id
        )


class TimestampMixin:
    """Rows that know when they were created and when they were last changed: adds ``created_at`` and ``updated_at``.

    Example::

        class Item(Model, TimestampMixin):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
    """

    __slots__ = ()

    created_at = DateTimeField(auto_now_add=True)
    updated_at = DateTimeField(auto_now=True)


class AuditMixin:
    """Rows whose every change is written to ``audit_logs``, in the same transaction.

    Example::

        class Item(Model, AuditMixin):
            __tablename__ = "items"

            id: int = IntegerField(primary_key=True)
    """

    __slots__ = ()
