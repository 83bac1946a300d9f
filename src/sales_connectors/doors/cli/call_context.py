"""One call, as the options of ``run``, ``pick`` and ``poll`` describe it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ... import manifest
from ...options import Options
from ...runtime import Connection, Runtime, default_runtime
from ...runtime.error_context import error_context
from . import parameters


@dataclass(frozen=True)
class CallArguments:
    """What the three commands have in common."""

    component: str
    key: str
    text: str | None
    """The value of ``--input``."""
    connection: str | None
    debug: bool
    timeout: float | None
    deadline: float | None
    retries: int | None
    as_json: bool

    def build_options(self, **more: Any) -> Options:
        return Options().changed(
            debug=self.debug, timeout=self.timeout, deadline=self.deadline, retries=self.retries, **more
        )


@contextmanager
def call_context(call: CallArguments, section: str) -> Iterator[tuple[Runtime, Connection]]:
    """The runtime and the open connection; errors inside say which call it was."""
    with error_context(call.component, call.key, parameters.name_connection(call.connection)):
        found = manifest.load_component(call.component)
        found.entry(section, call.key)
        yield default_runtime(), parameters.resolve_connection(found, call.connection)
