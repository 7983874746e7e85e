"""Pages: what ``paginate()`` and ``paginate_by_cursor()`` return, and a paginator that remembers how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .exceptions import ValidationError

if TYPE_CHECKING:
    from typing_extensions import TypedDict

    from .model import Model
    from .sessions import AnySession

__all__ = ["CursorPage", "CursorPaginator", "MorePage", "Page"]

_Row = TypeVar("_Row")
_Model = TypeVar("_Model", bound="Model")

if TYPE_CHECKING:

    class Page(TypedDict, Generic[_Row]):
        """A page by its number."""

        items: list[_Row]
        total: int
        page: int
        page_size: int
        total_pages: int
        has_next: bool
        has_prev: bool

    class CursorPage(TypedDict, Generic[_Row]):
        """A page behind a cursor."""

        items: list[_Row]
        next_cursor: str | None
        has_next: bool
        page_size: int

    class MorePage(TypedDict, Generic[_Row]):
        """A page of a :class:`CursorPaginator`."""

        items: list[_Row]
        next_cursor: str | None
        has_more: bool

else:
    # What they are when the program runs; Python 3.10 has no generic TypedDict.
    Page = CursorPage = MorePage = dict


class CursorPaginator(Generic[_Model]):
    """Pages of a model behind cursors, always in the same order and of the same size.

    :param model: the model
    :param cursor_field: the field to order by; rows that hold the same follow by key
    :param page_size: rows of a page
    :param order: ``"asc"``, smallest first, or ``"desc"``
    :raises ValidationError: when the order is neither

    Example::

        paginator = CursorPaginator(Post, cursor_field="created_at", page_size=20, order="desc")
        page = await paginator.paginate(session, published=True)
        page = await paginator.paginate(session, cursor=page["next_cursor"], published=True)
    """

    def __init__(self, model: type[_Model], cursor_field: str = "id", page_size: int = 20, order: str = "asc") -> None:
        if order not in ("asc", "desc"):
            raise ValidationError("order", f"order is 'asc' or 'desc', got {order!r}")
        self.model = model
        self.cursor_field = cursor_field
        self.page_size = page_size
        self.order = order

    async def paginate(self, session: AnySession, cursor: str | None = None, **filters: Any) -> MorePage[_Model]:
        """A page of the live rows that fulfil the filters.

        :param cursor: the ``next_cursor`` of the page before; None for the first page
        :param filters: as for ``filter()``; the same for each page of a list
        :returns: a dictionary with ``items``, ``next_cursor`` (None on the last page) and ``has_more``
        :raises ValidationError: for a cursor that was not given out for this list, and a page size below 1
        :raises UnknownFieldError: for a field or operator that is not there

        Example::

            page = await CursorPaginator(Post).paginate(session)
            print(page["has_more"], [post.title for post in page["items"]])
        """
        minus = "-" if self.order == "desc" else ""
        query = self.model.filter(session, **filters).order_by(minus + self.cursor_field)
        page = await query.paginate_by_cursor(cursor, self.page_size)
        return {"items": page["items"], "next_cursor": page["next_cursor"], "has_more": page["has_next"]}
