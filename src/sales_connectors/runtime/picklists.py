"""Picklists: every option reachable, by paging or by searching, and saved keys put back into labels."""

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ..clock import Clock
from ..errors import InvalidInput, InvalidResponse, NotAllowed, NotFound, SalesError, quote_value
from ..fork import reset_in_children
from ..inputs.coerce import is_number, is_sane
from ..inputs.json_compatibility import find_unserializable
from ..jsontext import loads_strict
from ..sdk.pages import Cursor, Page, Pages, Walk
from ..sdk.picklist import Option, Picklist
from ..unicode import fold_text
from .answers import Choice, Picked

DEFAULT_LIMIT = 1000
MAX_LIMIT = 10_000
CACHE_SECONDS = 60.0
"""Seconds for which a page of options is not asked for again."""
MAX_CACHED_PAGES = 2000
"""Pages that the cache holds before it forgets the oldest."""
MAX_SCANNED_PAGES = 20
"""Pages that one search reads where the service cannot search; the cursor says that there is more."""


@dataclass(frozen=True)
class PickRequest:
    """What of a picklist is wanted."""

    query: str
    limit: int
    cursor: str | None
    ids: tuple[str, ...] | None

    @classmethod
    def parse(
        cls, *, query: str | None, limit: int | None, cursor: str | None, ids: Iterable[Any] | None
    ) -> "PickRequest":
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT):
            raise _input_error("limit", f"must be a whole number from 1 to {MAX_LIMIT}, not {quote_value(limit)}")
        if isinstance(ids, str):
            ids = _split_keys(ids)
        return cls(
            _check_text("query", query).strip(),
            limit or DEFAULT_LIMIT,
            _check_text("cursor", cursor) or None,
            None if ids is None else _parse_keys(ids),
        )


def query_picklist(picklist: Picklist, question: PickRequest, cache_key: str, cache: "OptionCache") -> Picked:
    """``{"result": […], "nextCursor": …, "total": …}``; ``cache_key`` names the data source and its inputs."""
    if question.ids is not None:
        return {"result": resolve_labels(picklist, question.ids), "nextCursor": None, "total": len(question.ids)}
    listing = f"{cache_key}|list|{question.query}"
    if question.query and picklist.search and not _is_issued(listing, question.cursor):
        try:
            hits = picklist.search(question.query)
            if hits is not None:
                search = f"{cache_key}|search|{question.query}"
                return page_through(picklist, hits, question, search, partial(cache.page, search))
        except (NotAllowed, NotFound, InvalidInput) as refused:
            # the account's plan has no search: read the list and match here
            if question.cursor or _is_ours(refused):
                raise
    matches = _compile_query(question.query) if question.query else None
    return page_through(picklist, picklist.pages, question, listing, partial(cache.page, cache_key), matches)


def resolve_labels(picklist: Picklist, ids: tuple[str, ...]) -> list[Choice]:
    """Saved keys with their labels, in the order in which they were given; deleted ones say so."""
    entries = picklist.find(list(ids)) if picklist.find else picklist.pages.every_item()
    known = {option.key: option.label for option in label_entries(picklist, list(entries))}
    return [
        {"label": known[key], "key": key} if key in known else {"label": key, "key": key, "missing": True}
        for key in ids
    ]


def page_through(
    picklist: Picklist,
    pages: Pages,
    question: PickRequest,
    walk: str,
    cached: "PageReader",
    matches: Callable[[Option], bool] | None = None,
) -> Picked:
    """Options from where the cursor points, as many as are wanted, sorted by their labels, whatever the case.

    ``walk`` names what is walked: a cursor belongs to one walk, though walks of one list share its cached pages.
    """
    cursor, skip = _read_cursor(question.cursor, walk) if question.cursor else (pages.first, 0)
    found: dict[str, Option] = {}
    total, read, progress = None, 0, Walk()
    while cursor is not None and len(found) < question.limit and (matches is None or read < MAX_SCANNED_PAGES):
        page = cached(cursor, partial(_read_page, picklist, pages, cursor))
        total, read = page.total, read + 1
        progress.check(page.options, page.after)
        rest = [option for option in page.options if matches is None or matches(option)][skip:]
        room = question.limit - len(found)
        found.update((option.key, option) for option in rest[:room])
        skip, cursor = (skip + room, cursor) if len(rest) > room else (0, page.after)
    shown = sorted(found.values(), key=_get_sort_key)
    return {
        "result": [{"label": option.label, "key": option.key} for option in shown],
        "nextCursor": _write_cursor(cursor, skip, walk) if cursor is not None else None,
        "total": total if matches is None else None,
    }


class OptionPage(NamedTuple):
    options: list[Option]
    after: Cursor | None
    total: int | None


def _read_page(picklist: Picklist, pages: Pages, cursor: Cursor) -> OptionPage:
    page: Page = pages.fetch(cursor)
    return OptionPage(label_entries(picklist, pages.items(page)), pages.after(page, cursor), pages.count(page))


def label_entries(picklist: Picklist, entries: list[Any]) -> list[Option]:
    """The options of entries of a list; InvalidResponse where the service sent some that cannot be labelled."""
    try:
        options = picklist.options(entries)
        if all(isinstance(option.key, str) for option in options):
            return [Option(str(option.label), option.key) for option in options]
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as odd:
        raise _unlabelled_error(entries) from odd
    raise _unlabelled_error(entries)


def _unlabelled_error(entries: list[Any]) -> InvalidResponse:
    message = "The service answered with records that cannot be shown as options: one has fields of another kind"
    return InvalidResponse(message, vendor=entries)


PageReader = Callable[[Cursor, Callable[[], OptionPage]], OptionPage]


class OptionCache:
    """Pages of options, each for a minute; so a form asks the service once for what it shows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pages: dict[str, tuple[float, OptionPage]] = {}
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = threading.Lock()

    def page(self, cache_key: str, cursor: Cursor, read: Callable[[], OptionPage]) -> OptionPage:
        key = f"{cache_key}|{json.dumps(cursor)}"
        with self._lock:
            at, page = self._pages.get(key, (float("-inf"), None))
        if page is not None and self._clock.monotonic() - at < CACHE_SECONDS:
            return page
        page = read()
        with self._lock:
            if len(self._pages) >= MAX_CACHED_PAGES:
                self._pages.pop(next(iter(self._pages)))
            self._pages[key] = (self._clock.monotonic(), page)
        return page


def _get_sort_key(option: Option) -> tuple[str, str]:
    return option.label.casefold(), option.key


def _compile_query(query: str) -> Callable[[Option], bool]:
    words = fold_text(query).split()
    return lambda option: all(word in fold_text(option.label) for word in words)


def _write_cursor(cursor: Cursor, skip: int, walk: str) -> str:
    return urlsafe_b64encode(json.dumps([cursor, skip, _compute_checksum(walk)]).encode()).decode()


def _is_issued(walk: str, cursor: str | None) -> bool:
    """Whether this walk gave out the cursor; a search that the service refused went on as a walk of the list."""
    try:
        return cursor is not None and bool(_read_cursor(cursor, walk))
    except InvalidInput:
        return False


def _read_cursor(text: str, walk: str) -> tuple[Cursor, int]:
    try:
        cursor, skip, mark = json.loads(urlsafe_b64decode(text.encode()))
        if mark != _compute_checksum(walk) or not isinstance(skip, int) or skip < 0:
            raise ValueError
    except (ValueError, TypeError) as broken:
        raise _input_error(
            "cursor", "is not one that this picklist gave out for these inputs and this query"
        ) from broken
    return cursor, skip


def _compute_checksum(walk: str) -> int:
    from zlib import crc32

    return crc32(walk.encode())


def _check_text(name: str, given: Any) -> str:
    if not isinstance(given, str | None) or any(find_unserializable(given)):
        raise _input_error(name, f"must be text, not {quote_value(given)}")
    return given or ""


def _split_keys(text: str) -> list[Any]:
    """Keys in one text: separated by commas, or a list as JSON where a key has a comma itself."""
    if text.lstrip().startswith("["):
        with suppress(ValueError):
            return list(loads_strict(text))
    return text.split(",")


def _parse_keys(ids: Iterable[Any]) -> tuple[str, ...]:
    """Saved keys as text; numbers are written as such, and empty ones are none."""
    if not isinstance(ids, Iterable):
        raise _input_error("ids", f"must be a list of keys, not {quote_value(ids)}")
    keys = (_check_text("ids", str(key) if is_number(key) and is_sane(key) else key).strip() for key in ids)
    return tuple(filter(None, keys))


def _is_ours(error: SalesError) -> bool:
    return error.status is None


def _input_error(name: str, message: str) -> InvalidInput:
    return InvalidInput(f"{name} {message}", fields=[{"path": f"/{name}", "message": message}])
