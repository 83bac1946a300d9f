"""The one door to the database: a statement goes in, rows come out, and nothing but our own errors is raised.

Every statement stands alone and commits by itself: races are decided by a condition in its WHERE, never by a lock
that a dying process could keep.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar
from weakref import finalize

from ..fork import reset_in_children, retain_inherited
from . import migrations

Rows = Sequence[tuple[Any, ...]]
Run = Callable[[str, Mapping[str, Any]], Rows]
Work = Callable[[Run], None]
C = TypeVar("C", bound=migrations.Connection)


class UniqueViolation(Exception):
    """A row that must be unique is there already."""


class Database(Protocol):
    """SQLite, or a database server."""

    has_our_time: bool
    """Whether ``{now}`` is the time of our own clock."""

    @property
    def place(self) -> str:
        """Where it is, for people: never with a password."""
        ...

    def run(self, sql: str, values: Mapping[str, Any], *, durable: bool = True) -> Rows:
        """Run one statement.

        ``{now}`` and ``{latest}`` in it stand for the time and for the greater of two numbers.  Without ``durable`` a
        change survives the death of this process but perhaps not that of the machine.
        Raises :class:`UniqueViolation` where a row is there already, and ConfigurationError where the database does
        not work.
        """
        ...

    def rewrite(self, work: Work) -> None:
        """Do all the statements of ``work`` or none, while nobody else writes: for what concerns the whole store."""
        ...

    def close(self) -> None:
        """Give back what is open; the next statement opens it again."""
        ...


class PooledDatabase(ABC, Generic[C]):
    """Connections wait in a list for the next statement.

    They are not tied to threads, so that none is left open when a thread ends, and a list of our own needs no threads
    to look after it, which a child process would not have.
    """

    dialect: migrations.Dialect

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._migrated = False
        self._hold_nothing()
        reset_in_children(self)

    def close(self) -> None:
        _close_all(self._idle)

    def reset_after_fork(self) -> None:
        # closing a connection that crossed a fork would close the parent's; SQLite forbids it altogether
        retain_inherited(self._idle)
        self._finalizer.detach()
        self._hold_nothing()

    def _hold_nothing(self) -> None:
        self._idle: list[C] = []
        self._finalizer = finalize(self, _close_all, self._idle)

    @abstractmethod
    def _connect(self) -> C:
        """A new connection on which every statement commits by itself."""

    def _is_alive(self, connection: C) -> bool:
        """Whether a connection that was idle can be used."""
        return True

    def _translate(self, sql: str) -> str:
        """A statement in the words of this database."""
        return sql.format(**self.dialect.words)

    def _prepare(self, sql: str) -> str:
        return self._texts.get(sql) or self._texts.setdefault(sql, self._translate(sql))

    def _rewrite(self, work: Work) -> None:
        with self._borrow() as connection:
            self._lock_all(connection)
            work(lambda sql, values: self._fetch(connection, self._prepare(sql), values))
            connection.execute("COMMIT")

    def _lock_all(self, connection: C) -> None:
        for statement in self.dialect.lock_all:
            connection.execute(statement)

    @abstractmethod
    def _fetch(self, connection: C, text: str, values: Mapping[str, Any]) -> Rows:
        """The rows that a statement answers with."""

    @contextmanager
    def _borrow(self) -> Iterator[C]:
        """A connection for one statement; one that met an error is not used again."""
        connection = self._find_idle() or self._connect_to_latest()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def _find_idle(self) -> C | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            alive = False
            try:
                alive = self._is_alive(connection)
            finally:
                if not alive:
                    connection.close()
            if alive:
                return connection

    def _connect_to_latest(self) -> C:
        """A new connection; the first one brings the tables up to date."""
        connection = self._connect()
        try:
            if not self._migrated:
                migrations.migrate(connection, self.dialect)
                self._migrated = True
        except BaseException:
            connection.close()
            raise
        return connection


def _close_all(connections: list[C]) -> None:
    while connections:
        connections.pop().close()
