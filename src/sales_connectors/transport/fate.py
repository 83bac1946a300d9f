"""What is known of a request: whether the service has done what it asked for."""

from collections.abc import Collection
from enum import Enum

UNCERTAIN_STATUSES = frozenset({408, 425, 499})
"""Statuses below 500 that do not prove a refusal: somebody in front of the service gave up waiting for it."""


class Fate(Enum):
    """From where in an exchange it ended; never from the class of an exception."""

    NOT_SENT = "not sent"
    """No byte of it left this machine: it may be sent again."""
    MAYBE_DONE = "maybe done"
    """It left, and nothing that came back says what became of it."""
    DONE = "done"
    REFUSED = "refused"
    """The service said no, and did nothing."""


def judge_status(status: int, refusals: Collection[int] = ()) -> Fate:
    """What a reply with this status proves; ``refusals`` are those from 500 up that the vendor documents as such."""
    if 200 <= status < 300:
        return Fate.DONE
    if status in refusals or (400 <= status < 500 and status not in UNCERTAIN_STATUSES):
        return Fate.REFUSED
    return Fate.MAYBE_DONE
