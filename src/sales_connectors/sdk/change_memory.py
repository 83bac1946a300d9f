"""What a poll knows of the one before: up to when changes are told, and how the records looked that changed last.

Every time is the service's own.  A change is told again from a little before the newest one on, since services stamp a
write before everybody can see it; a mark of each record that was told tells what is new among them.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from typing import Any, Self

from ..errors import InvalidInput, InvalidResponse
from .envelope import Envelope

Record = dict[str, Any]
Records = dict[Any, Record]
"""Records by their id, each as it was seen last."""

SETTLING_TIME = timedelta(seconds=10)
"""A change may show up this much after a later one: a service stamps a write before it is done with it (inferred)."""
MARGIN = timedelta(days=1)
"""More than is ever added to a time, or taken from it."""
MAX_MARKS = 10_000
"""Records that a state remembers.  Of more in the last seconds, as a bulk change makes them, the older ones are told
again: a state has a bound, and a change is never lost."""


@dataclass(frozen=True)
class Stamps:
    """How the records of a list say when they were made and changed."""

    envelope: Envelope
    changed: str = "updated_at"
    """The field that says when a record changed; that of its creation is the envelope's."""
    computed: Collection[str] = ()
    """Fields that change although nobody writes to the record."""

    def check(self, record: Record) -> None:
        """InvalidResponse where a time that a poll goes by is none."""
        fields = self.envelope.fields(record)
        try:
            for name in (self.envelope.created, self.changed):
                time = parse_time(fields[name])
                _ = time - MARGIN, time + MARGIN  # nothing is reckoned from the ends of the calendar
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as broken:
            raise InvalidResponse(
                "The service answered with a record whose times cannot be read", vendor=record
            ) from broken

    def write(self, record: Record) -> str:
        """When the record changed, as the service writes it."""
        text: str = self.envelope.fields(record)[self.changed]
        return text

    def changed_at(self, record: Record) -> datetime:
        return parse_time(self.write(record))

    def created_at(self, record: Record) -> datetime:
        return parse_time(self.envelope.created_at(record))

    def mark(self, record: Record) -> str:
        """When the record changed, and a fingerprint of its content."""
        fields = self.envelope.fields(record)
        content: Any = {name: value for name, value in fields.items() if name not in self.computed}
        if fields is not record:
            content = [{name: part for name, part in record.items() if part is not fields}, content]
        fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
        return f"{fields[self.changed]} {fingerprint}"

    def sort(self, records: Iterable[Record]) -> list[Record]:
        """Oldest change first."""
        return sorted(records, key=lambda each: (self.changed_at(each), len(str(each["id"])), str(each["id"])))


@dataclass(frozen=True)
class ChangeMemory:
    """The part of a state that is about a list whose records say when they changed."""

    resource: str
    until: str | None = None
    """The newest change that is known, as the service writes it."""
    seen: Mapping[str, str] = field(default_factory=dict)
    """The marks of the records that changed last, by their ids."""

    @classmethod
    def parse(cls, given: Any, resource: str) -> Self | None:
        """What the last poll of this resource returned; None at the first."""
        if given is None:
            return None
        if not isinstance(given, Mapping) or not isinstance(given.get("resource"), str):
            raise invalid_state_error("is not what a poll returned as its state")
        if given["resource"] != resource:
            theirs = given["resource"]
            raise invalid_state_error(f"is that of {theirs:.100}, not of {resource}: keep a state for each resource")
        try:
            memory = cls(resource, given["until"], given["seen"])
            _ = memory.horizon
            for mark in memory.seen.values():
                _read_mark(mark)  # raises where it is none
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            raise invalid_state_error("is not what a poll returned as its state") from None
        return memory

    def as_json(self) -> dict[str, Any]:
        return {"resource": self.resource, "until": self.until, "seen": dict(self.seen)}

    @property
    def horizon(self) -> datetime | None:
        """Changes before this one are surely all known."""
        return find_horizon(self.until)

    def advance(self, stamps: Stamps, read: Records, until: str | None) -> "ChangeMemory":
        """What is known once these records are told, up to whenever the list was read."""
        newest = max(filter(None, [until, self.until]), key=parse_time, default=None)
        seen = {**self.seen, **{str(record["id"]): stamps.mark(record) for record in read.values()}}
        horizon = find_horizon(newest)
        kept = {key: mark for key, mark in seen.items() if not is_behind(_read_mark(mark), horizon)}
        if len(kept) > MAX_MARKS:
            kept = dict(nlargest(MAX_MARKS, kept.items(), key=lambda each: _read_mark(each[1])))
        return ChangeMemory(self.resource, newest, kept)

    def select_unseen(self, stamps: Stamps, read: Records) -> list[Record]:
        """The records that are not as they are known, oldest change first."""
        return stamps.sort(
            record for record in read.values() if self.seen.get(str(record["id"])) != stamps.mark(record)
        )

    def is_new(self, stamps: Stamps, record: Record) -> bool:
        """Whether no poll before this one can have seen the record."""
        horizon = self.horizon
        return str(record["id"]) not in self.seen and (horizon is None or stamps.created_at(record) >= horizon)


def find_horizon(until: str | None) -> datetime | None:
    """Changes before this one are surely all known, where the newest that is known is from ``until``."""
    return parse_time(until) - SETTLING_TIME if until else None


def is_behind(at: datetime, horizon: datetime | None) -> bool:
    return horizon is not None and at < horizon


def parse_time(text: str) -> datetime:
    """A time as services write it; one without a zone is meant in UTC."""
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _read_mark(mark: str) -> datetime:
    return parse_time(mark.partition(" ")[0])


def invalid_state_error(message: str) -> InvalidInput:
    return InvalidInput(f"state {message}", code="invalid_state", fields=[{"path": "/state", "message": message}])
