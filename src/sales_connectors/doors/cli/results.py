"""The result of a call, printed in the form that was asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ...sdk import Envelope
from . import output
from .call_context import CallArguments
from .records import RecordKind
from .rows import open_writer, write_rows

Draw = Callable[[], None]
"""Shows the result at a terminal."""


def print_request(call: CallArguments, result: Mapping[str, Any]) -> None:
    """The request that would be sent, which is no record and has no columns of one."""
    from .render import draw_request

    call = replace(call, format=replace(call.format, columns=()))
    print_result(call, result, RecordKind(Envelope()), [result["request"]], partial(draw_request, result))


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
