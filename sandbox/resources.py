"""What a resource of this API is, beyond what every resource is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sales_connectors.imitation import Condition, Document, Expression, Request
from sales_connectors.imitation.kit import Change, Problem
from sales_connectors.imitation.kit import Resource as KitResource

from .attributes import Attribute

Filter = Callable[[Request, str], Condition]
Include = Callable[[Request, Document], Any]


@dataclass(frozen=True, kw_only=True)
class Resource(KitResource):
    """One kind of record: its attributes and how it is listed."""

    type: str  # as in meta.type
    fields: Mapping[str, Attribute]
    filters: tuple[str, ...] = ()  # attributes that a list can be filtered by
    special: Mapping[str, Filter] = field(default_factory=dict)  # filters that are more than equality
    sorting: tuple[str, ...] = ()
    worked_out: Mapping[str, Expression] = field(default_factory=dict)  # what else a list can be sorted by
    order: tuple[tuple[str, bool], ...] = (("id", False),)  # (attribute, descending), unless asked otherwise
    many_keys: bool = False  # sort_by takes a list
    page_limit: int = 100
    last_page: int | None = None
    has_links: bool = True
    includes: Mapping[str, Include] | None = None  # None: the parameter is unknown; empty: it does nothing
    inclusive: bool = False  # filters can be joined by "or"
    untold: tuple[str, ...] = ("updated_at",)  # attributes that events do not have
    reads: str = "read"  # the scope that reading needs
    pointers_under_data: bool = False

    root: ClassVar[str] = "/v2/"
    catalogue: ClassVar[dict[str, "Resource"]]

    def envelop(self, request: Request, record: Document) -> Document:
        """The record in its envelope."""
        return {"data": self.show(request, record), "meta": {"type": self.type, "version": record["version"]}}


COLLECTIONS_OF_KINDS = {"lead": "leads", "contact": "contacts", "deal": "deals", "sales_account": "contacts"}
"""What the API calls a record's kind in ``resource_type``, and where such records are."""


def check_attachment(change: Change) -> Iterable[Problem]:
    """The rule for records that hang on another one: it exists, and both halves of its name are there."""
    kind, id = change.record.get("resource_type"), change.record.get("resource_id")
    if (kind is None) != (id is None):
        missing = "resource_type" if kind is None else "resource_id"
        yield Problem(missing, "resource_type and resource_id go together", "missing")
        return
    moves = change.moves("resource_type") or change.moves("resource_id")
    if kind and moves and not _is_there(change.request, kind, id):
        yield Problem("resource_id", f"there is no {kind} {id}", "incorrect_value")


def _is_there(request: Request, kind: str, id: int | None) -> bool:
    """Whether there is such a record; a sales account is a contact that is an organization (inferred)."""
    found = request.collection(COLLECTIONS_OF_KINDS[kind]).get(id)
    return found is not None and (kind != "sales_account" or bool(found["is_organization"]))


HANGING = ("notes", "tasks", "collaborations")


def hang_on(resource_type: str, id: int) -> Condition:
    """The records that hang on this one."""
    return Condition.match(resource_type=resource_type, resource_id=id)
