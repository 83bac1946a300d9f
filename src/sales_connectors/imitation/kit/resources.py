"""What a resource of an API is: its fields, and the rules that go beyond single fields."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..exchange import Request
from ..store import ANY, Condition, Document
from .problems import Problem

CREATE, UPDATE = "create", "update"
BOTH = (CREATE, UPDATE)
NEVER: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a record, as far as vendors agree about fields."""

    default: Any = None  # of a new record; a function of the request, or a value that each record gets a copy of
    links: str | None = None  # the resource whose id it holds
    hidden: bool = False  # kept, and not shown
    instruction: bool = False  # heard while the record is written; neither kept nor shown

    def key(self, name: str) -> str:
        """The name under which it is written and kept."""
        return name

    def initial(self, request: Request) -> Any:
        """Its value in a record that was made without saying one."""
        return self.default(request) if callable(self.default) else copy(self.default)

    def show(self, request: Request, value: Any) -> Any:
        """The value as records show it."""
        return value


@dataclass
class Change:
    """A record on its way into the store."""

    request: Request
    record: Document
    before: Document | None  # None for a new record
    given: Mapping[str, Any]  # what the client said, as it is kept

    @property
    def is_new(self) -> bool:
        return self.before is None

    def moves(self, name: str) -> bool:
        """Whether a field gets another value than it had, which for a new record was none."""
        return (self.before or {}).get(name) != self.record.get(name)


def _allow_all(change: Change) -> Iterable[Problem]:
    return ()


def _leave_alone(change: Change) -> None:
    """Nothing follows from a change."""


def _take_nothing(request: Request, record: Document) -> None:
    """Nothing goes with a record."""


def _see_all(request: Request) -> Condition:
    return ANY


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of record.  A vendor has a subclass of its own, in whose catalogue each of its resources stands."""

    name: str  # the collection's
    first_id: int
    fields: Mapping[str, Field]
    path: str = ""  # the root and the name, unless it is another
    derived: Mapping[str, Callable[[Request, Document], Any]] = field(default_factory=dict)  # worked out when shown
    unique: tuple[str, ...] = ()  # fields that no two records share all of
    visible: Callable[[Request], Condition] = _see_all  # the records that exist for whoever asks
    rules: Callable[[Change], Iterable[Problem]] = _allow_all
    settle: Callable[[Change], None] = _leave_alone  # what the server sets
    follow: Callable[[Change], None] = _leave_alone  # what else changes once the record is stored
    cascade: Callable[[Request, Document], None] = _take_nothing  # what goes with a deleted record

    root: ClassVar[str] = "/"
    catalogue: ClassVar[dict[str, Any]]

    def __init_subclass__(cls) -> None:
        cls.catalogue = {}

    def __post_init__(self) -> None:
        self.catalogue[self.name] = self

    @property
    def route(self) -> str:
        return self.path or self.root + self.name

    def show(self, request: Request, record: Document) -> Document:
        """The record as the API shows it to whoever asks."""
        return {
            name: self.derived[name](request, record)
            if name in self.derived
            else known.show(request, record.get(known.key(name)))
            for name, known in self.fields.items()
            if not (known.hidden or known.instruction)
        }
