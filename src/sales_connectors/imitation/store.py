"""Where a sandbox keeps its records: JSON documents in SQLite, one table for each collection.

A filter or a sort order names fields by their path in the document (``address.city``).  The index that makes it fast is
made when it is first asked for, so nobody has to say beforehand which fields are hot.
"""

import json
import math
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any

from ..errors import ConfigurationError

Document = dict[str, Any]
Order = Sequence[tuple[str, bool]]  # (path, descending)


class Expression(str):
    """SQL to sort by, where a path will not do."""


def field(path: str, of: str = "") -> str:
    """The SQL expression for the field at a path; keys are quoted, since names may hold blanks.

    ``of`` names the collection where a query knows several, as subqueries do.
    """
    if isinstance(path, Expression):
        return path
    home = f'"{of}".' if of else ""
    if path == "id":
        return f"{home}id"
    quoted = "".join(f'."{key}"' for key in path.replace("'", "''").split("."))
    return f"json_extract({home}doc, '${quoted}')"


@dataclass(frozen=True)
class Condition:
    """A piece of a WHERE clause, its values, and the paths on which an index helps."""

    sql: str
    values: tuple[Any, ...] = ()
    paths: tuple[str, ...] = ()

    @classmethod
    def equal(cls, path: str, value: Any) -> "Condition":
        return cls(f"{field(path)} = ?", (value,), (path,))

    @classmethod
    def match(cls, **values: Any) -> "Condition":
        """Every one of these fields has the value given for it."""
        return cls.every(cls.equal(path, value) for path, value in values.items())

    @classmethod
    def among(cls, path: str, values: Iterable[Any]) -> "Condition":
        chosen = tuple(values)
        return cls(f"{field(path)} in ({', '.join('?' * len(chosen))})", chosen, (path,))

    @classmethod
    def below(cls, path: str, value: Any) -> "Condition":
        return cls(f"{field(path)} < ?", (value,), (path,))

    @classmethod
    def missing(cls, path: str, yes: bool = True) -> "Condition":
        return cls(f"{field(path)} is {'' if yes else 'not '}null")

    @classmethod
    def holds(cls, path: str, value: Any) -> "Condition":
        """The list at the path has the value in it."""
        return cls(f"exists (select 1 from json_each({field(path)}) where value = ?)", (value,))

    @classmethod
    def contains(cls, path: str, text: str) -> "Condition":
        """The text at the path has this one in it, in whatever case."""
        return cls(f"instr(lower({field(path)}), lower(?)) > 0", (text,))

    @classmethod
    def every(cls, conditions: Iterable["Condition"]) -> "Condition":
        parts = tuple(conditions)
        return cls(*cls._join("and", "1", parts), tuple(path for part in parts for path in part.paths))

    @classmethod
    def some(cls, conditions: Iterable["Condition"]) -> "Condition":
        return cls(*cls._join("or", "0", tuple(conditions)))

    @staticmethod
    def _join(word: str, empty: str, parts: tuple["Condition", ...]) -> tuple[str, tuple[Any, ...]]:
        sql = f" {word} ".join(part.sql for part in parts)
        return f"({sql or empty})", tuple(value for part in parts for value in part.values)

    def negated(self) -> "Condition":
        # A comparison with null is neither true nor false; negated, it shall be true.
        return Condition(f"not coalesce({self.sql}, 0)", self.values)


ANY = Condition("1")


class TooMuch(Exception):
    """A query of more conditions, or of more values, than a database takes."""


TOO_MUCH_PATTERN = re.compile("too many|too large|too big|too deep|too long|overflow", re.IGNORECASE)
"""How SQLite says so."""
LARGEST_INTEGER = 2**63 - 1
"""What SQLite holds; what is beyond it is compared as the nearest float."""


class Store:
    """The database of one sandbox."""

    def __init__(self, path: str | None = None) -> None:
        self.database = _open_database(path)
        self.database.create_function("lower", 1, _lower_text, deterministic=True)
        self.database.execute("pragma synchronous = off")
        self._lock = RLock()
        self._collections: dict[str, Collection] = {}

    def collection(self, name: str, first_id: int = 1) -> "Collection":
        """The collection of that name, made if there is none; its ids count up from ``first_id``."""
        if name not in self._collections:
            self._collections[name] = Collection(self, name, first_id)
        return self._collections[name]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; one at a time."""
        with self._lock:
            self.database.execute("begin")
            try:
                yield
            except BaseException:
                self.database.execute("rollback")
                self._collections.clear()  # tables and indices made meanwhile are gone again
                raise
            self.database.execute("commit")

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """What happens meanwhile is undone at the end."""
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy:
            with self._lock:
                self.database.backup(copy)
            try:
                yield
            finally:
                with self._lock:
                    copy.backup(self.database)
                    self._collections.clear()  # tables and indices made meanwhile are gone again

    def close(self) -> None:
        self.database.close()


class Collection:
    """Documents of one kind.  A document is a dict with its ``id`` in it; ids are never used twice."""

    def __init__(self, store: Store, name: str, first_id: int) -> None:
        self._database = store.database
        self._table = f'"{name}"'
        self._name = name
        self._indexed: set[tuple[str, ...]] = set()
        if not self._database.execute("select 1 from sqlite_master where name = ?", (name,)).fetchone():
            self._database.execute(
                f"create table {self._table} (id integer primary key autoincrement, doc text not null)"
            )
            self._database.execute("insert into sqlite_sequence (name, seq) values (?, ?)", (name, first_id - 1))

    def insert(self, document: Document) -> Document:
        """Add a document, and give it an id unless it brings one."""
        sql = f"insert into {self._table} (id, doc) values (?, ?)"
        row = self._database.execute(sql, (document.get("id"), _write_document(document)))
        return {**document, "id": row.lastrowid}

    def get(self, id: int | None) -> Document | None:
        row = self._database.execute(f"select id, doc from {self._table} where id = ?", (_fit(id),)).fetchone()
        return _parse_document(row) if row else None

    def put(self, document: Document) -> None:
        """Write a document over the one that has its id."""
        sql = f"update {self._table} set doc = ? where id = ?"
        self._database.execute(sql, (_write_document(document), document["id"]))

    def delete(self, id: int) -> None:
        self._database.execute(f"delete from {self._table} where id = ?", (id,))

    def find(self, where: Condition = ANY, *, order: Order = (), limit: int = -1, offset: int = 0) -> list[Document]:
        """The documents that fit, in the order asked for and by id among equals."""
        sorting = list(order) or [("id", False)]
        self._index(*where.paths[:2], *(path for path, _ in sorting))
        terms = [f"{field(path)} {_direction(down)}" for path, down in [*sorting, ("id", sorting[-1][1])]]
        return [_parse_document(row) for row in self._rows(("id", "doc"), where, ", ".join(terms), limit, offset)]

    def first(self, where: Condition = ANY) -> Document | None:
        found = self.find(where, limit=1)
        return found[0] if found else None

    def count(self, where: Condition = ANY) -> int:
        return int(self.select(("count(*)",), where)[0][0])

    def select(
        self, columns: Sequence[str], where: Condition = ANY, *, order: str = "id", limit: int = -1, offset: int = 0
    ) -> list[tuple[Any, ...]]:
        """Expressions over the documents that fit; expressions and order are SQL."""
        self._index(*where.paths[:2])
        return self._rows(columns, where, order, limit, offset)

    def _rows(
        self, columns: Sequence[str], where: Condition, order: str, limit: int, offset: int
    ) -> list[tuple[Any, ...]]:
        sql = f"select {', '.join(columns)} from {self._table} where {where.sql} order by {order} limit ? offset ?"
        values = (*map(_fit, where.values), min(limit, LARGEST_INTEGER), min(offset, LARGEST_INTEGER))
        try:
            return self._database.execute(sql, values).fetchall()
        except (sqlite3.OperationalError, sqlite3.DataError) as error:
            if TOO_MUCH_PATTERN.search(str(error)):
                raise TooMuch from error
            raise

    def _index(self, *paths: str) -> None:
        """Have an index on these paths; the id stands at the end of every index anyway."""
        wanted = tuple(dict.fromkeys(path for path in paths if path != "id" and not isinstance(path, Expression)))
        if not wanted or wanted in self._indexed:
            return
        name = json.dumps(f"{self._name} by {' '.join(wanted)}".replace('"', ""))
        expressions = ", ".join(field(path) for path in wanted)
        self._database.execute(f"create index if not exists {name} on {self._table} ({expressions})")
        self._indexed.add(wanted)


def _open_database(path: str | None) -> sqlite3.Connection:
    """The database in a file, or one in memory that lives as long as the sandbox."""
    if path and os.path.exists(path) and not os.path.isfile(path):
        raise _unusable_error(path, "it is no file")
    try:
        database = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
    except (sqlite3.Error, ValueError) as error:
        raise _unusable_error(path, error) from error
    try:
        tables = {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    except sqlite3.Error as error:
        database.close()
        raise _unusable_error(path, error) from error
    if tables and not any(name.startswith("sandbox_") for name in tables):
        database.close()
        raise _unusable_error(path, "it is the database of something else")
    return database


def _unusable_error(path: str | None, error: Exception | str) -> ConfigurationError:
    return ConfigurationError(f"The sandbox cannot keep its state in {path}: {error}.", code="state_file")


def _write_document(document: Document) -> str:
    return json.dumps({key: value for key, value in document.items() if key != "id"})


def _parse_document(row: tuple[Any, ...]) -> Document:
    return {"id": row[0], **json.loads(row[1])}


def _fit(value: Any) -> Any:
    if not isinstance(value, int) or abs(value) <= LARGEST_INTEGER:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _direction(descending: bool) -> str:
    return "desc" if descending else "asc"


def _lower_text(text: Any) -> Any:
    """SQLite's own ``lower`` leaves letters outside ASCII as they are."""
    return text.lower() if isinstance(text, str) else text
