"""The rate budget: evenly spaced, shared by all, fair to who waits for an answer, and never stalled by a clock."""

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest
from tests.runtime.processes import spawn

from sales_connectors.clock import Clock
from sales_connectors.errors import RateLimited
from sales_connectors.store import Store
from sales_connectors.store.rate_limiter import (
    MAX_BULK_BOOKING_SECONDS,
    MAX_RATE_PAUSE_SECONDS,
    UNUSED_ROW_SECONDS,
    RateLimiter,
)
from sales_connectors.testing import FakeClock

RATE = 10.0
SPACE = 1 / (0.95 * RATE)


@pytest.fixture
def budget(store: Store) -> RateLimiter:
    return store.rate_limiter


def most_in_a_second(times: list[float]) -> int:
    """How many of these moments a strict sliding second holds at the most."""
    times = sorted(times)
    return max(sum(start <= time < start + 1 for time in times) for start in times)


def send(budget: RateLimiter, clock: FakeClock, count: int, **options: Any) -> list[float]:
    """When each of so many calls, one after the other, may leave."""
    times = []
    for _ in range(count):
        budget.acquire("a", RATE, **options)
        times.append(clock.monotonic())
    return times


def test_the_first_call_leaves_at_once_and_the_others_evenly(budget: RateLimiter, clock: FakeClock) -> None:
    assert send(budget, clock, 5) == pytest.approx([0, SPACE, 2 * SPACE, 3 * SPACE, 4 * SPACE], abs=1e-5)


def test_no_sliding_second_holds_more_than_the_limit(budget: RateLimiter, clock: FakeClock) -> None:
    assert most_in_a_second(send(budget, clock, 60)) == RATE


def test_quiet_time_is_not_saved_up_for_a_burst(budget: RateLimiter, clock: FakeClock) -> None:
    send(budget, clock, 1)
    clock.pass_by(3600)
    start = clock.monotonic()

    assert send(budget, clock, 3) == pytest.approx([start, start + SPACE, start + 2 * SPACE], abs=1e-5)


def test_connections_do_not_share_a_budget(budget: RateLimiter, clock: FakeClock) -> None:
    budget.acquire("a", RATE)
    budget.acquire("b", RATE)

    assert clock.slept == []


def test_no_limit_asks_nobody(tmp_path: Path) -> None:
    store = Store(home=tmp_path)
    store.rate_limiter.acquire("a", 0)

    assert list(tmp_path.iterdir()) == []


# --- who waits for an answer, and who has time ----------------------------------------------------


def test_bulk_work_books_a_little_ahead_only(budget: RateLimiter) -> None:
    waits = [budget.reserve("a", RATE, bulk=True) for _ in range(20)]

    granted = [booked.wait for booked in waits if booked.granted]
    assert granted == pytest.approx([0, SPACE], abs=1e-5)
    assert max(granted) <= MAX_BULK_BOOKING_SECONDS


def test_an_interactive_call_waits_less_than_half_a_second_behind_bulk(budget: RateLimiter) -> None:
    for _ in range(100):
        budget.reserve("a", RATE, bulk=True)

    assert budget.reserve("a", RATE).wait < 0.5


def test_who_is_no_longer_needed_takes_nothing(budget: RateLimiter, clock: FakeClock) -> None:
    """Neither a newcomer nor who came back for a slot."""
    needless, sleep = threading.Event(), clock.sleep

    def give_up_meanwhile(seconds: float, over: threading.Event | None = None) -> None:
        needless.set()
        sleep(seconds, over)

    clock.sleep = give_up_meanwhile  # type: ignore[method-assign]
    send(budget, clock, 1)
    for _ in range(2):
        budget.reserve("a", RATE)
    for _ in range(2):
        with pytest.raises(CancelledError):
            budget.acquire("a", RATE, bulk=True, over=needless)
    assert len(clock.slept) == 1
    clock.pass_by(3 * SPACE)
    assert budget.reserve("a", RATE).wait == 0


def test_bulk_work_comes_back_and_uses_every_slot(budget: RateLimiter, clock: FakeClock) -> None:
    times = send(budget, clock, 100, bulk=True)

    assert times[-1] == pytest.approx(99 * SPACE, abs=1e-3)
    assert most_in_a_second(times) <= RATE


# --- deadlines ------------------------------------------------------------------------------------


def test_a_wait_that_fits_the_deadline_is_waited(budget: RateLimiter, clock: FakeClock) -> None:
    send(budget, clock, 1)
    budget.acquire("a", RATE, deadline=clock.monotonic() + 0.2)

    assert clock.monotonic() == pytest.approx(SPACE, abs=1e-5)


@pytest.mark.parametrize("bulk", [False, True])
def test_a_wait_past_the_deadline_fails_at_once_and_takes_nothing(
    budget: RateLimiter, clock: FakeClock, bulk: bool
) -> None:
    for _ in range(10):
        budget.reserve("a", RATE)

    for _ in range(3):
        with pytest.raises(RateLimited, match=r"no room for 1\.1 s") as raised:
            budget.acquire("a", RATE, bulk=bulk, deadline=clock.monotonic() + 0.5)
        assert raised.value.retry_after == pytest.approx(10 * SPACE, abs=0.01)

    assert clock.slept == []
    assert budget.reserve("a", RATE).wait == pytest.approx(10 * SPACE, abs=1e-5)


def test_nobody_books_more_than_a_minute_ahead(budget: RateLimiter, clock: FakeClock) -> None:
    waits = [budget.reserve("a", 1.0) for _ in range(100)]

    assert [booked.granted for booked in waits] == [True] * 57 + [False] * 43
    budget.acquire("a", 1.0)
    assert clock.monotonic() == pytest.approx(57 / 0.95, abs=0.2)


# --- pauses ---------------------------------------------------------------------------------------


def test_a_pause_holds_for_everybody_on_the_store(
    budget: RateLimiter, clock: FakeClock, open_store: Callable[..., Store]
) -> None:
    budget.acquire("a", RATE)
    budget.pause("a", 7)
    other = open_store(clock).rate_limiter

    other.acquire("a", RATE)
    budget.acquire("a", RATE)

    assert clock.monotonic() == pytest.approx(7 + SPACE, abs=1e-4)


def test_a_shorter_pause_does_not_end_a_longer_one(budget: RateLimiter, clock: FakeClock) -> None:
    budget.pause("a", 30)
    budget.pause("a", 1)
    budget.pause("a", 0)

    assert budget.reserve("a", RATE).wait == pytest.approx(30)


def test_a_pause_reaches_those_who_sleep_for_their_slot(budget: RateLimiter, clock: FakeClock) -> None:
    budget.acquire("a", RATE)
    sleep = clock.sleep

    def refused_while_asleep(seconds: float, over: threading.Event | None = None) -> None:
        clock.sleep = sleep  # type: ignore[method-assign]
        sleep(seconds)
        budget.pause("a", 5)

    clock.sleep = refused_while_asleep  # type: ignore[method-assign]
    budget.acquire("a", RATE)

    assert clock.monotonic() == pytest.approx(SPACE + 5, abs=1e-4)


def test_a_pause_longer_than_the_deadline_is_said(budget: RateLimiter, clock: FakeClock) -> None:
    budget.pause("a", 120)

    with pytest.raises(RateLimited) as raised:
        budget.acquire("a", RATE, deadline=clock.monotonic() + 60)
    assert raised.value.retry_after == pytest.approx(120)


# --- clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-30, -120, -3600, -31_536_000, 3600, 31_536_000])
def test_a_clock_that_jumps_stalls_nobody(budget: RateLimiter, clock: FakeClock, jump: float) -> None:
    for _ in range(20):
        budget.reserve("a", RATE)
    clock.wall += jump
    before = clock.monotonic()

    times = send(budget, clock, 20)

    assert times[0] - before <= 20 * SPACE + 0.001
    assert most_in_a_second(times) <= RATE


def test_a_clock_that_lies_a_little_behind_takes_nothing_of_the_queue(budget: RateLimiter, clock: FakeClock) -> None:
    """Whoever waited for the store asks with the time of before, and it is no clock that was set back."""
    for _ in range(20):
        budget.reserve("a", RATE)
    clock.wall -= 5.0

    assert budget.reserve("a", RATE).wait == pytest.approx(5 + 20 * SPACE, abs=1e-3)


def test_no_pause_is_longer_than_an_hour(budget: RateLimiter) -> None:
    budget.pause("a", 1e9)

    assert budget.reserve("a", RATE).wait == pytest.approx(MAX_RATE_PAUSE_SECONDS)


def test_a_clock_that_is_set_back_keeps_what_is_left_of_a_pause(budget: RateLimiter, clock: FakeClock) -> None:
    budget.pause("a", 60)
    clock.pass_by(20)
    clock.wall -= 1800

    budget.acquire("a", RATE)

    assert clock.monotonic() == pytest.approx(20 + 60, abs=1e-3)


def test_a_slower_limit_of_before_does_not_hold_up_a_faster_one(budget: RateLimiter, clock: FakeClock) -> None:
    budget.reserve("a", 0.001)

    assert budget.reserve("a", RATE).wait == 0


def test_a_slot_that_was_slept_through_is_booked_anew(budget: RateLimiter, clock: FakeClock) -> None:
    budget.acquire("a", RATE)
    sleep = clock.sleep

    def oversleep(seconds: float, over: threading.Event | None = None) -> None:
        clock.sleep = sleep  # type: ignore[method-assign]
        sleep(seconds + 0.09)

    clock.sleep = oversleep  # type: ignore[method-assign]
    budget.acquire("a", RATE)
    budget.acquire("a", RATE)

    assert clock.monotonic() == pytest.approx(3 * SPACE, abs=1e-4)


def test_rows_that_nobody_uses_are_swept(
    budget: RateLimiter, store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget.reserve("old", RATE)
    clock.pass_by(UNUSED_ROW_SECONDS + 1)
    monkeypatch.setattr("sales_connectors.store.rate_limiter.SWEEP_ONE_IN", 1)
    budget.reserve("new", RATE)

    assert store.database.run("SELECT identity FROM sales_connectors_budget", {}) == [("new",)]


# --- processes ------------------------------------------------------------------------------------


def test_processes_never_get_the_same_slot(store_url: str, tmp_path: Path) -> None:
    """Time stands still for all, so that slots can be counted: each is handed out once, and none is left out."""
    processes, threads, each = 4, 4, 10
    workers = [spawn(__file__, store_url, tmp_path, threads, each) for _ in range(processes)]
    slots = [slot for worker in workers for slot in json.loads(worker.communicate(timeout=60)[0])]

    assert sorted(slots) == pytest.approx([number * SPACE for number in range(processes * threads * each)], abs=1e-3)


class StoppedClock(Clock):
    def now(self) -> float:
        return 1_800_000_000.0

    def monotonic(self) -> float:
        return 0.0


def reserve_in_threads(url: str, home: str, threads: str, each: str) -> list[float]:
    store = Store(url, home=Path(home), clock=StoppedClock())
    slots: list[float] = []

    def reserve() -> None:
        for _ in range(int(each)):
            slots.append(store.rate_limiter.reserve("a", RATE).wait)

    workers = [threading.Thread(target=reserve) for _ in range(int(threads))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store.close()
    return slots


if __name__ == "__main__":
    print(json.dumps(reserve_in_threads(*sys.argv[1:])))
