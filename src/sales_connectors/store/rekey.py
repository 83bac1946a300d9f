"""A new key for the store.

The new key lies in a file beside the old one before anything is sealed with it, all values are sealed again in one
transaction, and then the file takes the place of the old one.  Whoever comes between the last two steps finds the new
key beside the old one, so that a process may end at any point and nothing is lost.  The old one stays beside the new
one, since stores with the same home share the file.

Programs that run meanwhile go on: they read the new key from the file, or say that it is to be given to them, and what
they seal with the old one until then the new one opens, since the store keeps the older keys sealed with it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, Unavailable
from ..files import Draft
from .database import Database, Run
from .vault import KEY_PROOF, READ_PROOF, Vault, build_fernet, name_beside, opens, put_key, read_older_keys

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

BATCH_ROWS = 500
MAX_OLDER_KEYS = 2

KEEP = """
    INSERT INTO sales_connectors_about (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


@dataclass(frozen=True)
class SealedTable:
    """A table that holds sealed values."""

    name: str
    key: tuple[str, ...]
    """What names a row."""
    columns: tuple[str, ...]
    """Where they are."""

    def iterate(self, run: Run) -> Iterator[tuple[Any, ...]]:
        """The rows, key first, in batches, since a journal may be long."""
        order, after, last = ", ".join(self.key), "", dict[str, Any]()
        while True:
            rows = run(
                f"SELECT {order}, {', '.join(self.columns)} FROM {self.name} {after}"
                f" ORDER BY {order} LIMIT {BATCH_ROWS}",
                last,
            )
            yield from rows
            if len(rows) < BATCH_ROWS:
                return
            after = f"WHERE ({order}) > ({', '.join(f':{name}' for name in self.key)})"
            last = dict(zip(self.key, rows[-1], strict=False))

    def update(self, columns: Iterable[str]) -> str:
        sets = ", ".join(f"{column} = :{column}" for column in columns)
        return f"UPDATE {self.name} SET {sets} WHERE {' AND '.join(f'{name} = :{name}' for name in self.key)}"


SEALED_TABLES = (
    SealedTable("sales_connectors_connections", ("name",), ("fields", "token", "failure", "sign_in", "account_name")),
    SealedTable("sales_connectors_sign_ins", ("state_hash",), ("begun",)),
    SealedTable("sales_connectors_journal", ("identity", "action", "key"), ("result",)),
)


@dataclass
class Count:
    """What was done to the values of a store."""

    sealed: int = 0
    """Values that have the new key now."""
    damaged: int = 0
    """Values that no key opened, which were left as they were."""


def rekey(database: Database, vault: Vault, new: bytes | None) -> Count:
    """Seal everything again, with this key or with one that is made."""
    from cryptography.fernet import Fernet

    if new is None and vault.is_given:
        raise ConfigurationError(
            "The key of the store comes from SALES_CONNECTORS_KEY, so the new one has to be given: --new-key @FILE,"
            ' made by python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
            code="store_key",
        )
    keys = Keys(vault.prove_key(), new or Fernet.generate_key())
    if keys.new == keys.old:
        raise ConfigurationError("The store has this key already. Take another one", code="store_key")
    count = Count()
    if vault.is_given:
        database.rewrite(lambda run: _seal_all(run, keys, count))
    else:
        _replace_file(database, vault.file, keys, count)
    vault.forget_key()
    return count


@dataclass(frozen=True)
class Keys:
    """The key that the store has, and the one that it gets."""

    old: bytes = field(repr=False)
    new: bytes = field(repr=False)

    def __post_init__(self) -> None:
        build_fernet(self.new)  # refused where it is none


def _replace_file(database: Database, file: Path, keys: Keys, count: Count) -> None:
    beside = name_beside(file, "new", keys.new)
    try:
        with Draft(beside) as draft:
            draft.replace(keys.new)
    except OSError as error:
        raise ConfigurationError(
            f"The new key cannot be written to {beside} ({error.strerror}). Make its folder writable",
            code="store_unwritable",
        ) from error
    database.rewrite(lambda run: _seal_all(run, keys, count))
    put_key(beside, file)


def _seal_all(run: Run, keys: Keys, count: Count) -> None:
    old, new = build_fernet(keys.old), build_fernet(keys.new)
    rows = run(READ_PROOF, {})
    if not rows or not opens(old, rows[0][0]):
        raise Unavailable("Another process is giving the store a new key. Nothing was done", code="busy", fix="builder")
    older = read_older_keys(run, old)
    openers = [old, *map(build_fernet, older)]
    for table in SEALED_TABLES:
        for row in table.iterate(run):
            _seal_row(run, table, row, openers, new, count)
    known = json.dumps([key.decode() for key in (keys.old, *older)][:MAX_OLDER_KEYS])
    run(KEEP, {"name": "older_keys", "value": new.encrypt(known.encode()).decode()})
    run(KEEP, {"name": "key", "value": new.encrypt(KEY_PROOF).decode()})


def _seal_row(
    run: Run, table: SealedTable, row: tuple[Any, ...], openers: Sequence["Fernet"], new: "Fernet", count: Count
) -> None:
    """Seal the values of a row again; one that does not open is no reason to leave all others as they are."""
    changed = {}
    for column, value in zip(table.columns, row[len(table.key) :], strict=True):
        if value is None or not Vault.is_sealed(value):
            continue
        opener = next((one for one in openers if opens(one, value)), None)
        if opener is None:
            count.damaged += 1
        else:  # what the seal covers besides stands in the room for a time
            time = opener.extract_timestamp(value)
            changed[column] = new.encrypt_at_time(opener.decrypt(value), time).decode()
    if changed:
        run(table.update(changed), {**changed, **dict(zip(table.key, row, strict=False))})
    count.sealed += len(changed)
