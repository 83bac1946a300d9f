"""The one place where time comes from."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event


class Clock:
    """Real time.  Tests pass a clock of their own, so that nobody has to wait."""

    def now(self) -> float:
        """Seconds since the epoch; it may jump, and other processes read the same."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only ever move forward; meaningful in this process alone."""
        return time.monotonic()

    def sleep(self, seconds: float, over: Event | None = None) -> None:
        """Let time pass, until ``over`` is set at the latest."""
        if seconds > 0 and over is not None:
            over.wait(seconds)
        elif seconds > 0:
            time.sleep(seconds)


SYSTEM_CLOCK = Clock()

_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextmanager
def limit_waits(seconds: float | None) -> Iterator[None]:
    """Let the store keep what is inside waiting for no longer than this in all; None lifts a limit from outside, for
    what must be written however late it is."""
    before = _ends.set(None if seconds is None else SYSTEM_CLOCK.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(before)


def limit_wait(seconds: float) -> float:
    """So many seconds, or what is left of the limit."""
    ends = _ends.get()
    return seconds if ends is None else min(seconds, max(0.0, ends - SYSTEM_CLOCK.monotonic()))
