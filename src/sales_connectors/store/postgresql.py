"""A store in a PostgreSQL database, for connections that several machines share; psycopg is loaded for it."""

import math
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING, Any

from ..clock import SYSTEM_CLOCK, Clock, limit_wait, limit_waits
from ..errors import ConfigurationError
from .database import PooledDatabase, Rows, UniqueViolation, Work
from .migrations import Dialect

if TYPE_CHECKING:
    from psycopg import Connection

MAX_CONNECTIONS = 4
"""Connections that a process has: statements are short, and a server has few connections to give."""
MAX_CONNECTION_WAIT_SECONDS = 30.0
"""Seconds to wait for one of them while other threads use them all."""
MAX_STATEMENT_SECONDS = 10.0
"""Seconds to wait for a server that stands still, or for who holds a lock there, where no call limits the wait."""
CONNECT_TIMEOUT_SECONDS = 10
SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")

SERVER_TIME = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"
"""The clocks of several machines differ by more than the space between two requests; the server has one."""
OUR_TIME = "CAST(:now AS double precision)"

FIND_TABLES = "SELECT 1 FROM pg_class WHERE relname = 'sales_connectors_about' AND pg_table_is_visible(oid)"
"""Not to_regclass, which does not see what another session made while this transaction waited for its lock."""
FIND_COLUMN = """
    SELECT 1 FROM pg_attribute
    WHERE attrelid = CAST('{table}' AS regclass) AND attname = '{name}' AND NOT attisdropped
"""
LOCK_TABLES = "SELECT pg_advisory_xact_lock(5319008741)"
"""CREATE TABLE waits for no other CREATE TABLE; the number is ours alone."""
LOCK_WRITERS = """
    LOCK TABLE sales_connectors_about, sales_connectors_connections, sales_connectors_sign_ins, sales_connectors_journal
    IN EXCLUSIVE MODE
"""
"""Others may read meanwhile."""

PLACEHOLDER_PATTERN = re.compile(r":(\w+)")


class PostgreSQL(PooledDatabase["Connection"]):
    """Statements on a server; what a lost connection had in hand is reported, never repeated."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self.has_our_time = clock is not SYSTEM_CLOCK
        self.dialect = Dialect(
            find_tables=FIND_TABLES,
            find_column=FIND_COLUMN,
            lock=("BEGIN", LOCK_TABLES),
            lock_all=("BEGIN", LOCK_TABLES, LOCK_WRITERS),
            words={
                "now": OUR_TIME if self.has_our_time else SERVER_TIME,
                "latest": "greatest",
                "unlogged": "UNLOGGED",
            },
        )
        super().__init__()

    @property
    def place(self) -> str:
        parts = _parse_url(self._url)
        return f"postgresql://{parts.get('host', '')}/{parts.get('dbname', '')}"

    def run(self, sql: str, values: Mapping[str, Any], *, durable: bool = True) -> Rows:
        text = self._prepare(sql)
        known = {**values, "now": self._clock.now()} if self.has_our_time else values
        patience = limit_wait(math.inf)
        with _translate_errors(), limit_waits(limit_wait(MAX_STATEMENT_SECONDS)):
            if patience == math.inf:
                return self._run_once(text, known)
            return _finish_within(lambda: self._run_once(text, known), patience)

    def _run_once(self, text: str, values: Mapping[str, Any]) -> Rows:
        with self._wait_for_turn(), self._borrow() as connection:
            return self._fetch(connection, text, values)

    def rewrite(self, work: Work) -> None:
        with _translate_errors(), self._wait_for_turn():
            self._rewrite(work)

    def _fetch(self, connection: "Connection", text: str, values: Mapping[str, Any]) -> Rows:
        cursor = connection.execute(text, values)
        return cursor.fetchall() if cursor.description else []

    def _hold_nothing(self) -> None:
        super()._hold_nothing()
        self._turns = BoundedSemaphore(MAX_CONNECTIONS)

    def _translate(self, sql: str) -> str:
        """The driver marks values as ``%(name)s``."""
        return PLACEHOLDER_PATTERN.sub(r"%(\1)s", super()._translate(sql).replace("%", "%%"))

    @contextmanager
    def _wait_for_turn(self) -> Iterator[None]:
        turns = self._turns
        if not turns.acquire(timeout=MAX_CONNECTION_WAIT_SECONDS):
            raise _postgresql_error("cannot be reached", "all connections of this process are in use", retryable=True)
        try:
            yield
        finally:
            turns.release()

    def _connect(self) -> "Connection":
        return _load_connection_class().connect(**_parse_url(self._url), autocommit=True)

    def _is_alive(self, connection: "Connection") -> bool:
        """The server may have restarted since, and no statement of ours is to find that out."""
        import psycopg

        try:
            connection.execute("")
        except psycopg.OperationalError:
            return False
        return True


@cache
def _load_connection_class() -> "type[Connection]":
    """The driver's connection, which waits for no statement longer than it may."""
    from psycopg import Connection, OperationalError

    class BoundedConnection(Connection):
        def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
            return super().wait(_bound_steps(gen, limit_wait(MAX_STATEMENT_SECONDS)), *args, **options)

    def _bound_steps(steps: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
        """The steps of a statement; the driver goes on with the next one ten times a second, ready or not."""
        ends = SYSTEM_CLOCK.monotonic() + seconds
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and SYSTEM_CLOCK.monotonic() > ends:
                    raise OperationalError("no answer in time")
                wanted = steps.send(ready)
        except StopIteration as over:
            return over.value

    return BoundedConnection


def _finish_within(statement: Callable[[], Rows], seconds: float) -> Rows:
    """What a statement answers, if it does so in time; a server that is locked or stands still cannot be asked to stop.

    What is left behind still takes effect when the server goes on: a lease, which ends by itself.
    """
    answers: list[Rows] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(statement())
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=run, name="statement", daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not answers:
        raise _postgresql_error("does not answer", "not within the time of the call", retryable=True)
    return answers[0]


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        import psycopg
    except ImportError as error:
        raise ConfigurationError(
            "A PostgreSQL store needs its driver: pip install 'sales-connectors[postgresql]'", code="store_driver"
        ) from error
    try:
        yield
    except psycopg.IntegrityError as error:
        raise UniqueViolation from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise _postgresql_error("cannot be reached", str(error), retryable=True) from error
    except psycopg.Error as error:
        raise _postgresql_error("failed", str(error)) from error


def _parse_url(url: str) -> dict[str, Any]:
    """What the driver connects with; libpq reads the address, and so knows its own options in the query."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    scheme, _, rest = url.partition("://")
    try:
        options = conninfo_to_dict(f"postgresql://{rest}")
    except (ProgrammingError, UnicodeError):  # bytes of the environment need not be text
        options = {"port": "unreadable"}
    if scheme not in SCHEMES or not _is_readable(options):
        # raised out here: the words of libpq, as a cause too, may hold the password
        raise ConfigurationError(
            "The address of the store cannot be read: it must look like postgresql://user:password@host:5432/database,"
            " with @, / and % in the password as %40, %2F and %25. Mend SALES_CONNECTORS_STORE",
            code="store_address",
        )
    # a database, or a variable of libpq, that speaks of bytes would have the driver hand out bytes
    return {"connect_timeout": CONNECT_TIMEOUT_SECONDS, **options, "client_encoding": "utf8"}


def _is_readable(options: Mapping[str, Any]) -> bool:
    """Whether host, port and database can be what they are taken for.

    libpq ends a password at its first @ or /, and would show the rest as a host or database that is not there.  An
    abstract socket begins with an @.
    """
    ports = str(options.get("port", "")).split(",")
    places = (str(options.get("host", "")).lstrip("@"), str(options.get("dbname", "")))
    return all(port.isdecimal() or not port for port in ports) and not any("@" in place for place in places)


def _postgresql_error(what: str, words: str, *, retryable: bool = False) -> ConfigurationError:
    return ConfigurationError(
        f"The PostgreSQL store {what} ({words.strip().partition(chr(10))[0]}). Look at the server and at"
        " SALES_CONNECTORS_STORE",
        code="store_unreachable" if retryable else "store_failed",
        retryable=retryable,
    )
