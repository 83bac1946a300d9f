"""``describe``: what there is."""

from typing import TYPE_CHECKING

import click

from ....manifest import describe
from .. import completion, options, output
from ..form_command import write_entry

if TYPE_CHECKING:
    from ....manifest import Component


@click.command(
    epilog="""\b
Examples:
  sales-connectors describe
  sales-connectors describe zendesk-sell
  sales-connectors describe zendesk-sell createDeal
  sales-connectors describe zendesk-sell createDeal --json | jq .input"""
)
@options.maybe_component
@click.argument("key", required=False, metavar="[KEY]", shell_complete=completion.complete_all_entries)
@options.as_json
@click.pass_context
def command(ctx: click.Context, component: str | None, key: str | None, as_json: bool) -> None:
    """Show the components, everything that one of them can do, or one action, data source, trigger or connection.

    As JSON, each action, data source, trigger and connection comes with the JSON Schema of its inputs, and each action
    with that of its result.
    """
    from .... import manifest

    if component and key:
        return _describe_entry(ctx, manifest.load_component(component), key, as_json)
    found = manifest.load_component(component) if component else None
    answer = describe.describe_component(found) if found else describe.describe_components(manifest.load_components())
    if output.wants_json(as_json):
        return output.print_json(answer)
    from .. import render

    if found is None:
        return render.draw_components(answer)
    render.draw_component(answer)


def _describe_entry(ctx: click.Context, found: "Component", key: str, as_json: bool) -> None:
    """One entry: as JSON the part of the whole that is about it, for people its form."""
    entry = found.any_entry(key)
    if output.wants_json(as_json):
        return output.print_json(describe.describe_entry(found, entry))
    formatter = ctx.make_formatter()
    write_entry(formatter, found, entry)
    click.echo(formatter.getvalue(), nl=False)
