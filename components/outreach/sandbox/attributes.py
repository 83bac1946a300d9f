"""The attributes of records: what kind of value each holds, and what the API allows with it.

They are written down as in the vendor's reference, with a letter for each flag: ``R`` only the server writes it, ``W``
it is written and never shown, ``F`` lists can be filtered by it, ``S`` lists can be sorted by it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sales_connectors.imitation.kit import Field, Wrong, read_day

from .errors import TOO_LONG

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
USUAL_LENGTH, LONG = 255, 65_535
LONGEST_CUSTOM = 32_000


@dataclass(frozen=True)
class Kind:
    """A kind of value: how a body gives it, and how a query writes it."""

    name: str
    read: Callable[[Any], Any]
    query: Callable[[str], Any]
    is_list: bool = False


@dataclass(frozen=True, kw_only=True)
class Attribute(Field):
    """One attribute of a record."""

    kind: Kind
    read_only: bool = False
    filterable: bool = False
    sortable: bool = False
    required: bool = False
    longest: int | None = None
    choices: Sequence[str] = ()
    on_request: bool = False  # shown to those who name it, and to nobody else
    check: Callable[[Any], Any] | None = None  # a rule of the value's own

    def read(self, value: Any) -> Any:
        """The value that a body gives, as it is kept; a ``Wrong`` if it cannot be."""
        read = self.kind.read(value)
        if self.choices and read not in self.choices:
            raise Wrong(f"is not included in the list: {', '.join(self.choices)}")
        if self.longest is not None and len(read) > self.longest:
            raise Wrong(f"is too long (maximum is {self.longest} characters)", TOO_LONG)
        return self.check(read) if self.check else read


def format_moment(at: datetime) -> str:
    """A moment as the vendor writes it: in UTC, to the millisecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def read_moment(value: Any) -> str:
    """A moment in ISO 8601; one without an offset is meant in UTC (inferred)."""
    if not isinstance(value, str):
        raise Wrong("is not a date and time")
    try:
        at = datetime.fromisoformat(value)
        return format_moment(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise Wrong("is not a date and time in ISO 8601 format") from None


def read_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("is not a number")
    return value


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("is not a string")  # inferred: refused rather than turned into one, here and below
    return value


def _read_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong("is not an integer")
    return value


def _read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("is not a boolean")
    return value


def _read_date(value: Any) -> str:
    read = read_day(value[:10]) if isinstance(value, str) else None
    if read is None:
        raise Wrong("is not a date in ISO 8601 format")
    return read


def _read_texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise Wrong("is not an array")
    return [_read_text(one) for one in value]


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("is not an object")
    return value


def _query_integer(text: str) -> int:
    if not INTEGER.fullmatch(text):
        raise Wrong("is not an integer")
    return int(text)


def _query_number(text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise Wrong("is not a number")
    return float(text)


def query_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise Wrong("is neither true nor false")
    return text == "true"


def _keep(value: Any) -> Any:
    return value


TEXT = Kind("string", _read_text, _keep)
INTEGRAL = Kind("integer", _read_integer, _query_integer)
DECIMAL = Kind("number", read_number, _query_number)
BOOLEAN = Kind("boolean", _read_boolean, query_boolean)
MOMENT = Kind("datetime", read_moment, read_moment)
DATE = Kind("date", _read_date, _read_date)
TEXTS = Kind("array<string>", _read_texts, _keep, is_list=True)
OBJECT = Kind("object", _read_object, _keep)
LIST = Kind("array", _keep, _keep, is_list=True)


def _build(kind: Kind, flags: str, **more: Any) -> Attribute:
    is_written_only = "W" in flags
    return Attribute(
        kind=kind,
        read_only="R" in flags,
        filterable="F" in flags,
        sortable="S" in flags,
        **{"hidden": is_written_only, "instruction": is_written_only, **more},
    )


def text(flags: str = "", longest: int | None = USUAL_LENGTH, **more: Any) -> Attribute:
    return _build(TEXT, flags, longest=longest, **more)


def choice(flags: str, *choices: str, **more: Any) -> Attribute:
    """A text that is one of these and no other."""
    return _build(TEXT, flags, choices=choices, **more)


def integer(flags: str = "", **more: Any) -> Attribute:
    return _build(INTEGRAL, flags, **more)


def count(flags: str = "R") -> Attribute:
    """How often something has happened."""
    return integer(flags, default=0)


def number(flags: str = "", **more: Any) -> Attribute:
    return _build(DECIMAL, flags, **more)


def boolean(flags: str = "", **more: Any) -> Attribute:
    return _build(BOOLEAN, flags, **more)


def moment(flags: str = "", **more: Any) -> Attribute:
    return _build(MOMENT, flags, **more)


def date(flags: str = "", **more: Any) -> Attribute:
    return _build(DATE, flags, **more)


def texts(flags: str = "", **more: Any) -> Attribute:
    return _build(TEXTS, flags, **{"default": [], **more})


def anything(flags: str = "", **more: Any) -> Attribute:
    """An object without a form of its own."""
    return _build(OBJECT, flags, **more)


def entries(flags: str = "", **more: Any) -> Attribute:
    """A list of something other than text."""
    return _build(LIST, flags, **{"default": [], **more})
