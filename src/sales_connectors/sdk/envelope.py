"""What a service wraps around its records: said once, in the manifest, and asked by everything that needs it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidResponse
from ..lazy import cached_property
from ..unicode import can_be_kept

MAX_ID_CHARACTERS = 255
"""Characters of an id; a longer one fits into no index."""

Shape = str | list[str] | Mapping[str, Any]
"""``record``, the record itself; or an object of ``record``, ``one`` (a record in its envelope), a list of either, and
``object`` (anything)."""


@dataclass(frozen=True)
class Envelope:
    """How one record and a list of records come; where a manifest says nothing of it, without anything around them."""

    one: Shape = "record"
    many: Shape | None = None
    attributes: str | None = None
    """Where, inside a record, its fields lie; None for the record itself."""
    references: str | None = None
    """Where, inside a record, it names the records that it refers to; None where its fields do."""
    beside: Mapping[str, Shape] = field(default_factory=dict)
    """Members that may stand beside the records, where the query asks for them."""
    created: str = "created_at"
    """The field that says when a record was created."""

    def record(self, answer: Any, *fields: str) -> dict[str, Any]:
        """The record in an answer with one record; InvalidResponse where there is none, or one without these fields."""
        name = self._around_one
        found = (answer.get(name) if isinstance(answer, Mapping) else None) if name else answer
        return _check_record(found, fields, answer)

    def records(self, entries: Iterable[Any], *fields: str) -> Iterator[dict[str, Any]]:
        """The record in each entry of a list, with these fields; InvalidResponse where one is none."""
        for entry in entries:
            yield self.record(entry, *fields) if self._has_wrapped_entries else _check_record(entry, fields, entry)

    def unwrap(self, answer: Any) -> Any:
        """The record in an answer with one record, or in an entry of a list; a bare one as it is."""
        name = self._around_one
        return answer[name] if name and isinstance(answer, Mapping) and name in answer else answer

    def items(self, page: Any) -> list[Any]:
        """The entries of a page of a list; InvalidResponse where it has none."""
        name = self._around_many
        found = (page.get(name) if isinstance(page, Mapping) else None) if name else page
        if not isinstance(found, list):
            raise InvalidResponse(f"The service answered without {name or 'entries'} where a list belongs", vendor=page)
        return found

    def is_list(self, answer: Any) -> bool:
        """Whether an answer is a list of records."""
        found = answer.get(self._around_many) if isinstance(answer, Mapping) else answer
        return isinstance(found, list)

    def fields(self, answer: Any) -> Mapping[str, Any]:
        """The fields of the record in an answer or an entry; none where it is no record."""
        record = self.unwrap(answer)
        inside = record.get(self.attributes) if self.attributes and isinstance(record, Mapping) else record
        return inside if isinstance(inside, Mapping) else {}

    def record_id(self, answer: Any) -> str | None:
        """The id of the record in an answer, as text; None where it has none, or what can be none."""
        record = self.unwrap(answer)
        found = record.get("id") if isinstance(record, Mapping) else None
        return str(found) if _is_id(found) else None

    def created_at(self, answer: Any) -> Any:
        """When the record was created, as the service says it; None where it does not."""
        return self.fields(answer).get(self.created)

    @cached_property
    def members(self) -> frozenset[str]:
        """The names under which records stand."""
        return frozenset(filter(None, (self._around_one, self._around_many)))

    @cached_property
    def prefix(self) -> frozenset[str]:
        """The parts of a pointer into a record that are no field's."""
        return self.members | ({self.attributes} if self.attributes else frozenset())

    @cached_property
    def _around_one(self) -> str | None:
        return _member(self.one, lambda part: part == "record")

    @cached_property
    def _around_many(self) -> str | None:
        return _member(self.many, lambda part: isinstance(part, list))

    @cached_property
    def _has_wrapped_entries(self) -> bool:
        """Whether an entry of a list stands in the envelope of one record."""
        entries = self.many[self._around_many] if isinstance(self.many, Mapping) and self._around_many else self.many
        return entries == ["one"]


def _check_record(found: Any, fields: Iterable[str], answer: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise InvalidResponse("The service answered without a record where one belongs", vendor=answer)
    missing = [name for name in fields if found.get(name) is None]
    if missing:
        raise InvalidResponse(f"The service answered with a record without {' and '.join(missing)}", vendor=answer)
    if "id" in fields and not _is_id(found["id"]):
        raise InvalidResponse("The service answered with a record whose id can be none", vendor=answer)
    return found


def _is_id(found: Any) -> bool:
    """Whether a value can tell a record from others: a whole number, or a short text that every database takes."""
    if not isinstance(found, int | str) or isinstance(found, bool):
        return False
    return 0 < len(str(found)) <= MAX_ID_CHARACTERS and can_be_kept(str(found))


def _member(shape: Shape | None, holds: Any) -> str | None:
    """The member of an envelope that holds what is meant."""
    if not isinstance(shape, Mapping):
        return None
    return next((name for name, part in shape.items() if holds(part)), None)
