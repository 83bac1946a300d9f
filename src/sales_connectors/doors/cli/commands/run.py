"""``run``: one action."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
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
        kind = RecordKind(component.envelope) if call.format.kind == "json" else RecordKind.returned(component, entry)
        kind.check_columns(call.format.columns)
        if call.format.has_rows and _reads_all_pages(runtime, call, entry, inputs):
            return _stream(runtime, call, inputs, connection, kind)
        with counter(quiet=call.options["debug"]) as on_page:
            result = runtime.invoke(call.component, call.key, inputs, connection, {**call.options, "on_page": on_page})
    is_read = entry.effect is Effect.READ or "request" in result
    with nullcontext() if is_read else output.warn_of_loss(call.key):
        draw = partial(_draw, result, kind, call.format.columns)
        print_result(call, result, kind, list_entries(result, kind), draw)
    _say_rest(call, result)


def _reads_all_pages(runtime: Runtime, call: CallArguments, entry: Entry, inputs: Mapping[str, Any]) -> bool:
    """Whether records can be written while others are still to be read."""
    is_list = entry.effect is Effect.READ and isinstance(entry.returns, list) and not call.options["dry_run"]
    return is_list and bool(runtime.check(call.component, call.key, inputs).get("fetchAll"))


def _stream(
    runtime: Runtime, call: CallArguments, inputs: Mapping[str, Any], connection: Connection, kind: RecordKind
) -> None:
    """Write each record as its page comes, with one page in memory."""
    entries = runtime.iterate(call.component, call.key, inputs, connection, call.options)
    quiet = call.options["debug"] or output.is_terminal(sys.stdout)
    with counter(quiet=quiet) as on_row, output.carry_json(call.component, call.key):
        write_rows(entries, open_writer(call.format, kind), on_row)


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
