"""One connection's way to its service: a token, a budget, and the rules of repeating."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from ..clock import Clock
from ..errors import NotAuthenticated, SalesError, Unavailable
from ..service import Service, Token
from . import retry
from .attempt import Lost, Wire
from .debug import DryRun, Exchange
from .redact import HIDDEN, Redactor
from .replies import error_of
from .request import Call, Outgoing, Reply

if TYPE_CHECKING:
    from ..auth.tokens import TokenSource
    from ..store import Budget

COMMON = {"User-Agent": "sales-connectors/0.1.0", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
LULL = 1.0
"""A connection that was quiet for so many seconds is used by somebody who waits for the answer."""


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
    redactor: Callable[[], Redactor]

    def __post_init__(self) -> None:
        self._wire = Wire(self.service.api_url, self.clock.monotonic)
        self._last_used = float("-inf")

    def close(self) -> None:
        self._wire.close()

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
            reply, failure = self._try(out, call, token, attempt)
            if reply is not None and reply.status < 400:
                return reply
            if reply is not None and reply.status == 401 and not renewed and self._renew(token, call):
                renewed = True
                continue
            self._wait_before_repeating(out, call, reply, failure, attempt)
            attempt += 1

    def _try(self, out: Outgoing, call: Call, token: Token, attempt: int) -> tuple[Reply | None, Lost | None]:
        exchange = Exchange(out, attempt, self.clock, call, self.redactor)
        signature = self.service.sign(token)
        try:
            reply = self._wire.attempt(out, signature, self._patience(out, call))
        except Lost as lost:
            exchange.failed(signature, str(lost))
            return None, lost
        exchange.ended(signature, reply)
        self._heed(reply)
        return reply, None

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

        if self.service.oauth is None:
            return {}
        token = self.tokens.current()
        if token is None or not token.get("access_token"):
            token = self._first_token(token, call)
        if needs_refresh(token, self.clock.now()) and self.service.oauth.can_renew(token):
            return self.tokens.refreshed(token, self.service.oauth.renew, deadline=call.ends)
        return token

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
        now = self.clock.monotonic()
        bulk, self._last_used = call.bulk or now - self._last_used < LULL, now
        cost = self.service.cost(*_path_and_query(out.url)) if self.service.cost else 1.0
        self.budget().acquire(self.identity, self.rate / cost, bulk=bulk, deadline=call.ends)

    def _heed(self, reply: Reply) -> None:
        """Let everybody on this connection hold back when the service says so."""
        pause = self.service.spent(reply.status, reply.headers) if self.service.spent else None
        if reply.status == 429:
            pause = max(pause or 0.0, self._asked_for(reply) or 0.0)
        if pause and self.rate:
            self.budget().pause(self.identity, pause)

    def _asked_for(self, reply: Reply) -> float | None:
        return retry.retry_after(reply.headers.get("retry-after"), self.clock.now())

    def _wait_before_repeating(
        self, out: Outgoing, call: Call, reply: Reply | None, failure: Lost | None, attempt: int
    ) -> None:
        """Wait until the next attempt, or raise what the last one came to."""
        wait = self._pause_before(out, call, reply, failure, attempt)
        error = self._error(out, call, reply, failure, wait)
        if wait is None:
            raise error
        remaining = call.remaining()
        if (remaining is not None and wait > remaining) or (remaining is None and wait > retry.LONGEST):
            error.retry_after = wait
            raise error
        self.clock.sleep(wait)

    def _pause_before(
        self, out: Outgoing, call: Call, reply: Reply | None, failure: Lost | None, attempt: int
    ) -> float | None:
        """Seconds before the next attempt; None where there is none."""
        if out.repeat is not None:
            return self._own_rule(out, reply, failure, attempt)
        if attempt > call.options.retries or not self._may_repeat(out, call, reply, failure):
            return None
        asked = self._asked_for(reply) if reply is not None else None
        return retry.backoff(attempt, self.random) if asked is None else asked

    def _may_repeat(self, out: Outgoing, call: Call, reply: Reply | None, failure: Lost | None) -> bool:
        safe = retry.is_repeatable(out.method, call.effect)
        if failure is not None:
            return failure.repeatable and (safe or not failure.reached)
        assert reply is not None
        return reply.status == 429 or (safe and reply.status in retry.TRANSIENT)

    def _own_rule(self, out: Outgoing, reply: Reply | None, failure: Lost | None, attempt: int) -> float | None:
        """The rule that the caller of a raw request gave."""
        rule = out.repeat
        assert rule is not None
        passing = failure is not None and (not failure.reached or out.method in retry.REPEATABLE_METHODS)
        if reply is not None:
            passing = reply.status == 429 or (reply.status >= 500 and out.method in retry.REPEATABLE_METHODS)
        if attempt > rule.times or not (passing or rule.all_errors):
            return None
        asked = self._asked_for(reply) if reply is not None else None
        # exponential waiting with no delay given would not wait at all
        delay = (rule.delay or retry.BASE) * 2.0 ** (attempt - 1) if rule.exponential else rule.delay
        return max(asked or 0.0, min(delay, retry.LONGEST))

    def _error(
        self, out: Outgoing, call: Call, reply: Reply | None, failure: Lost | None, wait: float | None
    ) -> SalesError:
        asked = self._asked_for(reply) if reply is not None else None
        if failure is not None:
            error: SalesError = Unavailable(f"{failure}", fix=failure.fix, retryable=failure.repeatable)
            reached = failure.reached
        else:
            assert reply is not None
            error = error_of(reply, self.service, wait if asked is None else asked)
            reached = reply.status >= 500 or reply.status == 408
        if reached and not retry.is_repeatable(out.method, call.effect):
            error = _unknown_outcome(error)
        return self._clean(error)

    def _clean(self, error: SalesError) -> SalesError:
        """No secret in an error, even where the service echoes one."""
        redactor = self.redactor()
        error.message = redactor.text(error.message)
        error.args = (error.message,)
        error.vendor = redactor.value(error.vendor)
        error.fields = [{"path": fault["path"], "message": redactor.text(fault["message"])} for fault in error.fields]
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
