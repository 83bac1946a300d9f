"""The token of a kept connection, and the lease that one process takes to refresh it.

A row goes through these states; each change is one statement whose condition decides the race::

    resting ── claim ──▶ held by an owner ── keep ──▶ resting, next version
                           ├── fail ──▶ resting, not to be tried before retry_at
                           ├── require_sign_in ──▶ nobody may try, until a new token is saved
                           └── the owner dies, or the lease ends ──▶ may be claimed again
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..auth.stored_tokens import Origin, SingleFlight, TokenRow
from ..clock import limit_waits
from ..errors import NotFound, is_like_name, suggest_name
from ..fork import reset_in_children
from .database import Database
from .owners import create_owner, is_gone
from .vault import Vault

MAX_REFRESH_HOLD_SECONDS = 600.0
"""A lease that seems to end later than this was taken before the clock was set back."""
MAX_RETRY_PAUSE_SECONDS = 3600.0
UNKNOWN_REASON = "the service no longer takes the refresh token"

READ = """
    SELECT component, kind, fields, journal, token, version, owner, failures, failure, retry_at - {now}, sign_in
    FROM sales_connectors_connections WHERE name = :name
"""
READ_NAMES = "SELECT name FROM sales_connectors_connections ORDER BY name"
READ_VERSION = "SELECT version FROM sales_connectors_connections WHERE name = :name"
IS_FREE = "(owner IS NULL OR owner = :gone OR held_until <= {now} OR held_until > {now} + :longest_hold)"
CLAIM = f"""
    UPDATE sales_connectors_connections SET owner = :owner, held_until = {{now}} + :lease
    WHERE name = :name AND version = :version AND sign_in IS NULL AND {IS_FREE}
        AND (retry_at <= {{now}} OR retry_at > {{now}} + :longest_pause)
    RETURNING name
"""
# The version alone decides: an owner that slept through its lease still holds the only copy of a good token, unless
# somebody has stored a newer one.
KEEP = """
    UPDATE sales_connectors_connections SET
        token = :token, version = version + 1, owner = NULL, held_until = 0,
        failures = 0, failure = NULL, retry_at = 0, sign_in = NULL
    WHERE name = :name AND version = :version
    RETURNING name
"""
# versions begin at random, so that one belongs to one connection
FIND_VERSION = "SELECT name FROM sales_connectors_connections WHERE version = :version"
FAIL = """
    UPDATE sales_connectors_connections SET
        owner = NULL, held_until = 0, failures = failures + 1, failure = :failure, retry_at = {now} + :pause
    WHERE name = :name AND version = :version AND owner = :owner
"""
RELEASE = """
    UPDATE sales_connectors_connections SET owner = NULL, held_until = 0
    WHERE name = :name AND version = :version AND owner = :owner
"""
REQUIRE_SIGN_IN = """
    UPDATE sales_connectors_connections SET owner = NULL, held_until = 0, sign_in = :reason
    WHERE name = :name AND version = :version AND owner = :owner
    RETURNING name
"""


class TokenTable:
    """Reads and changes those rows."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._flights: dict[str, SingleFlight] = {}
        reset_in_children(self)

    def get_flight(self, name: str) -> SingleFlight:
        return self._flights.setdefault(name, SingleFlight())

    def forget(self, name: str) -> None:
        """The connection was saved or removed: what this process remembers of it no longer holds."""
        self._flights.pop(name, None)

    def reset_after_fork(self) -> None:
        self._flights = {}

    def read(self, name: str) -> TokenRow:
        rows = self._database.run(READ, {"name": name})
        if not rows:
            raise self._unknown_error(name)
        component, kind, fields, journal, token, version, owner, failures, failure, retry_in, sign_in = rows[0]
        return TokenRow(
            Origin(component, kind, open_fields(self._vault, name, component, kind, fields), journal),
            self._open_sealed(token, name, "token"),
            version,
            owner,
            failures,
            self._open_sealed(failure, name, "failure"),
            retry_in,
            open_reason(self._vault, name, sign_in),
        )

    def read_version(self, name: str) -> int:
        rows = self._database.run(READ_VERSION, {"name": name})
        if not rows:
            raise self._unknown_error(name)
        version: int = rows[0][0]
        return version

    def claim(self, name: str, row: TokenRow, lease: float, *, despite_rest: bool = False) -> str | None:
        owner = create_owner()
        values = {
            "name": name,
            "version": row.version,
            "owner": owner,
            "lease": lease,
            "longest_pause": 0.0 if despite_rest else MAX_RETRY_PAUSE_SECONDS,
            **build_hold_limits(row.owner),
        }
        return owner if self._database.run(CLAIM, values) else None

    def keep(self, name: str, version: int, token: Mapping[str, Any]) -> bool:
        """Store the token that follows ``version``, also where the connection got another name after the lease was
        over; False where another one did so already."""
        with limit_waits(None):  # it is the only copy
            return self._keep(name, version, token) or any(
                self._keep(new_name, version, token)
                for (new_name,) in self._database.run(FIND_VERSION, {"version": version})
            )

    def _keep(self, name: str, version: int, token: Mapping[str, Any]) -> bool:
        values = {"name": name, "version": version, "token": self._vault.seal(dict(token), place_of(name, "token"))}
        return bool(self._database.run(KEEP, values))

    def fail(self, name: str, version: int, owner: str, failure: Mapping[str, Any], pause: float) -> None:
        sealed = self._vault.seal(failure, place_of(name, "failure"))
        values = {"failure": sealed, "pause": min(pause, MAX_RETRY_PAUSE_SECONDS)}
        self._database.run(FAIL, {"name": name, "version": version, "owner": owner, **values})

    def release(self, name: str, version: int, owner: str) -> None:
        self._database.run(RELEASE, {"name": name, "version": version, "owner": owner})

    def require_sign_in(self, name: str, version: int, owner: str, reason: str) -> bool:
        """Stop everybody from trying; False where the connection has a newer token by now."""
        sealed = self._vault.seal(reason, place_of(name, "sign_in"))
        values = {"name": name, "version": version, "owner": owner, "reason": sealed}
        return bool(self._database.run(REQUIRE_SIGN_IN, values))

    def list_names(self) -> list[str]:
        """The names of all connections, which needs no key."""
        return [name for (name,) in self._database.run(READ_NAMES, {})]

    def _unknown_error(self, name: str) -> NotFound:
        return unknown_connection_error(name, self._database.place, self.list_names())

    def _open_sealed(self, sealed: str | None, name: str, column: str) -> Any:
        return self._vault.open(sealed, place_of(name, column)) if sealed else None


def place_of(name: str, column: str) -> str:
    """Where a sealed part of a connection belongs."""
    return f"connections/{name}/{column}"


def place_fields(name: str, component: str, kind: str) -> str:
    """Where the sealed fields of a connection belong: under the component and the kind too, which say for which host a
    token is."""
    return f"{place_of(name, 'fields')}/{component}/{kind}"


def open_fields(vault: Vault, name: str, component: str, kind: str, sealed: str) -> Mapping[str, Any]:
    """The fields of a connection, if it is of the component and the kind that they were saved for."""
    fields: Mapping[str, Any] = vault.open(sealed, place_fields(name, component, kind), place_of(name, "fields"))
    return fields


def open_reason(vault: Vault, name: str, sealed: str | None) -> str | None:
    """Why somebody has to sign in again; what an earlier version wrote in clear is not shown."""
    if sealed is None or not vault.is_sealed(sealed):
        return None if sealed is None else UNKNOWN_REASON
    reason: str = vault.open(sealed, place_of(name, "sign_in"))
    return reason


def build_hold_limits(holder: str | None) -> dict[str, Any]:
    """The values of ``IS_FREE`` for a row that had this owner when it was read."""
    return {"gone": holder if is_gone(holder) else "", "longest_hold": MAX_REFRESH_HOLD_SECONDS}


def unknown_connection_error(name: str, place: str, known: Sequence[str]) -> NotFound:
    if not is_like_name(name):
        message = (
            "There is no connection of the name that was given, which looks like a token and is not repeated here. A"
            " token is handed over as token=…, or kept under a name: sales-connectors connect COMPONENT NAME --token"
        )
        return NotFound(message, code="unknown_connection")
    return NotFound(
        f"There is no connection {name!r} in the store {place}.{suggest_name(name, known)} Sign in with:"
        f" sales-connectors connect COMPONENT {name}",
        code="unknown_connection",
    )
