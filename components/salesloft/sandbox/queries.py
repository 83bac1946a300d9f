"""Lists: what a query asks for, and the page that it gets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sales_connectors.imitation import Collection, Condition, Document, Reply, Request, field

from .errors import Wrong, invalid
from .parameters import Given, nested
from .resources import Filter, Resource
from .values import flag, integer, one_of

PER_PAGE, MOST = 25, 100
COUNTED = 10_000
NULLS = {"ASC": "ASC NULLS FIRST", "DESC": "DESC NULLS LAST"}


def listed(request: Request, resource: Resource) -> Reply:
    """The page of a list that a request asks for."""
    given = {**resource.usual, **nested(request.query)}
    where = Condition.every([resource.visible(request), filtered(request, resource.filters, given)])
    sorting, paging = Sorting.of(resource, given), Paging.of(resource, given)
    limits = paging.limits() if paging else {}
    records = sorting.sorted(resource.kept(request.store), where, **limits)
    shown = [resource.shown(request, record) for record in (records[: paging.size] if paging else records)]
    told = {"paging": paging.told(request, resource, where, len(records))} if paging else {}
    metadata = {"filtering": echoed(resource.filters, given), **told, "sorting": sorting.told()}
    return Reply(200, {"metadata": metadata, "data": shown})


def listed_by_id(request: Request, resource: Resource, within: Condition) -> Reply:
    """The records behind an id, for the lists that have no pages."""
    given = nested(request.query)
    filters = {**resource.filters, "id": _behind}
    where = Condition.every([within, filtered(request, filters, given)])
    size = _within(given.get("per_page"), PER_PAGE, MOST)
    records = resource.kept(request.store).find(where, limit=size)
    metadata = {"filtering": echoed(filters, given), "paging": {"per_page": size}}
    return Reply(200, {"metadata": metadata, "data": [resource.shown(request, record) for record in records]})


def filtered(request: Request, filters: Mapping[str, Filter], given: Given) -> Condition:
    """What the filters of a query come to; names that are none are passed over."""
    conditions, problems = [], []
    for name, value in given.items():
        if name not in filters or value == "":
            continue
        try:
            conditions.append(filters[name](request, value))
        except Wrong as wrong:
            problems.append((name, str(wrong)))
    if problems:
        raise invalid(problems)
    return Condition.every(conditions)


def echoed(filters: Mapping[str, Filter], given: Given) -> Given:
    """The filters that were applied, as they were understood."""
    return {name: value for name, value in given.items() if name in filters and value != ""}


def _behind(request: Request, value: Any) -> Condition:
    if not isinstance(value, dict) or set(value) != {"gt"}:
        raise Wrong("takes gt, and nothing else")
    return Condition("id > ?", (integer(value["gt"]),))


@dataclass(frozen=True)
class Sorting:
    """The order of a list; nulls come first in ascending order."""

    by: str
    direction: str
    expression: str

    @classmethod
    def of(cls, resource: Resource, given: Given) -> "Sorting":
        by = _chosen(given, "sort_by", tuple(resource.sorting), next(iter(resource.sorting)))
        usual = "ASC" if resource.ascending else "DESC"
        direction = _chosen(given, "sort_direction", tuple(NULLS), usual)
        return cls(by, direction, resource.sorting[by])

    def sorted(self, records: Collection, where: Condition, **limits: int) -> list[Document]:
        """The records that fit, in this order."""
        if "(" not in self.expression:  # a field of the record itself, which has an index
            return records.find(where, order=[(self.expression, self.direction == "DESC")], **limits)
        order = f"{self.expression} {self.direction}, id {self.direction}"
        rows = records.select(("id", "doc"), where, order=order, **limits)
        return [{"id": id, **json.loads(doc)} for id, doc in rows]

    def told(self) -> dict[str, str]:
        return {"sort_by": self.by, "sort_direction": NULLS[self.direction]}


@dataclass(frozen=True)
class Paging:
    """The page of a list; numbers out of range are corrected without a word."""

    page: int
    size: int
    counts: bool
    limited: bool

    @classmethod
    def of(cls, resource: Resource, given: Given) -> "Paging | None":
        if not resource.paged or (resource.whole and "page" not in given):
            return None
        counts, limited = (_flag(given, name) for name in ("include_paging_counts", "limit_paging_counts"))
        page = _within(given.get("page"), 1, 2**31)
        return cls(page, _within(given.get("per_page"), PER_PAGE, MOST), counts, limited)

    def limits(self) -> dict[str, int]:
        """The page, and one record more if there is a next one."""
        return {"limit": self.size + 1, "offset": (self.page - 1) * self.size}

    def told(self, request: Request, resource: Resource, where: Condition, found: int) -> dict[str, int | None]:
        following = self.page + 1 if found > self.size else None
        numbers = {"per_page": self.size, "current_page": self.page, "next_page": following}
        return {**numbers, "prev_page": self.page - 1 or None, **self._counted(request, resource, where)}

    def _counted(self, request: Request, resource: Resource, where: Condition) -> dict[str, int | None]:
        if not self.counts:
            return {}
        count = resource.kept(request.store).count(where)
        count = min(count, COUNTED) if self.limited else count
        return {"total_pages": -(-count // self.size), "total_count": count}


def name_of(table: str, path: str, resource: str, named: str = "name") -> str:
    """An expression to sort by: a field of the record to which the path leads."""
    own, theirs = (field(name).replace("doc", f"{of}.doc", 1) for name, of in ((path, table), (named, "related")))
    return f"(select {theirs} from {resource} related where related.id = {own})"


def _chosen(given: Given, name: str, choices: tuple[str, ...], usual: str) -> str:
    try:
        return str(one_of(*choices)(given[name])) if given.get(name) else usual
    except Wrong as wrong:
        raise invalid([(name, str(wrong))]) from None


def _flag(given: Given, name: str) -> bool:
    try:
        return flag(given[name]) if given.get(name) else False
    except Wrong as wrong:
        raise invalid([(name, str(wrong))]) from None


def _within(value: Any, usual: int, most: int) -> int:
    try:
        return min(max(integer(value), 1), most)
    except Wrong:
        return usual
