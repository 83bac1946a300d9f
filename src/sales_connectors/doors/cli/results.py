"""The result of a call, printed in the form that was asked for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ...errors import suggest_name
from ...sdk import Envelope
from . import output
from .call_context import CallArguments
from .records import RecordKind, find_value
from .rows import list_value_columns, open_writer, write_rows

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
    with output.carry_json(call.component, call.key):
        if shape.kind == "table":
            draw()
        elif shape.kind == "json" and shape.program is None:
            output.print_json(result)
        else:
            shown = entries if shape.has_rows else [result]
            write_rows(shown, open_writer(shape, kind, shown))
    if shape.columns and not kind.fields:
        _warn_of_missing_columns(shape.columns, [kind.extract(entry) for entry in entries])


def _warn_of_missing_columns(columns: Sequence[str], found: Sequence[Any]) -> None:
    """Of records without a schema, nobody knew before which fields they have."""
    records = [record for record in found if isinstance(record, Mapping)]
    known = {name for record in records for name in (*record, *list_value_columns(record))}
    for column in columns if records else ():
        if column not in known and all(find_value(record, column) is None for record in records):
            output.warn(f"no record has a field {column!r}.{suggest_name(column, known)}")
