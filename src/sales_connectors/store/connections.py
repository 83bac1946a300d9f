"""Connections that are kept under a name."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ConfigurationError, Conflict, InvalidInput, NotFound, Unavailable, quote_name
from .database import Database, UniqueViolation
from .tokens import (
    IS_FREE,
    TokenTable,
    build_hold_limits,
    open_fields,
    open_reason,
    place_fields,
    place_of,
    unknown_connection_error,
)
from .vault import Vault

USE_PAUSE_SECONDS = 3600.0
"""How exactly it is known when a connection was last used."""
NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

# a name that was removed and saved again must not meet its old version numbers, hence the random start
SAVE = """
    INSERT INTO sales_connectors_connections AS kept
        (name, component, kind, fields, token, version, account, account_name, journal, began_with, created_at)
    VALUES
        (:name, :component, :kind, :fields, :token, :version, :account, :account_name, :journal, :began_with, {now})
    ON CONFLICT (name) DO UPDATE SET
        component = excluded.component, kind = excluded.kind, fields = excluded.fields, token = excluded.token,
        account = excluded.account, account_name = excluded.account_name, began_with = excluded.began_with,
        is_default = CASE WHEN kept.component = excluded.component THEN kept.is_default ELSE 0 END,
        journal = CASE WHEN :is_same THEN kept.journal ELSE excluded.journal END,
        version = kept.version + 1, owner = NULL, held_until = 0,
        failures = 0, failure = NULL, retry_at = 0, sign_in = NULL,
        created_at = excluded.created_at, used_at = NULL
    WHERE CAST(:expected AS BIGINT) IS NULL OR kept.version = :expected
    RETURNING version
"""
COLUMNS = """
    name, component, kind, fields, token, version, sign_in, account_name,
    account, journal, began_with, created_at, used_at, is_default
"""
GET = f"SELECT {COLUMNS} FROM sales_connectors_connections WHERE name = :name"
GET_ACCOUNT = "SELECT component, account FROM sales_connectors_connections WHERE name = :name"
GET_ALL = f"SELECT {COLUMNS} FROM sales_connectors_connections ORDER BY name"
GET_SEALED = """
    SELECT owner, version, fields, token, failure, sign_in, account_name, component, kind
    FROM sales_connectors_connections WHERE name = :name
"""
# not while a token is being refreshed: the new one is to be stored under the old name
RENAME = f"""
    UPDATE sales_connectors_connections SET
        name = :new, fields = :fields, token = :token, failure = :failure, sign_in = :sign_in,
        account_name = :account_name, journal = coalesce(journal, :journal)
    WHERE name = :name AND version = :version AND {IS_FREE}
    RETURNING name
"""
SEALED_COLUMNS = ("token", "failure", "sign_in", "account_name")
"""Those besides the fields."""
MAX_ATTEMPTS = 5
"""How often a change begins anew because another process was faster."""
# a read first: who writes waits for all others that do
IS_USED_ANEW = "name = :name AND (used_at IS NULL OR used_at < {now} - :pause OR used_at > {now})"
GET_USED_ANEW = f"SELECT name FROM sales_connectors_connections WHERE {IS_USED_ANEW}"
NOTE_USE = f"UPDATE sales_connectors_connections SET used_at = {{now}} WHERE {IS_USED_ANEW}"
WRITE_NOTHING = "DELETE FROM sales_connectors_connections WHERE name = ''"
READ_DEFAULTS = """
    SELECT name, is_default FROM sales_connectors_connections WHERE component = :component ORDER BY name
"""
CHOOSE_DEFAULT = """
    UPDATE sales_connectors_connections SET is_default = CASE WHEN name = :name THEN 1 ELSE 0 END
    WHERE component = :component
"""
NOTE_ACCOUNT = """
    UPDATE sales_connectors_connections SET account_name = :account_name WHERE name = :name AND version = :version
"""
REMOVE = "DELETE FROM sales_connectors_connections WHERE name = :name RETURNING name"


@dataclass(frozen=True)
class StoredConnection:
    """A connection as it is kept; its secrets do not show when it is printed."""

    name: str
    component: str
    key: str
    fields: Mapping[str, Any] = field(repr=False)
    token: Mapping[str, Any] | None = field(repr=False)
    version: int
    sign_in: str | None
    """Why somebody has to sign in again, where that is so."""
    account_name: str | None = field(repr=False)
    """Whose account its token reaches, for people; None where nobody knows."""
    account: str | None
    """Whose account its token reaches, hashed; None where nobody knows."""
    journal: str | None
    """Under which identity its creates are journaled; None for the one that is derived from its name."""
    began_with: str | None
    """Which pair of tokens it was saved with, hashed: the one that it has follows from that."""
    created_at: float | None
    """When it was saved; None where nobody wrote that down yet."""
    used_at: float | None = None
    """When it was last used, to the hour; None where it was not used since."""
    is_default: int = 0
    """Whether it was made the one that is used where none is named."""
    fault: str | None = None
    """Why its secrets cannot be read, where that is so; the other parts are there."""


class ConnectionTable:
    """Fields and tokens are sealed as a whole."""

    def __init__(self, database: Database, vault: Vault, tokens: TokenTable) -> None:
        self._database, self._vault, self._tokens = database, vault, tokens

    def save(
        self,
        name: str,
        component: str,
        connection: Mapping[str, Any],
        *,
        account: str | None = None,
        account_name: str | None = None,
        began_with: str | None = None,
        expected: int | None = None,
    ) -> bool:
        """Keep ``{key, fields, token}``, in place of what had the name before; ``began_with`` is the pair that the
        token follows from, where that is another one.

        The journal of creates stays that of the name, unless the token is known to reach another ``account`` now.
        With ``expected`` it is False, and nothing is kept, where the version of what has the name is another one.
        """
        token, before = connection.get("token"), self._read_account(validate_name(name))
        kind = connection.get("key") or ""
        values = {
            "name": name,
            "component": component,
            "kind": kind,
            "fields": self._vault.seal(dict(connection.get("fields") or {}), place_fields(name, component, kind)),
            "token": self._vault.seal(dict(token), place_of(name, "token")) if token else None,
            "version": secrets.randbits(48),
            "account": account,
            "account_name": self._vault.seal(account_name, place_of(name, "account_name")) if account_name else None,
            "began_with": began_with or hash_refresh_token(token),
            "journal": f"{component}/{name}#{secrets.token_hex(8)}",
            "is_same": before == (component, account) or (before[0] == component and None in (before[1], account)),
            "expected": expected,
        }
        saved = bool(self._database.run(SAVE, values))
        if saved:
            self._tokens.forget(name)
        return saved

    def prove_writable(self) -> None:
        """ConfigurationError where the store takes no connection."""
        self._vault.prove_key()
        self._database.run(WRITE_NOTHING, {})

    def get(self, name: str) -> StoredConnection:
        rows = self._database.run(GET, {"name": validate_name(name)})
        if not rows:
            raise self._unknown_error(name)
        return self._build_connection(rows[0])

    def list_all(self) -> list[StoredConnection]:
        """All of them, also those that cannot be read."""
        rows = self._database.run(GET_ALL, {})
        if rows:
            self._vault.prove_key()
        return [self._build_readable(row) for row in rows]

    def list_names(self) -> list[str]:
        """The names alone, which needs no key."""
        return self._tokens.list_names()

    def list_of(self, component: str) -> dict[str, bool]:
        """The names of a component's connections, and whether each was made its default; needs no key."""
        rows = self._database.run(READ_DEFAULTS, {"component": component})
        return {name: bool(is_default) for name, is_default in rows}

    def choose_default(self, name: str) -> str:
        """Make it the default of its component, and no other; the component's key."""
        component = self.get(name).component
        self._database.run(CHOOSE_DEFAULT, {"name": name, "component": component})
        return component

    def note_account(self, kept: StoredConnection, account_name: str) -> None:
        """Write down whose account it reaches, unless it was changed meanwhile."""
        sealed = self._vault.seal(account_name, place_of(kept.name, "account_name"))
        self._database.run(NOTE_ACCOUNT, {"name": kept.name, "version": kept.version, "account_name": sealed})

    def rename(self, old: str, new: str) -> None:
        """Keep a connection under another name; Conflict where that is another connection's."""
        values = {"name": validate_name(old), "new": validate_name(new)}
        try:
            renamed = old == new or any(self._try_rename(values) for _ in range(MAX_ATTEMPTS))
        except UniqueViolation as taken:
            raise Conflict(
                f"There is a connection {new!r} already. Choose another name, or remove it first", code="name_taken"
            ) from taken
        if not renamed:
            raise Unavailable(
                f"The token of {old!r} is being refreshed at this moment. Try again in a minute",
                code="busy",
                fix="builder",
            )
        self._tokens.forget(old)
        self._tokens.forget(new)

    def _try_rename(self, names: Mapping[str, str]) -> bool:
        """Rename the row as it is now, sealed anew for its new name."""
        old, new = names["name"], names["new"]
        rows = self._database.run(GET_SEALED, {"name": old})
        if not rows:
            raise self._unknown_error(old)
        owner, version, fields, *sealed, component, kind = rows[0]
        moved = {
            column: text and self._vault.move(text, place_of(old, column), place_of(new, column))
            for column, text in zip(SEALED_COLUMNS, sealed, strict=True)
        }
        place, new_place = place_fields(old, component, kind), place_fields(new, component, kind)
        moved["fields"] = self._vault.move(fields, place, new_place, place_of(old, "fields"))
        values = {**names, **moved, "version": version, "journal": f"{component}/{old}", **build_hold_limits(owner)}
        return bool(self._database.run(RENAME, values))

    def remove(self, name: str) -> None:
        if not self._database.run(REMOVE, {"name": validate_name(name)}):
            raise self._unknown_error(name)
        self._tokens.forget(name)

    def note_use(self, name: str) -> None:
        """Write down that it is used now."""
        values = {"name": name, "pause": USE_PAUSE_SECONDS}
        if self._database.run(GET_USED_ANEW, values):
            self._database.run(NOTE_USE, values, durable=False)

    def _read_account(self, name: str) -> tuple[str | None, str | None]:
        """The component and the account of what has the name now."""
        rows = self._database.run(GET_ACCOUNT, {"name": name})
        return (rows[0][0], rows[0][1]) if rows else (None, None)

    def _build_connection(self, row: tuple[Any, ...]) -> StoredConnection:
        name, component, key, fields, token, version, sign_in, account_name, *others = row
        opened = self._vault.open(token, place_of(name, "token")) if token else None
        reason = open_reason(self._vault, name, sign_in)
        return StoredConnection(
            name,
            component,
            key,
            open_fields(self._vault, name, component, key, fields),
            opened,
            version,
            reason,
            self._vault.open(account_name, place_of(name, "account_name")) if account_name else None,
            *others,
        )

    def _build_readable(self, row: tuple[Any, ...]) -> StoredConnection:
        """A connection, or what of it can be read: one that cannot must not hide the others."""
        try:
            return self._build_connection(row)
        except ConfigurationError as error:
            if error.code != "store_corrupt":
                raise
            name, component, key, _, _, version, _, _, *others = row
            return replace(
                StoredConnection(name, component, key, {}, None, version, None, None, *others), fault=error.message
            )

    def _unknown_error(self, name: str) -> NotFound:
        return unknown_connection_error(name, self._database.place, self.list_names())


def hash_refresh_token(token: Mapping[str, Any] | None) -> str | None:
    """What a pair of tokens is known again by; None of a token that none follows."""
    refresh = token.get("refresh_token") if isinstance(token, Mapping) else None
    return hashlib.sha256(refresh.encode("utf-8", "surrogatepass")).hexdigest() if isinstance(refresh, str) else None


def validate_name(name: str) -> str:
    if not isinstance(name, str) or not NAME_PATTERN.fullmatch(name):
        raise InvalidInput(
            f"{quote_name(name)} cannot be the name of a connection: up to 100 letters, digits, '-', '_' and '.', the"
            " first a letter or digit",
            code="invalid_connection_name",
        )
    return name
