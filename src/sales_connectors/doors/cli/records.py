"""What a service sent, as rows and columns for people: which entry is a record, and which fields tell most.

What a service wraps around its records says the component's envelope.  JSON output never passes through here.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...sdk import Envelope
from ...unicode import strip_controls

MAX_CELL_WIDTH = 36
"""Columns of the terminal that a cell of a table takes; letters of some scripts take two."""
COLUMN_PADDING = 3
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


def extract_record(entry: Any, envelope: Envelope) -> Any:
    """One record, out of its envelope; where its fields lie inside it, they come behind what identifies it."""
    record = envelope.unwrap(entry)
    if not isinstance(record, Mapping) or not isinstance(record.get(envelope.attributes), Mapping):
        return record
    return {**{key: record[key] for key in ("id", "type") if key in record}, **envelope.fields(record)}


def choose_columns(records: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    """The most telling columns that fit: what the record is called first, other records' ids and dates last."""
    from rich.cells import cell_len

    known = dict.fromkeys(name for record in records for name in record)
    filled = [name for name in known if _is_worth_a_column([record.get(name) for record in records])]
    widths = {
        name: max(map(cell_len, [name, *(format_cell(record.get(name)) for record in records)])) for name in filled
    }
    chosen: list[str] = []
    for name in sorted(filled, key=lambda name: _rank(name, widths)):
        needed = COLUMN_PADDING + min(MAX_CELL_WIDTH, widths[name])
        if needed <= width:
            chosen.append(name)
            width -= needed
    return chosen or list(known)[:1]


def _is_worth_a_column(values: Sequence[Any]) -> bool:
    """Whether at least every third record has something to show there."""
    given = [value for value in values if value not in (None, "", [], {})]
    return len(given) * 3 >= len(values) and not any(isinstance(value, Mapping) for value in given)


def _rank(name: str, widths: Mapping[str, int]) -> int:
    if name == "id":
        return 0
    if name in NAME_KEYS:
        return 6 if name in NAME_PART_KEYS and "name" in widths else 1
    if name in TEXT_KEYS:
        return 2
    if name.endswith(("_at", "At")):
        return 5
    return 4 if name.endswith(("_id", "Id")) or widths[name] > MAX_CELL_WIDTH else 3


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
        elif value not in (None, "", []):
            lines.append((strip_controls(before + str(name)), format_value(value)))
    return lines


def format_cell(value: Any) -> str:
    """A value on one line."""
    return " ".join(format_value(value).split())


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
