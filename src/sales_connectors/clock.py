"""The one place where time comes from."""

import time


class Clock:
    """Real time.  Tests pass a clock of their own, so that nobody has to wait."""

    def now(self) -> float:
        """Seconds since the epoch; it may jump, and other processes read the same."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only ever move forward; meaningful in this process alone."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


SYSTEM_CLOCK = Clock()
