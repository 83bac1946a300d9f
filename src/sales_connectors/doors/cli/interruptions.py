"""Signals that end the program, which wait until a record is out whole."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

ENDING_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
]


class Interruptions:
    """What ends the program while something is written comes through behind it; whoever asks twice does not wait."""

    def __init__(self) -> None:
        self._handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._is_busy, self._waiting = False, 0

    def __enter__(self) -> "Interruptions":
        if current_thread() is main_thread():
            for number in ENDING_SIGNALS:
                handler = signal.getsignal(number)
                if callable(handler):  # what is ignored, or ends the process by itself, stays as it is
                    self._handlers[number] = handler
                    signal.signal(number, self._take)
        return self

    def __exit__(self, *raised: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @contextmanager
    def postponed(self) -> Iterator[None]:
        self._is_busy = True
        try:
            yield
        finally:
            self._is_busy = False
        if self._waiting:
            self._handlers[self._waiting](self._waiting, None)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self._is_busy and not self._waiting:
            self._waiting = number
        else:
            self._handlers[number](number, frame)
