"""One connection's way to its service: a token, a budget, and the rules of repeating."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event
from typing import Protocol, cast
from urllib.parse import parse_qsl, urlsplit

from ..clock import Clock
from ..errors import ConfigurationError, NotAuthenticated, SalesError, Unavailable
from ..sdk import Effect, Envelope, Request, Response, Service
from ..sdk.request import SAFE_METHODS
from ..sdk.service import Token
from ..version import USER_AGENT
from . import retry
from .call import AttemptResult, CallScope, TransportError
from .errors import build_error
from .fate import Fate, judge_status
from .redact import HIDDEN, Redactor
from .transport import MEGABYTE, Transport


class RateBudget(Protocol):
    """The rate that everybody on one connection shares."""

    def acquire(
        self,
        identity: str,
        per_second: float,
        *,
        bulk: bool = False,
        deadline: float | None = None,
        over: Event | None = None,
    ) -> None:
        """Wait for a slot; RateLimited where that would pass the deadline (monotonic time), CancelledError once
        ``over`` is set."""
        ...

    def pause(self, identity: str, seconds: float) -> None:
        """Let nobody send for so long."""
        ...


COMMON_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}
SIGNATURE_PATTERN = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
"""What stands in a header that signs; anything else would break the request."""
MAX_HIDDEN_TOKENS = 8
"""Tokens that are kept out of sight although newer ones have taken their place: a late reply may still echo them."""
LULL_SECONDS = 1.0
"""A connection that was quiet for so many seconds is used by somebody who waits for the answer."""
INTERACTIVE_BURST = 6
"""Requests after a lull that are somebody's who waits: a form asks for its picklists at once."""
DEFAULT_PAUSE_SECONDS = 1.0
"""Seconds that everybody holds back after a 429 that does not say for how long: vendors count by the second."""


MAYBE_DONE_BEFORE = ". An attempt before this one may have done what was asked"
"""What is to be said of a write whose last attempt was refused, where that is not known of another one."""


class TokenProvider(Protocol):
    """The token that signs requests, kept fresh by whoever stands behind this."""

    def get_fresh_token(self, call: CallScope) -> Token:
        """The token to sign with now; where it can be refreshed, one that outlives a request, if any lives so long.

        Raises NotAuthenticated where there is none.
        """
        ...

    def renew(self, refused: Token, call: CallScope) -> bool:
        """Get the token that follows one which the service refused; False where there is no way to."""
        ...


@dataclass
class Session:
    """How requests of one connection travel.  Safe to share among threads."""

    service: Service
    credentials: TokenProvider
    envelope: Envelope
    identity: str
    rate: float
    budget: Callable[[], RateBudget]
    clock: Clock
    random: Callable[[], float]
    redactor_of: Callable[[Iterable[Token]], Redactor]
    """Hides the secrets of the connection and of these tokens."""

    def __post_init__(self) -> None:
        self._transport = Transport(self.service.api_url, self.clock.monotonic)
        self._signed_with: tuple[Token, ...] = ()
        self._last_used, self._burst = float("-inf"), 0

    def close(self) -> None:
        self._transport.close()

    def redactor(self) -> Redactor:
        return self.redactor_of(self._signed_with)

    def exchange(self, out: Request, call: CallScope) -> Response:
        """Send until there is a good reply or no sense in trying again; the latter is raised."""
        out = replace(out, headers={**COMMON_HEADERS, **self.service.headers, **out.headers})
        if call.options.dry_run:
            from .debug import DryRun

            raise DryRun(out, self.service.sign(out, {"access_token": HIDDEN}), self.redactor())
        number, renewed, may_be_done = 1, False, False
        while True:
            self.credentials.get_fresh_token(call)  # refreshed before a wait, not after it has cost a slot
            self._wait_for_budget(out, call)
            token = self.credentials.get_fresh_token(call)
            outcome = self._send_attempt(out, call, token, number + renewed)
            self._mark_use(call)
            if outcome.reply is not None and 200 <= outcome.status < 300:
                return outcome.reply
            if may_be_done and outcome.reply is not None and _is_gone(outcome.reply, call):
                return outcome.reply
            if outcome.status == 401 and not renewed and self.credentials.renew(token, call):
                renewed = True
                continue
            try:
                self._wait_before_repeating(out, call, outcome, number)
            except SalesError as error:
                if may_be_done and outcome.fate is Fate.REFUSED and out.method not in SAFE_METHODS:
                    error.message += MAYBE_DONE_BEFORE
                raise
            number, may_be_done = number + 1, may_be_done or outcome.fate is Fate.MAYBE_DONE

    def _send_attempt(self, out: Request, call: CallScope, token: Token, number: int) -> AttemptResult:
        patience, fate = call.limit_patience(out.timeout or call.options.timeout), Fate.NOT_SENT
        max_bytes = call.options.max_reply * MEGABYTE

        def sign(request: Request) -> Request:
            nonlocal fate
            signed, fate = self._sign(token, request), Fate.MAYBE_DONE  # unless the way to the service proves more
            return signed

        try:
            if call.report is None:
                reply = self._transport.attempt(out, sign, patience, max_bytes)
            else:
                from .debug import attempt_and_report

                reply = attempt_and_report(
                    self._transport, out, sign, patience, call, lambda reply: self.redactor(), max_bytes, number
                )
            fate = judge_status(reply.status, self.service.refusals)
        except TransportError as lost:
            fate = lost.fate
            return AttemptResult(None, lost, None, fate)
        finally:
            call.record(out.method, fate)
        if reply.status >= 400 or self.service.spent:
            self._honor_pause(reply)
        return AttemptResult(reply, None, self._find_requested_wait(reply) if reply.status >= 400 else None, fate)

    def _sign(self, token: Token, request: Request) -> Request:
        """The request with its signature, made anew for each attempt."""
        if token and token not in self._signed_with:
            self._signed_with = (*self._signed_with, token)[-MAX_HIDDEN_TOKENS:]
        signed = self.service.sign(request, token)
        added = signed.headers.items() - request.headers.items()
        if not all(SIGNATURE_PATTERN.fullmatch(value) for _, value in added):
            raise NotAuthenticated(
                "The token has characters that no token has, such as a line break. Copy it once more, or sign in again",
                code="malformed_token",
            )
        return signed

    # --- budget and waiting ---------------------------------------------------------------------

    def _wait_for_budget(self, out: Request, call: CallScope) -> None:
        if not self.rate:
            return
        cost = self.service.cost(*_split_url(out.url)) if self.service.cost else 1.0
        ends = self.clock.monotonic() + retry.MAX_WAIT_SECONDS if call.ends is None else call.ends
        self._count_use(call)
        # it can wait: work that says so, and whoever sends one after the other without a pause
        bulk = call.bulk or self._burst > INTERACTIVE_BURST
        self.budget().acquire(self.identity, self.rate / cost, bulk=bulk, deadline=ends, over=call.over)

    def _count_use(self, call: CallScope) -> None:
        """How many requests of people came without a lull between them."""
        quiet = self.clock.monotonic() - self._last_used
        self._mark_use(call)
        if not call.bulk:
            self._burst = 1 if quiet >= LULL_SECONDS else self._burst + 1

    def _mark_use(self, call: CallScope) -> None:
        """The quiet begins anew, at the end of a request too: who waits for its turn is not quiet meanwhile."""
        if not call.bulk:
            self._last_used = self.clock.monotonic()

    def _honor_pause(self, reply: Response) -> None:
        """Let everybody on this connection hold back when the service says so."""
        pause = self._find_requested_wait(reply) if reply.status == 429 else self._find_vendor_wait(reply)
        if reply.status == 429 and pause is None:
            pause = DEFAULT_PAUSE_SECONDS
        if pause and self.rate:
            with suppress(ConfigurationError):  # the reply is here, and counts for more than a pause that is not noted
                self.budget().pause(self.identity, pause)

    def _find_requested_wait(self, reply: Response) -> float | None:
        """Seconds that the service wants us to wait: by its header, else by what it tells of its budget."""
        asked = retry.parse_retry_after(reply.headers, self.clock.now())
        return self._find_vendor_wait(reply) if asked is None and reply.status == 429 else asked

    def _find_vendor_wait(self, reply: Response) -> float | None:
        return self.service.spent(reply.status, reply.headers) if self.service.spent else None

    def _wait_before_repeating(self, out: Request, call: CallScope, outcome: AttemptResult, attempt: int) -> None:
        """Wait until the next attempt, or raise what the last one came to; CancelledError where nobody needs it now."""
        wait = retry.compute_delay(out, call, outcome, attempt, self.random)
        if wait is None:
            raise self._error(out, call, outcome, None)
        remaining = call.remaining()
        if wait > (retry.MAX_WAIT_SECONDS if remaining is None else remaining):
            raise _long_wait_error(self._error(out, call, outcome, wait), wait, remaining)
        self.clock.sleep(wait, call.over)
        if call.over.is_set():
            from concurrent.futures import CancelledError

            raise CancelledError

    def _error(self, out: Request, call: CallScope, outcome: AttemptResult, wait: float | None) -> SalesError:
        """What an attempt came to, as an error; a write that may have happened says so."""
        if outcome.reply is not None:
            error = build_error(outcome.reply, self.service, wait if outcome.asked is None else outcome.asked)
        else:
            error = cast(TransportError, outcome.lost).build_error()
        if outcome.fate is Fate.MAYBE_DONE and not retry.is_repeatable(out.method, call.effect):
            return _unknown_outcome_error(error)
        return error


def _is_gone(reply: Response, call: CallScope) -> bool:
    """Whether a delete finds nothing: after an attempt that may have been its own, that is what was wanted."""
    return call.effect is Effect.DELETE and reply.status in (404, 410)


def _long_wait_error(error: SalesError, wait: float, remaining: float | None) -> SalesError:
    """The error that a longer wait might have mended, saying how long that would have been."""
    limit = "longer than any call waits" if remaining is None else f"but the deadline is in {max(remaining, 0.0):.3g} s"
    error.message += f". The next attempt would be due in {wait:.3g} s, {limit}"
    error.retry_after = wait
    return error


def _unknown_outcome_error(error: SalesError) -> Unavailable:
    """A write that may or may not have happened; repeating it blindly could do it twice.  What to do is said where the
    whole call is known."""
    return Unavailable(
        f"{error.message}. Nobody knows whether the service did it",
        code="outcome_unknown",
        retryable=False,
        fix=error.fix,
        status=error.status,
        request_id=error.request_id,
        vendor=error.vendor,
    )


def _split_url(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    return parts.path, dict(parse_qsl(parts.query))
