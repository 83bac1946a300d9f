"""What a resource of this API is, beyond what every resource is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from sales_connectors.imitation import ANY, Condition, Document, Request
from sales_connectors.imitation.kit import Change
from sales_connectors.imitation.kit import Resource as KitResource

from .attributes import Attribute
from .relationships import PLURALS, One, Relation, refer

Parameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that can be done to a record: with which parameters, and how."""

    run: Callable[[Request, Document, Parameters], None]
    parameters: Mapping[str, Attribute | One] = field(default_factory=dict)


def sign(change: Change) -> None:
    """Note who writes a record; whoever makes one owns it, unless it is said who does (inferred)."""
    asker = refer("user", change.request.user_id) if change.request.user_id else None
    names = ("creator", "updater", "owner") if change.is_new else ("updater",)
    for name in names:
        if name in change.record and not (name == "owner" and change.record[name]):
            change.record[name] = asker


@dataclass(frozen=True, kw_only=True)
class Resource(KitResource):
    """One kind of record: its attributes and relationships, and what can be done to it."""

    type: str
    fields: Mapping[str, Attribute | Relation]
    name: str = ""
    first_id: int = 1
    listed: Condition = ANY  # the records that a list shows
    further: Mapping[str, str] = field(default_factory=dict)  # filters of no attribute: where they look
    searched: tuple[str, ...] = ()  # the attributes that ``filter[q]`` looks at
    actions: Mapping[str, Action] = field(default_factory=dict)
    admins_only: bool = False  # inferred: what sets an organization up is written by its administrators
    textual_ids: bool = False
    settle: Callable[[Change], None] = sign

    root: ClassVar[str] = "/api/v2/"
    catalogue: ClassVar[dict[str, "Resource"]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", PLURALS[self.type])
        super().__post_init__()

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        return {name: known for name, known in self.fields.items() if isinstance(known, Attribute)}

    @cached_property
    def relationships(self) -> dict[str, Relation]:
        return {name: known for name, known in self.fields.items() if isinstance(known, Relation)}


def find_resource(type: str) -> Resource | None:
    """The resource of a type, if the sandbox serves it."""
    return Resource.catalogue.get(PLURALS.get(type, ""))
