"""Dying at a certain step: methods are patched in the process that shall die, and nowhere else."""

import os
import signal
from collections.abc import Callable
from functools import wraps
from typing import Any


class Failpoints:
    """What this process is to die of.  Of all processes with the same ticket only the first one does."""

    def __init__(self) -> None:
        self._step, self._ticket = "", ""

    def order(self, step: str, ticket: str = "") -> None:
        """Die when the step is reached."""
        self._step, self._ticket = step, ticket

    def reached(self, step: str) -> None:
        if step == self._step and self._is_first():
            os.kill(os.getpid(), signal.SIGKILL)

    def wrap(self, kind: type, method: str, *, before: str = "", after: str = "") -> None:
        """Name the moments before a method is called and after it did its work; False says that it did not."""
        original: Callable[..., Any] = getattr(kind, method)

        @wraps(original)
        def patched(*arguments: Any, **named: Any) -> Any:
            self.reached(before)
            result = original(*arguments, **named)
            if result is not False:
                self.reached(after)
            return result

        setattr(kind, method, patched)

    def _is_first(self) -> bool:
        if not self._ticket:
            return bool(self._step)
        try:
            os.close(os.open(self._ticket, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True
