"""One list of a service, page by page."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidResponse
from .text import read_count

Cursor = Any
Page = Any

MAX_EMPTY_PAGES = 100
"""Pages without a record that are walked past, one after the other: services filter after they have paged."""


class Walk:
    """Looks at the pages of one list as they come, and ends what would never end."""

    def __init__(self) -> None:
        self._pages: set[int] = set()
        self._empty = 0
        self._cursors: set[str] = set()

    def check(self, items: Sequence[Any], following: Cursor | None) -> None:
        """InvalidResponse where a page repeats one that was read, leads back to one, or is the last of too many without
        a record."""
        from .. import jsontext

        self._empty = 0 if items else self._empty + 1
        if following is not None and self._empty > MAX_EMPTY_PAGES:
            raise _endless_list_error(f"{self._empty} pages without a record")
        page = hash(jsontext.dumps((len(items), items[0], items[-1]))) if items else None
        if page in self._pages:
            raise _endless_list_error("the same page twice")
        if page is not None:
            self._pages.add(page)
        mark = json.dumps(following)
        if following is not None and mark in self._cursors:
            raise _endless_list_error("a page that leads back to an earlier one")
        self._cursors.add(mark)


def _endless_list_error(what: str) -> InvalidResponse:
    return InvalidResponse(f"The service answered with {what}: its list would never end", code="endless_list")


@dataclass(frozen=True)
class Pages:
    """How to walk a list: the vendor's paging, said once by its connection.

    A cursor is plain JSON, so that it can be handed to a caller and come back.
    """

    fetch: Callable[[Cursor], Page]
    """The page at a cursor, as the service sent it."""
    first: Cursor
    items: Callable[[Page], list[Any]]
    after: Callable[[Page, Cursor], Cursor | None]
    """The cursor behind this page; None at the end."""
    whole: Callable[[list[Any]], Page]
    """Every item, in the envelope of one page."""
    asked: Callable[[], Page]
    """The one page that the caller's own inputs name."""
    begun: "Callable[[], Pages] | None" = None
    """The same list from the page on that the caller's own inputs name; None where they name none."""
    beside: str | None = None
    """The member of a page that holds what its entries refer to; of all pages together, each once."""
    guess: Callable[[Cursor], Cursor] | None = None
    """The next cursor without having read the page, where the vendor counts pages."""
    total: Callable[[Page], int | None] = lambda page: None
    """How many records there are, where the vendor says so."""

    def count(self, page: Page) -> int | None:
        """What ``total`` says, as far as it is a number."""
        return read_count(self.total(page))

    def __iter__(self) -> Iterator[Page]:
        """Each page in order, one in memory at a time; nothing is fetched before it is asked for."""
        cursor, walk = self.first, Walk()
        while cursor is not None:
            page = self.fetch(cursor)
            items = self.items(page)  # what is no page says so before anything else of it is read
            cursor = self.after(page, cursor)
            walk.check(items, cursor)
            del items
            yield page
            del page  # before the next one comes

    @classmethod
    def single(cls, fetch: Callable[[], list[Any]]) -> "Pages":
        """A list that comes whole, as ``fetch`` returns it."""
        return cls(
            fetch=lambda cursor: fetch(),
            first=1,
            items=lambda entries: entries,
            after=lambda entries, cursor: None,
            whole=lambda entries: entries,
            asked=fetch,
            total=len,
        )

    def every_item(self) -> Iterator[Any]:
        for page in self:
            yield from self.items(page)
            del page
