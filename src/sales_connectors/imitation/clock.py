"""The sandbox's time: the real one, plus whatever a test has moved it on by."""

import time
from datetime import UTC, datetime

from .numbers import check_number

MAX_AHEAD_SECONDS = 100 * 365 * 86_400.0
"""How far a clock can be moved on: dates end with the year 9999."""


class Clock:
    """Everything in a sandbox that depends on time asks this one object."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def today(self) -> datetime:
        """The present moment in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def unmoved(self) -> float:
        """The same for everybody who does not know that this clock was moved on."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Move the clock on; it never runs backwards."""
        self._ahead += check_number("advance", seconds, least=0, most=MAX_AHEAD_SECONDS - self._ahead)
