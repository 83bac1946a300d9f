"""Options and arguments that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from . import names

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

CONNECTION_VARIABLE = "SALES_CONNECTORS_CONNECTION"

component = click.argument("component", shell_complete=names.complete_components)
some_components = click.argument(
    "components", nargs=-1, metavar="[COMPONENT]...", shell_complete=names.complete_components
)
maybe_component = click.argument("component", required=False, shell_complete=names.complete_components)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, at a terminal too.")

inputs = click.option(
    "-i", "--input", "text", metavar="JSON|@FILE|-", help="The inputs as a JSON object; - reads standard input."
)

connection = click.option(
    "-c",
    "--connection",
    metavar="NAME|JSON|@FILE",
    envvar=CONNECTION_VARIABLE,
    show_envvar=True,
    shell_complete=names.complete_connections,
    help="A kept connection, or {key, fields, token}. The token of a file is refreshed in it; that of JSON text never.",
)

debug = click.option("--debug", is_flag=True, help="Show each exchange as a JSON line on standard error.")


def add_call_options(command: Decorated) -> Decorated:
    """The options of every call."""
    for option in (
        as_json,
        click.option("--retries", type=int, metavar="N", help="How often a safe request is repeated (4)."),
        click.option("--deadline", type=float, metavar="S", help="Seconds for the whole call, waits included."),
        click.option("--timeout", type=float, metavar="S", help="Seconds for one request (60)."),
        debug,
        connection,
        inputs,
    ):
        command = option(command)
    return command
