"""Records that change at random between the polls of a trigger and during them, and what a poll has to tell of them.

``SALES_CONNECTORS_FUZZ`` says how many courses of things are tried.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from sales_connectors.errors import Unavailable

SOME = settings(
    max_examples=int(os.environ.get("SALES_CONNECTORS_FUZZ", "25")),
    deadline=None,
    database=None,
    derandomize="SALES_CONNECTORS_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
PAGE = 3
"""Records on a page of the service, whatever it is asked for."""
NOTHING: dict[str, list[Any]] = {"created": [], "updated": [], "deleted": []}

INDEX = st.integers(0, 11)
DEED = st.one_of(
    st.tuples(st.just("make"), st.integers(1, 8)),
    st.tuples(st.just("change"), st.lists(INDEX, min_size=1, max_size=8)),
    st.tuples(st.just("change_late"), INDEX, st.floats(0, 9)),
    st.tuples(st.just("make_late"), st.floats(0, 9)),
    st.tuples(st.just("delete"), INDEX),
    st.tuples(st.just("wait"), st.sampled_from([0.0004, 0.5, 3.0, 40.0])),
)
DEEDS = st.lists(DEED, min_size=1, max_size=4)


@dataclass(frozen=True)
class Round:
    """What happens before a poll, after each of its requests, and whether its result gets anywhere."""

    before: list[Any]
    during: list[list[Any]]
    is_kept: bool


ROUNDS = st.lists(st.builds(Round, DEEDS, st.lists(DEEDS, max_size=12), st.booleans()), min_size=2, max_size=6)


@dataclass
class Kept:
    """One record as the service holds it."""

    id: int
    made: datetime
    changed: datetime
    version: int = 1


@dataclass
class Ledger:
    """The records of a service, and its clock, which moves when a test says so."""

    now: datetime = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
    records: dict[int, Kept] = field(default_factory=dict)
    last_id: int = 0
    script: Iterator[list[Any]] = field(default_factory=lambda: iter(()))
    belated: set[int] = field(default_factory=set)
    """Records of which a change showed up late."""

    def list_since(self, begin: datetime | None, *, down: bool = False) -> list[Kept]:
        """The records that changed at a time or later, oldest change first unless turned round."""
        there = [each for each in self.records.values() if begin is None or each.changed >= begin]
        return sorted(there, key=lambda each: (each.changed, each.id), reverse=down)

    def go_on(self) -> None:
        """Let others do what the script says next."""
        self.do(next(self.script, []))

    def do(self, deeds: list[Any]) -> None:
        for name, *given in deeds:
            getattr(self, f"_{name}")(*given)

    def _make(self, count: int, late: float = 0) -> None:
        at = self._stamp(late)
        for _ in range(count):
            self.last_id += 1
            self.records[self.last_id] = Kept(self.last_id, at, at)

    def _make_late(self, late: float) -> None:
        self._make(1, late)

    def _change(self, indices: list[int], late: float = 0) -> None:
        """In one moment, as a bulk change does it."""
        for id in {id for index in indices for id in self._find(index)}:
            each = self.records[id]
            each.changed, each.version = max(each.made, self._stamp(late)), each.version + 1

    def _change_late(self, index: int, late: float) -> None:
        """Written some time ago, and there only now: it may have moved from before a reader to behind it."""
        self.belated |= {*self._find(index)}
        self._change([index], late)

    def _stamp(self, late: float) -> datetime:
        return self.now - timedelta(seconds=late)

    def _delete(self, index: int) -> None:
        for id in self._find(index):
            del self.records[id]

    def _find(self, index: int) -> list[int]:
        ids = sorted(self.records)
        return [ids[index % len(ids)]] if ids else []

    def _wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def check_polls(ledger: Ledger, rounds: list[Round], poll: Callable[[Any], Any], show: Callable[[Any], Any]) -> None:
    """Poll through all rounds and once more in peace: whatever was kept adds up to what is there, each change once.

    A new record that a late change moves behind the reader is told by the next poll, as one that was updated.

    ``poll`` takes a state, ``show`` the id and the version of a record.
    """
    state: Any = None
    known: dict[int, int] = {}
    for each in chain(rounds, [Round([], [], True)]):
        ledger.do(each.before)
        ledger.script = iter(each.during)
        try:
            polled = poll(state)
        except Unavailable:  # what changes faster than it can be read; the next poll begins where this one did
            assert each.during
            continue
        if not each.is_kept:  # whoever polled has died before it was stored
            continue
        created, updated = ([show(record) for record in polled["data"][kind]] for kind in ("created", "updated"))
        assert not known.keys() & {id for id, _ in created}, "created twice"
        assert {id for id, _ in updated} <= known.keys() | ledger.belated, "updated before it was created"
        assert all(known.get(id) != version for id, version in created + updated), "told twice"
        known |= dict(created + updated)
        state = polled["state"]
        assert len(state["seen"]) <= len(ledger.records) + len(known)
    assert {id: known.get(id) for id in ledger.records} == {id: each.version for id, each in ledger.records.items()}
    assert poll(state)["data"] == NOTHING
