"""``run``: one action."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import click

from ....manifest import Entry, load_component
from ....runtime import Connection, Runtime
from ....sdk import Effect
from .. import completion, options, output
from ..call_context import CallArguments, call_context
from ..form_command import FormCommand
from ..progress import counter
from ..records import RecordKind, has_next_page
from ..results import print_request, print_result
from ..rows import list_entries, open_writer, write_rows


@click.command(
    cls=FormCommand,
    section="actions",
    epilog="""\b
Examples:
  sales-connectors run zendesk-sell createContact --help
  sales-connectors run zendesk-sell createContact firstName=Jo lastName=Doe
  sales-connectors run zendesk-sell createContact -i @contact.json --dry-run
  sales-connectors run zendesk-sell listDeals fetchAll=true > deals.json

Inputs stand there as NAME=VALUE, or as JSON in --input. A value is taken as the form of the action wants it: a number,
true or false, a list (a,b or JSON), an object as JSON. What is to be null, to clear a field, stands in --input. Without
--connection, the component's only connection is used, or the one that was made its default.""",
)
@options.component
@click.argument("key", metavar="ACTION", shell_complete=completion.complete_entries)
@options.pairs
@options.add_call_options(for_actions=True)
def command(**common: Any) -> None:
    """Run an action and print what the service answers.

    With COMPONENT and ACTION, --help shows the inputs of the action.
    """
    call = CallArguments.parse(**common)
    with call_context(call, "actions") as (runtime, connection):
        component = load_component(call.component)
        entry = component.entry("actions", call.key)
        kind = RecordKind.returned(component, entry) if call.format.shows_records else RecordKind(component.envelope)
        kind.check_columns(call.format.columns)
        entries = _iterate_rows(runtime, call, entry, connection)
        if entries is None:
            with counter(quiet=call.options["debug"]) as on_page:
                options = {**call.options, "on_page": on_page}
                result = runtime.invoke(call.component, call.key, call.inputs, connection, options)
    if entries is not None:
        return _stream(call, entries, kind)
    if "request" in result:
        return print_request(call, result)
    with nullcontext() if entry.effect is Effect.READ else output.warn_of_loss(call.key):
        draw = partial(_draw, result, kind, call.format.columns)
        print_result(call, result, kind, list_entries(result, kind), draw)
    _say_rest(call, result)


def _iterate_rows(runtime: Runtime, call: CallArguments, entry: Entry, connection: Connection) -> Iterator[Any] | None:
    """Records that can be written while others are still to be read, with one page in memory; else None."""
    is_list = entry.effect is Effect.READ and isinstance(entry.returns, list) and not call.options["dry_run"]
    if not call.format.has_rows or not is_list:
        return None
    if not runtime.check(call.component, call.key, call.inputs).get("fetchAll"):
        return None
    return runtime.iterate(call.component, call.key, call.inputs, connection, call.options)


def _stream(call: CallArguments, entries: Iterator[Any], kind: RecordKind) -> None:
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
