"""The counter that runs at a terminal while all pages of a list are read."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from .output import is_dumb_terminal, is_terminal, measure_terminal, shows_styles, speaks_unicode

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def counter(*, quiet: bool = False) -> Iterator[Callable[[int], None] | None]:
    """What to call with the number of records so far; None where nobody watches."""
    if quiet or not is_terminal(sys.stderr) or is_dumb_terminal(sys.stderr):
        yield None
        return
    shown: list[Progress] = []

    def count(records: int) -> None:
        if shown:
            shown[0].update(shown[0].task_ids[0], completed=records)
        else:
            shown.append(_start_progress(records))

    try:
        yield count
    finally:
        for progress in shown:
            with suppress(OSError):  # the terminal may be gone; the result is not
                progress.stop()


def _start_progress(records: int) -> "Progress":
    """How many there will be, no service tells; so it counts, and vanishes when it is done."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    width, height = measure_terminal()
    styles: dict[str, Any] = {} if shows_styles(sys.stderr) else {"color_system": None}
    progress = Progress(
        SpinnerColumn("dots" if speaks_unicode(sys.stderr) else "line"),
        TextColumn("{task.completed:,.0f} records"),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr, width=width, height=height, **styles),
        transient=True,
    )
    progress.add_task("reading", total=None, completed=records)
    progress.start()
    return progress
