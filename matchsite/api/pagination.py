"""Lists in pages: a cursor stays where it is while rows come and go."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError as InvalidValueError
from django.db.models import QuerySet
from rest_framework import exceptions
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """Pages in the order that a view names; a cursor is only ever copied from a link."""

    cursor_query_description = "Where to go on; copied from the link to the next or the previous page."

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> tuple[str, ...]:
        """Return the order that the view's list is in."""
        ordering: tuple[str, ...] = view.ordering  # type: ignore[attr-defined]
        return ordering

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any] | None:
        """Return one page."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (InvalidValueError, ValueError):
            # A cursor made up by hand can name a moment that is none.
            raise self._refusal() from None

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the cursor that was asked for."""
        try:
            return super().decode_cursor(request)
        except exceptions.NotFound:
            raise self._refusal() from None

    @staticmethod
    def _refusal() -> exceptions.ValidationError:
        """Return what is said of a cursor that was not copied from a link."""
        return exceptions.ValidationError({"cursor": ["This is not the cursor of any page."]})
