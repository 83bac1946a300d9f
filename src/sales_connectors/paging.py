"""One list of a service, page by page."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from .fork import begin_anew_in_children

Cursor = Any
Page = Any

AHEAD = 8
"""How many pages are under way at most when all of them are wanted."""


class _Collector:
    """The garbage collector, which the walks of a process pause together."""

    def __init__(self) -> None:
        self._lock, self._pauses, self._was_on = Lock(), 0, False
        begin_anew_in_children(self)

    def begin_anew(self) -> None:
        """The walks of other threads do not go on here; the one that forked, if it is a walk, ends its own pause."""
        self._lock = Lock()
        if self._pauses:
            self._pauses = 0
            self._turn_on()

    def pause(self) -> None:
        with self._lock:
            if self._pauses == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._pauses += 1

    def go_on(self) -> None:
        with self._lock:
            self._pauses = max(0, self._pauses - 1)
            if self._pauses == 0:
                self._turn_on()

    def _turn_on(self) -> None:
        if self._was_on:
            gc.enable()


_COLLECTOR = _Collector()


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Collect no garbage while a large list grows: all of it is kept, and walking it again takes half the time."""
    _COLLECTOR.pause()
    try:
        yield
    finally:
        _COLLECTOR.go_on()


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
            cursor = self.after(page, cursor)
            yield page
            del page  # before the next one comes

    def every_item(self) -> Iterator[Any]:
        for page in self:
            yield from self.items(page)
            del page

    def all(self, on_page: Callable[[int], None] = lambda count: None) -> Page:
        """The whole list in one envelope; pages are fetched ahead where their cursors can be guessed."""
        found: list[Any] = []
        with garbage_collection_paused():
            for page in self.fetched_ahead() if self.guess else self:
                found += self.items(page)
                on_page(len(found))
        return self.whole(found)

    def fetched_ahead(self) -> Iterator[Page]:
        """Pages in order, with ever more of them under way: a short list costs no request too many."""
        from collections import deque
        from concurrent.futures import Future, ThreadPoolExecutor

        assert self.guess is not None
        cursor, page = self.first, self.fetch(self.first)
        yield page
        if self.after(page, cursor) is None:
            return
        pool = ThreadPoolExecutor(AHEAD, thread_name_prefix="pages")
        under_way: deque[tuple[Cursor, Future[Page]]] = deque()
        width, last = 1, cursor
        try:
            while page is not None:
                while len(under_way) < width:
                    last = self.guess(last)
                    under_way.append((last, pool.submit(self.fetch, last)))
                cursor, future = under_way.popleft()
                page = future.result()
                yield page
                width = min(width + 1, AHEAD)
                if self.after(page, cursor) is None:
                    return
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
