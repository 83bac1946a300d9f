"""``run``: one action."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import click

from ....manifest import Entry, load_component
from ....runtime import Connection, Runtime
from ....sdk import Effect
from .. import names, options, output, parameters
from ..call_context import CallArguments, call_context
from ..form_command import FormCommand
from ..progress import counter
from ..records import RecordKind, has_next_page
from ..results import print_result
from ..rows import list_entries, open_writer, write_rows


@click.command(
    cls=FormCommand,
    section="actions",
    epilog="""\b
Examples:
  sales-connectors run zendesk-sell createContact --help
  sales-connectors run zendesk-sell createContact -c my-account --input '{"lastName": "Doe"}'
  sales-connectors run zendesk-sell createContact -c my-account --input @contact.json --dry-run
  sales-connectors run zendesk-sell listDeals -c my-account --input '{"hot": true, "fetchAll": true}' > deals.json""",
)
@options.component
@click.argument("key", metavar="ACTION", shell_complete=names.complete_entries)
@options.add_call_options(for_actions=True)
def command(**common: Any) -> None:
    """Run an action and print what the service answers.

    With COMPONENT and ACTION, --help shows the inputs of the action.
    """
    call = CallArguments.parse(**common)
    inputs = parameters.parse_inputs(call.text)
    with call_context(call, "actions") as (runtime, connection):
        component = load_component(call.component)
        entry = component.entry("actions", call.key)
        kind = RecordKind.returned(component, entry) if call.format.shows_records else RecordKind(component.envelope)
        kind.check_columns(call.format.columns)
        entries = _iterate_rows(runtime, call, entry, inputs, connection)
        if entries is None:
            with counter(quiet=call.options["debug"]) as on_page:
                options = {**call.options, "on_page": on_page}
                result = runtime.invoke(call.component, call.key, inputs, connection, options)
    if entries is not None:
        return _stream(call, entries, kind)
    is_read = entry.effect is Effect.READ or "request" in result
    with nullcontext() if is_read else output.warn_of_loss(call.key):
        _print(call, result, kind)
    _say_rest(call, result)


def _iterate_rows(
    runtime: Runtime, call: CallArguments, entry: Entry, inputs: Mapping[str, Any], connection: Connection
) -> Iterator[Any] | None:
    """Records that can be written while others are still to be read, with one page in memory; else None."""
    is_list = entry.effect is Effect.READ and isinstance(entry.returns, list) and not call.options["dry_run"]
    if not call.format.has_rows or not is_list or not runtime.check(call.component, call.key, inputs).get("fetchAll"):
        return None
    return runtime.iterate(call.component, call.key, inputs, connection, call.options)


def _stream(call: CallArguments, entries: Iterator[Any], kind: RecordKind) -> None:
    quiet = call.options["debug"] or output.is_terminal(sys.stdout)
    with counter(quiet=quiet) as on_row, output.carry_json(call.component, call.key):
        write_rows(entries, open_writer(call.format, kind), on_row)


def _print(call: CallArguments, result: Mapping[str, Any], kind: RecordKind) -> None:
    if "request" in result:  # which is no record, and has no columns of one
        call, kind = replace(call, format=replace(call.format, columns=())), RecordKind(kind.envelope)
    print_result(call, result, kind, list_entries(result, kind), partial(_draw, result, kind, call.format.columns))


def _draw(result: Mapping[str, Any], kind: RecordKind, columns: Sequence[str]) -> None:
    from .. import render

    render.draw_result(result, kind, columns)


def _say_rest(call: CallArguments, result: Mapping[str, Any]) -> None:
    """What rows have no place for, to whoever watches."""
    if not call.format.has_rows or not output.is_terminal(sys.stderr):
        return
    if "outcome" in result:
        output.print_message(f"outcome: {result['outcome']}")
    if has_next_page(result.get("data")):
        output.print_message("This is one page, and more follow; the input fetchAll reads all of them.")
