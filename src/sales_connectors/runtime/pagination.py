"""All pages of a list in one go: in order, fetched ahead, and with nothing left running when it is over."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil, inf
from threading import Event, Lock
from typing import Any

from .. import jsontext
from ..fork import reset_in_children
from ..sdk.pages import Cursor, Page, Pages, Walk

MAX_PAGES_AHEAD = 8
"""How many pages are under way at most when all of them are wanted."""


class _GarbageCollection:
    """The garbage collector, which the walks of a process pause together."""

    def __init__(self) -> None:
        self._lock, self._pauses, self._was_on = Lock(), 0, False
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        """The walks of other threads do not go on here; the one that forked, if it is a walk, ends its own pause."""
        self._lock = Lock()
        if self._pauses:
            self._pauses = 0
            self._enable()

    def pause(self) -> None:
        with self._lock:
            if self._pauses == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._pauses += 1

    def resume(self) -> None:
        with self._lock:
            self._pauses = max(0, self._pauses - 1)
            if self._pauses == 0:
                self._enable()

    def _enable(self) -> None:
        if self._was_on:
            gc.enable()


_GARBAGE = _GarbageCollection()


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
    """Collect no garbage while a large list grows: all of it is kept, and walking it again takes half the time."""
    _GARBAGE.pause()
    try:
        yield
    finally:
        _GARBAGE.resume()


def collect_pages(pages: Pages, over: Event, on_page: Callable[[int], None] = lambda count: None) -> Page:
    """The whole list in one envelope; pages are fetched ahead where their cursors can be guessed.

    ``over`` is set when the list is complete, or ends without being so: pages that have not left need not any more.
    """
    found: list[Any] = []
    referred: dict[str, Any] = {}
    with pause_garbage_collection():
        for page in fetch_ahead(pages, over) if pages.guess else pages:
            found += pages.items(page)
            referred |= {jsontext.dumps(record).decode(): record for record in _list_beside(pages, page)}
            on_page(len(found))
    whole = pages.whole(found)
    return {**whole, pages.beside: [*referred.values()]} if referred else whole


def _list_beside(pages: Pages, page: Page) -> list[Any]:
    found = page.get(pages.beside) if pages.beside else None
    return found if isinstance(found, list) else []


def fetch_ahead(pages: Pages, over: Event) -> Iterator[Page]:
    """Pages in order, with ever more of them under way: a short list costs no request too many.

    Where the service tells how many records there are, nothing is guessed behind their end.  When a list is complete,
    nothing of it is under way; one that fails, or is interrupted, waits for none of its pages.
    """
    from collections import deque
    from concurrent.futures import Future, ThreadPoolExecutor

    assert pages.guess is not None
    walk = Walk()

    def is_last(page: Page, cursor: Cursor) -> bool:
        following = pages.after(page, cursor)
        walk.check(pages.items(page), following)
        return following is None

    cursor, page = pages.first, pages.fetch(pages.first)
    left = _count_pages_behind(pages, page)
    yield page
    if is_last(page, cursor):
        return
    pool = ThreadPoolExecutor(MAX_PAGES_AHEAD, thread_name_prefix="pages")
    under_way: deque[tuple[Cursor, Future[Page]]] = deque()
    width, last, is_complete = 1, cursor, False
    try:
        while page is not None:
            while len(under_way) < width and (left > 0 or not under_way):
                last, left = pages.guess(last), left - 1
                under_way.append((last, pool.submit(pages.fetch, last)))
            cursor, future = under_way.popleft()
            page = future.result()
            yield page
            width = min(width + 1, MAX_PAGES_AHEAD)
            is_complete = is_last(page, cursor)
            if is_complete:
                return
    finally:
        over.set()
        pool.shutdown(wait=is_complete, cancel_futures=True)


def _count_pages_behind(pages: Pages, first: Page) -> float:
    """How many pages follow the first one, where the service tells how many records there are."""
    size, total = len(pages.items(first)), pages.count(first)  # in this order: what is no list is told as such
    return inf if total is None or not size else ceil(total / size) - 1
