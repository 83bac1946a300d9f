"""What a query asks for: which records, in which order, which of their members, and what goes with them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sales_connectors.imitation import Request
from sales_connectors.imitation.kit import Wrong

from .attributes import query_boolean
from .documents import Includes, View
from .errors import UNKNOWN_FIELD, refused
from .relationships import Many
from .resources import Resource, find_resource

NAME = re.compile(r"(?P<name>[A-Za-z]+)(?P<keys>(?:\[[^\[\]]*\])*)")
KEYED = ("filter", "fields", "page", "actionParams")

ONE_RECORD = ("fields", "include", "provideAuthorizationMeta", "provideDataConnections", "actionParams")
WRITTEN = ("fields", "provideAuthorizationMeta", "provideDataConnections")  # include was dropped in 2023
KNOWN: Mapping[str, tuple[str, ...]] = {
    "list": (*ONE_RECORD, "filter", "sort", "page", "count", "newFilterSyntax"),
    "retrieve": ONE_RECORD,
    "create": WRITTEN,
    "update": WRITTEN,
    "delete": (),
    "action": ("actionParams",),
}
"""The parameters of each operation; others are refused (inferred)."""

Filters = list[tuple[tuple[str, ...], str]]
"""The keys of each filter, and its value."""


@dataclass(frozen=True)
class Query:
    """The parameters of a request, taken apart."""

    plain: dict[str, str] = field(default_factory=dict)
    filters: Filters = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    page: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)  # actionParams

    @classmethod
    def read(cls, request: Request, operation: str) -> "Query":
        query = cls()
        keyed = {"fields": query.fields, "page": query.page, "actionParams": query.parameters}
        for written, value in request.query:
            name, keys = _split(written)
            if name not in KNOWN[operation] or bool(keys) != (name in KEYED):
                raise refused(400, f"The parameter '{written}' is not known here.")  # inferred
            if name == "filter":
                query.filters.append((keys, value))
            elif len(keys) == 1:
                keyed[name][keys[0]] = value
            elif keys:
                raise refused(400, f"The parameter '{written}' is not known here.")
            else:
                query.plain[name] = value
        return query

    def flag(self, name: str) -> bool:
        """Whether something was switched on."""
        return read_parameter(name, self.plain[name]) if name in self.plain else False

    def view(self, request: Request, resource: Resource) -> View:
        """How the request wants its records shown."""
        unnamed = self.parameters.get("withUnnamedAccount")
        if set(self.parameters) - ({"withUnnamedAccount"} if resource.type == "prospect" else set()):
            raise refused(400, f"There are no such actionParams here: {', '.join(self.parameters)}.")
        return View(
            request,
            fields={type: read_fields(type, names) for type, names in self.fields.items()},
            includes=read_includes(resource, self.plain.get("include", "")),
            with_rights=self.flag("provideAuthorizationMeta"),
            with_connections=self.flag("provideDataConnections"),
            hides_unnamed_accounts=unnamed is not None and not read_parameter("withUnnamedAccount", unnamed),
        )


def _split(written: str) -> tuple[str, tuple[str, ...]]:
    match = NAME.fullmatch(written)
    if match is None:
        raise refused(400, f"The parameter '{written}' is not known here.")
    return match["name"], tuple(re.findall(r"\[([^\[\]]*)\]", match["keys"]))


def read_parameter(name: str, value: str) -> bool:
    try:
        return query_boolean(value)
    except Wrong as wrong:
        raise refused(400, f"The parameter '{name}' {wrong.details}.") from None


def read_fields(type: str, names: str) -> frozenset[str]:
    """The members of a type that are to be shown."""
    resource = find_resource(type)
    if resource is None:
        raise refused(400, f"There is no type '{type}'.", UNKNOWN_FIELD)  # inferred: refused like its fields
    chosen = frozenset(filter(None, names.split(",")))
    unknown = sorted(name for name in chosen if name not in resource.fields or resource.fields[name].hidden)
    if unknown:
        raise refused(400, f"'{unknown[0]}' is not a field of '{type}'.", UNKNOWN_FIELD)
    return chosen


def read_includes(resource: Resource, paths: str) -> Includes:
    """The relationships to follow; what has only an address cannot be included (inferred)."""
    tree: dict[str, Any] = {}
    for path in filter(None, paths.split(",")):
        reached, branch = [resource], tree
        for name in path.split("."):
            reached = list(_step(reached, name, path))
            branch = branch.setdefault(name, {})
    return tree


def _step(reached: Iterable[Resource], name: str, path: str) -> Iterator[Resource]:
    """Where a relationship leads to from these types, one of which has to have it."""
    relations = [resource.relationships[name] for resource in reached if name in resource.relationships]
    if not relations or any(isinstance(known, Many) and not known.is_named for known in relations):
        raise refused(400, f"'{path}' is no relationship that can be included.")
    types = [type for relation in relations for type in relation.types]
    return (resource for resource in map(find_resource, types) if resource)


def read_order(resource: Resource, written: str) -> list[tuple[str, bool]]:
    """The order of a list; that of the ids where none was asked for."""
    order = []
    for name in filter(None, written.split(",")):
        by, down = name.removeprefix("-"), name.startswith("-")
        known = resource.attributes.get(by)
        if by != "id" and not (known and known.sortable):
            raise refused(400, f"'{resource.type}' cannot be sorted by '{by}'.")  # inferred: refused, not ignored
        order.append((by, down))
    return order or [("id", False)]
