"""Where a connection's token comes from, and how it is refreshed once for everybody.

Three places hold tokens: the call itself, a file, and the store.  In each of them the rule is the same: of all who find
the same token stale, one calls the token endpoint, and the new token is put away before anybody uses it.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from inspect import iscoroutine, isgenerator
from math import isfinite
from threading import Lock, RLock
from typing import Any, NamedTuple, Protocol

from .. import errors
from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, NotAuthenticated, SalesError, Unavailable
from ..fork import reset_in_children
from ..options import TokenHolder
from .errand import Errand, deadline_error

Token = Mapping[str, Any]
"""``access_token``, ``refresh_token``, ``expires_at`` (seconds since the epoch), and what else the service said."""

RequestToken = Callable[[Token], Token]
"""One call to the token endpoint: the old token goes in, the new one comes out."""

OnToken = Callable[[Token], None]
"""What a caller keeps the new tokens of its connection with."""

REFRESH_MARGIN_SECONDS = 60.0
"""Seconds before its end at which a token is no longer trusted to survive a request."""
REFRESH_LEASE_SECONDS = 45.0
"""Seconds for which one process may refresh: longer than the token endpoint is waited for."""
REFRESH_BACKOFF_SECONDS, MAX_REFRESH_BACKOFF_SECONDS = 0.5, 5.0
"""Seconds of rest after a token endpoint failed, doubled with each failure."""
REFRESH_POLL_SECONDS, MAX_REFRESH_POLL_SECONDS = 0.01, 0.2
MAX_KEEP_SECONDS = 30.0
"""Seconds for which a store that cannot take a new token is asked again; then this process holds on to it."""
MAX_KNOWN_PAIRS = 4096
"""Given tokens that are known again, so that nobody spends the refresh token of one a second time."""


class TokenSource(Protocol):
    """A token that many callers share."""

    are_kept: bool
    """Whether new tokens have a place here; else they go to a caller's ``on_token``."""

    def get_token(self) -> Token | None:
        """The newest token that is known here, without asking anybody."""
        ...

    def refresh(
        self, stale: Token, exchange: RequestToken, *, deadline: float | None = None, on_token: OnToken | None = None
    ) -> Token:
        """The token that follows ``stale``; ``exchange`` is called by one of all who ask.

        ``deadline`` is monotonic time; who would wait longer than that gets Unavailable, and the refresh goes on.
        """
        ...


def needs_refresh(token: Token, now: float, margin: float = REFRESH_MARGIN_SECONDS) -> bool:
    """Whether a token may end before a request that is signed with it does."""
    expires_at, lifetime = _parse_number(token.get("expires_at")), _parse_number(token.get("expires_in"))
    if expires_at is None or (lifetime is not None and lifetime <= 0):
        return False
    # a token that lives for seconds only would otherwise be refreshed before each request
    margin = margin if lifetime is None else min(margin, lifetime / 10)
    return now >= expires_at - margin


def build_next_token(old: Token | None, reply: Token, asked_at: float) -> dict[str, Any]:
    """The token that a reply means: what it says nothing of stays as it was, and it says when it ends."""
    token = {key: value for key, value in reply.items() if value is not None}
    for lasting in ("refresh_token", "scope"):
        if not token.get(lasting) and old and old.get(lasting):
            token[lasting] = old[lasting]
    lifetime = _parse_number(token.get("expires_in"))
    if lifetime is not None and lifetime > 0:  # with zero and less, services say that no end is known
        token["expires_at"] = asked_at + lifetime
    return token


def is_same(one: Token | None, other: Token | None) -> bool:
    """Whether two tokens are one; some services hand out the same text again with a later end."""
    return _identify_token(one) == _identify_token(other)


class InlineTokens:
    """A token that came with the call.

    Whoever calls has each new one told to its ``on_token`` before it is used.  Where nobody would be told, no refresh
    token is spent.
    """

    are_kept = False

    def __init__(
        self,
        token: Token | None,
        *,
        clock: Clock = SYSTEM_CLOCK,
        on_change: Callable[["InlineTokens", Token], None] | None = None,
    ) -> None:
        self._token = token
        self._untold: Token | None = None
        """A new token that nobody has taken yet; the one before it is spent."""
        self._is_untried = False
        """Whether nobody has been told of it either."""
        self._unkept: Token | None = None
        """A new token that only this process holds."""
        self._clock, self._on_change = clock, on_change
        self._refused = RefusedToken()
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = RLock()
        self._errand: Errand[Token] | None = None
        self._is_telling = False

    @property
    def is_in_hand(self) -> bool:
        """Whether a pair is here, or on its way, that nobody has been told of."""
        return self._errand is not None or self._untold is not None

    def get_token(self) -> Token | None:
        return self._token

    def hear(self, token: Token) -> None:
        """The same pair is handed over once more, perhaps with another end."""
        if self._lock.acquire(blocking=False):  # else it is being followed by another at this moment
            try:
                if _identify_pair(token) == _identify_pair(self._token):
                    self._token = token
            finally:
                self._lock.release()

    def hand_over(self, on_token: OnToken | None, deadline: float | None) -> None:
        """Tell somebody who keeps tokens of one that came before they were there, and that only this process holds."""
        if self._unkept is None or on_token is None or isinstance(on_token, TokenHolder):
            return
        with hold_lock(self._lock, deadline, self._clock):
            if self._unkept is not None:
                self._tell(self._unkept, on_token)

    def refresh(
        self, stale: Token, exchange: RequestToken, *, deadline: float | None = None, on_token: OnToken | None = None
    ) -> Token:
        with hold_lock(self._lock, deadline, self._clock):
            if self._untold is None and is_same(self._token, stale):
                self._spend(exchange, deadline, on_token)
            return self._token or {} if self._untold is None else self._tell(self._untold, on_token)

    def _spend(self, exchange: RequestToken, deadline: float | None, on_token: OnToken | None) -> None:
        """Get the new token, or wait for it where somebody asked for it and left."""
        if self._errand is None:
            if on_token is None:
                raise _unkept_token_error()
            old, now = self._token, self._clock.now()
            # whoever waits may be interrupted at any time, or be a thread that ends with the process: the new token is
            # put down here by who got it
            self._errand = Errand(
                lambda: self._receive(self._refused.exchange(old, exchange, now)),
                lambda errand: self._take_over(errand, on_token),
            )
        errand = self._errand
        try:
            errand.wait(deadline, self._clock)
        finally:
            if errand.is_over:
                self._errand = None

    def _receive(self, token: Token) -> Token:
        self._untold, self._is_untried = token, True
        return token

    def _take_over(self, errand: Errand[Token], on_token: OnToken) -> None:
        """Once nobody waits any more: who asked for the token is told of it, if nobody was."""
        with self._lock:
            if self._errand is errand:
                self._errand = None
            if self._untold is not None and self._is_untried:
                with suppress(BaseException):  # there is nobody to hear of it; it is told again with the next call
                    self._tell(self._untold, on_token)

    def _tell(self, token: Token, on_token: OnToken | None) -> Token:
        """Have the token kept, before it is used; where that fails, it is told again before the next use."""
        if on_token is None or self._is_telling:  # on_token may call the service with the token that it is told
            return token
        if isinstance(on_token, TokenHolder):
            self._adopt(token, unkept=token)
            on_token(token)
            return token
        self._is_telling = True
        try:
            fault = _find_callback_fault(on_token, token)
        finally:
            self._is_telling = False
        if fault is not None:
            self._is_untried = False
            raise _callback_error(fault)
        self._adopt(token, unkept=None)
        return token

    def _adopt(self, token: Token, *, unkept: Token | None) -> None:
        """From now on this is the token."""
        self._unkept = unkept
        self._token, self._untold = token, None
        if self._on_change is not None:
            self._on_change(self, token)


class KnownPairs:
    """The tokens that came with calls, known again by their pair however their connection was spelled."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[Any, ...], InlineTokens] = {}
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = Lock()

    def find(self, issuer: tuple[str, ...], token: Token | None) -> InlineTokens:
        """The source of this token; a new one where nobody has handed it over yet.

        ``issuer`` are the endpoint that gave it and the client that it was given to.
        """
        if not token or not isinstance(token.get("refresh_token"), str):
            return InlineTokens(token, clock=self._clock)
        with self._lock:
            tokens = self._known.get((*issuer, *_identify_pair(token))) or InlineTokens(
                token, clock=self._clock, on_change=lambda tokens, new: self._follow(issuer, new, tokens)
            )
            self._remember(issuer, token, tokens)
        tokens.hear(token)
        return tokens

    def _follow(self, issuer: tuple[str, ...], token: Token, tokens: InlineTokens) -> None:
        if isinstance(token.get("refresh_token"), str):
            with self._lock:
                self._remember(issuer, token, tokens)

    def _remember(self, issuer: tuple[str, ...], token: Token, tokens: InlineTokens) -> None:
        """At the end: the one that was handed over longest ago is forgotten first."""
        key = (*issuer, *_identify_pair(token))
        self._known.pop(key, None)
        self._known[key] = tokens
        if len(self._known) > MAX_KNOWN_PAIRS:
            oldest = next((key for key, known in self._known.items() if not known.is_in_hand), None)
            self._known.pop(oldest, None)  # type: ignore[arg-type]


class Origin(NamedTuple):
    """What a kept token goes with: it is sent nowhere else."""

    component: str
    key: str
    """The kind of connection."""
    fields: Mapping[str, Any]
    journal: str | None
    """Under which identity creates are journaled; None for the one that is derived from the name."""


@dataclass(frozen=True)
class TokenRow:
    """What the store knows about one connection's token."""

    origin: Origin = field(repr=False)
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

    def read_version(self, name: str) -> int:
        """The version of the row, which moves with everything that changes; NotFound where there is none."""
        ...

    def claim(self, name: str, row: TokenRow, lease: float) -> str | None:
        """Take the lease, and say by it that the token endpoint is about to be called: the owner's name; None where
        the row has changed, or somebody else holds the lease."""
        ...

    def keep(self, name: str, version: int, token: Token) -> bool:
        """Store the token that follows ``version``, however little time is left; False where another one did so."""
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

    are_kept = True

    def __init__(
        self,
        rows: TokenTable,
        name: str,
        *,
        clock: Clock = SYSTEM_CLOCK,
        lease: float = REFRESH_LEASE_SECONDS,
        row: TokenRow | None = None,
    ) -> None:
        self._rows, self._name, self._clock, self._lease = rows, name, clock, lease
        self._row = row

    def get_token(self) -> Token | None:
        if self._row is None:
            self._row = self._rows.read(self._name)
        return self._row.token

    def is_current(self) -> bool:
        """Whether the connection is still the one that the token was read with, though it may have a newer token.

        NotFound where it was removed.
        """
        known = self._row
        if known is not None and self._rows.read_version(self._name) == known.version:
            return True
        row = self._rows.read(self._name)
        if known is not None and row.origin != known.origin:
            return False
        self._row = row
        return True

    def refresh(
        self, stale: Token, exchange: RequestToken, *, deadline: float | None = None, on_token: OnToken | None = None
    ) -> Token:
        latest = self._row.token if self._row else None
        if latest is not None and not is_same(latest, stale):
            return latest
        seen = self._read_own_row()
        with hold_lock(self._flight.lock, deadline, self._clock):
            if self._flight.unsaved is not None:
                Errand(self._save_unsaved).wait(deadline, self._clock)
            self._row = self._wait_for_refresh(stale, seen, exchange, deadline)
            return self._row.token or {}

    @property
    def _flight(self) -> SingleFlight:
        return self._rows.get_flight(self._name)

    def _read_own_row(self) -> TokenRow:
        """The row as it is now; Unavailable where it belongs to another connection of the same name."""
        row = self._rows.read(self._name)
        if self._row is not None and row.origin != self._row.origin:
            raise connection_changed_error(self._name)
        return row

    def _wait_for_refresh(
        self, stale: Token, seen: TokenRow, exchange: RequestToken, deadline: float | None
    ) -> TokenRow:
        """Wait until there is a newer token, by somebody else's exchange or by our own."""
        pause = REFRESH_POLL_SECONDS
        while True:
            row = self._read_own_row()
            if not is_same(row.token, stale):
                return row
            self._stop_if_hopeless(row, seen, deadline)
            # an errand even where it only finds that another one is at it: from the claim on, nothing may cut it short
            if Errand(partial(self._try_refresh, row, exchange)).wait(deadline, self._clock):
                return self._read_own_row()
            self._clock.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 1.5, MAX_REFRESH_POLL_SECONDS)

    def _stop_if_hopeless(self, row: TokenRow, seen: TokenRow, deadline: float | None) -> None:
        if row.sign_in is not None:
            raise self._sign_in_error(row.sign_in)
        if row.failure is not None and (row.failures > seen.failures or row.retry_in > MAX_REFRESH_BACKOFF_SECONDS):
            # somebody tried on our behalf while we waited, or nobody will for long
            raise _restore_error(row.failure, row.retry_in)
        if deadline is not None and self._clock.monotonic() >= deadline:
            raise deadline_error()

    def _try_refresh(self, row: TokenRow, exchange: RequestToken) -> bool:
        """Refresh the token of this row, if it is our turn; whether there is a newer one now."""
        owner = self._rows.claim(self._name, row, self._lease)
        if owner is None:
            return False
        asked_at = self._clock.now()
        try:
            reply = exchange(row.token or {})
        except BaseException as error:
            self._handle_failure(row, owner, error)
        else:
            self._store_token(row.version, build_next_token(row.token, reply, asked_at))
        return True

    def _store_token(self, version: int, token: Token) -> None:
        """Store a new token.  The old one is spent: where the store fails for long, we hold on to the only copy."""
        self._flight.unsaved = version, token
        ends = self._clock.monotonic() + MAX_KEEP_SECONDS
        while True:
            try:
                self._rows.keep(self._name, version, token)
            except ConfigurationError:
                if self._clock.monotonic() >= ends:
                    raise
                self._clock.sleep(MAX_REFRESH_POLL_SECONDS)
            else:
                self._flight.unsaved = None
                return

    def _save_unsaved(self) -> None:
        if self._flight.unsaved is not None:
            self._store_token(*self._flight.unsaved)

    def _handle_failure(self, row: TokenRow, owner: str, error: BaseException) -> None:
        """Give the lease back and say why; returns only where another process has a newer token by now."""
        if isinstance(error, NotAuthenticated) and error.fix == "end_user":
            if self._rows.require_sign_in(self._name, row.version, owner, error.message):
                raise self._sign_in_error(error.message) from error
            return
        if isinstance(error, SalesError):
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
def hold_lock(lock: Any, deadline: float | None, clock: Clock) -> Iterator[None]:
    """Hold a lock that another thread may keep for as long as a token call takes."""
    patience = -1.0 if deadline is None else max(0.0, deadline - clock.monotonic())
    if not lock.acquire(timeout=patience):
        raise deadline_error()
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


def connection_changed_error(name: str) -> Unavailable:
    return Unavailable(
        f"The connection {name!r} was changed while a call used it. Make the call again",
        code="connection_changed",
        fix="builder",
        retry_after=0.0,
    )


def _unkept_token_error() -> NotAuthenticated:
    return NotAuthenticated(
        "The token has ended, and its refresh token is not spent, since nobody would keep the new ones. Give on_token"
        " with the call, give the connection as @FILE, or keep it under a name: sales-connectors connect COMPONENT"
        " NAME",
        code="token_expired",
        fix="builder",
    )


def _find_callback_fault(on_token: OnToken, token: Token) -> str | None:
    """What on_token did instead of keeping a token, where it did not.

    Nothing of what it raises is passed on: its words may hold the token, and so may the cause.
    """
    result: object
    try:
        result = on_token(dict(token))  # type: ignore[func-returns-value]  # by its type nothing, but who knows
    except Exception as failure:
        return f"raised {type(failure).__name__}"
    if iscoroutine(result) or isgenerator(result):
        result.close()
        return "returned a coroutine, which nobody runs"
    return None


def _callback_error(fault: str) -> ConfigurationError:
    return ConfigurationError(
        f"on_token {fault}, so that nobody has kept the new token; it is told again with the next call",
        code="callback_failed",
        fix="maintainer",
    )


def _restore_error(failure: Mapping[str, Any], retry_in: float) -> SalesError:
    """The error that another caller met at the token endpoint."""
    kind: type[SalesError] = getattr(errors, failure["type"])
    kept = {key: failure[key] for key in ("code", "fix", "retryable", "status", "request_id", "vendor")}
    return kind(failure["message"], **kept, retry_after=max(0.0, round(retry_in, 3)))


def _parse_number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) and not isinstance(value, bool) else None


def _identify_token(token: Token | None) -> tuple[Any, Any]:
    return (token or {}).get("access_token"), (token or {}).get("expires_at")


def _identify_pair(token: Token | None) -> tuple[Any, Any]:
    return (token or {}).get("access_token"), (token or {}).get("refresh_token")
