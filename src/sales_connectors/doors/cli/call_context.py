"""One call, as the options of ``run``, ``pick`` and ``poll`` describe it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from ... import manifest
from ...runtime import Connection, Runtime, default_runtime
from ...runtime.error_context import error_context
from . import parameters
from .exchanges import debug_options
from .formats import Format
from .options import FORMAT_OPTIONS


@dataclass(frozen=True)
class CallArguments:
    """What the three commands have in common."""

    component: str
    key: str
    inputs: Mapping[str, Any]
    """Those of ``--input`` and those that are given as ``name=value``."""
    connection: str | None
    format: Format
    options: Mapping[str, Any]
    """The options of the call that were given, by name."""

    @classmethod
    def parse(
        cls,
        *,
        component: str,
        key: str,
        pairs: Sequence[str],
        text: str | None,
        connection: str | None,
        **others: Any,
    ) -> "CallArguments":
        if text == connection == "-":
            raise click.UsageError("--input and --connection cannot both be read from standard input.")
        shape = Format.parse(*(others.pop(name) for name in FORMAT_OPTIONS))
        given = {name: value for name, value in others.items() if value is not None}
        inputs = parameters.parse_inputs(text, pairs)
        return cls(component, key, inputs, connection, shape, debug_options(given))


@contextmanager
def call_context(call: CallArguments, section: str) -> Iterator[tuple[Runtime, Connection]]:
    """The runtime and the open connection; errors inside say which call it was."""
    with error_context(call.component, call.key, parameters.name_connection(call.connection)):
        found = manifest.load_component(call.component)
        found.entry(section, call.key)
        yield default_runtime(), parameters.resolve_connection(found, call.connection)
