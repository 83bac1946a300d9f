"""``demo``: a component's story, told against a sandbox of its own."""

import shutil
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from ....components import is_of_checkout
from ....extras import require_extra
from ....sdk import Effect
from .. import PROGRAM_NAME, options, output
from ..form_command import shorten_description
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
    if not components:  # the component of the repository first, as in its README
        chosen.sort(key=lambda found: not is_of_checkout(found.folder))
    require_extra("sandbox")
    for number, found in enumerate(chosen, start=1):
        output.print_text(_format_chapter(number, len(chosen), found))
        _play(found)
    output.print_text(_format_next_steps(chosen[0]))


def _format_chapter(number: int, count: int, found: "Component") -> str:
    title = f"Chapter {number} of {count}: {found.label}" if count > 1 else found.label
    before = "\n" if number > 1 else ""
    return f"{before}{title}\n{'=' * len(title)}\n{shorten_description(found.description)}\n\n"


def _format_next_steps(found: "Component") -> str:
    """What to type next; a shell that does not find the program is told where it lies."""
    activate = Path(sys.prefix) / "bin" / "activate"
    is_hidden = shutil.which(PROGRAM_NAME) is None and activate.exists()
    listed = next(key for key, entry in found.actions.items() if entry.effect is Effect.READ and key.startswith("list"))
    steps = [
        *([f"source {output.shorten_path(activate)}"] if is_hidden else []),
        f"{PROGRAM_NAME} sandbox {found.key} --connect play",
        f"{PROGRAM_NAME} run {found.key} {listed}",
        f"{PROGRAM_NAME} describe {found.key}",
        f"{PROGRAM_NAME} sandbox --stop play",
    ]
    return "\n".join(["", "What to type next, to try it by hand:", *(f"  {step}" for step in steps), ""])


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
