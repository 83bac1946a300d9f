"""The relationships of records: to one other record, to several that are named, or to several behind an address.

A record keeps who it belongs to, as ``{"type", "id"}``; whom it has is worked out from what those keep.  ``by`` names
what of a related record lists can be filtered by: its id unless said otherwise, ``ANY`` for what its own list knows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sales_connectors.imitation import ANY as ALL
from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation import field as path_to
from sales_connectors.imitation.kit import Field

ID = ("id",)
ANY = ("*",)
NONE: tuple[str, ...] = ()
NOTHING = Condition("0")

Find = Callable[[Request, Document], Condition]  # (request, the record) -> which records it has
Match = Callable[[Condition], Condition]  # what holds for the related records -> what holds for this one


@dataclass(frozen=True, kw_only=True)
class Relation(Field):
    """A relationship of a record."""

    types: tuple[str, ...]
    by: tuple[str, ...] = ID
    read_only: bool = False
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class One(Relation):
    """To one record: kept, unless ``through`` names two relationships that lead there, or ``repeats`` one."""

    through: tuple[str, str] | None = None
    repeats: str | None = None


@dataclass(frozen=True, kw_only=True)
class Many(Relation):
    """To several records: those that keep this one under ``via``; without that, or a way of its own, there are none.

    With an ``anchor`` they are not those of the record itself, but of whom it belongs to by that relationship.
    """

    read_only: bool = True  # inferred: that none can be written where the vendor does not say so
    plural: str
    via: str | None = None
    where: Condition = ALL
    anchor: str | None = None
    find: Find | None = None
    match: Match | None = None
    is_named: bool = True  # the records are named; otherwise there is the address of their list, and no more

    def locate(self, request: Request, record: Document) -> Condition:
        """Which records a record has."""
        if self.find:
            return self.find(request, record)
        if self.via is None:
            return NOTHING
        return Condition.every([Condition.equal(f"{self.via}.id", self.find_anchor(record) or 0), self.where])

    def find_anchor(self, record: Document) -> int | None:
        return id_of(record[self.anchor]) if self.anchor else record["id"]

    def reverse(self, theirs: Condition) -> Condition:
        """Records that have one for which this holds."""
        if self.match:
            return self.match(theirs)
        if self.via is None or self.plural not in PLURALS.values():
            return NOTHING
        path = f"{self.anchor}.id" if self.anchor else "id"
        return select_within(path, self.plural, f"{self.via}.id", Condition.every([theirs, self.where]))


def one(*types: str, **more: Any) -> One:
    return One(types=types, **more)


def server_sets(*types: str, **more: Any) -> One:
    """A relationship that no client can write."""
    return One(types=types, read_only=True, **more)


def through(first: str, second: str, type: str, **more: Any) -> One:
    """Whoever a related record belongs to."""
    return One(types=(type,), read_only=True, through=(first, second), **more)


def many(type: str, via: str | None = None, where: Condition = ALL, **more: Any) -> Many:
    """The records that keep this one under ``via``."""
    return Many(types=(type,), plural=pluralize(type), via=via, where=where, **more)


def linked(plural: str, via: str, **more: Any) -> Many:
    """The address of those who keep this one under ``via``."""
    types = [type for type, known in PLURALS.items() if known == plural] or [plural]
    return Many(types=tuple(types), plural=plural, via=via, is_named=False, **{"by": NONE, **more})


def pluralize(type: str) -> str:
    """The collection of a type, whether it is served here or not."""
    if type in PLURALS:
        return PLURALS[type]
    return f"{type[:-1]}ies" if type.endswith("y") else f"{type}{'es' if type.endswith('s') else 's'}"


def select_within(path: str, plural: str, theirs: str, where: Condition) -> Condition:
    """What stands at the path also stands at that path of some record of another kind."""
    found = f'select {path_to(theirs)} from "{plural}" where {where.sql}'
    return Condition(f"{path_to(path)} in ({found})", where.values)


PLURALS = {
    "account": "accounts",
    "auditLog": "auditLogs",
    "audit": "audits",
    "call": "calls",
    "callDisposition": "callDispositions",
    "callPurpose": "callPurposes",
    "complianceRequest": "complianceRequests",
    "event": "events",
    "mailAlias": "mailAliases",
    "mailbox": "mailboxes",
    "mailing": "mailings",
    "opportunity": "opportunities",
    "opportunityProspectRole": "opportunityProspectRoles",
    "opportunityStage": "opportunityStages",
    "persona": "personas",
    "phoneNumber": "phoneNumbers",
    "prospect": "prospects",
    "recipient": "recipients",
    "ruleset": "rulesets",
    "sequence": "sequences",
    "sequenceState": "sequenceStates",
    "sequenceStep": "sequenceSteps",
    "sequenceTemplate": "sequenceTemplates",
    "stage": "stages",
    "task": "tasks",
    "taskDisposition": "taskDispositions",
    "taskPriority": "taskPriorities",
    "taskPurpose": "taskPurposes",
    "team": "teams",
    "template": "templates",
    "user": "users",
}
"""The types that are served, and the collections that hold them."""


def refer(type: str, id: int | None) -> Document | None:
    """A record's name in a relationship."""
    return None if id is None else {"type": type, "id": id}


def id_of(reference: Document | None) -> int | None:
    return reference["id"] if reference else None
