"""A store in one SQLite file.

Every start of the command line opens it, so it uses the driver of the standard library, which loads in 4 ms.
"""

import math
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from ..clock import SYSTEM_CLOCK, Clock, limit_wait
from ..errors import ConfigurationError, warn
from ..files import shut_out_strangers
from ..fork import hold_off_forks, tidy_before_forks
from .database import PooledDatabase, Rows, UniqueViolation, Work
from .home import make_folder
from .migrations import Dialect

BUSY_TIMEOUT_SECONDS = 10.0
"""Seconds to wait for other processes that write."""
MAX_BUSY_STEP_SECONDS = 0.25
"""Seconds of them at a time: a fork waits until they are over, and all other statements wait for the fork."""
MIN_SQLITE_VERSION = (3, 35, 0)
"""The first SQLite that answers a change with the changed row (RETURNING)."""


class SQLite(PooledDatabase[sqlite3.Connection]):
    """Statements on one file."""

    has_our_time = True
    dialect = Dialect(
        find_tables="SELECT 1 FROM sqlite_master WHERE name = 'sales_connectors_about'",
        find_column="SELECT 1 FROM pragma_table_info('{table}') WHERE name = '{name}'",
        lock=("PRAGMA journal_mode=WAL", "BEGIN IMMEDIATE"),
        lock_all=("PRAGMA synchronous=FULL", "BEGIN IMMEDIATE"),
        words={"now": ":now", "latest": "max", "unlogged": ""},
    )

    def __init__(self, url: str, clock: Clock) -> None:
        if sqlite3.sqlite_version_info < MIN_SQLITE_VERSION:
            raise ConfigurationError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or newer is needed")
        self._path, self._options = _parse_url(url)
        self._clock = clock
        self._file: tuple[int, int] | None = None
        """Which file it is, by device and number, once it was opened."""
        super().__init__()
        tidy_before_forks(self)

    @property
    def place(self) -> str:
        return str(self._path)

    def tidy_before_fork(self) -> None:
        """SQLite notes in the memory of the process which locks it holds on a file.  A child would take the parent's
        for its own: it would wait for ever for one that a thread of the parent held, and write to a log that the parent
        deletes when it closes the file.  So no connection is open while a process forks."""
        self.close()

    @contextmanager
    def _borrow(self) -> Iterator[sqlite3.Connection]:
        with hold_off_forks(), super()._borrow() as connection:
            yield connection

    def run(self, sql: str, values: Mapping[str, Any], *, durable: bool = True) -> Rows:
        text = self._prepare(sql)
        known = {**values, "now": self._clock.now()}
        return self._retry_while_busy(lambda wait: self._run_once(text, known, durable, wait))

    def _run_once(self, text: str, values: Mapping[str, Any], durable: bool, wait: float) -> Rows:
        self._check_file()
        with self._borrow() as connection:
            if not text.lstrip().startswith("SELECT"):
                # FULL waits until the disk has it; NORMAL leaves that to the next one that waits
                connection.execute("PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=NORMAL")
                _limit_busy(connection, min(wait, MAX_BUSY_STEP_SECONDS))
            return self._fetch(connection, text, values)

    def rewrite(self, work: Work) -> None:
        self._check_file()
        try:
            self._rewrite(work)
        except sqlite3.Error as error:
            raise self._translate_error(error) from error

    def _lock_all(self, connection: sqlite3.Connection) -> None:
        _limit_busy(connection, limit_wait(BUSY_TIMEOUT_SECONDS))
        super()._lock_all(connection)

    def _fetch(self, connection: sqlite3.Connection, text: str, values: Mapping[str, Any]) -> Rows:
        return connection.execute(text, values).fetchall()

    def _check_file(self) -> None:
        """What is written to a file that has lost its name is lost, and one that was put there is another store."""
        if self._file is None:
            return
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            found = None
        except OSError:
            return  # it is open, and that is enough
        if found is None or (found.st_dev, found.st_ino) != self._file:
            raise self._sqlite_error(
                f"was {'replaced' if found else 'deleted'} while this process used it.",
                "Start the process anew, once the right file is in its place",
                "store_replaced",
            )

    def _connect(self) -> sqlite3.Connection:
        if self._file is None:
            self._make_file()
        connection = sqlite3.connect(
            f"{self._path.as_uri()}{self._options}",
            uri=True,
            timeout=limit_wait(MAX_BUSY_STEP_SECONDS),
            isolation_level=None,
            check_same_thread=False,
        )
        if self._file is None:
            found = os.stat(self._path)
            self._file = found.st_dev, found.st_ino
        return connection

    def _make_file(self) -> None:
        """SQLite gives its side files the mode of the database."""
        make_folder(self._path.parent)
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            for message in shut_out_strangers(self._path):
                warn(message)
        except OSError as error:
            raise self._sqlite_error(
                "cannot be made", f"({error.strerror}). Make its folder writable", "store_unwritable"
            ) from error

    def _retry_while_busy(self, attempt: Callable[[float], Rows]) -> Rows:
        """SQLite waits for a lock by itself, but not where it is opened, recovered or turned to WAL by two at once."""
        ends = SYSTEM_CLOCK.monotonic() + limit_wait(BUSY_TIMEOUT_SECONDS)
        while True:
            try:
                return attempt(max(0.0, ends - SYSTEM_CLOCK.monotonic()))
            except sqlite3.IntegrityError as error:
                raise UniqueViolation from error
            except sqlite3.Error as error:
                if not _is_busy(error) or SYSTEM_CLOCK.monotonic() > ends:
                    raise self._translate_error(error) from error
                SYSTEM_CLOCK.sleep(0.01)

    def _translate_error(self, error: sqlite3.Error) -> ConfigurationError:
        name = getattr(error, "sqlite_errorname", "") or ""
        for start, (what, advice, code) in ERROR_ADVICE.items():
            if name.startswith(start):
                return self._sqlite_error(what, advice, code)
        return self._sqlite_error("failed", f"({error}). Look at the file", "store_failed")

    def _sqlite_error(self, what: str, advice: str, code: str) -> ConfigurationError:
        return ConfigurationError(
            f"The store {self._path} {what} {advice}, or name another one in SALES_CONNECTORS_STORE",
            code=code,
            retryable=code == "store_locked",
        )


ERROR_ADVICE = {
    "SQLITE_BUSY": (
        "stayed locked:",
        "another process has been writing for as long as it could be waited for. End it",
        "store_locked",
    ),
    "SQLITE_LOCKED": ("stayed locked:", "another process is writing. End it", "store_locked"),
    "SQLITE_READONLY": ("is read-only.", "Make the file and its folder writable", "store_read_only"),
    "SQLITE_FULL": ("cannot grow:", "the disk is full. Make room", "store_full"),
    "SQLITE_IOERR": ("cannot be read or written:", "the disk fails or is full. Look at the disk", "store_failed"),
    "SQLITE_CORRUPT": ("is damaged.", "Restore it from a copy, or move it away and sign in again", "store_corrupt"),
    "SQLITE_NOTADB": ("is damaged.", "Restore it from a copy, or move it away and sign in again", "store_corrupt"),
    "SQLITE_CANTOPEN": (
        "cannot be opened.",
        "Make the file and its folder readable and writable, and let the process open more files",
        "store_unreadable",
    ),
}


def _limit_busy(connection: sqlite3.Connection, seconds: float) -> None:
    """How long SQLite waits for others by itself."""
    connection.execute(f"PRAGMA busy_timeout={math.ceil(seconds * 1000)}")


def _parse_url(url: str) -> tuple[Path, str]:
    """The file of ``sqlite:///file.db?mode=ro``, and the options that SQLite takes as they are."""
    address, _, options = url.partition("://")[2].partition("?")
    path = os.fsdecode(unquote_to_bytes(address.removeprefix("/")))
    if not path or path == ":memory:" or "mode=memory" in options or not address.startswith("/") or "\0" in path:
        raise ConfigurationError(
            "A SQLite store is a file that processes share, such as sqlite:////var/lib/store.db", code="store_address"
        )
    try:
        return Path(path).expanduser().absolute(), f"?{options}" if options else ""
    except (RuntimeError, OSError) as error:  # a user without a home folder, or in a folder that is gone
        raise ConfigurationError(
            "The address of the store leads nowhere. Give its path from the root on, such as"
            " sqlite:////var/lib/store.db, in SALES_CONNECTORS_STORE",
            code="store_address",
        ) from error


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
