"""Names and texts, as the components write them."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..unicode import fold_text

__all__ = ["fold_text", "format_name", "shorten", "to_snake_case"]

CAPITALS = re.compile(r"(?<!^)(?=[A-Z])")
MAX_LABEL_CHARACTERS = 50
"""Characters of a text that a label shows."""


@cache
def to_snake_case(name: str) -> str:
    """``firstName`` is ``first_name``."""
    return CAPITALS.sub("_", name).lower()


def shorten(text: str | None) -> str:
    """The first words of a text, on one line, for a label; empty where there are none."""
    words = " ".join((text or "").split())
    return words if len(words) <= MAX_LABEL_CHARACTERS else f"{words[:MAX_LABEL_CHARACTERS].rstrip()}…"


def format_name(record: Mapping[str, Any]) -> str:
    """The name of a record, for a label; one without a name is told by its id."""
    return str(record.get("name") or f"Unnamed ({record.get('id')})")
