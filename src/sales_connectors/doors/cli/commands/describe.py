"""``describe``: what there is."""

import click

from ....manifest import describe
from .. import options, output


@click.command(
    epilog="""\b
Examples:
  sales-connectors describe
  sales-connectors describe zendesk-sell
  sales-connectors describe zendesk-sell --json | jq '.actions[] | select(.key == "createDeal").input'"""
)
@options.maybe_component
@options.as_json
def command(component: str | None, as_json: bool) -> None:
    """Show the components, or everything that one of them can do.

    As JSON, each action, data source, trigger and connection comes with the JSON Schema of its inputs, and each action
    with that of its result.
    """
    from .... import manifest

    found = manifest.load_component(component) if component else None
    answer = describe.describe_component(found) if found else describe.describe_components(manifest.load_components())
    if output.wants_json(as_json):
        return output.print_json(answer)
    from .. import render

    if found is None:
        return render.draw_components(answer)
    render.draw_component(answer)
