"""Creates that are safe to repeat, although the service knows no idempotency keys.

An entry is on disk before the request leaves.  Whoever comes back with the same key learns how far the first one came::

    new ── mark_sending ──▶ pending ── finish ──▶ done: the result is known
                              ├── forget ──▶ nothing was created: the key is free again
                              └── release, or the owner dies ──▶ pending: nobody knows yet
"""

import random
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .. import jsontext
from ..clock import Clock, limit_waits
from ..errors import Conflict, Unavailable
from .database import Database, UniqueViolation
from .owners import create_owner, is_gone, make_mark, measure_since
from .vault import Vault

CREATE_LEASE_SECONDS = 120.0
"""Seconds for which an entry belongs to whoever began it: longer than a request and its repetitions take."""
MAX_CREATE_LEASE_SECONDS = 86_400.0
"""A lease that seems to end later than this was taken before the clock was set back."""
SWEEP_ONE_IN = 500
PART_SEPARATOR = "\x1f"
"""Between an idempotency key and the name of one part of its create."""
DAY_SECONDS = 86_400.0
KEY_RETENTION_DAYS = 30
"""Days for which a key is known after its create was done.  Those count on which other creates were done: a clock that
is set forward makes one day of many."""

_ENTRY = "identity = :identity AND action = :action AND key = :key"
_COLUMNS = (
    "fingerprint, state, owner, held_until - {now}, started, attempts, {now} - sent_at, sent_mark, record, result"
)

BEGIN = """
    INSERT INTO sales_connectors_journal
        (identity, action, key, fingerprint, state, owner, held_until, started, attempts)
    VALUES (
        :identity, :action, :key, :fingerprint, 'pending', :owner, {now} + :lease,
        {latest}({now}, CAST(:our_now AS DOUBLE PRECISION)), 0
    )
    ON CONFLICT (identity, action, key) DO NOTHING
    RETURNING started
"""
READ = f"SELECT {_COLUMNS} FROM sales_connectors_journal WHERE {_ENTRY}"
TAKE_OVER = f"""
    UPDATE sales_connectors_journal SET owner = :owner, held_until = {{now}} + :lease
    WHERE {_ENTRY} AND state = 'pending'
        AND (owner IS NULL OR owner = :gone OR held_until <= {{now}} OR held_until > {{now}} + :longest)
    RETURNING {_COLUMNS}
"""
MARK_SENDING = f"""
    UPDATE sales_connectors_journal
    SET attempts = attempts + 1, sent_at = {{now}}, sent_mark = :mark, held_until = {{now}} + :lease
    WHERE {_ENTRY} AND state = 'pending' AND owner = :owner
    RETURNING attempts
"""
CLAIM = f"UPDATE sales_connectors_journal SET record = :record WHERE {_ENTRY} AND owner = :owner RETURNING key"
# What happened is written down even by an owner that slept through its lease.
FINISH = f"""
    UPDATE sales_connectors_journal
    SET state = 'done', owner = NULL, held_until = {{now}}, result = :result, record = coalesce(:record, record)
    WHERE {_ENTRY} AND state = 'pending'
"""
FORGET = f"DELETE FROM sales_connectors_journal WHERE {_ENTRY} AND state = 'pending' AND owner = :owner"
RELEASE = f"UPDATE sales_connectors_journal SET owner = NULL, held_until = {{now}} WHERE {_ENTRY} AND owner = :owner"
GET_CLAIMED = """
    SELECT record FROM sales_connectors_journal
    WHERE identity = :identity AND action = :action AND record IS NOT NULL
"""
COUNT_RIVALS = """
    SELECT count(*) FROM sales_connectors_journal
    WHERE identity = :identity AND action = :action AND key <> :key AND fingerprint = :fingerprint
        AND state = 'pending' AND sent_at IS NOT NULL AND record IS NULL
"""
HAS_PARTS = """
    SELECT count(*) FROM sales_connectors_journal
    WHERE identity = :identity AND action = :action AND substr(key, 1, length(:whole)) = :whole
"""
_DAY = "CAST(held_until / :day AS BIGINT)"
SWEEP = f"""
    DELETE FROM sales_connectors_journal WHERE state = 'done' AND held_until < {{now}} - :remembered AND {_DAY} < (
        SELECT {_DAY} AS finished FROM sales_connectors_journal WHERE state = 'done'
        GROUP BY finished ORDER BY finished DESC LIMIT 1 OFFSET :days
    )
"""

State = Literal["new", "pending", "done", "busy"]


@dataclass(frozen=True)
class JournalEntry:
    """One create under one key."""

    identity: str
    action: str
    key: str
    fingerprint: str
    owner: str
    state: State
    """``new``: surely never sent.  ``pending``: sent, its fate unknown.  ``done``: see ``result``.  ``busy``: another
    process has it in hand."""
    started: float
    """When it was begun, by the later of our clock and the store's, if they differ."""
    attempts: int = 0
    """How often it was sent."""
    sent_ago: float | None = None
    """How many seconds have surely passed since it was last sent."""
    record: str | None = None
    """The id of the record that belongs to it, where that is known."""
    result: Any = field(default=None, repr=False)
    busy_for: float = 0.0
    """Seconds until another process' hold on it ends."""


class Journal:
    """Reads and writes entries; each step is one statement."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database, self._vault, self._clock = database, vault, clock

    def begin(
        self, identity: str, action: str, key: str, fingerprint: str, *, lease: float = CREATE_LEASE_SECONDS
    ) -> JournalEntry:
        """Open the entry of this key, or learn what became of it; Conflict where the key was used for other inputs."""
        owner = create_owner()
        values = {"identity": identity, "action": action, "key": key, "fingerprint": fingerprint, "owner": owner}
        while True:
            made = self._database.run(BEGIN, {**values, "lease": lease, "our_now": self._clock.now()})
            if made:
                return JournalEntry(identity, action, key, fingerprint, owner, "new", started=made[0][0])
            found = self._database.run(READ, values)
            if found:
                entry = self._build_entry(values, found[0])
                return entry if entry.state == "done" else self._take_over(entry, values, found[0][2], lease)

    def mark_sending(self, entry: JournalEntry, *, lease: float = CREATE_LEASE_SECONDS) -> JournalEntry:
        """The request leaves now; on disk before it does.  Unavailable where the entry is no longer ours."""
        mark = make_mark(self._clock.monotonic())
        rows = self._database.run(MARK_SENDING, {**_build_key(entry), "lease": lease, "mark": mark})
        if not rows:
            raise Unavailable(
                f"Another process has taken over the idempotency key {entry.key!r} meanwhile. Ask again for its result",
                code="idempotency_key_busy",
                retryable=True,
            )
        return replace(entry, state="pending", attempts=rows[0][0], sent_ago=0.0)

    def claim(self, entry: JournalEntry, record: object) -> bool:
        """Say that a record that was found belongs to this entry; False where it belongs to another one."""
        try:
            return bool(self._database.run(CLAIM, {**_build_key(entry), "record": str(record)}))
        except UniqueViolation:
            return False

    def finish(self, entry: JournalEntry, result: Any, *, record: object = None) -> None:
        """Keep the result, and with it the id of the record, so that no search gives it to another key."""
        values = {**_build_key(entry), "result": self._seal(entry, result)}
        name = None if record is None else str(record)
        with limit_waits(None):  # what was created is written down, however late it is
            try:
                self._database.run(FINISH, {**values, "record": name})
            except UniqueViolation:
                # a search gave our record away; that it was created is true nevertheless
                self._database.run(FINISH, {**values, "record": None})
        if random.randrange(SWEEP_ONE_IN) == 0:
            days = {"day": DAY_SECONDS, "days": KEY_RETENTION_DAYS - 1, "remembered": KEY_RETENTION_DAYS * DAY_SECONDS}
            self._database.run(SWEEP, days, durable=False)

    def forget(self, entry: JournalEntry) -> None:
        """Nothing was created, surely: the key is free again."""
        with limit_waits(None):
            self._database.run(FORGET, _build_key(entry))

    def release(self, entry: JournalEntry) -> None:
        """Nobody knows what was created: the entry stays, for whoever asks next."""
        with limit_waits(None):
            self._database.run(RELEASE, _build_key(entry))

    def find_claimed(self, identity: str, action: str) -> Set[str]:
        """The ids of all records that belong to an entry."""
        return {record for (record,) in self._database.run(GET_CLAIMED, {"identity": identity, "action": action})}

    def count_rivals(self, entry: JournalEntry) -> int:
        """How many other keys with the same inputs are pending: a record that is found might be theirs."""
        count: int = self._database.run(COUNT_RIVALS, {**_build_key(entry), "fingerprint": entry.fingerprint})[0][0]
        return count

    def has_parts(self, entry: JournalEntry) -> bool:
        """Whether parts of this create have entries of their own."""
        values = {**_build_key(entry), "whole": entry.key + PART_SEPARATOR}
        return bool(self._database.run(HAS_PARTS, values)[0][0])

    def _seal(self, entry: JournalEntry, result: Any) -> str:
        return self._vault.seal(jsontext.dumps(result).decode(), _find_place(_build_key(entry)))

    def _take_over(self, entry: JournalEntry, values: dict[str, str], holder: str | None, lease: float) -> JournalEntry:
        """The entry as ours, or as busy."""
        limits = {"lease": lease, "longest": MAX_CREATE_LEASE_SECONDS, "gone": holder if is_gone(holder) else ""}
        rows = self._database.run(TAKE_OVER, {**values, **limits})
        return replace(self._build_entry(values, rows[0]), busy_for=0.0) if rows else replace(entry, state="busy")

    def _build_entry(self, values: dict[str, str], row: tuple[Any, ...]) -> JournalEntry:
        fingerprint, state, _, busy_for, started, attempts, sent_ago, mark, record, result = row
        if fingerprint != values["fingerprint"]:
            raise Conflict(
                f"The idempotency key {values['key']!r} was used for other inputs. Take a new key for a new record, or"
                " ask with the inputs of then",
                code="idempotency_key_reused",
            )
        if state == "pending" and sent_ago is None:
            state = "new"
        if sent_ago is not None:  # a clock that was set forward makes nothing older
            sent_ago = min([sent_ago, *measure_since(mark, self._clock.monotonic())])
        opened = jsontext.loads(self._vault.open(result, _find_place(values)).encode()) if result else None
        return JournalEntry(
            values["identity"], values["action"], values["key"], fingerprint, values["owner"], state,
            started, attempts, sent_ago, record, opened, max(0.0, busy_for),
        )  # fmt: skip


def _build_key(entry: JournalEntry) -> dict[str, Any]:
    return {"identity": entry.identity, "action": entry.action, "key": entry.key, "owner": entry.owner}


def _find_place(key: Mapping[str, Any]) -> str:
    """Where the sealed result of an entry belongs."""
    return f"journal/{key['identity']}/{key['action']}/{key['key']}"
