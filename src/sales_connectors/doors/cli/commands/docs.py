"""``docs``: write the reference pages from the manifests."""

import click

from .. import options, output


@click.command(
    epilog="""\b
Examples:
  sales-connectors docs
  sales-connectors docs zendesk-sell
  sales-connectors docs --check"""
)
@options.maybe_component
@click.option("--check", is_flag=True, help="Write nothing; fail if a page is stale.")
@options.as_json
def command(component: str | None, check: bool, as_json: bool) -> None:
    """Write the reference pages and the types of a component, or of all, from the manifests.

    In a checkout they are its own; elsewhere the pages go into the folder docs below where the command runs.
    """
    from ....errors import ConfigurationError
    from ....manifest.projections import write

    changed = [output.shorten_path(path) for path in write(component, check=check)]
    if changed and check:
        raise ConfigurationError(
            f"Generated files are stale: {', '.join(changed)}. Write them again: sales-connectors docs",
            code="stale_docs",
            fix="maintainer",
        )
    if output.wants_json(as_json):
        return output.print_json({"stale" if check else "written": changed})
    output.print_line("\n".join(changed) or "Everything is up to date.")
