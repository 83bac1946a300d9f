"""What outlives a call: connections and their tokens, begun sign-ins, the rate budget, and the journal of creates.

A store is one SQLite file, or a PostgreSQL database where there are several machines.  It is opened on first use.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError
from .connections import ConnectionTable, StoredConnection
from .database import Database
from .home import find_home_folder, find_store_url
from .journal import Journal, JournalEntry
from .rate_limiter import RateLimiter
from .sign_ins import SignInTable
from .tokens import TokenTable
from .vault import Vault

if TYPE_CHECKING:
    from .rekey import Count

__all__ = ["ConnectionTable", "Journal", "JournalEntry", "RateLimiter", "SignInTable", "Store", "StoredConnection"]


class Store:
    """Everything that processes on the same store share.  Safe to use from any number of threads.

    ``url`` is ``SALES_CONNECTORS_STORE`` by default, or else a SQLite file in ``home``; ``home`` is
    ``SALES_CONNECTORS_HOME`` or the user's data folder; ``key`` is ``SALES_CONNECTORS_KEY`` or a file in ``home``.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        home: Path | None = None,
        key: bytes | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.home = home or find_home_folder()
        self.clock = clock
        self.database = _open_database(url or find_store_url(self.home), clock)
        self.vault = Vault(self.database, self.home, key)
        self.tokens = TokenTable(self.database, self.vault)
        self.connections = ConnectionTable(self.database, self.vault, self.tokens)
        self.sign_ins = SignInTable(self.database, self.vault)
        self.rate_limiter = RateLimiter(self.database, clock)
        self.journal = Journal(self.database, self.vault, clock)

    def rekey(self, key: bytes | None = None) -> "Count":
        """Seal everything that is kept with a new key, this one or one that is made: all of it or nothing."""
        from .rekey import rekey

        return rekey(self.database, self.vault, key)

    def close(self) -> None:
        """Give back what the store holds; it opens again when it is used again."""
        self.database.close()


def _open_database(url: str, clock: Clock) -> Database:
    """The database behind an address; what only the other kind needs is not loaded."""
    scheme = url.partition("://")[0].partition("+")[0]
    if scheme == "sqlite":
        from .sqlite import SQLite

        return SQLite(url, clock)
    if scheme in ("postgresql", "postgres"):
        from .postgresql import PostgreSQL

        return PostgreSQL(url, clock)
    raise ConfigurationError(
        "The address of the store must start with sqlite:/// or postgresql://. Mend SALES_CONNECTORS_STORE",
        code="store_address",
    )
