"""Inputs by the names that they had before, which live on for a while beside the new ones."""

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from ..errors import Fault, quote_value, warn
from ..manifest.forms import Form
from .coerce import escape_pointer

PACKAGE = str(Path(__file__).parents[1])
OURS = (PACKAGE, contextlib.__file__)
"""Files whose code nobody who calls us could change."""


def replace_deprecated(form: Form, given: Mapping[str, Any], faults: list[Fault]) -> Mapping[str, Any]:
    """The inputs by their present names (``x-replaced-by``); who uses another one is warned."""
    if not form.replaced.keys() & given.keys():
        return given
    values = {name: value for name, value in given.items() if name not in form.replaced}
    for name, successor in form.replaced.items():
        value, home = given.get(name, ""), successor["name"]
        if _is_blank(value):
            continue
        place = f"/{escape_pointer(name)}"
        if not _is_blank(values.get(home, "")):
            faults.append({"path": place, "message": f"is given twice: it is the input {home}", "rule": "unknown"})
            continue
        warn(f"{name} is deprecated: use {home}", DeprecationWarning, _count_own_frames(sys._getframe()))
        named: Mapping[str, Any] | None = successor.get("values")
        told = _write(value) if named else ""
        if named and told not in named:
            faults.append({"path": place, "message": f"must be one of {', '.join(named)}", "rule": "enum"})
        else:
            values[home] = named[told] if named else value
    return values


def rename_faults(form: Form, given: Mapping[str, Any], faults: list[Fault]) -> None:
    """Put what is said of an input to the name by which it was given."""
    old = {successor["name"]: name for name, successor in form.replaced.items() if not _is_blank(given.get(name, ""))}
    for fault in faults:
        _, name, *inside = fault["path"].split("/") if fault["path"] else ("", "")
        if name in old and name not in given:
            fault["path"] = "/".join(["", old[name], *inside])


def _write(value: Any) -> str:
    """A flag or a text as the keys of a manifest write it."""
    return str(value).strip().lower() if isinstance(value, bool | str) else quote_value(value)


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def _count_own_frames(frame: FrameType | None) -> int:
    """How far up the stack, seen from the function that warns, the one stands who called us."""
    count = 0
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame, count = frame.f_back, count + 1
    return count + 2
