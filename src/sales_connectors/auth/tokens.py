"""Where a connection's token comes from, and how it is refreshed once for everybody.

Three places hold tokens: the call itself, a file, and the store.  In each of them the rule is the same: of all who find
the same token stale, one calls the token endpoint, and the new token is put away before anybody uses it.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from .. import errors
from ..clock import SYSTEM, Clock
from ..errors import NotAuthenticated, SalesError, Unavailable
from ..fork import begin_anew_in_children

if TYPE_CHECKING:
    from ..store import Store
    from ..store.tokens import Flight, TokenRow

Token = Mapping[str, Any]
"""``access_token``, ``refresh_token``, ``expires_at`` (seconds since the epoch), and what else the service said."""

Exchange = Callable[[Token], Token]
"""One call to the token endpoint: the old token goes in, the new one comes out."""

MARGIN = 60.0
"""Seconds before its end at which a token is no longer trusted to survive a request."""
LEASE = 30.0
"""Seconds for which one process may refresh: longer than the token endpoint is waited for."""
BACKOFF, LONGEST_BACKOFF = 0.5, 5.0
"""Seconds of rest after a token endpoint failed, doubled with each failure."""
POLL, LONGEST_POLL = 0.01, 0.2


class TokenSource(Protocol):
    """A token that many callers share."""

    def current(self) -> Token | None:
        """The newest token that is known here, without asking anybody."""
        ...

    def refreshed(self, stale: Token, exchange: Exchange, *, deadline: float | None = None) -> Token:
        """The token that follows ``stale``; ``exchange`` is called by one of all who ask.

        ``deadline`` is monotonic time; who would wait for another one longer than that gets Unavailable.
        """
        ...


def needs_refresh(token: Token, now: float, margin: float = MARGIN) -> bool:
    """Whether a token may end before a request that is signed with it does."""
    expires_at = _number(token.get("expires_at"))
    if expires_at is None:
        return False
    lifetime = _number(token.get("expires_in"))
    # a token that lives for seconds only would otherwise be refreshed before each request
    margin = margin if lifetime is None else min(margin, lifetime / 10)
    return now >= expires_at - margin


def following(old: Token | None, reply: Token, asked_at: float) -> dict[str, Any]:
    """The token that a reply means: it keeps the old refresh token where it has none, and says when it ends."""
    token = {key: value for key, value in reply.items() if value is not None}
    if not token.get("refresh_token") and old and old.get("refresh_token"):
        token["refresh_token"] = old["refresh_token"]
    lifetime = _number(token.get("expires_in"))
    if lifetime is not None:
        token["expires_at"] = asked_at + lifetime
    return token


def is_same(one: Token | None, other: Token | None) -> bool:
    """Whether two tokens are one; some services hand out the same text again with a later end."""
    return _mark(one) == _mark(other)


class GivenTokens:
    """A token that came with the call.  ``on_token`` gets each new one before it is used."""

    def __init__(
        self, token: Token | None, on_token: Callable[[Token], None] | None = None, *, clock: Clock = SYSTEM
    ) -> None:
        self._token = token
        self._new: Token | None = None
        self._on_token = on_token
        self._clock = clock
        self._refused = Refused()
        self.begin_anew()
        begin_anew_in_children(self)

    def begin_anew(self) -> None:
        self._lock = Lock()

    def current(self) -> Token | None:
        return self._token

    def refreshed(self, stale: Token, exchange: Exchange, *, deadline: float | None = None) -> Token:
        with held(self._lock, deadline, self._clock):
            if self._new is None and is_same(self._token, stale):
                self._new = self._refused.exchanged(self._token, exchange, self._clock.now())
            if self._new is not None:
                self._report(self._new)
            return self._token or {}

    def _report(self, token: Token) -> None:
        """Tell the caller; where it fails to take the token, it is told again before the next use."""
        if self._on_token is not None:
            self._on_token(token)
        self._token, self._new = token, None


class FixedTokens:
    """A token whose successor nobody would keep, so it is never refreshed."""

    def __init__(self, token: Token | None) -> None:
        self._token = token

    def current(self) -> Token | None:
        return self._token

    def refreshed(self, stale: Token, exchange: Exchange, *, deadline: float | None = None) -> Token:
        raise NotAuthenticated(
            "The token has ended, and one that is given as text is not refreshed, since nobody would keep the new one."
            " Give the connection as @FILE, or keep it under a name: sales-connectors connect COMPONENT NAME",
            code="token_expired",
            fix="builder",
        )


class KeptTokens:
    """The token of a connection in the store, shared with every process that uses the same store.

    Threads of this process wait for one of them; that one waits in the store for a lease that has an owner and an end.
    """

    def __init__(self, store: "Store", name: str, *, lease: float = LEASE) -> None:
        self._rows, self._clock, self._name, self._lease = store.tokens, store.clock, name, lease

    def current(self) -> Token | None:
        flight = self._flight
        if flight.token is None:
            flight.token = self._rows.read(self._name).token
        return flight.token

    def refreshed(self, stale: Token, exchange: Exchange, *, deadline: float | None = None) -> Token:
        latest = self._flight.token
        if latest is not None and not is_same(latest, stale):
            return latest
        seen = self._rows.read(self._name)
        with held(self._flight.lock, deadline, self._clock):
            self._save_unsaved()
            token = self._settled(stale, seen, exchange, deadline)
            self._flight.token = token
            return token

    @property
    def _flight(self) -> "Flight":
        return self._rows.flight(self._name)

    def _settled(self, stale: Token, seen: "TokenRow", exchange: Exchange, deadline: float | None) -> Token:
        """Wait until there is a newer token, by somebody else's exchange or by our own."""
        pause = POLL
        while True:
            row = self._rows.read(self._name)
            if not is_same(row.token, stale):
                return row.token or {}
            self._stop_if_hopeless(row, seen, deadline)
            token = self._exchanged(row, exchange)
            if token is not None:
                return token
            self._clock.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 1.5, LONGEST_POLL)

    def _stop_if_hopeless(self, row: "TokenRow", seen: "TokenRow", deadline: float | None) -> None:
        if row.sign_in is not None:
            raise self._sign_in(row.sign_in)
        if row.failure is not None and (row.failures > seen.failures or row.retry_in > LONGEST_BACKOFF):
            # somebody tried on our behalf while we waited, or nobody will for long
            raise _restored(row.failure, row.retry_in)
        if deadline is not None and self._clock.monotonic() >= deadline:
            raise _no_time()

    def _exchanged(self, row: "TokenRow", exchange: Exchange) -> Token | None:
        """Refresh the token of this row, if it is our turn and the row is still the newest."""
        from ..store.owners import new_owner

        owner = new_owner()
        if not self._rows.claim(self._name, row, owner, self._lease):
            return None
        asked_at = self._clock.now()
        try:
            reply = exchange(row.token or {})
        except BaseException as error:
            self._failed(row, owner, error)
            return None
        token = following(row.token, reply, asked_at)
        return token if self._kept(row.version, token) else None

    def _kept(self, version: int, token: Token) -> bool:
        """Store a new token.  The old one is spent: where the store fails, we hold on to the only copy."""
        self._flight.unsaved = version, token
        kept = self._rows.keep(self._name, version, token)
        self._flight.unsaved = None
        return kept

    def _save_unsaved(self) -> None:
        if self._flight.unsaved is not None:
            self._kept(*self._flight.unsaved)

    def _failed(self, row: "TokenRow", owner: str, error: BaseException) -> None:
        """Give the lease back and say why; returns only where another process has a newer token by now."""
        if isinstance(error, NotAuthenticated) and error.fix == "end_user":
            if self._rows.require_sign_in(self._name, row.version, owner, error.message):
                raise self._sign_in(error.message) from error
            return
        if isinstance(error, SalesError):
            pause = max(error.retry_after or 0.0, min(BACKOFF * 2.0**row.failures, LONGEST_BACKOFF))
            self._rows.fail(self._name, row.version, owner, error.as_json()["error"], pause)
        else:
            self._rows.release(self._name, row.version, owner)
        raise error

    def _sign_in(self, reason: str) -> NotAuthenticated:
        return NotAuthenticated(
            f"Somebody has to sign in again for the connection {self._name!r}: {reason}",
            code="sign_in_required",
            fix="end_user",
        )


class Refused:
    """Remembers a token that the service will never renew, so that it is not asked again."""

    def __init__(self) -> None:
        self._token: Token | None = None
        self._error: NotAuthenticated | None = None

    def exchanged(self, token: Token | None, exchange: Exchange, now: float) -> Token:
        if self._error is not None and is_same(token, self._token):
            raise _sign_in_again(self._error)
        try:
            return following(token, exchange(token or {}), now)
        except NotAuthenticated as error:
            if error.fix != "end_user":
                raise
            self._token, self._error = token, error
            raise _sign_in_again(error) from error


@contextmanager
def held(lock: Lock, deadline: float | None, clock: Clock) -> Iterator[None]:
    """Hold a lock that another thread may keep for as long as a token call takes."""
    patience = -1.0 if deadline is None else max(0.0, deadline - clock.monotonic())
    if not lock.acquire(timeout=patience):
        raise _no_time()
    try:
        yield
    finally:
        lock.release()


def _sign_in_again(error: NotAuthenticated) -> NotAuthenticated:
    return NotAuthenticated(
        f"Somebody has to sign in again: {error.message}",
        code="sign_in_required",
        status=error.status,
        request_id=error.request_id,
        vendor=error.vendor,
    )


def _no_time() -> Unavailable:
    return Unavailable("The deadline passed while somebody else was refreshing the token", code="deadline")


def _restored(failure: Mapping[str, Any], retry_in: float) -> SalesError:
    """The error that another caller met at the token endpoint."""
    kind: type[SalesError] = getattr(errors, failure["type"])
    kept = {key: failure[key] for key in ("code", "fix", "retryable", "status", "request_id", "vendor")}
    return kind(failure["message"], **kept, retry_after=max(0.0, round(retry_in, 3)))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _mark(token: Token | None) -> tuple[Any, Any]:
    return (token or {}).get("access_token"), (token or {}).get("expires_at")
