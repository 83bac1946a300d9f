"""One connection's way to its service: a token, a budget, and the rules of repeating."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlsplit

from .. import __version__
from ..clock import Clock
from ..errors import ConfigurationError, NotAuthenticated, SalesError, Unavailable
from ..service import Service, Token
from . import retry
from .attempt import Wire
from .debug import DryRun, Exchange
from .redact import HIDDEN, Redactor
from .replies import error_of
from .request import Call, Lost, Outcome, Outgoing, Reply

if TYPE_CHECKING:
    from ..auth.tokens import TokenSource
    from ..store import Budget

COMMON = {
    "User-Agent": f"sales-connectors/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}
VISIBLE = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
"""What stands in a header that signs; anything else would break the request."""
RECENT = 8
"""Tokens that are kept out of sight although newer ones have taken their place: a late reply may still echo them."""
LULL = 1.0
"""A connection that was quiet for so many seconds is used by somebody who waits for the answer."""
BURST = 6
"""Requests after a lull that are somebody's who waits: a form asks for its picklists at once."""
PAUSE = 1.0
"""Seconds that everybody holds back after a 429 that does not say for how long: vendors count by the second."""


@dataclass
class Pipe:
    """How requests of one connection travel.  Safe to share among threads."""

    service: Service
    tokens: "TokenSource"
    identity: str
    rate: float
    budget: "Callable[[], Budget]"
    clock: Clock
    random: Callable[[], float]
    redactor_of: Callable[[Iterable[Token]], Redactor]
    """Hides the secrets of the connection and of these tokens."""

    def __post_init__(self) -> None:
        self._wire = Wire(self.service.api_url, self.clock.monotonic)
        self._signed_with: tuple[Token, ...] = ()
        self._last_used, self._burst = float("-inf"), 0

    def close(self) -> None:
        self._wire.close()

    def redactor(self) -> Redactor:
        return self.redactor_of(self._signed_with)

    def exchange(self, out: Outgoing, call: Call) -> Reply:
        """Send until there is a good reply or no sense in trying again; the latter is raised."""
        out = replace(out, headers={**COMMON, **self.service.headers, **out.headers})
        if call.options.dry_run:
            raise DryRun(out, self.service.sign({"access_token": HIDDEN}), self.redactor())
        attempt, renewed = 1, False
        while True:
            self._token(call)  # refreshed before a wait, not after it has cost a slot
            self._wait_for_budget(out, call)
            token = self._token(call)
            outcome = self._try(out, call, token, attempt + renewed)
            self._mark_use(call)
            if outcome.reply is not None and 200 <= outcome.status < 300:
                return outcome.reply
            if outcome.status == 401 and not renewed and self._renew(token, call):
                renewed = True
                continue
            self._wait_before_repeating(out, call, outcome, attempt)
            attempt += 1

    def _try(self, out: Outgoing, call: Call, token: Token, attempt: int) -> Outcome:
        exchange = Exchange(out, attempt, self.clock, call, self.redactor)
        signature = self._signature(token)
        patience = self._patience(out, call)
        try:
            reply = self._wire.attempt(out, signature, patience)
        except Lost as lost:
            exchange.failed(signature, str(lost))
            return Outcome(None, lost, None)
        except SalesError as error:
            exchange.failed(signature, error.message)
            raise
        exchange.ended(signature, reply)
        self._heed(reply)
        return Outcome(reply, None, self._asked_for(reply))

    def _patience(self, out: Outgoing, call: Call) -> float:
        """Seconds that the next attempt may take."""
        timeout, remaining = out.timeout or call.options.timeout, call.remaining()
        if remaining is None:
            return timeout
        if remaining <= 0:
            raise Unavailable("The deadline passed before the request could be sent", code="deadline", retry_after=0.0)
        return min(timeout, remaining)

    # --- tokens ---------------------------------------------------------------------------------

    def _token(self, call: Call) -> Token:
        """The token to sign with now, fresh for at least a minute where it can be refreshed."""
        from ..auth.tokens import needs_refresh

        if self.service.oauth is None:  # the fields sign, or a token that was handed over
            return self.tokens.current() or {}
        token = self.tokens.current()
        if token is None or not token.get("access_token"):
            token = self._first_token(token, call)
        if needs_refresh(token, self.clock.now()) and self.service.oauth.can_renew(token):
            return self.tokens.refreshed(token, self.service.oauth.renew, deadline=call.ends)
        return token

    def _signature(self, token: Token) -> Mapping[str, str]:
        """The headers that the token puts on a request, computed anew for each attempt."""
        if token and token not in self._signed_with:
            self._signed_with = (*self._signed_with, token)[-RECENT:]
        signature = self.service.sign(token)
        if not all(VISIBLE.fullmatch(value) for value in signature.values()):
            raise NotAuthenticated(
                "The token has characters that no token has, such as a line break. Copy it once more, or sign in again",
                code="malformed_token",
            )
        return signature

    def _first_token(self, token: Token | None, call: Call) -> Token:
        oauth = self.service.oauth
        if oauth is not None and oauth.can_renew(token or {}):
            return self.tokens.refreshed(token or {}, oauth.renew, deadline=call.ends)
        raise NotAuthenticated(
            "This connection has no token. Sign in (sales-connectors connect), or hand a token over with the call",
            code="no_token",
        )

    def _renew(self, token: Token, call: Call) -> bool:
        """After a 401: get a new token, if there is a way to."""
        oauth = self.service.oauth
        if oauth is None or not oauth.can_renew(token):
            return False
        self.tokens.refreshed(token, oauth.renew, deadline=call.ends)
        return True

    # --- budget and waiting ---------------------------------------------------------------------

    def _wait_for_budget(self, out: Outgoing, call: Call) -> None:
        if not self.rate:
            return
        cost = self.service.cost(*_path_and_query(out.url)) if self.service.cost else 1.0
        ends = self.clock.monotonic() + retry.LONGEST if call.ends is None else call.ends
        self.budget().acquire(self.identity, self.rate / cost, bulk=self._is_bulk(call), deadline=ends)

    def _is_bulk(self, call: Call) -> bool:
        """Whether this request can wait: work that says so, and whoever sends one after the other without a pause."""
        quiet = self.clock.monotonic() - self._last_used
        self._mark_use(call)
        if not call.bulk:
            self._burst = 1 if quiet >= LULL else self._burst + 1
        return call.bulk or self._burst > BURST

    def _mark_use(self, call: Call) -> None:
        """The quiet begins anew, at the end of a request too: who waits for its turn is not quiet meanwhile."""
        if not call.bulk:
            self._last_used = self.clock.monotonic()

    def _heed(self, reply: Reply) -> None:
        """Let everybody on this connection hold back when the service says so."""
        pause = self._asked_for(reply) if reply.status == 429 else self._spent(reply)
        if reply.status == 429 and pause is None:
            pause = PAUSE
        if pause and self.rate:
            with suppress(ConfigurationError):  # the reply is here, and counts for more than a pause that is not noted
                self.budget().pause(self.identity, pause)

    def _asked_for(self, reply: Reply) -> float | None:
        """Seconds that the service wants us to wait: by its header, else by what it tells of its budget."""
        asked = retry.retry_after(reply.headers, self.clock.now())
        return self._spent(reply) if asked is None and reply.status == 429 else asked

    def _spent(self, reply: Reply) -> float | None:
        return self.service.spent(reply.status, reply.headers) if self.service.spent else None

    def _wait_before_repeating(self, out: Outgoing, call: Call, outcome: Outcome, attempt: int) -> None:
        """Wait until the next attempt, or raise what the last one came to."""
        wait = retry.pause(out, call, outcome, attempt, self.random)
        if wait is None:
            raise self._error(out, call, outcome, None)
        remaining = call.remaining()
        if wait > (retry.LONGEST if remaining is None else remaining):
            raise _too_long(self._error(out, call, outcome, wait), wait, remaining)
        self.clock.sleep(wait)

    def _error(self, out: Outgoing, call: Call, outcome: Outcome, wait: float | None) -> SalesError:
        """What an attempt came to, as an error; a write that may have happened says so."""
        if outcome.reply is not None:
            error = error_of(outcome.reply, self.service, wait if outcome.asked is None else outcome.asked)
        else:
            lost = cast(Lost, outcome.lost)
            error = Unavailable(str(lost), fix=lost.fix, retryable=lost.repeatable)
        if outcome.may_be_done and not retry.is_repeatable(out.method, call.effect):
            return _unknown_outcome(error)
        return error


def _too_long(error: SalesError, wait: float, remaining: float | None) -> SalesError:
    """The error that a longer wait might have mended, saying how long that would have been."""
    limit = "longer than any call waits" if remaining is None else f"but the deadline is in {max(remaining, 0.0):.3g} s"
    error.message += f". The next attempt would be due in {wait:.3g} s, {limit}"
    error.retry_after = wait
    return error


def _unknown_outcome(error: SalesError) -> Unavailable:
    """A write that may or may not have happened; repeating it blindly could do it twice."""
    return Unavailable(
        f"{error.message}. Nobody knows whether the service did it: look before repeating, or use an idempotency key",
        code="outcome_unknown",
        retryable=False,
        fix=error.fix,
        status=error.status,
        request_id=error.request_id,
        vendor=error.vendor,
    )


def _path_and_query(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    return parts.path, dict(parse_qsl(parts.query))
