"""Work that nobody may cut short: from the spending of a refresh token until its successor is kept.

It is done on a thread of its own.  Who waits for it may be interrupted or run out of time; the work goes on, and the
process does not end before it has.
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Generic, TypeVar

from ..clock import SYSTEM_CLOCK, Clock
from ..errors import Unavailable

T = TypeVar("T")

MAX_ERRAND_SECONDS = 60.0
"""Seconds that a process which wants to end waits for each of its errands: none lasts longer, unless it hangs."""
MAX_START_SECONDS = 1.0
"""Seconds that a thread which was started takes to run, at the most."""


class Errand(Generic[T]):
    """Work that begins when somebody waits for it; any number of threads may.

    What is to be done ``afterwards`` is part of it: the process does not end before, though who waited is gone.
    """

    def __init__(self, work: Callable[[], T], afterwards: Callable[["Errand[T]"], object] | None = None) -> None:
        self._work, self._afterwards = work, afterwards
        self._results: list[T] = []
        self._failure: BaseException | None = None
        self._begun, self._over = threading.Lock(), threading.Event()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self, deadline: float | None, clock: Clock) -> T:
        """What the work comes to; Unavailable once the deadline has passed."""
        self._begin()
        if not self._over.wait(None if deadline is None else max(0.0, deadline - clock.monotonic())):
            raise deadline_error()
        return self.get_result()

    def get_result(self) -> T:
        """What the work came to; only once it is over."""
        if self._failure is not None:
            raise self._failure
        return self._results[0]

    def _begin(self) -> None:
        """Start a thread for it.  Who is interrupted at that leaves none, or one: so the next who waits starts another,
        and the first that runs does the work."""
        if self._begun.locked():
            return
        try:
            _ErrandThread(target=copy_context().run, args=(self._do,)).start()
        except RuntimeError:  # the interpreter is ending, and starts no thread any more
            self._do()

    def _do(self) -> None:
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._results.append(self._work())
        except BaseException as error:
            self._failure = error
        self._over.set()
        if self._afterwards is not None:
            self._afterwards(self)


class _ErrandThread(threading.Thread):
    """No daemon: the interpreter waits for it."""

    def __init__(self, **work: object) -> None:
        super().__init__(name="errand", daemon=False, **work)  # type: ignore[arg-type]
        self._runs = threading.Event()

    def run(self) -> None:
        self._runs.set()
        super().run()

    def wait(self, begins_by: float) -> None:
        """Wait for its end; one that does not begin, since who started it was interrupted, has nothing in hand."""
        if self._runs.wait(max(0.0, begins_by - SYSTEM_CLOCK.monotonic())):
            self.join(MAX_ERRAND_SECONDS)


def is_errand_under_way() -> bool:
    """Whether anybody in this process is at work that may not be cut short."""
    return any(isinstance(thread, _ErrandThread) for thread in threading.enumerate())


def wait_for_errands() -> None:
    """Wait for what is under way in this process; for who ends it without waiting for its threads."""
    begins_by = SYSTEM_CLOCK.monotonic() + MAX_START_SECONDS
    for thread in threading.enumerate():
        if isinstance(thread, _ErrandThread) and thread is not threading.current_thread():
            thread.wait(begins_by)


def deadline_error() -> Unavailable:
    return Unavailable("The deadline passed while a token was being refreshed", code="deadline")
