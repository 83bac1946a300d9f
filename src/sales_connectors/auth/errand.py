"""Work that nobody may cut short: from the spending of a refresh token until its successor is kept.

It is done on a thread of its own.  Who waits for it may be interrupted or run out of time; the work goes on, and the
process does not end before it has.
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Generic, TypeVar

from ..clock import Clock
from ..errors import Unavailable

T = TypeVar("T")

MAX_ERRAND_SECONDS = 60.0
"""Seconds that a process which wants to end waits for each of its errands: none lasts longer, unless it hangs."""


class Errand(Generic[T]):
    """Work under way; any number of threads may wait for it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._failure: BaseException | None = None
        self._over, self._lock = threading.Event(), threading.Lock()
        self._heirs: list[Callable[[Errand[T]], object]] = []
        try:
            _ErrandThread(target=copy_context().run, args=(self._do,)).start()
        except RuntimeError:  # the interpreter is ending, and starts no thread any more
            self._do()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self, deadline: float | None, clock: Clock, take_over: Callable[["Errand[T]"], object] | None = None) -> T:
        """What the work comes to; Unavailable once the deadline has passed.

        Where this leaves without it, ``take_over`` is called when the work is done.
        """
        try:
            if not self._over.wait(None if deadline is None else max(0.0, deadline - clock.monotonic())):
                raise deadline_error()
        except BaseException:
            self._leave_to(take_over)
            raise
        return self.get_result()

    def get_result(self) -> T:
        """What the work came to; only once it is over."""
        if self._failure is not None:
            raise self._failure
        return self._results[0]

    def _do(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:
            self._failure = error
        with self._lock:
            self._over.set()
            heirs = self._heirs
        for take_over in heirs:
            take_over(self)

    def _leave_to(self, take_over: Callable[["Errand[T]"], object] | None) -> None:
        with self._lock:
            if take_over is not None and not self.is_over:
                self._heirs.append(take_over)
                return
        if take_over is not None:
            take_over(self)


class _ErrandThread(threading.Thread):
    """No daemon: the interpreter waits for it."""

    def __init__(self, **work: object) -> None:
        super().__init__(name="errand", daemon=False, **work)  # type: ignore[arg-type]


def wait_for_errands() -> None:
    """Wait for what is under way in this process; for who ends it without waiting for its threads."""
    for thread in threading.enumerate():
        if isinstance(thread, _ErrandThread) and thread is not threading.current_thread():
            thread.join(MAX_ERRAND_SECONDS)


def deadline_error() -> Unavailable:
    return Unavailable("The deadline passed while a token was being refreshed", code="deadline")
