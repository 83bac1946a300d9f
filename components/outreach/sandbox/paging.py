"""The pages of lists: behind a position that ``links.next`` holds, or, as older clients do it, by an offset."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sales_connectors.imitation import Collection, Condition, Document, Request
from sales_connectors.imitation.kit import Position, fetch_ahead, fetch_behind, find_position

from .attributes import INTEGER
from .errors import refused

USUAL_SIZE, MOST = 50, 1000
MOST_OFFSET = 10_000
COUNTED = 2_000_000
READABLE = "[],:"
"""What stands in an address as it is, as in the vendor's own."""

Order = list[tuple[str, bool]]


class Page(NamedTuple):
    """A page of a list, and the addresses of those around it."""

    records: list[Document]
    links: dict[str, str]


def fetch(request: Request, given: Mapping[str, str], records: Collection, where: Condition, order: Order) -> Page:
    """The page that a request asks for."""
    names = set(given)
    if names <= {"size", "after", "before"} and not {"after", "before"} <= names:
        return _fetch_by_position(request, given, records, where, order)
    if names <= {"limit", "offset"}:
        return _fetch_by_offset(request, given, records, where, order)
    raise refused(400, f"These do not go together: {', '.join(f'page[{name}]' for name in sorted(names))}.")  # inferred


def count(records: Collection, where: Condition) -> Document:
    """How many records there are on all pages."""
    found = records.count(where)
    return {"count": min(found, COUNTED), "count_truncated": found > COUNTED}


def _fetch_by_position(
    request: Request, given: Mapping[str, str], records: Collection, where: Condition, order: Order
) -> Page:
    size = _read_number(given, "size", USUAL_SIZE, least=1, most=MOST)
    if "before" in given:
        position = _read_position(given["before"], order)
        found, is_more = fetch_ahead(records, where, order, position=position, size=size)
        has_previous, has_next = is_more, True
    else:
        after = _read_position(given["after"], order) if "after" in given else None
        found, has_next = fetch_behind(records, where, order, position=after, size=size)
        has_previous = after is not None and bool(found)
    links = {"first": _link(request, size=size)}
    if found and has_previous:
        links["prev"] = _link(request, size=size, before=_write_position(find_position(found[0], order), order))
    if found and has_next:
        links["next"] = _link(request, size=size, after=_write_position(find_position(found[-1], order), order))
    return Page(found, links)


def _fetch_by_offset(
    request: Request, given: Mapping[str, str], records: Collection, where: Condition, order: Order
) -> Page:
    """Deprecated by the vendor, which lets nobody go far in this way."""
    limit = _read_number(given, "limit", USUAL_SIZE, least=1, most=MOST)
    offset = _read_number(given, "offset", 0, least=0, most=MOST_OFFSET)
    found = records.find(where, order=order, limit=limit + 1, offset=offset)
    last = max(records.count(where) - 1, 0) // limit * limit
    links = {"first": _link(request, limit=limit, offset=0), "last": _link(request, limit=limit, offset=last)}
    if offset:
        links["prev"] = _link(request, limit=limit, offset=max(offset - limit, 0))
    if len(found) > limit:
        links["next"] = _link(request, limit=limit, offset=offset + limit)
    return Page(found[:limit], links)


def _read_number(given: Mapping[str, str], name: str, usual: int, *, least: int, most: int) -> int:
    """A number within bounds; others are refused (inferred: rather than corrected)."""
    written = given.get(name, str(usual))
    if not INTEGER.fullmatch(written) or not least <= int(written) <= most:
        raise refused(400, f"page[{name}] has to be a number from {least} to {most}.")
    return int(written)


def _link(request: Request, **page: Any) -> str:
    """The address of another page of the same list, with every parameter in it, each once."""
    asked = dict.fromkeys(one for one in request.query if not one[0].startswith("page["))
    query = [*asked, *((f"page[{name}]", str(value)) for name, value in page.items())]
    return f"{request.base_url}{request.path}?{urlencode(query, safe=READABLE)}"


def _write_position(position: Position, order: Order) -> str:
    return base64.urlsafe_b64encode(json.dumps([_name(order), list(position)]).encode()).decode().rstrip("=")


def _read_position(cursor: str, order: Order) -> Position:
    """Where a page begins or ends; a position in another order is none (inferred)."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        read = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError:
        read = None
    if not isinstance(read, list) or len(read) != 2 or read[0] != _name(order) or not _fits(read[1], order):
        raise refused(400, "The page cursor is not valid, or not of a list in this order.")
    return list(read[1])


def _fits(position: Any, order: Order) -> bool:
    length = len(order) + all(path != "id" for path, _ in order)
    is_plain: Callable[[Any], bool] = lambda value: value is None or isinstance(value, str | int | float)  # noqa: E731
    return isinstance(position, list) and len(position) == length and all(map(is_plain, position))


def _name(order: Order) -> str:
    return ",".join(f"{'-' if down else ''}{path}" for path, down in order)
