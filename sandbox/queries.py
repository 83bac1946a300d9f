"""Lists: what a query asks for, and the page that it gets."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sales_connectors.imitation import Condition, Document, Refused, Reply, Request
from sales_connectors.imitation.kit import fetch_page, read_each

from .attributes import ADDRESS, TEXT, Kind
from .custom_fields import build_filter, is_sortable
from .errors import invalid_param
from .resources import Filter, Resource

CUSTOM_FILTER = re.compile(r"custom_fields\[(.+)\]")
CUSTOM_SORT = re.compile(r"custom_fields:(.+?)(?::(asc|desc))?")
PLAIN_SORT = re.compile(r"(\w+)(?::(asc|desc))?")
DIGITS = re.compile(r"[0-9]{1,12}")
PAGING = ("page", "per_page")
PER_PAGE = 25


def match_one(path: str, kind: Kind) -> Filter:
    """The filter for one exact value."""
    return lambda request, text: Condition.equal(path, kind.query(text))


def match_some(path: str, kind: Kind) -> Filter:
    """The filter for any of several values, with commas between them."""
    return lambda request, text: Condition.among(path, [kind.query(part.strip()) for part in text.split(",")])


def address_filters(*names: str) -> dict[str, Filter]:
    """``address[city]=…``; the whole address is matched by any of its lines (inferred)."""
    parts = {f"{name}[{part}]": match_one(f"{name}.{part}", TEXT) for name in names for part in ADDRESS}
    return parts | {name: _match_any_line(name) for name in names if name != "address"}


def _match_any_line(name: str) -> Filter:
    return lambda request, text: Condition.some(Condition.equal(f"{name}.{part}", text) for part in ADDRESS)


def search_text(path: str) -> Filter:
    """``q``: every word occurs in the text."""
    return lambda request, text: Condition.every(Condition.contains(path, word) for word in text.split())


def list_records(request: Request, resource: Resource, within: Condition | None = None) -> Reply:
    """The page of a list that a request asks for."""
    query = Query.read(request, resource)
    where = Condition.every([*([within] if within else []), query.read_condition(request, resource)])
    order, records = query.read_order(resource), request.collection(resource.name)
    found, more = fetch_page(records, where, order, number=query.page, size=query.size)
    items = [envelop(request, resource, record) for record in found]
    return reply_items(items, query.write_links(request, more=more) if resource.has_links else {})


def reply_items(items: list[Document], links: Mapping[str, str]) -> Reply:
    return Reply(200, {"items": items, "meta": {"type": "collection", "count": len(items), "links": dict(links)}})


def envelop(request: Request, resource: Resource, record: Document) -> Document:
    """A record in its envelope, with what the request wants included."""
    envelope = resource.envelop(request, record)
    for name in _parse_includes(request, resource):
        envelope["data"][name] = (resource.includes or {})[name](request, record)
    return envelope


def check_parameters(request: Request, names: Iterable[str]) -> None:
    """Refuse parameters that are not among these."""
    unknown = sorted({name for name, _ in request.query} - set(names))
    if unknown:
        raise invalid_param(f"unknown parameter: {', '.join(unknown)}")


def check_together(request: Request, *names: str) -> None:
    """Refuse a query that has some of these parameters and not the others."""
    given = [name for name in names if name in request.arguments()]
    if given and len(given) < len(names):
        raise invalid_param(f"{' and '.join(names)} go together")


def match_filters(request: Request, resource: Resource) -> Condition:
    """The filters of an upsert: those of the list, at least one."""
    query = Query.read(request, resource)
    if not query.filters or any(name in query.arguments for name in ("page", "per_page", "sort_by")):
        raise invalid_param("an upsert takes filters, at least one, and nothing else")
    return query.read_condition(request, resource)


def _parse_includes(request: Request, resource: Resource) -> list[str]:
    if not resource.includes:
        return []
    names = [name for name in request.arguments().get("includes", "").split(",") if name]
    strange = [name for name in names if name not in resource.includes]
    if strange:
        raise invalid_param(f"cannot include {', '.join(strange)}; includes takes: {', '.join(resource.includes)}")
    return names


@dataclass(frozen=True)
class Query:
    """What the query of a list asks for."""

    arguments: Mapping[str, str]
    filters: Mapping[str, Filter]
    page: int
    size: int

    @classmethod
    def read(cls, request: Request, resource: Resource) -> "Query":
        arguments = request.arguments()
        others = {*PAGING, *_list_parameters(resource)}
        filters = {name: _find_filter(resource, name) for name in arguments if name not in others}
        size = _parse_bounded("per_page", arguments.get("per_page", str(PER_PAGE)), resource.page_limit)
        return cls(arguments, filters, _parse_bounded("page", arguments.get("page", "1"), resource.last_page), size)

    def read_condition(self, request: Request, resource: Resource) -> Condition:
        texts = {name: self.arguments[name] for name in self.filters}
        read, problems = read_each(texts, lambda name, text: self.filters[name](request, text))
        if problems:
            raise invalid_param(f"{problems[0].field}: {problems[0].details}")
        conditions = list(read.values())
        if resource.inclusive and not self._is_joined_by_and():
            return Condition.some(conditions) if conditions else Condition.every([])
        return Condition.every(conditions)

    def read_order(self, resource: Resource) -> list[tuple[str, bool]]:
        asked = self.arguments.get("sort_by")
        if asked is None:
            return list(resource.order)
        keys = asked.split(",") if resource.many_keys else [asked]
        return [_parse_sort_key(resource, key.strip()) for key in keys]

    def write_links(self, request: Request, *, more: bool) -> dict[str, str]:
        """Where the other pages are; a page that does not exist has no link."""
        links = {"self": self._write_link(request, self.page)}
        if more or self.page > 1:
            links["first_page"] = self._write_link(request, 1)
        if self.page > 1:
            links["prev_page"] = self._write_link(request, self.page - 1)
        if more:
            links["next_page"] = self._write_link(request, self.page + 1)
        return links

    def _write_link(self, request: Request, page: int) -> str:
        query = urlencode({**self.arguments, "page": page, "per_page": self.size})
        return f"{request.base_url}{request.path}?{query}"

    def _is_joined_by_and(self) -> bool:
        text = self.arguments.get("inclusive", "true")
        if text not in ("true", "false"):
            raise invalid_param(f"inclusive must be true or false, given: {text}")
        return text == "true"


def _list_parameters(resource: Resource) -> list[str]:
    """What a list takes besides paging and filters."""
    there = {
        "sort_by": bool(resource.sorting),
        "includes": resource.includes is not None,
        "inclusive": resource.inclusive,
    }
    return [name for name, taken in there.items() if taken]


def _find_filter(resource: Resource, name: str) -> Filter:
    custom = CUSTOM_FILTER.fullmatch(name)
    if custom and "custom_fields" in resource.fields:
        return lambda request, text: build_filter(resource.type, custom[1], text)
    if name in resource.special:
        return resource.special[name]
    if name == "ids" and "id" in resource.fields:
        return match_some("id", resource.fields["id"].kind)
    if name in resource.filters:
        return match_one(name, resource.fields[name].kind)
    raise invalid_param(f"unknown parameter: {name}")


def _parse_bounded(name: str, text: str, most: int | None) -> int:
    if not DIGITS.fullmatch(text) or int(text) < 1:
        raise invalid_param(f"{name} must be an integer greater than or equal to 1, given: {text}")
    if most is not None and int(text) > most:
        raise invalid_param(f"{name} must be less than or equal to {most}, given: {text}")
    return int(text)


def _parse_sort_key(resource: Resource, text: str) -> tuple[str, bool]:
    custom = CUSTOM_SORT.fullmatch(text) if "custom_fields" in resource.fields else None
    if custom and is_sortable(resource.type, custom[1]):
        return f"custom_fields.{custom[1]}", custom[2] == "desc"
    plain = PLAIN_SORT.fullmatch(text)
    if plain and plain[1] in (*resource.sorting, *resource.worked_out):
        return resource.worked_out.get(plain[1], plain[1]), plain[2] == "desc"
    raise _sort_key_error(resource, text)


def _sort_key_error(resource: Resource, text: str) -> Refused:
    return invalid_param(
        f"cannot sort by {text}; sort_by takes: {', '.join((*resource.sorting, *resource.worked_out))}"
    )
