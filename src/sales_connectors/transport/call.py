"""The call in which requests happen, and what one attempt of a request comes to."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import Any

from ..clock import Clock
from ..errors import SalesError, Unavailable
from ..options import MAX_OPTION_SECONDS, Options, tell_observer
from ..sdk import Effect, Response
from ..sdk.request import SAFE_METHODS
from ..unicode import escape_controls
from .fate import Fate

ALLOW_LONGER = "allow a longer timeout"
"""Advice that helps only where the caller's timeout is what ended the attempt."""


class TransportError(Exception):
    """An attempt without a whole reply: what happened, each thing that the caller may do about it, and its ``fate``."""

    def __init__(
        self,
        event: str,
        *advice: str,
        fate: Fate,
        kind: type[SalesError] = Unavailable,
        code: str | None = None,
        repeatable: bool = True,
        fix: str = "vendor",
    ) -> None:
        super().__init__(f"{event}; {', or '.join(advice)}")
        self.event, self.advice, self.fate = event, advice, fate
        self.kind, self.code, self.repeatable, self.fix = kind, code, repeatable, fix

    def build_error(self) -> SalesError:
        """What the caller gets where nothing more is tried."""
        return self.kind(str(self), code=self.code, fix=self.fix, retryable=self.repeatable)


@dataclass(frozen=True)
class AttemptResult:
    """What one attempt came to: a reply, or its loss."""

    reply: Response | None
    lost: TransportError | None
    asked: float | None
    """Seconds that the service wants us to wait, where it says so."""
    fate: Fate

    @property
    def status(self) -> int:
        """The status of the reply; 0 where there is none."""
        return self.reply.status if self.reply else 0


@dataclass(frozen=True)
class CallScope:
    """One invocation: its options, its clock, and what its effect allows."""

    effect: Effect
    options: Options
    clock: Clock
    bulk: bool = False
    started: float = field(default=-1.0)
    over: Event = field(default_factory=Event)
    """Set when the result is complete: what was sent ahead for it and is still waiting need not leave any more."""
    written: Event = field(default_factory=Event)
    """Set when a request of this call has changed something at the service, or may have."""

    def __post_init__(self) -> None:
        if self.started < 0:
            object.__setattr__(self, "started", self.clock.monotonic())

    @property
    def report(self) -> Callable[[Mapping[str, Any]], None] | None:
        """Where debug entries go; None where nobody wants them."""
        if self.options.on_debug:
            return partial(tell_observer, self.options.on_debug)
        return _print_entry if self.options.debug else None

    @property
    def ends(self) -> float | None:
        """When the caller's patience ends, on the monotonic clock."""
        deadline = self.options.deadline
        return None if deadline is None else self.started + min(deadline, MAX_OPTION_SECONDS)

    def remaining(self) -> float | None:
        return None if self.ends is None else self.ends - self.clock.monotonic()

    def limit_patience(self, seconds: float) -> float:
        """So many seconds, or what is left of the deadline; Unavailable where nothing is."""
        remaining = self.remaining()
        if remaining is None:
            return seconds
        if remaining <= 0:
            raise Unavailable("The deadline passed before the request could be sent", code="deadline", retry_after=0.0)
        return min(seconds, remaining)

    def elapsed(self) -> float:
        return self.clock.monotonic() - self.started

    def sleep(self, seconds: float) -> None:
        """Wait; Unavailable at once where the deadline comes before."""
        remaining = self.remaining()
        if remaining is not None and seconds > remaining:
            raise Unavailable(
                f"The deadline would pass in the {seconds:.3g} s that are to be waited",
                code="deadline",
                retry_after=seconds,
            )
        self.clock.sleep(seconds)

    def record(self, method: str, fate: Fate) -> None:
        """Remember what became of a request."""
        if method not in SAFE_METHODS and fate in (Fate.MAYBE_DONE, Fate.DONE):
            self.written.set()

    def in_bulk(self) -> "CallScope":
        return replace(self, bulk=True)


def _print_entry(entry: Mapping[str, Any]) -> None:
    line = escape_controls(json.dumps(entry, ensure_ascii=False, default=str))
    # what was asked of the service counts for more than a line that nobody can read; without standard error, print
    # would take standard output
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            print(line, file=sys.stderr, flush=True)
