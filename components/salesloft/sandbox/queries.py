"""Lists: what a query asks for, and the page that it gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sales_connectors.imitation import Condition, Expression, Reply, Request, field
from sales_connectors.imitation.kit import Wrong, fetch_page, read_each

from .errors import invalid, read_parameter
from .parameters import Given, nested
from .resources import Filter, Resource
from .values import flag, integer, one_of

PER_PAGE, MOST_PER_PAGE = 25, 100
MOST_COUNTED = 10_000
NULLS = {"ASC": "ASC NULLS FIRST", "DESC": "DESC NULLS LAST"}


def list_records(request: Request, resource: Resource) -> Reply:
    """The page of a list that a request asks for."""
    given = {**resource.usual, **nested(request.query)}
    where = Condition.every([resource.visible(request), read_filters(request, resource.filters, given)])
    sorting, paging = Sorting.read(resource, given), Paging.read(resource, given)
    records, order = request.collection(resource.name), [(sorting.path, sorting.direction == "DESC")]
    metadata: dict[str, Any] = {"filtering": echo_filters(resource.filters, given)}
    if paging:
        found, more = fetch_page(records, where, order, number=paging.number, size=paging.size)
        metadata["paging"] = paging.describe(more, records.count(where) if paging.counts else None)
    else:
        found = records.find(where, order=order)
    metadata["sorting"] = {"sort_by": sorting.by, "sort_direction": NULLS[sorting.direction]}
    return Reply(200, {"metadata": metadata, "data": [resource.show(request, record) for record in found]})


def list_by_id(request: Request, resource: Resource, within: Condition) -> Reply:
    """The records behind an id, for the lists that have no pages."""
    given = nested(request.query)
    filters = {**resource.filters, "id": _match_behind}
    where = Condition.every([within, read_filters(request, filters, given)])
    size = _clamp(given.get("per_page"), PER_PAGE, MOST_PER_PAGE)
    records = request.collection(resource.name).find(where, limit=size)
    metadata = {"filtering": echo_filters(filters, given), "paging": {"per_page": size}}
    return Reply(200, {"metadata": metadata, "data": [resource.show(request, record) for record in records]})


def read_filters(request: Request, filters: Mapping[str, Filter], given: Given) -> Condition:
    """What the filters of a query come to; names that are none are passed over."""
    applied = echo_filters(filters, given)
    conditions, problems = read_each(applied, lambda name, value: filters[name](request, value))
    if problems:
        raise invalid(problems)
    return Condition.every(conditions.values())


def echo_filters(filters: Mapping[str, Filter], given: Given) -> Given:
    """The filters that are applied, as they were understood."""
    return {name: value for name, value in given.items() if name in filters and value != ""}


def _match_behind(request: Request, value: Any) -> Condition:
    if not isinstance(value, dict) or set(value) != {"gt"}:
        raise Wrong("takes gt, and nothing else")
    return Condition("id > ?", (integer(value["gt"]),))


@dataclass(frozen=True)
class Sorting:
    """The order of a list; nulls come first in ascending order."""

    by: str
    path: str
    direction: str

    @classmethod
    def read(cls, resource: Resource, given: Given) -> "Sorting":
        by = _choose(given, "sort_by", tuple(resource.sorting), next(iter(resource.sorting)))
        directions = (*NULLS, *map(str.lower, NULLS))
        direction = _choose(given, "sort_direction", directions, "ASC" if resource.ascending else "DESC")
        return cls(by, resource.sorting[by], direction.upper())


@dataclass(frozen=True)
class Paging:
    """The page of a list; numbers out of range are corrected without a word."""

    number: int
    size: int
    counts: bool
    limited: bool

    @classmethod
    def read(cls, resource: Resource, given: Given) -> "Paging | None":
        if not resource.paged or (resource.whole and "page" not in given):
            return None
        counts, limited = (_read_flag(given, name) for name in ("include_paging_counts", "limit_paging_counts"))
        number = _clamp(given.get("page"), 1, 2**31)
        return cls(number, _clamp(given.get("per_page"), PER_PAGE, MOST_PER_PAGE), counts, limited)

    def describe(self, more: bool, count: int | None) -> dict[str, int | None]:
        numbers = {"per_page": self.size, "current_page": self.number, "next_page": self.number + 1 if more else None}
        described = {**numbers, "prev_page": self.number - 1 or None}
        if count is None:
            return described
        count = min(count, MOST_COUNTED) if self.limited else count
        return {**described, "total_pages": -(-count // self.size), "total_count": count}


def sort_through(table: str, path: str, resource: str, named: str = "name") -> Expression:
    """To sort by a field of the record to which the path leads."""
    theirs, own = field(named, "related"), field(path, table)
    return Expression(f"(select {theirs} from {resource} related where related.id = {own})")


def _choose(given: Given, name: str, choices: tuple[str, ...], usual: str) -> str:
    return str(read_parameter(name, one_of(*choices), given[name])) if given.get(name) else usual


def _read_flag(given: Given, name: str) -> bool:
    return read_parameter(name, flag, given[name]) if given.get(name) else False


def _clamp(value: Any, usual: int, most: int) -> int:
    try:
        return min(max(integer(value), 1), most)
    except Wrong:
        return usual
