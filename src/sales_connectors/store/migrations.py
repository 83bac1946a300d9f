"""The tables, as the steps that made them.  Their names carry a prefix, since a server may hold other people's too.

A change of the layout is one more step at the end of the list; a step that was released is never edited.  Programs that
run while others are upgraded go on with the tables that they know, so a step adds and takes nothing away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ..errors import ConfigurationError


class Column(NamedTuple):
    """A column that is added where it is not there yet."""

    table: str
    name: str
    kind: str


MIGRATIONS: tuple[tuple[str | Column, ...], ...] = (
    (
        """
        CREATE TABLE sales_connectors_about (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE sales_connectors_connections (
            name TEXT PRIMARY KEY,
            component TEXT NOT NULL,
            kind TEXT NOT NULL,
            fields TEXT NOT NULL,
            token TEXT,
            version BIGINT NOT NULL,
            owner TEXT,
            held_until DOUBLE PRECISION NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            failure TEXT,
            retry_at DOUBLE PRECISION NOT NULL DEFAULT 0,
            sign_in TEXT
        )
        """,
        """
        CREATE {unlogged} TABLE sales_connectors_budget (
            identity TEXT PRIMARY KEY,
            slot DOUBLE PRECISION NOT NULL,
            free_at DOUBLE PRECISION NOT NULL,
            paused_until DOUBLE PRECISION NOT NULL,
            touched DOUBLE PRECISION NOT NULL
        )
        """,
        """
        CREATE TABLE sales_connectors_journal (
            identity TEXT NOT NULL,
            action TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            state TEXT NOT NULL,
            owner TEXT,
            held_until DOUBLE PRECISION NOT NULL,
            started DOUBLE PRECISION NOT NULL,
            attempts INTEGER NOT NULL,
            sent_at DOUBLE PRECISION,
            record TEXT,
            result TEXT,
            PRIMARY KEY (identity, action, key),
            UNIQUE (identity, action, record)
        )
        """,
    ),
    (
        "ALTER TABLE sales_connectors_connections ADD COLUMN created_at DOUBLE PRECISION",
        "ALTER TABLE sales_connectors_connections ADD COLUMN used_at DOUBLE PRECISION",
        """
        CREATE TABLE sales_connectors_sign_ins (
            state_hash TEXT PRIMARY KEY,
            begun TEXT NOT NULL,
            begun_at DOUBLE PRECISION NOT NULL
        )
        """,
    ),
    (
        "ALTER TABLE sales_connectors_connections ADD COLUMN account TEXT",
        "ALTER TABLE sales_connectors_connections ADD COLUMN journal TEXT",
        # what a vendor said of a refused token stood there in clear
        "UPDATE sales_connectors_connections SET sign_in = '' WHERE sign_in IS NOT NULL",
    ),
    (
        "ALTER TABLE sales_connectors_journal ADD COLUMN sent_mark TEXT",
        "ALTER TABLE sales_connectors_connections ADD COLUMN began_with TEXT",
    ),
    (
        "ALTER TABLE sales_connectors_connections ADD COLUMN account_name TEXT",
        "ALTER TABLE sales_connectors_connections ADD COLUMN is_default INTEGER NOT NULL DEFAULT 0",
    ),
    # it came into a step above that some stores had taken before
    (Column("sales_connectors_connections", "began_with", "TEXT"),),
)
LATEST_VERSION = len(MIGRATIONS)

READ_VERSION = "SELECT value FROM sales_connectors_about WHERE name = 'schema'"
WRITE_VERSION = """
    INSERT INTO sales_connectors_about (name, value) VALUES ('schema', '{version}')
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


class Cursor(Protocol):
    """The answer of a statement, as every driver has it."""

    def fetchone(self) -> Any: ...


class Connection(Protocol):
    """A connection of either driver, on which each statement commits by itself unless one says BEGIN."""

    def execute(self, sql: str, /) -> Cursor: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Dialect:
    """How a database says what SQL leaves open."""

    find_tables: str
    """Gives a row where our tables are."""
    find_column: str
    """Gives a row where ``{table}`` has a column ``{name}``."""
    lock: tuple[str, ...]
    """Begins a transaction that no other process has at the same time."""
    lock_all: tuple[str, ...]
    """Begins a transaction in which nobody else writes to a table of ours."""
    words: Mapping[str, str]
    """What stands in a statement for ``{now}``, ``{latest}`` and ``{unlogged}``."""


def migrate(connection: Connection, dialect: Dialect) -> None:
    """Take the steps that the store has not seen.  Where it fails half way the caller closes the connection, and what
    the step had done is undone."""
    version = _read_version(connection, dialect)
    while version < LATEST_VERSION:
        version = _take_step(connection, dialect)
    if version > LATEST_VERSION:
        raise ConfigurationError(
            f"The store was made by a newer version of sales-connectors (its layout is {version}, this one knows"
            f" {LATEST_VERSION}). Upgrade sales-connectors, or name another store in SALES_CONNECTORS_STORE",
            code="store_version",
        )


def _take_step(connection: Connection, dialect: Dialect) -> int:
    """Take the next step, unless another process was first; the version that the store has now."""
    for statement in dialect.lock:
        connection.execute(statement)
    version = _read_version(connection, dialect)
    if version < LATEST_VERSION:
        for change in MIGRATIONS[version]:
            if isinstance(change, Column):
                _add_column(connection, dialect, change)
            else:
                connection.execute(change.format(**dialect.words))
        version += 1
        connection.execute(WRITE_VERSION.format(version=version))
    connection.execute("COMMIT")
    return version


def _add_column(connection: Connection, dialect: Dialect, column: Column) -> None:
    if connection.execute(dialect.find_column.format(**column._asdict())).fetchone() is None:
        connection.execute("ALTER TABLE {table} ADD COLUMN {name} {kind}".format(**column._asdict()))


def _read_version(connection: Connection, dialect: Dialect) -> int:
    """How many steps the store has seen."""
    if connection.execute(dialect.find_tables).fetchone() is None:
        return 0
    row = connection.execute(READ_VERSION).fetchone()
    if row is None or not str(row[0]).isdecimal():
        raise ConfigurationError(
            "The store does not say which layout it has. Restore it from a copy, or name another store in"
            " SALES_CONNECTORS_STORE",
            code="store_corrupt",
        )
    return int(row[0])
