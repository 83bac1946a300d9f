"""The tables.  Their names carry a prefix, since a database server may hold other people's tables too."""

from ..errors import ConfigurationError

SCHEMA_VERSION = "1"

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS sales_connectors_about (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS sales_connectors_connections (
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
    CREATE {unlogged} TABLE IF NOT EXISTS sales_connectors_budget (
        identity TEXT PRIMARY KEY,
        slot DOUBLE PRECISION NOT NULL,
        free_at DOUBLE PRECISION NOT NULL,
        paused_until DOUBLE PRECISION NOT NULL,
        touched DOUBLE PRECISION NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS sales_connectors_journal (
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
    "INSERT INTO sales_connectors_about (name, value)"
    f" VALUES ('schema', '{SCHEMA_VERSION}') ON CONFLICT (name) DO NOTHING",
)

READ_VERSION = "SELECT value FROM sales_connectors_about WHERE name = 'schema'"


def check_version(found: str) -> None:
    if found != SCHEMA_VERSION:
        raise ConfigurationError(
            f"The store was made by another version of sales-connectors (its layout is {found}, this one needs"
            f" {SCHEMA_VERSION}). Upgrade sales-connectors, or name another store in SALES_CONNECTORS_STORE",
            code="store_version",
        )
