"""The one door to the database: a statement goes in, rows come out, and nothing but our own errors is raised.

Every statement stands alone and commits by itself: races are decided by a condition in its WHERE, never by a lock
that a dying process could keep.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..clock import Clock
from ..errors import ConfigurationError

Rows = Sequence[tuple[Any, ...]]


class UniqueViolation(Exception):
    """A row that must be unique is there already."""


class Database(Protocol):
    """SQLite, or a database server."""

    has_our_time: bool
    """Whether ``{now}`` is the time of our own clock."""

    def run(self, sql: str, values: Mapping[str, Any], *, durable: bool = True) -> Rows:
        """Run one statement.

        ``{now}`` and ``{latest}`` in it stand for the time and for the greater of two numbers.  Without ``durable`` a
        change survives the death of this process but perhaps not that of the machine.
        Raises :class:`Taken` where a row is there already, and ConfigurationError where the database does not work.
        """
        ...

    def close(self) -> None: ...


def open_database(url: str, clock: Clock) -> Database:
    """The database behind an SQLAlchemy URL."""
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
