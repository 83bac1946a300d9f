"""The result of a call, printed in the form that was asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from . import output
from .call_context import CallArguments
from .records import RecordKind
from .rows import open_writer, write_rows

Draw = Callable[[], None]
"""Shows the result at a terminal."""


def print_result(call: CallArguments, result: Any, kind: RecordKind, entries: Sequence[Any], draw: Draw) -> None:
    """The whole result, or each of its entries on a line."""
    shape = call.format
    if shape.kind == "table":
        return draw()
    with output.carry_json(call.component, call.key):
        if shape.kind == "json" and shape.program is None:
            return output.print_json(result)
        shown = entries if shape.has_rows else [result]
        return write_rows(shown, open_writer(shape, kind, shown))
