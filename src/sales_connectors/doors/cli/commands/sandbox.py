"""``sandbox``: serve imitations of the vendors' APIs."""

import os
from contextlib import suppress
from typing import Any

import click

from ....addresses import is_loopback
from ....errors import ConfigurationError
from ....extras import require_extra
from .. import completion, options, output
from ..selection import select_components

MAX_PORT = 65_535
DEFAULT_PORT = 8080
MAX_SEED = 100_000
"""Companies whose records a sandbox may begin with; they are made before it listens."""


@click.command(
    epilog="""\b
Examples:
  sales-connectors sandbox zendesk-sell --connect play
  sales-connectors sandbox --stop play
  sales-connectors sandbox zendesk-sell > sandbox.json &
  sales-connectors run zendesk-sell listDeals --connection @sandbox.json
  sales-connectors sandbox zendesk-sell --port 9000 --rate 0 --seed 50 --state sell.db
  sales-connectors sandbox zendesk-sell --faults 'status=503 every=5; latency=0.2 path=/v2/deals'"""
)
@options.some_components
@click.option(
    "--connect", "name", metavar="NAME", help="Serve in the background, and keep the connection under this name."
)
@click.option(
    "--stop",
    "stopped",
    metavar="NAME|URL",
    shell_complete=completion.complete_connections,
    help="End the sandbox of this kept connection, and forget the connection; or the one at this address.",
)
@click.option(
    "--port",
    type=click.IntRange(0, MAX_PORT),
    help=f"0 takes any free port. Default: {DEFAULT_PORT}; with --connect any free one.",
)
@click.option("--rate", type=options.FiniteRange(min=0), metavar="N", help="Requests a second; 0 for no limit.")
@click.option(
    "--seed", type=click.IntRange(0, MAX_SEED), default=1, metavar="N", help="How many companies' worth of records."
)
@click.option("--faults", metavar="TEXT|JSON", help="How to misbehave: status=503, latency=2, cut, drop, html …")
@click.option("--state", metavar="FILE", help="Keep everything in this file for the next time.")
@options.as_json
def command(
    components: tuple[str, ...], name: str | None, stopped: str | None, port: int | None, as_json: bool, **how: Any
) -> None:
    """Serve a component's service without an account, each component on a port of its own.

    Once all of them listen, one line of JSON says how to connect: {component: connection}. Ctrl-C stops it. With
    --connect it goes on in the background instead, until --stop.
    """
    if stopped is not None:
        return _stop(stopped, as_json, beside=[*components, *filter(None, [name])])
    if name is not None:
        return _start(components, name, as_json, {"port": port or 0, **how})
    _serve(components, DEFAULT_PORT if port is None else port, **how)


def _stop(name: str, as_json: bool, beside: list[str]) -> None:
    from ..background import stop_sandbox

    if beside:
        raise click.UsageError(f"--stop takes the name of a connection alone; {beside[0]} cannot stand beside it.")
    was_running = stop_sandbox(name)
    if output.wants_json(as_json):
        return output.print_json({"stopped": name, "wasRunning": was_running})
    forgotten = "" if is_loopback(name) else f"; {name} is forgotten"
    output.print_line(f"The sandbox {'is stopped' if was_running else 'had ended already'}{forgotten}.")


def _start(components: tuple[str, ...], name: str, as_json: bool, how: dict[str, Any]) -> None:
    from ....runtime.error_context import error_context
    from ..background import start_sandbox
    from ..sign_in import advise_use

    if len(components) != 1:
        raise click.UsageError("--connect takes one component: sales-connectors sandbox COMPONENT --connect NAME")
    (found,) = select_components("sandbox/service.py", "sandbox", components)
    faults = how.pop("faults")
    require_extra("sandbox")
    _check_faults(faults, [found.key])
    words = [word for flag, value in how.items() if value is not None for word in (f"--{flag}", str(value))]
    with error_context(found.key, None, name):
        result = start_sandbox(found.key, name, words, faults)
    if output.wants_json(as_json):
        return output.print_json(result)
    output.print_line(f"{found.key} is served at {result['apiUrl']}, and {name} is the connection to it.")
    output.print_line(advise_use(found.key, name))
    output.print_line(f"It runs in the background until: sales-connectors sandbox --stop {name}")


def _serve(
    components: tuple[str, ...], port: int, rate: float | None, seed: int, faults: str | None, state: str | None
) -> None:
    keys = [found.key for found in select_components("sandbox/service.py", "sandbox", components)]
    if port + len(keys) - 1 > MAX_PORT:
        raise click.BadParameter(f"{len(keys)} components need ports up to {MAX_PORT}.", param_hint="--port")
    require_extra("sandbox")
    from ....imitation import serve

    _check_faults(faults, keys)
    try:
        with suppress(KeyboardInterrupt):
            serve(keys, port=port, rate=rate, seed=seed, faults=faults, state=state, ready=_announce)
    except OSError as error:
        raise _port_in_use_error(port, error) from error


def _check_faults(faults: str | None, keys: list[str]) -> None:
    from ....imitation.faults import parse
    from ....imitation.serving import load_imitation

    try:
        for key in keys:
            parse(faults, load_imitation(key).quirks)
    except (ValueError, TypeError) as wrong:
        raise click.BadParameter(str(wrong), param_hint="--faults") from wrong


def _announce(connections: dict[str, Any]) -> None:
    import json

    output.protect_stdout()
    output.write(json.dumps(connections).encode() + b"\n")
    for key, connection in connections.items():
        output.print_message(f"{key} is served at {connection['fields']['apiUrl']}")
    output.print_message("Ctrl-C stops it.")


def _port_in_use_error(port: int, error: OSError) -> ConfigurationError:
    reason = os.strerror(error.errno or 0)
    return ConfigurationError(
        f"The sandbox cannot listen on port {port} or the ones behind it: {reason}. Name another --port",
        code="port_in_use",
    )
