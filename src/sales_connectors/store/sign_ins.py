"""Sign-ins that were begun: any process may take the browser's answer, not only the one that sent it there.

What is needed to finish one is sealed, and found by a hash of its state: who reads the database learns no state that
would be taken.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from .database import Database
from .vault import Vault

MAX_SIGN_IN_SECONDS = 600.0
"""Seconds that somebody has to sign in."""

BEGIN = """
    INSERT INTO sales_connectors_sign_ins (state_hash, begun, begun_at) VALUES (:state_hash, :begun, {now})
"""
TAKE = "DELETE FROM sales_connectors_sign_ins WHERE state_hash = :state_hash RETURNING begun"
# one that seems to have begun later than that was begun before the clock was set back
SWEEP = "DELETE FROM sales_connectors_sign_ins WHERE begun_at < {now} - :longest OR begun_at > {now} + :longest"


class SignInTable:
    """Keeps them for ten minutes, and gives each away once."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def begin(self, begun: Mapping[str, Any]) -> None:
        """Keep what finishing needs; its ``state`` is what it is found by."""
        self._sweep()
        state_hash = _hash_state(begun["state"])
        values = {"state_hash": state_hash, "begun": self._vault.seal(dict(begun), _find_place(state_hash))}
        self._database.run(BEGIN, values)

    def take(self, state: str) -> Mapping[str, Any] | None:
        """What was begun with this state; None where nothing was, or too long ago, or it was taken already."""
        self._sweep()
        state_hash = _hash_state(state)
        rows = self._database.run(TAKE, {"state_hash": state_hash})
        begun: Mapping[str, Any] | None = self._vault.open(rows[0][0], _find_place(state_hash)) if rows else None
        return begun

    def _sweep(self) -> None:
        self._database.run(SWEEP, {"longest": MAX_SIGN_IN_SECONDS})


def _hash_state(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def _find_place(state_hash: str) -> str:
    """Where a sealed sign-in belongs."""
    return f"sign_ins/{state_hash}"
