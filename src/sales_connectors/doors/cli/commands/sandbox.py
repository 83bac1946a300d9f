"""``sandbox``: serve imitations of the vendors' APIs."""

import os
from contextlib import suppress
from typing import Any

import click

from ....errors import ConfigurationError
from .. import options, output
from ..extras import require_extra
from ..selection import select_components

MAX_PORT = 65_535
MAX_SEED = 100_000
"""Companies whose records a sandbox may begin with; they are made before it listens."""


@click.command(
    epilog="""\b
Examples:
  sales-connectors sandbox zendesk-sell > sandbox.json &
  sales-connectors connect zendesk-sell play --from @sandbox.json
  sales-connectors sandbox zendesk-sell --port 9000 --rate 0 --seed 50 --state sell.db
  sales-connectors sandbox zendesk-sell --faults 'status=503 every=5; latency=0.2 path=/v2/deals'"""
)
@options.some_components
@click.option(
    "--port", type=click.IntRange(0, MAX_PORT), default=8080, show_default=True, help="0 takes any free port."
)
@click.option("--rate", type=options.FiniteRange(min=0), metavar="N", help="Requests a second; 0 for no limit.")
@click.option(
    "--seed", type=click.IntRange(0, MAX_SEED), default=1, metavar="N", help="How many companies' worth of records."
)
@click.option("--faults", metavar="TEXT|JSON", help="How to misbehave: status=503, latency=2, cut, drop, html …")
@click.option("--state", metavar="FILE", help="Keep everything in this file for the next time.")
def command(
    components: tuple[str, ...], port: int, rate: float | None, seed: int, faults: str | None, state: str | None
) -> None:
    """Serve a component's service without an account, each component on a port of its own.

    Once all of them listen, one line of JSON says how to connect: {component: connection}. Ctrl-C stops it.
    """
    keys = [found.key for found in select_components("sandbox/service.py", "sandbox", components)]
    if port + len(keys) - 1 > MAX_PORT:
        raise click.BadParameter(f"{len(keys)} components need ports up to {MAX_PORT}.", param_hint="--port")
    with require_extra("sandbox"):
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
