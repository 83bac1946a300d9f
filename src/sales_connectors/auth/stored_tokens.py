"""Tokens of connections in the store, shared with every process that uses the same store."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, NamedTuple, Protocol

from .. import errors
from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, NotAuthenticated, SalesError
from .errand import Errand, deadline_error
from .tokens import (
    MAX_KEEP_SECONDS,
    MAX_REFRESH_POLL_SECONDS,
    REFRESH_LEASE_SECONDS,
    REFRESH_POLL_SECONDS,
    OnToken,
    RequestToken,
    Token,
    build_next_token,
    connection_changed_error,
    hold_lock,
    is_same,
)

REFRESH_BACKOFF_SECONDS, MAX_REFRESH_BACKOFF_SECONDS = 0.5, 5.0
"""Seconds of rest after a token endpoint failed, doubled with each failure."""


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


def _restore_error(failure: Mapping[str, Any], retry_in: float) -> SalesError:
    """The error that another caller met at the token endpoint."""
    kind: type[SalesError] = getattr(errors, failure["type"])
    kept = {key: failure[key] for key in ("code", "fix", "retryable", "status", "request_id", "vendor")}
    return kind(failure["message"], **kept, retry_after=max(0.0, round(retry_in, 3)))
