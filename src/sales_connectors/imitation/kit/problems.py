"""What can be wrong with what a client sends."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong with a request: the field, why, and the vendor's code for it where there are codes."""

    field: str
    details: str
    code: str = ""


class Wrong(ValueError):
    """A value that a field or a filter cannot hold: why, the vendor's code, and where inside the value."""

    def __init__(self, details: str, code: str = "", below: str = "") -> None:
        super().__init__(details)
        self.details, self.code, self.below = details, code, below


def read_each(given: Mapping[str, Any], read: Callable[[str, Any], Any]) -> tuple[dict[str, Any], list[Problem]]:
    """What each named value is read as, and what is wrong with those that cannot be read."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        try:
            values[name] = read(name, value)
        except Wrong as wrong:
            problems.append(Problem(name + wrong.below, wrong.details, wrong.code))
    return values, problems


def read_day(text: str) -> str | None:
    """A date in the format ``YYYY-MM-DD``, or None for what is none; Python knows more formats than vendors do."""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == len("2026-01-31") else None
    except ValueError:
        return None
