"""What a resource of the API is, and where each of them is found."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sales_connectors.imitation import Collection, Condition, Document, Request, Store

from .errors import Problem
from .values import Read, written

CREATE, UPDATE = "create", "update"
BOTH = (CREATE, UPDATE)
NEVER: tuple[str, ...] = ()

BY_TIME = {"updated_at": "updated_at", "created_at": "created_at"}
"""What nearly every list can be sorted by: the key, and the expression for it."""

Show = Callable[[Request, Document], Any]
Filter = Callable[[Request, Any], Condition]


@dataclass(frozen=True)
class Field:
    """A field of a record.

    One that links to another resource is shown as ``owner``, and is stored and written as ``owner_id``.
    """

    read: Read | None = None  # None: nobody but the server sets it
    on: tuple[str, ...] = NEVER  # when it can be written
    required: tuple[str, ...] = NEVER
    default: Any = None
    links: str | None = None
    hidden: bool = False


def writable(read: Read, on: tuple[str, ...] = BOTH, **more: Any) -> Field:
    return Field(read, on, **more)


def link(resource: str, on: tuple[str, ...] = NEVER, **more: Any) -> Field:
    return Field(None, on, links=resource, **more)


def times() -> dict[str, Field]:
    return {"created_at": Field(), "updated_at": Field()}


@dataclass
class Change:
    """A record on its way into the store."""

    request: Request
    record: Document
    before: Document | None = None  # None for a new record
    given: Mapping[str, Any] = field(default_factory=dict)  # what was written, as it is stored

    @property
    def is_new(self) -> bool:
        return self.before is None

    def moves(self, name: str) -> bool:
        """Whether a field gets another value than it had, which for a new record was none."""
        return (self.before or {}).get(name) != self.record.get(name)


def _no_rule(change: Change) -> Iterable[Problem]:
    return ()


def _nothing(change: Change) -> None:
    """Nothing follows from a change."""


def _no_cascade(request: Request, record: Document) -> None:
    """Nothing goes with a record."""


def _everything(request: Request) -> Condition:
    return Condition("1")


@dataclass(frozen=True)
class Resource:
    """One kind of record: its fields, how it is listed, and the rules that go beyond single fields."""

    name: str  # the collection's name
    fields: Mapping[str, Field]
    first_id: int
    path: str = ""  # "/v2/" and the name, unless it is another
    scope: str | None = None  # what comes before ":read" and so on; None: any token will do (inferred throughout)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)  # filters that hold unless they are given otherwise
    sorting: Mapping[str, str] = field(
        default_factory=lambda: dict(BY_TIME)
    )  # what to sort by, and the expression for it
    ascending: bool = False
    paged: bool = True
    whole: bool = False  # all records come at once unless a page is asked for
    derived: Mapping[str, Show] = field(default_factory=dict)  # fields that are worked out when they are shown
    visible: Callable[[Request], Condition] = _everything
    repeatable: bool = False  # deleting a deleted record is no error
    rules: Callable[[Change], Iterable[Problem]] = _no_rule
    settle: Callable[[Change], None] = _nothing  # what the server sets
    follow: Callable[[Change], None] = _nothing  # what else changes once the record is stored
    cascade: Callable[[Request, Document], None] = _no_cascade  # what goes with a deleted record

    @property
    def route(self) -> str:
        return self.path or f"/v2/{self.name}"

    def kept(self, store: Store) -> Collection:
        """The records."""
        return store.collection(self.name, self.first_id)

    def shown(self, request: Request, record: Document) -> Document:
        """The record as the API shows it to whoever asks."""
        return {
            name: self.derived[name](request, record) if name in self.derived else _shown(request, record, name, known)
            for name, known in self.fields.items()
            if not known.hidden
        }


def stored(name: str, known: Field) -> str:
    """The name under which a field is written and kept."""
    return f"{name}_id" if known.links else name


def _shown(request: Request, record: Document, name: str, known: Field) -> Any:
    value = record.get(stored(name, known))
    return linked(request, known.links, value) if known.links else value


def linked(request: Request, name: str, id: Any) -> Document | None:
    """A related record, with its address if the API serves it."""
    if id is None:
        return None
    known = CATALOGUE.get(name)
    return {"id": id, "_href": f"{request.base_url}{known.route}/{id}"} if known else {"id": id}


def now(request: Request) -> str:
    return written(request.clock.today())


CATALOGUE: dict[str, Resource] = {}


def known(resource: Resource) -> Resource:
    """Enter a resource into the catalogue, where others find it by name."""
    CATALOGUE[resource.name] = resource
    return resource


def kept(request: Request, name: str) -> Collection:
    """The records of a resource."""
    return CATALOGUE[name].kept(request.store)


def one(request: Request, name: str, id: int | None) -> Document | None:
    """The record with this id, if there is one."""
    return None if id is None else kept(request, name).get(id)
