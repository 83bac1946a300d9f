"""Lists: what a query asks for, and the page that it gets."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sales_connectors.imitation import Condition, Document, Refused, Reply, Request

from .attributes import ADDRESS, NUMBER, Kind
from .custom_fields import filtered, sortable
from .errors import invalid_param
from .resources import Filter, Resource

CUSTOM_FILTER = re.compile(r"custom_fields\[(.+)\]")
CUSTOM_SORT = re.compile(r"custom_fields:(.+?)(?::(asc|desc))?")
PLAIN_SORT = re.compile(r"(\w+)(?::(asc|desc))?")
DIGITS = re.compile(r"[0-9]{1,12}")
PAGING = ("page", "per_page")
PER_PAGE = 25


def by(path: str, kind: Kind) -> Filter:
    """The filter for one exact value."""
    return lambda request, text: Condition.equal(path, kind.query(text))


def by_some(path: str, kind: Kind) -> Filter:
    """The filter for any of several values, with commas between them."""
    return lambda request, text: Condition.among(path, [kind.query(part.strip()) for part in text.split(",")])


def address_filters(*names: str) -> dict[str, Filter]:
    """``address[city]=…``; the whole address is matched by any of its lines (inferred)."""
    parts = {f"{name}[{part}]": _equal_to(f"{name}.{part}") for name in names for part in ADDRESS}
    return parts | {name: _any_line(name) for name in names if name != "address"}


def _equal_to(path: str) -> Filter:
    return lambda request, text: Condition.equal(path, text)


def _any_line(name: str) -> Filter:
    return lambda request, text: Condition.some(Condition.equal(f"{name}.{part}", text) for part in ADDRESS)


def full_text(path: str) -> Filter:
    """``q``: every word occurs in the text."""
    return lambda request, text: Condition.every(Condition.contains(path, word) for word in text.split())


def listed(request: Request, resource: Resource, within: Condition | None = None) -> Reply:
    """The page of a list that a request asks for."""
    asked = Asked.of(request, resource)
    where = Condition.every([*([within] if within else []), asked.condition(request, resource)])
    found = resource.kept(request.store).find(
        where, order=asked.order(resource), limit=asked.size + 1, offset=(asked.page - 1) * asked.size
    )
    items = [wrapped(request, resource, record) for record in found[: asked.size]]
    links = asked.links(request, more=len(found) > asked.size) if resource.has_links else {}
    return collection(items, links)


def collection(items: list[Document], links: Mapping[str, str]) -> Reply:
    return Reply(200, {"items": items, "meta": {"type": "collection", "count": len(items), "links": dict(links)}})


def wrapped(request: Request, resource: Resource, record: Document) -> Document:
    """A record in its envelope, with what the request wants included."""
    envelope = resource.wrapped(request, record)
    for name in _included(request, resource):
        envelope["data"][name] = (resource.includes or {})[name](request, record)
    return envelope


def check_known(request: Request, names: Iterable[str]) -> None:
    """Refuse parameters that are not among these."""
    unknown = sorted({name for name, _ in request.query} - set(names))
    if unknown:
        raise invalid_param(f"unknown parameter: {', '.join(unknown)}")


def record_id(request: Request, name: str = "id") -> int:
    """The id in a path."""
    text = request.params[name]
    try:
        return NUMBER.query(text)  # type: ignore[no-any-return]
    except ValueError as problem:
        raise invalid_param(f"{name} {problem}, given: {text}") from None


def matching(request: Request, resource: Resource) -> Condition:
    """The filters of an upsert: those of the list, at least one."""
    asked = Asked.of(request, resource)
    if not asked.filters or any(name in asked.arguments for name in ("page", "per_page", "sort_by")):
        raise invalid_param("an upsert takes filters, at least one, and nothing else")
    return asked.condition(request, resource)


def _included(request: Request, resource: Resource) -> list[str]:
    if not resource.includes:
        return []
    names = [name for name in request.arguments().get("includes", "").split(",") if name]
    strange = [name for name in names if name not in resource.includes]
    if strange:
        raise invalid_param(f"cannot include {', '.join(strange)}; includes takes: {', '.join(resource.includes)}")
    return names


@dataclass(frozen=True)
class Asked:
    """What the query of a list asks for."""

    arguments: Mapping[str, str]
    filters: Mapping[str, Callable[[Request], Condition]]
    page: int
    size: int

    @classmethod
    def of(cls, request: Request, resource: Resource) -> "Asked":
        arguments = request.arguments()
        others = {*PAGING, *_more_parameters(resource)}
        filters = {name: _filter(resource, name, text) for name, text in arguments.items() if name not in others}
        size = _bounded("per_page", arguments.get("per_page", str(PER_PAGE)), resource.page_limit)
        return cls(arguments, filters, _bounded("page", arguments.get("page", "1"), resource.last_page), size)

    def condition(self, request: Request, resource: Resource) -> Condition:
        conditions = [_checked(name, build, request) for name, build in self.filters.items()]
        if resource.inclusive and not self._joined_by_and():
            return Condition.some(conditions) if conditions else Condition.every([])
        return Condition.every(conditions)

    def order(self, resource: Resource) -> list[tuple[str, bool]]:
        asked = self.arguments.get("sort_by")
        if asked is None:
            return list(resource.order)
        keys = asked.split(",") if resource.many_keys else [asked]
        return [_sort_key(resource, key.strip()) for key in keys]

    def links(self, request: Request, *, more: bool) -> dict[str, str]:
        """Where the other pages are; a page that does not exist has no link."""
        links = {"self": self._link(request, self.page)}
        if more or self.page > 1:
            links["first_page"] = self._link(request, 1)
        if self.page > 1:
            links["prev_page"] = self._link(request, self.page - 1)
        if more:
            links["next_page"] = self._link(request, self.page + 1)
        return links

    def _link(self, request: Request, page: int) -> str:
        query = urlencode({**self.arguments, "page": page, "per_page": self.size})
        return f"{request.base_url}{request.path}?{query}"

    def _joined_by_and(self) -> bool:
        text = self.arguments.get("inclusive", "true")
        if text not in ("true", "false"):
            raise invalid_param(f"inclusive must be true or false, given: {text}")
        return text == "true"


def _more_parameters(resource: Resource) -> list[str]:
    """What a list takes besides paging and filters."""
    there = {
        "sort_by": bool(resource.sorting),
        "includes": resource.includes is not None,
        "inclusive": resource.inclusive,
    }
    return [name for name, taken in there.items() if taken]


def _filter(resource: Resource, name: str, text: str) -> Callable[[Request], Condition]:
    custom = CUSTOM_FILTER.fullmatch(name)
    if custom and "custom_fields" in resource.attributes:
        return lambda request: filtered(resource.type, custom[1], text)
    if name in resource.special:
        return lambda request: resource.special[name](request, text)
    if name == "ids" and "id" in resource.attributes:
        return lambda request: by_some("id", resource.attributes["id"].kind)(request, text)
    if name in resource.filters:
        return lambda request: by(name, resource.attributes[name].kind)(request, text)
    raise invalid_param(f"unknown parameter: {name}")


def _checked(name: str, build: Callable[[Request], Condition], request: Request) -> Condition:
    try:
        return build(request)
    except ValueError as problem:
        raise invalid_param(f"{name}: {problem}") from None


def _bounded(name: str, text: str, most: int | None) -> int:
    if not DIGITS.fullmatch(text) or int(text) < 1:
        raise invalid_param(f"{name} must be an integer greater than or equal to 1, given: {text}")
    if most is not None and int(text) > most:
        raise invalid_param(f"{name} must be less than or equal to {most}, given: {text}")
    return int(text)


def _sort_key(resource: Resource, text: str) -> tuple[str, bool]:
    custom = CUSTOM_SORT.fullmatch(text) if "custom_fields" in resource.attributes else None
    if custom and sortable(resource.type, custom[1]):
        return f"custom_fields.{custom[1]}", custom[2] == "desc"
    plain = PLAIN_SORT.fullmatch(text)
    if plain and plain[1] in resource.sorting:
        return plain[1], plain[2] == "desc"
    raise _no_sort_key(resource, text)


def _no_sort_key(resource: Resource, text: str) -> Refused:
    return invalid_param(f"cannot sort by {text}; sort_by takes: {', '.join(resource.sorting)}")
