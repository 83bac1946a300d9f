"""How long a service asks everybody to wait: the one reader of what it says."""

import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SECONDS = re.compile(r"[0-9]+(\.[0-9]*)?")
MIN_MOMENT_SECONDS = 1e9
"""A number from here on counts the seconds since 1970: nobody asks for a wait of thirty years."""


def parse_wait(asked: str, date: str = "", now: float | None = None) -> float | None:
    """Seconds to wait, from whatever a header says: seconds, or a moment as a date of HTTP, in ISO 8601 or in seconds
    since 1970; None where it says none of these.  Of several numbers, as when two servers on the way added theirs, the
    largest counts.

    A moment is held against ``date``, the service's own ``Date``: our clock, ``now``, may be wrong.
    """
    number = _parse_numbers(asked)
    if number is not None and number < MIN_MOMENT_SECONDS:
        return number
    until, sent = _parse_moment(asked) if number is None else number, _parse_moment(date)
    if until is None:
        return None
    return max(0.0, until - (sent if sent is not None else time.time() if now is None else now))


def _parse_numbers(text: str) -> float | None:
    """The largest of some numbers, with a fraction or without; None where one is no such number."""
    found = [SECONDS.fullmatch(part.strip()) for part in text.split(",")]
    return max(float(number[0]) for number in found if number) if all(found) else None


def _parse_moment(text: str) -> float | None:
    """Seconds since 1970; a date without a zone is in GMT, as HTTP has it."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (TypeError, ValueError, OverflowError):
            continue
    return None
