"""A store in one SQLite file.

It uses the driver of the standard library itself: it loads in 4 ms where SQLAlchemy takes 130, which every start of the
command line would pay.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from weakref import finalize

from ..clock import SYSTEM, Clock
from ..errors import ConfigurationError
from ..fork import begin_anew_in_children, keep_untouched
from .database import Rows, UniqueViolation
from .home import make_folder
from .schema import READ_VERSION, TABLES, check_version

BUSY_TIMEOUT_SECONDS = 10.0
"""Seconds to wait for other processes that write."""
MIN_SQLITE_VERSION = (3, 35, 0)
"""The first SQLite that answers a change with the changed row (RETURNING)."""


class SQLite:
    """Connections are pooled, not tied to threads, so that none is left open when a thread ends."""

    has_our_time = True

    def __init__(self, url: str, clock: Clock) -> None:
        if sqlite3.sqlite_version_info < MIN_SQLITE_VERSION:
            raise ConfigurationError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or newer is needed")
        self._path, self._options = _parse_url(url)
        self._clock = clock
        self._idle: list[sqlite3.Connection] = []
        self._texts: dict[str, str] = {}
        self._opened = False
        self._finalizer = finalize(self, _close_all, self._idle)
        begin_anew_in_children(self)

    def run(self, sql: str, values: Mapping[str, Any], *, durable: bool = True) -> Rows:
        text = self._texts.get(sql) or self._texts.setdefault(sql, sql.format(now=":now", latest="max"))
        return self._retry_while_busy(lambda: self._once(text, {**values, "now": self._clock.now()}, durable))

    def close(self) -> None:
        _close_all(self._idle)

    def begin_anew(self) -> None:
        # SQLite forbids even closing a connection that crossed a fork
        keep_untouched(self._idle)
        self._finalizer.detach()
        self._idle = []
        self._finalizer = finalize(self, _close_all, self._idle)

    def _once(self, text: str, values: Mapping[str, Any], durable: bool) -> Rows:
        connection = self._idle.pop() if self._idle else self._connect()
        try:
            # FULL waits until the disk has it; NORMAL leaves that to the next one that waits
            connection.execute("PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=NORMAL")
            rows: Rows = connection.execute(text, values).fetchall()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return rows

    def _connect(self) -> sqlite3.Connection:
        if not self._opened:
            self._make_file()
        connection = sqlite3.connect(
            f"{self._path.as_uri()}{self._options}",
            uri=True,
            timeout=BUSY_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make_file(self) -> None:
        """SQLite gives its side files the mode of the database."""
        make_folder(self._path.parent)
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            raise self._sqlite_error(
                "cannot be made", f"({error.strerror}). Make its folder writable", "store_unwritable"
            ) from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if self._opened:
            return
        try:
            found = connection.execute(READ_VERSION).fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            found = None
        if found is None:
            _create_tables(connection)
            found = connection.execute(READ_VERSION).fetchone()
        check_version(found[0])
        self._opened = True

    def _retry_while_busy(self, attempt: Callable[[], Rows]) -> Rows:
        """SQLite waits for a lock by itself, but not where it is opened, recovered or turned to WAL by two at once."""
        ends = SYSTEM.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            try:
                return attempt()
            except sqlite3.IntegrityError as error:
                raise UniqueViolation from error
            except sqlite3.Error as error:
                if not _is_busy(error) or SYSTEM.monotonic() > ends:
                    raise self._translate_error(error) from error
                SYSTEM.sleep(0.01)

    def _translate_error(self, error: sqlite3.Error) -> ConfigurationError:
        name = getattr(error, "sqlite_errorname", "") or ""
        for start, (what, advice, code) in ERROR_ADVICE.items():
            if name.startswith(start):
                return self._sqlite_error(what, advice, code)
        return self._sqlite_error("failed", f"({error}). Look at the file, or name another store", "store_failed")

    def _sqlite_error(self, what: str, advice: str, code: str) -> ConfigurationError:
        return ConfigurationError(
            f"The store {self._path} {what} {advice}, or name another one in SALES_CONNECTORS_STORE",
            code=code,
            retryable=code == "store_locked",
        )


ERROR_ADVICE = {
    "SQLITE_BUSY": (
        "stayed locked:",
        f"another process has been writing for more than {BUSY_TIMEOUT_SECONDS:g} s. End it",
        "store_locked",
    ),
    "SQLITE_LOCKED": ("stayed locked:", "another process is writing. End it", "store_locked"),
    "SQLITE_READONLY": ("is read-only.", "Make the file and its folder writable", "store_read_only"),
    "SQLITE_FULL": ("cannot grow:", "the disk is full. Make room", "store_full"),
    "SQLITE_IOERR": ("cannot be read or written:", "the disk fails or is full. Look at the disk", "store_failed"),
    "SQLITE_CORRUPT": ("is damaged.", "Restore it from a copy, or move it away and sign in again", "store_corrupt"),
    "SQLITE_NOTADB": ("is damaged.", "Restore it from a copy, or move it away and sign in again", "store_corrupt"),
    "SQLITE_CANTOPEN": ("cannot be opened.", "Make the file and its folder readable and writable", "store_unreadable"),
}


def _parse_url(url: str) -> tuple[Path, str]:
    """The file of ``sqlite:///file.db?mode=ro``, and the options that SQLite takes as they are."""
    address, _, options = url.partition("://")[2].partition("?")
    path = unquote(address.removeprefix("/"))
    if not path or path == ":memory:" or not address.startswith("/"):
        raise ConfigurationError(
            "A SQLite store is a file that processes share, such as sqlite:////var/lib/store.db", code="store_address"
        )
    return Path(path).expanduser().absolute(), f"?{options}" if options else ""


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _create_tables(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in TABLES:
        connection.execute(statement.format(unlogged=""))
    connection.execute("COMMIT")


def _close_all(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
