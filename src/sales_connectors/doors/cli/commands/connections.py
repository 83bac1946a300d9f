"""``connections``: list, test and remove what is kept."""

from typing import TYPE_CHECKING, Any

import click

from .. import names, options, output

if TYPE_CHECKING:
    from ....store import StoredConnection


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  sales-connectors connections
  sales-connectors connections test my-account
  sales-connectors connections remove my-account""",
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the connections that are kept; test or remove one."""
    if ctx.invoked_subcommand is not None:
        return None
    from ....runtime.runtime import default_runtime

    answer = {"connections": [_describe_connection(kept) for kept in default_runtime().store.connections.all()]}
    if output.wants_json(as_json):
        return output.print_json(answer)
    from .. import render

    return render.draw_connections(answer)


def _describe_connection(kept: "StoredConnection") -> dict[str, Any]:
    """A connection without its secrets."""
    from .... import manifest
    from ....errors import SalesError

    try:
        defaults = manifest.load_component(kept.component).form(kept.key).defaults
    except SalesError:  # of a component that is no longer installed
        defaults = {}
    return {
        "name": kept.name,
        "component": kept.component,
        "key": kept.key,
        "apiUrl": kept.fields.get("apiUrl", defaults.get("apiUrl")),
        "expiresAt": (kept.token or {}).get("expires_at"),
        "signIn": kept.sign_in,
    }


@command.command()
@click.argument("name", shell_complete=names.complete_connections)
@options.as_json
def test(name: str, as_json: bool) -> None:
    """Ask the service whose account a connection belongs to."""
    from ....runtime.runtime import default_runtime

    kept = default_runtime().store.connections.get(name)
    account = default_runtime().whoami(kept.component, name)
    if output.wants_json(as_json):
        about = {"name": name, "component": kept.component, "key": kept.key}
        return output.print_json({"connection": about, "account": account})
    from ..records import describe_account

    output.print_line(f"{name} works: it belongs to {describe_account(account)}.")


@command.command()
@click.argument("name", shell_complete=names.complete_connections)
@options.as_json
def remove(name: str, as_json: bool) -> None:
    """Forget a connection and its token."""
    from ....runtime.runtime import default_runtime

    default_runtime().store.connections.remove(name)
    if output.wants_json(as_json):
        return output.print_json({"removed": name})
    output.print_line(f"{name} is removed.")
