"""``poll``: what changed since the last time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import click

from ....manifest import load_component
from ....sdk import Envelope
from .. import completion, options, parameters
from ..call_context import CallArguments, call_context
from ..form_command import FormCommand
from ..formats import COLUMN_FORMATS, Format
from ..records import RecordKind
from ..results import print_request, print_result

CHANGE_COLUMN = "change"
"""What says whether a record was created, updated or deleted, where each stands on a line of its own."""


@click.command(
    cls=FormCommand,
    section="triggers",
    epilog="""\b
Examples:
  sales-connectors poll zendesk-sell pollChangesTrigger pollResourceType=deals --state @deals-state.json
  sales-connectors poll zendesk-sell pollChangesTrigger pollResourceType=leads startFrom=beginning""",
)
@options.component
@click.argument("key", metavar="TRIGGER", shell_complete=completion.complete_entries)
@options.pairs
@click.option(
    "--state",
    metavar="JSON|@FILE",
    shell_complete=completion.complete_files,
    help="The state that the last poll returned. A file is rewritten; it may be new or empty.",
)
@options.add_call_options()
def command(state: str | None, **common: Any) -> None:
    """Print the records that were created, updated or deleted since the last poll, without their envelope.

    A file of --state is rewritten once the result is out, so that an interrupted poll repeats and never loses. It
    names what it is of, and the poll of another resource, trigger or connection leaves it alone.
    """
    call = CallArguments.parse(**common)
    last = parameters.State.parse(state)
    if call.options["dry_run"]:
        with call_context(call, "triggers") as (runtime, connection):
            about = (call.component, call.key, call.inputs, connection, call.options)
            return print_request(call, runtime.preview("triggers", *about, state=last.value))
    if call.format.has_rows and last.file is None:
        raise click.UsageError(f"--output {call.format.kind} has no place for the state; keep it with --state @FILE.")
    with last.open_replacement() as new:
        with call_context(call, "triggers") as (runtime, connection):
            found = load_component(call.component)
            kind = RecordKind.polled(found, found.entry("triggers", call.key), call.inputs)
            kind.check_columns([name for name in call.format.columns if name != CHANGE_COLUMN])
            result = runtime.poll(call.component, call.key, call.inputs, connection, call.options, state=last.value)
        _show(call, result, kind, kept=last.file is not None)
        new.keep(result["state"])


def _show(call: CallArguments, result: Mapping[str, Any], kind: RecordKind, *, kept: bool) -> None:
    shape, entries = call.format, _list_entries(call.format, result["data"], kind)
    draw = partial(_draw, result, kind, shape.columns, kept=kept)
    if shape.kind == "csv":
        kind = RecordKind(Envelope(), {"properties": {CHANGE_COLUMN: {}, **kind.fields}} if kind.fields else {})
        chosen = dict.fromkeys([CHANGE_COLUMN, *shape.columns]) if shape.columns else ()
        call = replace(call, format=replace(shape, columns=tuple(chosen)))
    print_result(call, result, kind, entries, draw)


def _list_entries(shape: Format, changes: Mapping[str, Any], kind: RecordKind) -> list[Any]:
    """Each record with what happened to it: beside it in JSON, as one more field where there are columns."""
    records = [(change, record) for change, found in changes.items() for record in found]
    if shape.kind in COLUMN_FORMATS:
        return [{CHANGE_COLUMN: change, **kind.extract(record)} for change, record in records]
    return [{CHANGE_COLUMN: change, "record": record} for change, record in records]


def _draw(result: Mapping[str, Any], kind: RecordKind, columns: Sequence[str], *, kept: bool) -> None:
    from .. import render

    render.draw_changes(result, kind, columns, kept=kept)
