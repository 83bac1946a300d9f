"""Names and texts, as the components write them."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..unicode import fold_text

__all__ = ["fold_text", "format_name", "read_count", "shorten", "to_snake_case"]

MAX_COUNT_DIGITS = 15
"""Digits of a number of records; no list is longer."""
CAPITALS = re.compile(r"(?<!^)(?=[A-Z])")
MAX_LABEL_CHARACTERS = 50
"""Characters of a text that a label shows."""


@cache
def to_snake_case(name: str) -> str:
    """``firstName`` is ``first_name``."""
    return CAPITALS.sub("_", name).lower()


def read_count(found: Any) -> int | None:
    """How many a service says that there are, as a number or as text; None where it says nothing of the kind."""
    digits = str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= MAX_COUNT_DIGITS else None


def shorten(text: str | None) -> str:
    """The first words of a text, on one line, for a label; empty where there are none."""
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return words if len(words) <= MAX_LABEL_CHARACTERS else f"{words[:MAX_LABEL_CHARACTERS].rstrip()}…"


def format_name(record: Mapping[str, Any]) -> str:
    """The name of a record, for a label; one without a name is told by its id."""
    return str(record.get("name") or f"Unnamed ({record.get('id')})")
