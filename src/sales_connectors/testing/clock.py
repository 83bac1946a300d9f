"""Time for tests."""

from threading import Event

from ..clock import Clock


class FakeClock(Clock):
    """Time that moves when somebody sleeps, or when the test says so."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.wall, self.ticks = now, 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks

    def sleep(self, seconds: float, over: Event | None = None) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.ticks += seconds
