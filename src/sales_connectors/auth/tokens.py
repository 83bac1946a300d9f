"""Where a connection's token comes from, and how it is refreshed once for everybody.

Three places hold tokens: the call itself, a file, and the store.  In each of them the rule is the same: of all who find
the same token stale, one calls the token endpoint, and the new token is put away before anybody uses it.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from .. import errors
from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, NotAuthenticated, SalesError, Unavailable
from ..fork import reset_in_children

Token = Mapping[str, Any]
"""``access_token``, ``refresh_token``, ``expires_at`` (seconds since the epoch), and what else the service said."""

RequestToken = Callable[[Token], Token]
"""One call to the token endpoint: the old token goes in, the new one comes out."""

REFRESH_MARGIN_SECONDS = 60.0
"""Seconds before its end at which a token is no longer trusted to survive a request."""
REFRESH_LEASE_SECONDS = 45.0
"""Seconds for which one process may refresh: longer than the token endpoint is waited for."""
REFRESH_BACKOFF_SECONDS, MAX_REFRESH_BACKOFF_SECONDS = 0.5, 5.0
"""Seconds of rest after a token endpoint failed, doubled with each failure."""
REFRESH_POLL_SECONDS, MAX_REFRESH_POLL_SECONDS = 0.01, 0.2


class TokenSource(Protocol):
    """A token that many callers share."""

    def get_token(self) -> Token | None:
        """The newest token that is known here, without asking anybody."""
        ...

    def refresh(self, stale: Token, exchange: RequestToken, *, deadline: float | None = None) -> Token:
        """The token that follows ``stale``; ``exchange`` is called by one of all who ask.

        ``deadline`` is monotonic time; who would wait for another one longer than that gets Unavailable.
        """
        ...


def needs_refresh(token: Token, now: float, margin: float = REFRESH_MARGIN_SECONDS) -> bool:
    """Whether a token may end before a request that is signed with it does."""
    expires_at = _parse_number(token.get("expires_at"))
    if expires_at is None:
        return False
    lifetime = _parse_number(token.get("expires_in"))
    # a token that lives for seconds only would otherwise be refreshed before each request
    margin = margin if lifetime is None else min(margin, lifetime / 10)
    return now >= expires_at - margin


def build_next_token(old: Token | None, reply: Token, asked_at: float) -> dict[str, Any]:
    """The token that a reply means: it keeps the old refresh token where it has none, and says when it ends."""
    token = {key: value for key, value in reply.items() if value is not None}
    if not token.get("refresh_token") and old and old.get("refresh_token"):
        token["refresh_token"] = old["refresh_token"]
    lifetime = _parse_number(token.get("expires_in"))
    if lifetime is not None:
        token["expires_at"] = asked_at + lifetime
    return token


def is_same(one: Token | None, other: Token | None) -> bool:
    """Whether two tokens are one; some services hand out the same text again with a later end."""
    return _identify_token(one) == _identify_token(other)


class InlineTokens:
    """A token that came with the call.  ``on_token`` gets each new one before it is used."""

    def __init__(
        self, token: Token | None, on_token: Callable[[Token], None] | None = None, *, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._token = token
        self._new: Token | None = None
        self._on_token = on_token
        self._clock = clock
        self._refused = RefusedToken()
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = Lock()

    def get_token(self) -> Token | None:
        return self._token

    def refresh(self, stale: Token, exchange: RequestToken, *, deadline: float | None = None) -> Token:
        with hold_lock(self._lock, deadline, self._clock):
            if self._new is None and is_same(self._token, stale):
                self._new = self._refused.exchange(self._token, exchange, self._clock.now())
            if self._new is not None:
                self._report(self._new)
            return self._token or {}

    def _report(self, token: Token) -> None:
        """Tell the caller; where it fails to take the token, it is told again before the next use."""
        if self._on_token is not None:
            try:
                self._on_token(token)
            except Exception as failure:
                raise ConfigurationError(
                    f"on_token raised {type(failure).__name__}, so that nobody has kept the new token; it is told again"
                    " with the next call",
                    code="callback_failed",
                    fix="maintainer",
                ) from failure
        self._token, self._new = token, None


class StaticTokens:
    """A token whose successor nobody would keep, so it is never refreshed."""

    def __init__(self, token: Token | None) -> None:
        self._token = token

    def get_token(self) -> Token | None:
        return self._token

    def refresh(self, stale: Token, exchange: RequestToken, *, deadline: float | None = None) -> Token:
        raise NotAuthenticated(
            "The token has ended, and one that is given as text is not refreshed, since nobody would keep the new one."
            " Give the connection as @FILE, or keep it under a name: sales-connectors connect COMPONENT NAME",
            code="token_expired",
            fix="builder",
        )


@dataclass(frozen=True)
class TokenRow:
    """What the store knows about one connection's token."""

    token: Mapping[str, Any] | None = field(repr=False)
    version: int
    owner: str | None
    failures: int
    failure: Mapping[str, Any] | None
    retry_in: float
    sign_in: str | None


@dataclass
class SingleFlight:
    """What the threads of this process share about one connection: one of them goes to the store, the others wait."""

    lock: Lock = field(default_factory=Lock)
    token: Mapping[str, Any] | None = field(default=None, repr=False)
    unsaved: tuple[int, Mapping[str, Any]] | None = field(default=None, repr=False)
    """A new token, and the version that it follows, which the store could not take."""


class TokenTable(Protocol):
    """Where the tokens of kept connections lie; each change is one step that either happens or does not."""

    def get_flight(self, name: str) -> SingleFlight:
        """What the threads of this process share about the connection."""
        ...

    def read(self, name: str) -> TokenRow:
        """The row as it is now; NotFound where there is none."""
        ...

    def claim(self, name: str, row: TokenRow, lease: float) -> str | None:
        """Take the lease, and say by it that the token endpoint is about to be called: the owner's name; None where
        the row has changed, or somebody else holds the lease."""
        ...

    def keep(self, name: str, version: int, token: Token) -> bool:
        """Store the token that follows ``version``; False where another one did so already."""
        ...

    def fail(self, name: str, version: int, owner: str, failure: Mapping[str, Any], pause: float) -> None:
        """Give the lease back, and let nobody try before the pause is over."""
        ...

    def release(self, name: str, version: int, owner: str) -> None:
        """Give the lease back."""
        ...

    def require_sign_in(self, name: str, version: int, owner: str, reason: str) -> bool:
        """Stop everybody from trying; False where the connection has a newer token by now."""
        ...


class StoredTokens:
    """The token of a connection in the store, shared with every process that uses the same store.

    Threads of this process wait for one of them; that one waits in the store for a lease that has an owner and an end.
    """

    def __init__(
        self, rows: TokenTable, name: str, *, clock: Clock = SYSTEM_CLOCK, lease: float = REFRESH_LEASE_SECONDS
    ) -> None:
        self._rows, self._name, self._clock, self._lease = rows, name, clock, lease

    def get_token(self) -> Token | None:
        flight = self._flight
        if flight.token is None:
            flight.token = self._rows.read(self._name).token
        return flight.token

    def refresh(self, stale: Token, exchange: RequestToken, *, deadline: float | None = None) -> Token:
        latest = self._flight.token
        if latest is not None and not is_same(latest, stale):
            return latest
        seen = self._rows.read(self._name)
        with hold_lock(self._flight.lock, deadline, self._clock):
            self._save_unsaved()
            token = self._wait_for_refresh(stale, seen, exchange, deadline)
            self._flight.token = token
            return token

    @property
    def _flight(self) -> SingleFlight:
        return self._rows.get_flight(self._name)

    def _wait_for_refresh(self, stale: Token, seen: TokenRow, exchange: RequestToken, deadline: float | None) -> Token:
        """Wait until there is a newer token, by somebody else's exchange or by our own."""
        pause = REFRESH_POLL_SECONDS
        while True:
            row = self._rows.read(self._name)
            if not is_same(row.token, stale):
                return row.token or {}
            self._stop_if_hopeless(row, seen, deadline)
            token = self._try_refresh(row, exchange)
            if token is not None:
                return token
            self._clock.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 1.5, MAX_REFRESH_POLL_SECONDS)

    def _stop_if_hopeless(self, row: TokenRow, seen: TokenRow, deadline: float | None) -> None:
        if row.sign_in is not None:
            raise self._sign_in_error(row.sign_in)
        if row.failure is not None and (row.failures > seen.failures or row.retry_in > MAX_REFRESH_BACKOFF_SECONDS):
            # somebody tried on our behalf while we waited, or nobody will for long
            raise _restore_error(row.failure, row.retry_in)
        if deadline is not None and self._clock.monotonic() >= deadline:
            raise _deadline_error()

    def _try_refresh(self, row: TokenRow, exchange: RequestToken) -> Token | None:
        """Refresh the token of this row, if it is our turn and the row is still the newest."""
        owner = self._rows.claim(self._name, row, self._lease)
        if owner is None:
            return None
        asked_at = self._clock.now()
        try:
            reply = exchange(row.token or {})
        except BaseException as error:
            self._handle_failure(row, owner, error)
            return None
        token = build_next_token(row.token, reply, asked_at)
        return token if self._store_token(row.version, token) else None

    def _store_token(self, version: int, token: Token) -> bool:
        """Store a new token.  The old one is spent: where the store fails, we hold on to the only copy."""
        self._flight.unsaved = version, token
        kept = self._rows.keep(self._name, version, token)
        self._flight.unsaved = None
        return kept

    def _save_unsaved(self) -> None:
        if self._flight.unsaved is not None:
            self._store_token(*self._flight.unsaved)

    def _handle_failure(self, row: TokenRow, owner: str, error: BaseException) -> None:
        """Give the lease back and say why; returns only where another process has a newer token by now."""
        if isinstance(error, NotAuthenticated) and error.fix == "end_user":
            if self._rows.require_sign_in(self._name, row.version, owner, error.message):
                raise self._sign_in_error(error.message) from error
            return
        if isinstance(error, SalesError) and error.code != "deadline":  # ours alone; the next one may have more time
            pause = max(
                error.retry_after or 0.0, min(REFRESH_BACKOFF_SECONDS * 2.0**row.failures, MAX_REFRESH_BACKOFF_SECONDS)
            )
            self._rows.fail(self._name, row.version, owner, error.as_json()["error"], pause)
        else:
            self._rows.release(self._name, row.version, owner)
        raise error

    def _sign_in_error(self, reason: str) -> NotAuthenticated:
        return NotAuthenticated(
            f"Somebody has to sign in again for the connection {self._name!r}: {reason}",
            code="sign_in_required",
            fix="end_user",
        )


class RefusedToken:
    """Remembers a token that the service will never renew, so that it is not asked again."""

    def __init__(self) -> None:
        self._token: Token | None = None
        self._error: NotAuthenticated | None = None

    def exchange(self, token: Token | None, exchange: RequestToken, now: float) -> Token:
        if self._error is not None and is_same(token, self._token):
            raise _refused_token_error(self._error)
        try:
            return build_next_token(token, exchange(token or {}), now)
        except NotAuthenticated as error:
            if error.fix != "end_user":
                raise
            self._token, self._error = token, error
            raise _refused_token_error(error) from error


@contextmanager
def hold_lock(lock: Lock, deadline: float | None, clock: Clock) -> Iterator[None]:
    """Hold a lock that another thread may keep for as long as a token call takes."""
    patience = -1.0 if deadline is None else max(0.0, deadline - clock.monotonic())
    if not lock.acquire(timeout=patience):
        raise _deadline_error()
    try:
        yield
    finally:
        lock.release()


def _refused_token_error(error: NotAuthenticated) -> NotAuthenticated:
    return NotAuthenticated(
        f"Somebody has to sign in again: {error.message}",
        code="sign_in_required",
        status=error.status,
        request_id=error.request_id,
        vendor=error.vendor,
    )


def _deadline_error() -> Unavailable:
    return Unavailable("The deadline passed while somebody else was refreshing the token", code="deadline")


def _restore_error(failure: Mapping[str, Any], retry_in: float) -> SalesError:
    """The error that another caller met at the token endpoint."""
    kind: type[SalesError] = getattr(errors, failure["type"])
    kept = {key: failure[key] for key in ("code", "fix", "retryable", "status", "request_id", "vendor")}
    return kind(failure["message"], **kept, retry_after=max(0.0, round(retry_in, 3)))


def _parse_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _identify_token(token: Token | None) -> tuple[Any, Any]:
    return (token or {}).get("access_token"), (token or {}).get("expires_at")
