"""Where a connection's token comes from, and how it is refreshed once for everybody.

Three places hold tokens: the call itself, a file, and the store.  In each of them the rule is the same: of all who find
the same token stale, one calls the token endpoint, and the new token is put away before anybody uses it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import isfinite
from typing import Any, Protocol

from ..clock import Clock
from ..errors import NotAuthenticated, Unavailable
from .errand import deadline_error

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
REFRESH_POLL_SECONDS, MAX_REFRESH_POLL_SECONDS = 0.01, 0.2
MAX_KEEP_SECONDS = 30.0
"""Seconds for which a store that cannot take a new token is asked again; then this process holds on to it."""


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


def identify_pair(token: Token | None) -> tuple[Any, Any]:
    """What a token is spent by: its two texts, whatever else was said with them."""
    return (token or {}).get("access_token"), (token or {}).get("refresh_token")


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


def connection_changed_error(name: str) -> Unavailable:
    return Unavailable(
        f"The connection {name!r} was changed while a call used it. Make the call again",
        code="connection_changed",
        fix="builder",
        retry_after=0.0,
    )


def _refused_token_error(error: NotAuthenticated) -> NotAuthenticated:
    return NotAuthenticated(
        f"Somebody has to sign in again: {error.message}",
        code="sign_in_required",
        status=error.status,
        request_id=error.request_id,
        vendor=error.vendor,
    )


def _parse_number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) and not isinstance(value, bool) else None


def _identify_token(token: Token | None) -> tuple[Any, Any]:
    return (token or {}).get("access_token"), (token or {}).get("expires_at")
