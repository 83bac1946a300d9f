"""One rate budget for each connection, shared by every thread and process on the same store.

It is a GCRA with a burst of one: a row says when the next request may leave, and one statement takes that slot and
moves it on.  Requests are spread evenly, so that even a service that counts in a strict sliding second sees no more
than it allows.
"""

import math
import random
from concurrent.futures import CancelledError
from threading import Event
from typing import NamedTuple

from ..clock import SYSTEM_CLOCK, Clock, limit_waits
from ..errors import RateLimited
from .database import Database

LIMIT_SHARE = 0.95
"""The part of the vendor's limit that is used; the rest absorbs how unevenly requests travel."""
MAX_BULK_BOOKING_SECONDS = 0.2
"""Seconds that bulk work may book in advance; a caller who waits for an answer is served after that."""
NEWCOMER_SHARE, SENIORITY_SECONDS = 0.6, 10.0
"""The part of that which is for newcomers, and the seconds of waiting that give half of the rest: whoever has waited
longer books further ahead, so that nobody is passed over for ever."""
MAX_BOOKING_SECONDS = 60.0
"""Seconds that anybody may book in advance; who would wait longer comes back."""
MAX_RATE_PAUSE_SECONDS = 3600.0
MAX_LATENESS_SECONDS = 0.03
"""Seconds after which a slot that was slept through is no longer good: the next sender may be too close behind."""
MIN_CLOCK_JUMP_SECONDS = 15.0
"""Seconds by which a caller's time may lie behind, since it waited for the store; more is a clock that was set back."""
UNUSED_ROW_SECONDS = 86_400.0
SWEEP_ONE_IN = 500

# a clock that was set back takes the bookings and the pause with it
_DRIFT = "CASE WHEN budget.touched > excluded.touched + :jump THEN budget.touched - excluded.touched ELSE 0 END"
_FREE_AT = f"(budget.free_at - {_DRIFT})"
_PLAUSIBLE_FREE_AT = (
    f"CASE WHEN {_FREE_AT} > excluded.touched + :horizon + :spacing THEN excluded.touched ELSE {_FREE_AT} END"
)
_SLOT = f"{{latest}}(excluded.touched, budget.paused_until - {_DRIFT}, {_PLAUSIBLE_FREE_AT})"

RESERVE = f"""
    INSERT INTO sales_connectors_budget AS budget (identity, slot, free_at, paused_until, touched)
    VALUES (:identity, {{now}}, {{now}} + :spacing, 0, {{now}})
    ON CONFLICT (identity) DO UPDATE SET
        slot = {_SLOT},
        free_at = CASE WHEN {_SLOT} - excluded.touched <= :most THEN {_SLOT} + :spacing ELSE {_FREE_AT} END,
        paused_until = budget.paused_until - {_DRIFT},
        touched = excluded.touched
    RETURNING slot, touched
"""
PAUSE = f"""
    INSERT INTO sales_connectors_budget AS budget (identity, slot, free_at, paused_until, touched)
    VALUES (:identity, {{now}}, {{now}}, {{now}} + :seconds, {{now}})
    ON CONFLICT (identity) DO UPDATE SET
        free_at = {_FREE_AT},
        paused_until = {{latest}}(budget.paused_until - {_DRIFT}, excluded.paused_until),
        touched = excluded.touched
"""
FIND_PAUSE = """
    SELECT 1 FROM sales_connectors_budget
    WHERE identity = :identity AND paused_until > {now}
"""
SWEEP = "DELETE FROM sales_connectors_budget WHERE touched < {now} - :unused OR touched > {now} + :unused"


class Reservation(NamedTuple):
    """``granted``: the slot in ``wait`` seconds is ours.  Otherwise the queue is so long, too long for us."""

    wait: float
    granted: bool


class RateLimiter:
    """Who may send when."""

    def __init__(self, database: Database, clock: Clock = SYSTEM_CLOCK) -> None:
        self._database, self._clock = database, clock

    def acquire(
        self,
        identity: str,
        per_second: float,
        *,
        bulk: bool = False,
        deadline: float | None = None,
        over: Event | None = None,
    ) -> None:
        """Wait for a slot, and return when the request may leave.

        ``per_second`` is what the vendor allows; 0 is no limit.  Where the wait would pass the deadline (monotonic
        time), it raises RateLimited at once and takes nothing; once ``over`` is set nobody needs the request any
        more, and it raises CancelledError.
        """
        second_chance, began = True, self._clock.monotonic()
        while per_second > 0:
            if over is not None and over.is_set():
                raise CancelledError
            waited = self._clock.monotonic() - began
            remaining = math.inf if deadline is None else deadline - self._clock.monotonic()
            with limit_waits(None if deadline is None else remaining):
                booked = self.reserve(identity, per_second, bulk=bulk, within=remaining, waited=waited)
            if booked.wait > max(remaining, 0.0):
                raise _wait_too_long_error(booked.wait, remaining)
            if not booked.granted:
                self._clock.sleep(_compute_return_delay(booked.wait, bulk, waited), over)
                continue
            if booked.wait == 0.0:
                return
            late = self._sleep(booked.wait, over)
            if over is not None and over.is_set():
                raise CancelledError
            if (late <= MAX_LATENESS_SECONDS or not second_chance) and not self._is_paused(identity):
                return
            second_chance = False

    def reserve(
        self, identity: str, per_second: float, *, bulk: bool = False, within: float = math.inf, waited: float = 0.0
    ) -> Reservation:
        """Take the next slot if it is no more than ``within`` seconds away; ``waited`` is how long we did already."""
        if random.randrange(SWEEP_ONE_IN) == 0:
            self._database.run(SWEEP, {"unused": UNUSED_ROW_SECONDS}, durable=False)
        most = max(0.0, min(within, _compute_queue_limit(bulk, waited)))
        values = {
            "identity": identity,
            "spacing": 1.0 / (LIMIT_SHARE * per_second),
            "most": most,
            "horizon": MAX_BOOKING_SECONDS,
            "jump": MIN_CLOCK_JUMP_SECONDS,
        }
        slot, asked_at = self._database.run(RESERVE, values, durable=False)[0]
        # the store itself may have kept us waiting, which shows only where its clock is ours
        waited = max(0.0, self._clock.now() - asked_at) if self._database.has_our_time else 0.0
        return Reservation(max(0.0, slot - asked_at - waited), slot - asked_at <= most)

    def pause(self, identity: str, seconds: float) -> None:
        """The service asked for a pause: nobody on this store sends before it ends; a longer one stays."""
        if seconds > 0:
            values = {
                "identity": identity,
                "seconds": min(seconds, MAX_RATE_PAUSE_SECONDS),
                "jump": MIN_CLOCK_JUMP_SECONDS,
            }
            self._database.run(PAUSE, values, durable=False)

    def _sleep(self, wait: float, over: Event | None) -> float:
        """Sleep, and say by how much it became too long."""
        ends = self._clock.monotonic() + wait
        self._clock.sleep(wait, over)
        return self._clock.monotonic() - ends

    def _is_paused(self, identity: str) -> bool:
        """Whether a pause came while we slept."""
        return bool(self._database.run(FIND_PAUSE, {"identity": identity}, durable=False))


def _compute_queue_limit(bulk: bool, waited: float) -> float:
    """How long the queue may be, in seconds, for us to join it."""
    seniority = waited / (waited + SENIORITY_SECONDS)
    return (
        MAX_BULK_BOOKING_SECONDS * (NEWCOMER_SHARE + (1 - NEWCOMER_SHARE) * seniority) if bulk else MAX_BOOKING_SECONDS
    )


def _compute_return_delay(wait: float, bulk: bool, waited: float) -> float:
    """Seconds until the queue is short enough to join it; not everybody at the same moment."""
    return max(0.0, wait - _compute_queue_limit(bulk, waited)) + random.uniform(0.001, MAX_BULK_BOOKING_SECONDS / 4)


def _wait_too_long_error(wait: float, remaining: float) -> RateLimited:
    return RateLimited(
        f"The rate budget of this connection has no room for {wait:.1f} s, and the call may wait for another"
        f" {max(remaining, 0.0):.1f} s only. Try later, or give the call a longer deadline",
        code="budget",
        retry_after=round(wait, 3),
    )
