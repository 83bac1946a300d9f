"""The sandbox's time: the real one, plus whatever a test has moved it on by."""

import time
from datetime import UTC, datetime


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

    def advance(self, seconds: float) -> None:
        """Move the clock on; it never runs backwards."""
        if seconds < 0:
            raise ValueError(f"a clock cannot be moved back by {-seconds} seconds")
        self._ahead += seconds
