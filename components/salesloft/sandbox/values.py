"""Readers of values, as a body or a query brings them: each gives what is stored, or raises ``Wrong``.

Queries and forms have nothing but text, so numbers and flags are understood as text too.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sales_connectors.imitation.kit import Wrong, read_day

Read = Callable[[Any], Any]

INTEGER = re.compile(r"-?[0-9]{1,15}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
LONGEST_DOMAIN = 2048
WEB_ADDRESS = re.compile(r"https?://\S+")
MOMENT = "%Y-%m-%dT%H:%M:%S.%f+00:00"


def text(value: Any) -> str | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Wrong("is not a text")
    return str(value).strip() or None


def integer(value: Any) -> int:
    if isinstance(value, bool) or not INTEGER.fullmatch(str(value)):
        raise Wrong("is not an integer")
    return int(value)


def flag(value: Any) -> bool:
    known = {"true": True, "false": False}
    if str(value).lower() not in known:
        raise Wrong("is neither true nor false")
    return known[str(value).lower()]


def moment(value: Any) -> str:
    """A moment in UTC, to the microsecond; one without an offset is meant so (inferred)."""
    try:
        at = datetime.fromisoformat(str(value))
        return format_moment(at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # the latter of the first or the last day of all, elsewhere
        raise Wrong("is not a date and time in ISO 8601 format") from None


def format_moment(at: datetime) -> str:
    """A moment as the vendor writes it."""
    return at.astimezone(UTC).strftime(MOMENT)


def day(value: Any) -> str:
    read = read_day(str(value))
    if read is None:
        raise Wrong("is not a date in the format YYYY-MM-DD")
    return read


def address(value: Any) -> str | None:
    read = text(value)
    if read and not ADDRESS.fullmatch(read):
        raise Wrong("is not an email address")
    return read


def domain(value: Any) -> str | None:
    """A domain, or an address that somebody took for one, in lower case; other texts are refused (inferred)."""
    read = (text(value) or "").lower()
    if len(read) > LONGEST_DOMAIN:  # as the pattern would take its time
        raise Wrong("is not a domain")
    if read and not DOMAIN.fullmatch(read) and not WEB_ADDRESS.fullmatch(read):
        raise Wrong("is not a domain")
    return read or None


def zone(value: Any) -> str | None:
    """The name of a time zone; others are refused (inferred)."""
    read = text(value)
    if read:
        offset(read)
    return read


def offset(name: str) -> int:
    """Minutes that a time zone is ahead of UTC in winter."""
    try:
        ahead = datetime(2026, 1, 1, tzinfo=ZoneInfo(name)).utcoffset()
    except (KeyError, ValueError, OSError):  # OSError: the name is a folder of names
        raise Wrong("is not the name of a time zone") from None
    return round(ahead.total_seconds() / 60) if ahead else 0


def names(value: Any) -> list[str]:
    """A list of texts, each of them once."""
    if not isinstance(value, list):
        raise Wrong("is not a list")
    return list(dict.fromkeys(filter(None, map(text, value))))


def ids(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise Wrong("is not a list")
    return list(dict.fromkeys(map(integer, value)))


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("is not an object")
    return value


def one_of(*choices: str) -> Read:
    def read(value: Any) -> str:
        if value not in choices:
            raise Wrong(f"is not one of {', '.join(choices)}")
        return str(value)

    return read


def each_of(*choices: str) -> Read:
    return lambda value: [one_of(*choices)(name) for name in names(value)]
