"""``poll``: what changed since the last time."""

from collections.abc import Mapping
from typing import Any

import click

from .. import names, options, output, parameters
from ..call_context import CallArguments, call_context
from ..form_command import FormCommand


@click.command(
    cls=FormCommand,
    section="triggers",
    epilog="""\b
Examples:
  sales-connectors poll zendesk-sell pollChangesTrigger pollResourceType=deals --state @deals-state.json
  sales-connectors poll zendesk-sell pollChangesTrigger pollResourceType=leads startFrom=beginning""",
)
@options.component
@click.argument("key", metavar="TRIGGER", shell_complete=names.complete_entries)
@options.pairs
@click.option(
    "--state",
    metavar="JSON|@FILE",
    shell_complete=names.complete_files,
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
            return _show(call, runtime.preview("triggers", *about, state=last.value), kept=False)
    with last.open_replacement() as new:
        with call_context(call, "triggers") as (runtime, connection):
            result = runtime.poll(call.component, call.key, call.inputs, connection, call.options, state=last.value)
        _show(call, result, kept=last.file is not None)
        new.keep(result["state"])


def _show(call: CallArguments, result: Mapping[str, Any], *, kept: bool) -> None:
    if output.wants_json(call.as_json):
        return output.print_answer(result, call.component, call.key)
    from ....manifest import load_component
    from .. import render

    if "request" in result:
        return render.draw_request(result)
    render.draw_changes(result, load_component(call.component).envelope, kept=kept)
