"""What a service sent, as rows and columns: which entry is a record, and which fields tell most.

What a service wraps around its records says the component's envelope, and what a record has its schema.  JSON output
never passes through here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...errors import InvalidInput, suggest_name
from ...lazy import cached_property
from ...manifest import Component, Entry
from ...manifest.columns import Fields, has_column, is_reference, list_columns, list_fields, list_telling_columns
from ...manifest.output import get_record_type, resolve_polled
from ...sdk import Envelope
from ...unicode import strip_controls

MAX_CELL_WIDTH = 36
"""Columns of the terminal that a cell of a table takes; letters of some scripts take two."""
COLUMN_PADDING = 3
MIN_PROSE_WIDTH = 20
"""Columns of the terminal that the beginning of a longer text is worth."""
MAX_LEVELS = 10
"""Objects inside one another that are looked into; what is below stands there as JSON."""
NAME_KEYS = (
    "name",
    "display_name",
    "displayName",
    "first_name",
    "last_name",
    "firstName",
    "lastName",
    "label",
    "title",
)
NAME_PART_KEYS = NAME_KEYS[3:7]
"""What a whole name makes redundant."""
TEXT_KEYS = ("subject", "content", "email", "email_address", "organization_name")


def extract_rows(answer: Any, envelope: Envelope) -> list[Any] | None:
    """The entries of a list, in or out of its envelope; None where there is no list."""
    if isinstance(answer, list):
        return answer
    return envelope.items(answer) if envelope.is_list(answer) else None


@dataclass(frozen=True)
class RecordKind:
    """The records of one type; where nobody knows the type, whatever comes."""

    envelope: Envelope
    schema: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def returned(cls, component: Component, entry: Entry) -> "RecordKind":
        """What an action returns."""
        record = get_record_type(entry.returns)
        return cls(component.envelope, component.record(record) if record else {})

    @classmethod
    def polled(cls, component: Component, entry: Entry, inputs: Mapping[str, Any]) -> "RecordKind":
        """What a trigger reports for these inputs."""
        polled = resolve_polled(entry)
        record = polled.records.get(inputs.get(polled.by) if polled.by else None)
        return cls(component.envelope, component.record(record) if record else {})

    @classmethod
    def named(cls, *names: str) -> "RecordKind":
        """Records with these fields and nothing around them."""
        return cls(Envelope(), {"properties": {name: {} for name in names}, "x-columns": list(names)})

    @cached_property
    def fields(self) -> Fields:
        return list_fields(self.schema, self.envelope)

    @cached_property
    def columns(self) -> list[str]:
        """A column for each value that the schema knows of."""
        return list_columns(self.fields)

    @cached_property
    def telling_columns(self) -> list[str]:
        """Those that the component finds the most telling; none where it says nothing."""
        return list_telling_columns(self.schema)

    def extract(self, entry: Any) -> Any:
        """One record, out of its envelope; where its fields lie inside it, they come behind what identifies it."""
        record = entry if self.schema.get("x-bare") else self.envelope.unwrap(entry)
        inside = record.get(self.envelope.attributes) if isinstance(record, Mapping) else None
        if not isinstance(inside, Mapping):
            return record
        named = record.get(self.envelope.references)
        held = {name: self.envelope.unwrap(link) for name, link in named.items()} if isinstance(named, Mapping) else {}
        return {
            **{key: record[key] for key in ("id", "type") if key in record},
            **inside,
            **{name: link for name, link in held.items() if name not in inside and link is not named[name]},
        }

    def check_columns(self, columns: Iterable[str]) -> None:
        """InvalidInput where a record has no such field; of records of no known type anything may be asked."""
        for column in columns if self.fields else ():
            if not has_column(self.fields, column):
                raise InvalidInput(
                    f"--columns: a record has no field {column!r}.{suggest_name(column, self._names)}",
                    code="unknown_column",
                )

    @cached_property
    def _names(self) -> list[str]:
        return [*self.fields, *(name for name in self.columns if name not in self.fields)]


def find_value(record: Mapping[str, Any], column: str) -> Any:
    """What stands in a column; a dot leads into an object, unless it belongs to a name."""
    if column in record:
        return record[column]
    for end, sign in enumerate(column):
        if sign == "." and isinstance(inside := record.get(column[:end]), Mapping):
            return find_value(inside, column[end + 1 :])
    return None


def shorten_references(value: Any) -> Any:
    """The id in the place of another record that is referred to."""
    if isinstance(value, list):
        return [shorten_references(item) for item in value]
    return value["id"] if isinstance(value, Mapping) and is_reference(value) else value


def is_empty(value: Any) -> bool:
    return value in (None, "", [], {})


def choose_columns(kind: RecordKind, records: Sequence[Mapping[str, Any]], width: int) -> dict[str, int]:
    """The most telling columns that have something to show, as far as they fit, each with the width of its cells."""
    known = dict.fromkeys(name for record in records for name in record)
    telling = [name for name in kind.telling_columns if any(not is_empty(find_value(one, name)) for one in records)]
    filled = telling or [name for name in known if _is_worth_a_column([record.get(name) for record in records])]
    columns = [_measure_column(name, records) for name in filled or list(known)[:1]]
    if not telling:
        columns.sort(key=lambda column: _rank(column, has_name="name" in filled))
    chosen: dict[str, int] = {}
    for column in columns:
        room = width - sum(chosen.values()) - COLUMN_PADDING * len(chosen)
        if column.width <= room or (column.is_prose and room >= MIN_PROSE_WIDTH):
            chosen[column.name] = min(column.width, room)
    return chosen or {columns[0].name: width}


class _Column(NamedTuple):
    """A column that a table could have."""

    name: str
    width: int
    """Columns of the terminal that it wants."""
    is_long: bool
    """Whether it would want more, if it could have it."""
    is_prose: bool
    """Whether the beginning of a cell says something."""


def _measure_column(name: str, records: Sequence[Mapping[str, Any]]) -> _Column:
    from rich.cells import cell_len

    cells = [format_cell(find_value(record, name)) for record in records]
    width = max(map(cell_len, [name, *cells]))
    return _Column(name, min(MAX_CELL_WIDTH, width), width > MAX_CELL_WIDTH, any(" " in cell for cell in cells))


def list_left_out(records: Sequence[Mapping[str, Any]], shown: Sequence[str]) -> list[str]:
    """The fields that have something to show in some record, and of which no column shows anything."""
    known = dict.fromkeys(name for record in records for name, value in record.items() if not is_empty(value))
    return [name for name in known if not any(one == name or one.startswith(f"{name}.") for one in shown)]


def _is_worth_a_column(values: Sequence[Any]) -> bool:
    """Whether at least every third record has something to show there."""
    given = [value for value in map(shorten_references, values) if not is_empty(value)]
    return len(given) * 3 >= len(values) and not any(isinstance(value, Mapping) for value in given)


def _rank(column: _Column, *, has_name: bool) -> int:
    """What a record is called first, other records' ids and dates last."""
    name = column.name
    if name == "id":
        return 0
    if name in NAME_KEYS:
        return 6 if name in NAME_PART_KEYS and has_name else 1
    if name in TEXT_KEYS:
        return 2
    if name.endswith(("_at", "At")):
        return 5
    return 4 if name.endswith(("_id", "Id")) or column.is_long else 3


def has_next_page(answer: Any, levels: int = MAX_LEVELS) -> bool:
    """Whether the envelope of a list names a page behind this one."""
    if not isinstance(answer, Mapping) or not levels:
        return False
    around = {key: value for key, value in answer.items() if not isinstance(value, list)}
    return any(
        (key in ("next_page", "next") and bool(value)) or has_next_page(value, levels - 1)
        for key, value in around.items()
    )


def extract_notes(answer: Any) -> dict[str, str]:
    """What else the envelope of a list says, such as the position of a stream."""
    meta = answer.get("meta") if isinstance(answer, Mapping) else None
    if not isinstance(meta, Mapping):
        return {}
    plain = {key: value for key, value in meta.items() if isinstance(value, str | int | bool)}
    return {key: format_cell(value) for key, value in plain.items() if key not in ("type", "count")}


def flatten_record(record: Mapping[str, Any], before: str = "", levels: int = MAX_LEVELS) -> list[tuple[str, str]]:
    """Fields with their texts, those inside an object under a dotted name; empty ones are left out."""
    lines: list[tuple[str, str]] = []
    for name, value in record.items():
        if isinstance(value, Mapping) and levels:
            lines += flatten_record(value, f"{before}{name}.", levels - 1)
        elif not is_empty(value):
            lines.append((strip_controls(before + str(name)), format_value(value)))
    return lines


def format_cell(value: Any) -> str:
    """A value on one line."""
    return " ".join(format_value(shorten_references(value)).split())


def format_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(item, list | Mapping) for item in value):
        return ", ".join(map(format_value, value))
    if isinstance(value, list | Mapping):
        return strip_controls(json.dumps(value, ensure_ascii=False, default=str))
    return strip_controls(str(value))
