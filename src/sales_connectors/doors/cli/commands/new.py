"""``new``: write what a component begins with."""

import click

from .. import options, output


@click.group(
    epilog="""\b
Example:
  sales-connectors new component acme-crm --label "Acme CRM\""""
)
def command() -> None:
    """Begin a component of your own."""


@command.command()
@click.argument("name")
@click.option("--label", help="What people call it; else the name, with capitals.")
@options.as_json
def component(name: str, label: str | None, as_json: bool) -> None:
    """Write a component that works into a checkout, to be made into one for your vendor.

    It has one connection, four actions, a picklist, a sandbox and the standard suite as its test; check and the tests
    pass at once. docs/new-component.md says how to go on.
    """
    from ..new_component import write_component

    written = [output.shorten_path(path) for path in write_component(name, label)]
    if output.wants_json(as_json):
        return output.print_json({"written": written})
    output.print_line("\n".join(written))
