"""What JSON can carry.  Values from Python may hold more than that, and JSON text may hold numbers without end."""

from collections.abc import Iterator
from typing import Any

from ..errors import Fault, quote_value
from ..unicode import has_lone_surrogates
from .coerce import escape_pointer, is_number, is_sane

MAX_DEPTH = 100
"""Levels of nesting that a value may have; no service takes as many, and no parser should have to."""
MAX_PARTS = 1_000_000
"""Objects and lists that a value may hold, one that stands in it twice counted twice; no service takes as many."""


class _Walk:
    """How far a walk through a value has come."""

    def __init__(self) -> None:
        self.left = MAX_PARTS
        self.around: set[int] = set()
        """The objects and lists around the one that is looked at."""


def find_unserializable(value: Any, at: str = "", walk: _Walk | None = None) -> Iterator[Fault]:
    """A fault for everything in a value that could not travel as JSON."""
    if isinstance(value, str):
        if not value.isascii() and has_lone_surrogates(value):
            yield _fault(at, "holds half a character (a lone surrogate), which no service can read")
    elif isinstance(value, dict | list):
        yield from _enter(value, at, walk or _Walk())
    elif is_number(value):
        if not is_sane(value):
            yield _fault(at, "must be a number that can be written down in full")
    elif value is not None and not isinstance(value, bool):
        yield _fault(at, f"must be plain JSON, not a Python {type(value).__name__}")


def _enter(value: dict[Any, Any] | list[Any], at: str, walk: _Walk) -> Iterator[Fault]:
    walk.left -= 1
    if id(value) in walk.around:
        yield _fault(at, "holds itself, so that it has no end")
    elif len(walk.around) >= MAX_DEPTH:
        walk.left = 0  # what else is as deep would be told of once for each way there
        yield _fault(at, f"is nested more than {MAX_DEPTH} levels deep")
    elif walk.left == 0:
        yield _fault("", f"holds more than {MAX_PARTS:,} objects and lists")
    elif walk.left > 0:
        walk.around.add(id(value))
        yield from _find_inside(value, at, walk)
        walk.around.remove(id(value))


def _find_inside(value: dict[Any, Any] | list[Any], at: str, walk: _Walk) -> Iterator[Fault]:
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, dict) and (not isinstance(key, str) or has_lone_surrogates(key)):
            yield _fault(at, f"has a key that is no text: {quote_value(key)}")
        else:
            yield from find_unserializable(item, f"{at}/{escape_pointer(key)}", walk)


def _fault(path: str, message: str) -> Fault:
    return {"path": path, "message": message, "rule": "unserializable"}
