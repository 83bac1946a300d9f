"""``run``: one action."""

from contextlib import nullcontext
from typing import Any

import click

from ....manifest import Component, load_component
from ....sdk import Effect
from .. import names, options, output
from ..call_context import CallArguments, call_context
from ..form_command import FormCommand
from ..progress import counter


@click.command(
    cls=FormCommand,
    section="actions",
    epilog="""\b
Examples:
  sales-connectors run zendesk-sell createContact --help
  sales-connectors run zendesk-sell createContact firstName=Jo lastName=Doe
  sales-connectors run zendesk-sell createContact -c my-account --input @contact.json --dry-run
  sales-connectors run zendesk-sell listDeals -c my-account hot=true fetchAll=true > deals.json

Inputs stand there as NAME=VALUE, or as JSON in --input. A value is taken as the form of the action wants it: a number,
true or false, a list (a,b or JSON), an object as JSON. What is to be null stands in --input. Without --connection, the
component's only connection is used, or the one that was made its default.""",
)
@options.component
@click.argument("key", metavar="ACTION", shell_complete=names.complete_entries)
@options.pairs
@options.add_call_options(for_actions=True)
def command(**common: Any) -> None:
    """Run an action and print what the service answers.

    With COMPONENT and ACTION, --help shows the inputs of the action.
    """
    call = CallArguments.parse(**common)
    with call_context(call, "actions") as (runtime, connection), counter(quiet=call.options["debug"]) as on_page:
        result = runtime.invoke(call.component, call.key, call.inputs, connection, {**call.options, "on_page": on_page})
    component = load_component(call.component)
    is_read = component.entry("actions", call.key).effect is Effect.READ or "request" in result
    with nullcontext() if is_read else output.warn_of_loss(call.key):
        _show(call, result, component)


def _show(call: CallArguments, result: dict[str, Any], component: Component) -> None:
    if output.wants_json(call.as_json):
        return output.print_answer(result, call.component, call.key)
    from .. import render

    render.draw_result(result, component.envelope)
