"""When a request is repeated, and after how long."""

from collections.abc import Callable, Mapping

from ..options import MAX_OPTION_SECONDS
from ..sdk import Effect, Repeat, Request
from ..sdk.request import SAFE_METHODS
from ..sdk.waiting import parse_wait
from .call import AttemptResult, CallScope
from .fate import Fate

TRANSIENT_STATUSES = frozenset({408, 425, 429, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses after which the same request may well succeed; the last ones are those of a gateway in front of many."""

BASE_SECONDS, CAP_SECONDS = 0.5, 30.0
"""The first wait is up to BASE_SECONDS, every later one up to twice the one before, never more than
CAP_SECONDS."""

MAX_WAIT_SECONDS = 120.0
"""Without a deadline nobody waits longer than this for a service that asks for patience."""

REPEATABLE_METHODS = SAFE_METHODS | {"PUT", "DELETE"}


def is_repeatable(method: str, effect: Effect) -> bool:
    """Whether sending the request twice does no more than sending it once."""
    if effect.is_idempotent:
        return True
    return method in (REPEATABLE_METHODS if effect is Effect.ANY else SAFE_METHODS)


def compute_delay(
    out: Request, call: CallScope, outcome: AttemptResult, attempt: int, random: Callable[[], float]
) -> float | None:
    """Seconds before the next attempt; None where there is none."""
    if out.repeat is not None:
        return _apply_repeat_rule(out.repeat, out.method, outcome, attempt)
    if attempt > call.options.retries or not _is_transient(outcome, is_repeatable(out.method, call.effect)):
        return None
    return compute_backoff(attempt, random) if outcome.asked is None else outcome.asked


def _is_transient(outcome: AttemptResult, repeatable: bool) -> bool:
    """Whether the same request may succeed later, and may be sent again."""
    passing = outcome.lost.repeatable if outcome.lost else outcome.status in TRANSIENT_STATUSES
    return passing and (repeatable or outcome.fate in (Fate.NOT_SENT, Fate.REFUSED))


def _apply_repeat_rule(rule: Repeat, method: str, outcome: AttemptResult, attempt: int) -> float | None:
    """The same by the rule that the caller of a raw request gave; any 5xx counts as passing there."""
    passing = outcome.lost is not None or outcome.status == 429 or outcome.status >= 500
    passing = passing and (method in REPEATABLE_METHODS or outcome.fate in (Fate.NOT_SENT, Fate.REFUSED))
    if attempt > rule.times or not (passing or rule.all_errors):
        return None
    # exponential waiting with no delay given would not wait at all
    delay = (rule.delay or BASE_SECONDS) * 2.0 ** (attempt - 1) if rule.exponential else rule.delay
    return max(outcome.asked or 0.0, min(delay, MAX_WAIT_SECONDS))


def compute_backoff(attempt: int, random: Callable[[], float]) -> float:
    """Seconds before the next attempt: exponential with full jitter, so that a crowd does not return at once."""
    return float(random() * min(CAP_SECONDS, BASE_SECONDS * 2.0 ** (attempt - 1)))


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a ``Retry-After`` header asks for; None where there is none that can be read.

    What is more than anybody may wait counts as that much: the number goes into stores and into JSON.
    """
    wait = parse_wait(headers.get("retry-after", ""), headers.get("date", ""), now)
    return None if wait is None else min(wait, MAX_OPTION_SECONDS)
