"""Options and arguments that several commands share."""

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar

import click

from ...options import DEFAULTS, OPTIONS
from . import completion
from .formats import FORMATS

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

CONNECTION_VARIABLE = "SALES_CONNECTORS_CONNECTION"


class FiniteRange(click.FloatRange):
    """A number within bounds; what is none (nan), or has no end, is never."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value} is not a number with an end.", param, ctx)
        return number


component = click.argument("component", shell_complete=completion.complete_components)
some_components = click.argument(
    "components", nargs=-1, metavar="[COMPONENT]...", shell_complete=completion.complete_components
)
maybe_component = click.argument("component", required=False, shell_complete=completion.complete_components)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, at a terminal too.")

FORMAT_OPTIONS = ("as_json", "output_format", "columns", "jq_program")
"""The options that say how a result is printed, as commands get them."""

result_format = (
    as_json,
    click.option(
        "-o",
        "--output",
        "output_format",
        type=click.Choice(FORMATS),
        help="How to print the result; ndjson and csv write each record as it comes. Default: table at a terminal,"
        " else json.",
    ),
    click.option("--columns", metavar="A,B", help="The columns of a table or of CSV; a dot leads into an object."),
    click.option("--jq", "jq_program", metavar="PROGRAM", help="Print what a program of jq makes of the JSON."),
)

inputs = click.option(
    "-i",
    "--input",
    "text",
    metavar="JSON|@FILE|-",
    shell_complete=completion.complete_files,
    help="The inputs as a JSON object, beside those given as NAME=VALUE; - reads standard input.",
)

pairs = click.argument("pairs", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=completion.complete_inputs)

connection = click.option(
    "-c",
    "--connection",
    metavar="NAME|@FILE|-",
    envvar=CONNECTION_VARIABLE,
    show_envvar=True,
    shell_complete=completion.complete_connections,
    help="A kept connection, or {key, fields, token} in a file or on standard input; a file of a sandbox as well. The"
    " token of a file is refreshed in it. Without it, the component's only or default connection.",
)

CLICK_TYPES = {"seconds": float, "count": int, "text": str}


def add_call_options(*, for_actions: bool = False) -> Callable[[Decorated], Decorated]:
    """The options of every call, those of creates only where an action is run."""
    declared = [name for name, spec in OPTIONS.items() if for_actions or not spec.for_creates]

    def add(command: Decorated) -> Decorated:
        for decorate in (
            *reversed(result_format),
            *filter(None, map(_build_option, reversed(declared))),
            connection,
            inputs,
        ):
            command = decorate(command)
        return command

    return add


def _build_option(name: str) -> Callable[[Decorated], Decorated] | None:
    """An option of a call as one of the command line; None for what only a program can hand over."""
    spec, default, flag = OPTIONS[name], DEFAULTS[name], f"--{name.replace('_', '-')}"
    if spec.kind == "flag":
        return click.option(flag, is_flag=True, help=spec.description)
    if spec.metavar is None:
        return None
    words = spec.description if default is None else f"{spec.description} Default: {default:g}."
    return click.option(flag, type=CLICK_TYPES[spec.kind], metavar=spec.metavar, help=words)
