"""A store in a PostgreSQL database, for connections that several machines share; SQLAlchemy is loaded for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import finalize

from ..clock import SYSTEM, Clock
from ..errors import ConfigurationError
from ..fork import begin_anew_in_children, keep_untouched
from .database import Rows, UniqueViolation
from .schema import READ_VERSION, TABLES, check_version

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql.elements import TextClause

POOL_SIZE = 2
"""Connections that a process keeps: statements are short, and a server has few connections to give."""

SERVER_TIME = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"
"""The clocks of several machines differ by more than the space between two requests; the server has one."""

LOCK_SCHEMA = "SELECT pg_advisory_xact_lock(5319008741)"
"""CREATE TABLE IF NOT EXISTS fails when two run it at once; the number is ours alone."""


class PostgreSQL:
    """Statements over a small pool; what a lost connection had in hand is reported, never repeated."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self.has_our_time = clock is not SYSTEM
        self._now = "CAST(:now AS double precision)" if self.has_our_time else SERVER_TIME
        self._texts: dict[str, TextClause] = {}
        self._lock = Lock()
        self._engine: Engine | None = None
        self._finalizer: finalize[..., PostgreSQL] | None = None
        begin_anew_in_children(self)

    def run(self, sql: str, values: Mapping[str, Any], *, durable: bool = True) -> Rows:
        text = self._texts[sql] if sql in self._texts else self._prepared(sql)
        known = {**values, "now": self._clock.now()} if self.has_our_time else values
        with self._translate_error(), self._open().connect() as connection:
            result = connection.execute(text, known)
            return [tuple(row) for row in result] if result.returns_rows else []

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def begin_anew(self) -> None:
        # closing a connection that crossed a fork would close the parent's
        self._lock = Lock()
        if self._engine is not None and self._finalizer is not None:
            self._finalizer.detach()
            keep_untouched(self._engine)
            self._engine = None

    def _open(self) -> "Engine":
        with self._lock:
            if self._engine is None:
                self._engine = self._create_checked_engine()
                self._finalizer = finalize(self, self._engine.dispose)
            return self._engine

    def _create_checked_engine(self) -> "Engine":
        engine = _create_engine(self._url)
        try:
            with engine.connect() as connection:
                _ensure_tables(connection)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _prepared(self, sql: str) -> "TextClause":
        from sqlalchemy import text

        return self._texts.setdefault(sql, text(sql.format(now=self._now, latest="greatest")))

    @contextmanager
    def _translate_error(self) -> Iterator[None]:
        from sqlalchemy import exc

        try:
            yield
        except exc.IntegrityError as error:
            raise UniqueViolation from error
        except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
            raise _postgresql_error("cannot be reached", error, retryable=True) from error
        except exc.SQLAlchemyError as error:
            raise _postgresql_error("failed", error) from error
        except ImportError as error:
            raise ConfigurationError(
                "A PostgreSQL store needs its driver: pip install 'sales-connectors[postgresql]'", code="store_driver"
            ) from error


def _create_engine(url: str) -> "Engine":
    from sqlalchemy import create_engine, exc

    try:
        return create_engine(
            _add_driver(url),
            isolation_level="AUTOCOMMIT",
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 10},
        )
    except (exc.ArgumentError, ValueError):
        raise ConfigurationError(
            "The address of the store cannot be read: it must look like postgresql://user:password@host:5432/database."
            " Mend SALES_CONNECTORS_STORE",
            code="store_address",
        ) from None  # the cause may hold the password


def _add_driver(url: str) -> str:
    """``postgresql://…`` with the driver that we ask for, whatever SQLAlchemy prefers."""
    scheme, _, rest = url.partition("://")
    return f"{scheme if '+' in scheme else 'postgresql+psycopg'}://{rest}"


def _ensure_tables(connection: "Connection") -> None:
    from sqlalchemy import text

    if connection.execute(text("SELECT to_regclass('sales_connectors_about')")).scalar() is None:
        for statement in ("BEGIN", LOCK_SCHEMA, *TABLES, "COMMIT"):
            connection.execute(text(statement.format(unlogged="UNLOGGED")))
    check_version(str(connection.execute(text(READ_VERSION)).scalar()))


def _postgresql_error(what: str, error: Exception, *, retryable: bool = False) -> ConfigurationError:
    words = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return ConfigurationError(
        f"The PostgreSQL store {what} ({words}). Look at the server and at SALES_CONNECTORS_STORE",
        code="store_unreachable" if retryable else "store_failed",
        retryable=retryable,
    )
