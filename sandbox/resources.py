"""What a resource of the API is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sales_connectors.imitation import Collection, Condition, Document, Request, Store

from .attributes import Attribute
from .errors import Problem

Filter = Callable[[Request, str], Condition]
Include = Callable[[Request, Document], Any]


@dataclass
class Change:
    """A record on its way into the store."""

    request: Request
    record: Document
    before: Document | None = None  # None for a new record
    given: Mapping[str, Any] = field(default_factory=dict)  # what the payload said

    @property
    def is_new(self) -> bool:
        return self.before is None

    def moves(self, name: str) -> bool:
        """Whether an attribute of an existing record gets another value."""
        return self.before is not None and self.before.get(name) != self.record.get(name)


def _no_rule(change: Change) -> Iterable[Problem]:
    return ()


def _nothing(change: Change) -> None:
    """Nothing follows from a change."""


def _no_cascade(request: Request, record: Document) -> None:
    """Nothing goes with a record."""


@dataclass(frozen=True)
class Resource:
    """One kind of record: its attributes, how it is listed, and the rules that go beyond single attributes."""

    name: str  # as in the path; the collection's name too
    type: str  # as in meta.type
    attributes: Mapping[str, Attribute]
    first_id: int
    filters: tuple[str, ...] = ()  # attributes that a list can be filtered by
    special: Mapping[str, Filter] = field(default_factory=dict)  # filters that are more than equality
    sorting: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = (("id", False),)  # (attribute, descending), unless asked otherwise
    many_keys: bool = False  # sort_by takes a list
    page_limit: int = 100
    last_page: int | None = None
    has_links: bool = True
    includes: Mapping[str, Include] | None = None  # None: the parameter is unknown; empty: it does nothing
    inclusive: bool = False  # filters can be joined by "or"
    derived: Mapping[str, Include] = field(default_factory=dict)  # attributes that depend on who asks, and when
    untold: tuple[str, ...] = ("updated_at",)  # attributes that events do not have
    reads: str = "read"  # the scope that reading needs
    unique: tuple[str, ...] = ()  # attributes that no two records share all of
    pointers_under_data: bool = False
    rules: Callable[[Change], Iterable[Problem]] = _no_rule
    settle: Callable[[Change], None] = _nothing  # what the server sets
    follow: Callable[[Change], None] = _nothing  # what else changes once the record is stored
    cascade: Callable[[Request, Document], None] = _no_cascade  # what goes with a deleted record

    def kept(self, store: Store) -> Collection:
        """The records."""
        return store.collection(self.name, self.first_id)

    def shown(self, request: Request, record: Document) -> Document:
        """The record as the API shows it to whoever asks."""
        return {
            name: self.derived[name](request, record) if name in self.derived else attribute.kind.show(record.get(name))
            for name, attribute in self.attributes.items()
            if not attribute.hidden and not attribute.write_only
        }

    def wrapped(self, request: Request, record: Document) -> Document:
        """The record in its envelope."""
        return {"data": self.shown(request, record), "meta": {"type": self.type, "version": record.get("version", 1)}}


CATALOGUE: dict[str, Resource] = {}


def known(resource: Resource) -> Resource:
    """Enter a resource into the catalogue, where others find it by name."""
    CATALOGUE[resource.name] = resource
    return resource


# What the API calls a record's kind in ``resource_type``, and where such records are.
# A sales account is a contact that is an organization (inferred).
HOMES = {"lead": "leads", "contact": "contacts", "deal": "deals", "sales_account": "contacts"}


def exists(store: Store, resource_type: str | None, id: int | None) -> bool:
    """Whether there is a record of that kind with that id."""
    home = CATALOGUE.get(HOMES.get(resource_type or "", ""))
    return home is not None and id is not None and home.kept(store).get(id) is not None


def attached(change: Change) -> Iterable[Problem]:
    """The rule for records that hang on another one: it exists, and both halves of its name are there."""
    kind, id = change.record.get("resource_type"), change.record.get("resource_id")
    if (kind is None) != (id is None):
        missing = "resource_type" if kind is None else "resource_id"
        return [Problem(f"/{missing}", "missing", "resource_type and resource_id go together")]
    named = change.is_new or change.moves("resource_type") or change.moves("resource_id")
    if kind is not None and named and not exists(change.request.store, kind, id):
        return [Problem("/resource_id", "incorrect_value", f"there is no {kind} {id}")]
    return []
