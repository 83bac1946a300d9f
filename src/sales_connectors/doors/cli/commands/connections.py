"""``connections``: list, test, choose, rename, revoke and remove what is kept."""

import click

from .. import completion, options, output


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  sales-connectors connections
  sales-connectors connections test my-account
  sales-connectors connections default my-account
  sales-connectors connections rename my-account main
  sales-connectors connections revoke my-account
  sales-connectors connections remove my-account""",
)
@options.as_json
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the connections that are kept; test, rename, revoke or remove one, or make it its component's default."""
    if ctx.invoked_subcommand is not None:
        return None
    from ....runtime import default_runtime

    answer = {"connections": default_runtime().kept.describe()}
    if output.wants_json(as_json):
        return output.print_json(answer)
    from .. import render

    return render.draw_connections(answer)


@command.command()
@click.argument("name", shell_complete=completion.complete_connections)
@options.as_json
def test(name: str, as_json: bool) -> None:
    """Ask the service whose account a connection belongs to."""
    from ....runtime import default_runtime

    result = default_runtime().kept.test(name)
    if output.wants_json(as_json):
        return output.print_json(result)
    from ....manifest import load_component
    from ....runtime.accounts import name_account

    envelope = load_component(result["connection"]["component"]).envelope
    output.print_line(f"{name} works: it belongs to {name_account(result['account'], envelope)}.")


@command.command()
@click.argument("name", shell_complete=completion.complete_connections)
@click.argument("new_name")
@options.as_json
def rename(name: str, new_name: str, as_json: bool) -> None:
    """Keep a connection under another name."""
    from ....runtime import default_runtime

    default_runtime().kept.rename(name, new_name)
    if output.wants_json(as_json):
        return output.print_json({"renamed": name, "name": new_name})
    output.print_line(f"{name} is called {new_name} now.")


@command.command()
@click.argument("name", shell_complete=completion.complete_connections)
@options.as_json
def default(name: str, as_json: bool) -> None:
    """Let a connection be the one that its component uses where none is named, for all who share the store."""
    from ....runtime import default_runtime

    component = default_runtime().kept.choose_default(name)
    if output.wants_json(as_json):
        return output.print_json({"default": name, "component": component})
    output.print_line(f"{component} uses {name} now where no --connection is named.")


@command.command()
@click.argument("name", shell_complete=completion.complete_connections)
@options.as_json
def remove(name: str, as_json: bool) -> None:
    """Forget a connection and its token."""
    from ....runtime import default_runtime
    from ..background import find_sandbox

    sandbox = find_sandbox(name)
    default_runtime().kept.remove(name)
    _tell_of_sandbox(sandbox)
    if output.wants_json(as_json):
        return output.print_json({"removed": name})
    output.print_line(f"{name} is removed.")


@command.command()
@click.argument("name", shell_complete=completion.complete_connections)
@options.as_json
def revoke(name: str, as_json: bool) -> None:
    """Have the service end the token of a connection, see that it has, and forget the connection."""
    from ....runtime import default_runtime
    from ..background import find_sandbox

    sandbox = find_sandbox(name)
    default_runtime().kept.revoke(name)
    _tell_of_sandbox(sandbox)
    if output.wants_json(as_json):
        return output.print_json({"revoked": name})
    output.print_line(f"{name} is revoked: the service no longer takes its token. The connection is removed.")


def _tell_of_sandbox(url: str | None) -> None:
    """A sandbox that runs in the background can no longer be stopped by the name that it had."""
    if url:
        output.print_message(f"Its sandbox goes on. To end it: sales-connectors sandbox --stop {url}")
