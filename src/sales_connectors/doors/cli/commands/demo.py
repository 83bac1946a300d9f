"""``demo``: a component's story, told against a sandbox of its own."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from .. import options, output
from ..extras import require_extra
from ..records import RecordKind
from ..selection import select_components

if TYPE_CHECKING:
    from ....manifest import Component


@click.command(
    epilog="""\b
Examples:
  sales-connectors demo
  sales-connectors demo zendesk-sell"""
)
@options.some_components
def command(components: tuple[str, ...]) -> None:
    """Show components at work, without an account and leaving nothing behind.

    Every step is done for real, against a sandbox that lives as long as the demo.
    """
    chosen = select_components("sandbox/demo.py", "demo", components)
    with require_extra("sandbox"):
        for found in chosen:
            _play(found)


def _play(found: "Component") -> None:
    from ....imitation import running
    from ....runtime.runtime import Runtime
    from ....store import Store
    from ...python.connector import connect

    play = import_module(f"{found.package}.sandbox.demo").play
    with TemporaryDirectory() as home, running(found.key) as box:
        store = Store(f"sqlite:///{home}/store.db", home=Path(home))
        try:
            sell = connect(found.key, box.connection, runtime=Runtime(store), on_token=_forget)
            play(sell, StepPrinter(RecordKind(found.envelope)), box)
        finally:
            store.close()


def _forget(token: Mapping[str, Any]) -> None:
    """The account ends with the demo."""


class StepPrinter:
    """``say(title, value)``: the next step of the story, and what came out of it."""

    def __init__(self, kind: RecordKind) -> None:
        self._kind, self._steps = kind, 0

    def __call__(self, title: str, value: Any = None) -> None:
        self._steps += 1
        if output.wants_json(False):
            return output.write(_format_step(self._steps, title, value))
        from .. import render

        render.draw_step(self._steps, title, value, self._kind)


def _format_step(number: int, title: str, value: Any) -> bytes:
    """A step as text: a number, a title, and the value indented below it."""
    from .... import jsontext

    shown = value if isinstance(value, str) else jsontext.dumps(_as_plain(value), indent=2).decode()
    below = "".join(f"    {line}\n" for line in shown.splitlines()) if value is not None else ""
    return f"{number:>2}  {title}\n{below}".encode()


def _as_plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
