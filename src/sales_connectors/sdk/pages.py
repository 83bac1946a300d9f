"""One list of a service, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Cursor = Any
Page = Any


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
    guess: Callable[[Cursor], Cursor] | None = None
    """The next cursor without having read the page, where the vendor counts pages."""
    total: Callable[[Page], int | None] = lambda page: None
    """How many records there are, where the vendor says so."""

    def __iter__(self) -> Iterator[Page]:
        """Each page in order, one in memory at a time; nothing is fetched before it is asked for."""
        cursor = self.first
        while cursor is not None:
            page = self.fetch(cursor)
            self.items(page)  # what is no page says so before anything else of it is read
            cursor = self.after(page, cursor)
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
