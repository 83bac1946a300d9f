"""The journal of creates: what a second call with the same key learns, wherever the first one stopped."""

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.runtime.processes import spawn

from sales_connectors.errors import Conflict, Unavailable
from sales_connectors.store import Journal, JournalEntry, Store, owners
from sales_connectors.store.journal import CREATE_LEASE_SECONDS, DAY_SECONDS, KEY_RETENTION_DAYS
from sales_connectors.testing import FakeClock

RESULT = {"data": {"id": 7, "name": "Acme"}, "meta": {"type": "contact"}}


@pytest.fixture
def journal(store: Store) -> Journal:
    return store.journal


def begin(journal: Journal, key: str = "k", fingerprint: str = "f") -> JournalEntry:
    return journal.begin("a", "createContact", key, fingerprint)


def test_a_key_is_new_once_and_done_afterwards(journal: Journal, clock: FakeClock) -> None:
    entry = begin(journal)
    assert (entry.state, entry.attempts, entry.started) == ("new", 0, clock.now())

    journal.finish(journal.mark_sending(entry), RESULT, record=7)

    again = begin(journal)
    assert (again.state, again.result, again.record, again.attempts) == ("done", RESULT, "7", 1)


def test_a_key_that_another_one_has_in_hand_is_busy(journal: Journal) -> None:
    journal.mark_sending(begin(journal))

    entry = begin(journal)

    assert entry.state == "busy"
    assert entry.busy_for == pytest.approx(CREATE_LEASE_SECONDS)


def test_a_hold_begins_anew_when_the_request_leaves(journal: Journal, clock: FakeClock) -> None:
    entry = begin(journal)
    clock.pass_by(CREATE_LEASE_SECONDS - 20)
    journal.mark_sending(entry)
    clock.pass_by(CREATE_LEASE_SECONDS - 20)

    assert begin(journal).busy_for == pytest.approx(20)


def test_a_released_entry_is_pending_for_who_asks_next(journal: Journal, clock: FakeClock) -> None:
    journal.release(journal.mark_sending(begin(journal)))
    clock.pass_by(5)

    entry = begin(journal)

    assert (entry.state, entry.attempts, entry.sent_ago) == ("pending", 1, 5)
    assert journal.mark_sending(entry).attempts == 2


def test_an_entry_that_was_never_sent_is_new_again(journal: Journal) -> None:
    journal.release(begin(journal))

    assert begin(journal).state == "new"


def test_a_forgotten_entry_frees_its_key_even_for_other_inputs(journal: Journal) -> None:
    journal.forget(journal.mark_sending(begin(journal)))

    assert begin(journal, fingerprint="other").state == "new"


@pytest.mark.parametrize("finish", [True, False])
def test_a_key_is_not_used_for_other_inputs(journal: Journal, finish: bool) -> None:
    entry = journal.mark_sending(begin(journal))
    if finish:
        journal.finish(entry, RESULT)

    with pytest.raises(Conflict) as raised:
        begin(journal, fingerprint="other")
    assert raised.value.code == "idempotency_key_reused"


def test_keys_belong_to_a_connection_and_an_action(journal: Journal) -> None:
    journal.begin("a", "createContact", "k", "f")

    assert journal.begin("b", "createContact", "k", "other").state == "new"
    assert journal.begin("a", "createDeal", "k", "other").state == "new"


def test_a_hold_ends_by_itself(journal: Journal, clock: FakeClock) -> None:
    journal.mark_sending(begin(journal))
    clock.pass_by(CREATE_LEASE_SECONDS + 1)

    assert begin(journal).state == "pending"


def test_a_hold_from_before_the_clock_was_set_back_ends_too(journal: Journal, clock: FakeClock) -> None:
    journal.mark_sending(begin(journal))
    clock.wall -= 31_536_000

    assert begin(journal).state == "pending"


def test_who_lost_its_entry_does_not_send(journal: Journal, clock: FakeClock) -> None:
    slow = begin(journal)
    clock.pass_by(CREATE_LEASE_SECONDS + 1)
    begin(journal)

    with pytest.raises(Unavailable) as raised:
        journal.mark_sending(slow)
    assert (raised.value.code, raised.value.retryable) == ("idempotency_key_busy", True)


def test_what_was_created_is_written_down_even_late(journal: Journal, clock: FakeClock) -> None:
    slow = journal.mark_sending(begin(journal))
    clock.pass_by(CREATE_LEASE_SECONDS + 1)
    other = begin(journal)

    journal.finish(slow, RESULT, record=7)
    journal.forget(other)
    journal.release(other)

    assert begin(journal).result == RESULT


def test_a_result_is_never_written_twice(journal: Journal) -> None:
    entry = journal.mark_sending(begin(journal))
    journal.finish(entry, RESULT)
    journal.finish(entry, {"data": {"id": 8}})

    assert begin(journal).result == RESULT


# --- which record belongs to whom -----------------------------------------------------------------


def test_records_of_done_entries_are_claimed(journal: Journal) -> None:
    for number in range(3):
        journal.finish(journal.mark_sending(begin(journal, f"k{number}")), RESULT, record=number)
    journal.mark_sending(begin(journal, "unknown"))

    assert journal.find_claimed("a", "createContact") == {"0", "1", "2"}
    assert journal.find_claimed("a", "createDeal") == set()


def test_a_record_is_claimed_by_one_entry_only(journal: Journal) -> None:
    one, other = (journal.mark_sending(begin(journal, key)) for key in ("k1", "k2"))

    assert journal.claim(one, 7)
    assert not journal.claim(other, 7)
    assert journal.claim(other, 8)


def test_a_claim_survives_who_made_it(journal: Journal) -> None:
    entry = journal.mark_sending(begin(journal))
    journal.claim(entry, 7)
    journal.release(entry)

    assert begin(journal).record == "7"


def test_a_record_stays_claimed_by_an_entry_that_is_done(journal: Journal) -> None:
    one, other = (journal.mark_sending(begin(journal, key)) for key in ("k1", "k2"))
    journal.claim(one, 7)

    journal.finish(one, RESULT)

    assert begin(journal, "k1").record == "7"
    assert not journal.claim(other, 7)


def test_a_create_is_done_even_where_a_search_gave_its_record_away(journal: Journal) -> None:
    one, other = (journal.mark_sending(begin(journal, key)) for key in ("k1", "k2"))
    journal.claim(one, 7)

    journal.finish(other, RESULT, record=7)

    assert begin(journal, "k2").result == RESULT


def test_rivals_are_other_keys_with_the_same_inputs_whose_fate_is_open(journal: Journal) -> None:
    entry = journal.mark_sending(begin(journal, "mine"))
    assert journal.count_rivals(entry) == 0

    begin(journal, "not sent")
    journal.finish(journal.mark_sending(begin(journal, "done")), RESULT)
    journal.mark_sending(begin(journal, "other inputs", "g"))
    journal.claim(journal.mark_sending(begin(journal, "found its record")), 7)
    journal.mark_sending(begin(journal, "rival"))

    assert journal.count_rivals(entry) == 1


def test_done_entries_are_forgotten_after_a_month_of_use(
    journal: Journal, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sales_connectors.store.journal.SWEEP_ONE_IN", 1)
    journal.finish(journal.mark_sending(begin(journal, "old")), RESULT)
    lost = journal.mark_sending(begin(journal, "lost"))
    journal.release(lost)
    for day in range(KEY_RETENTION_DAYS):
        clock.pass_by(DAY_SECONDS)
        assert begin(journal, "old").state == "done"
        journal.finish(journal.mark_sending(begin(journal, f"day {day}")), RESULT)
    clock.pass_by(1)
    journal.finish(journal.mark_sending(begin(journal, "last")), RESULT)

    assert [begin(journal, key).state for key in ("old", "lost", "day 0", "last")] == ["new", "pending", "done", "done"]


def test_a_clock_that_was_set_forward_forgets_no_key(
    journal: Journal, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sales_connectors.store.journal.SWEEP_ONE_IN", 1)
    journal.finish(journal.mark_sending(begin(journal, "old")), RESULT)
    clock.wall += 365 * DAY_SECONDS
    for number in range(3):
        journal.finish(journal.mark_sending(begin(journal, f"late {number}")), RESULT)
    clock.wall -= 365 * DAY_SECONDS
    journal.finish(journal.mark_sending(begin(journal, "again")), RESULT)

    assert begin(journal, "old").state == "done"


@pytest.mark.parametrize("postgresql_differs", [3600, -3600])
def test_a_server_whose_clock_differs_makes_no_request_older(
    open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch, postgresql_differs: int
) -> None:
    from sales_connectors.store import postgresql

    monkeypatch.setattr(postgresql, "SERVER_TIME", f"({postgresql.SERVER_TIME} + {postgresql_differs})")
    journal, now = open_store().journal, time.time()
    journal.release(journal.mark_sending(begin(journal)))

    entry = begin(journal)

    assert entry.sent_ago is not None
    assert 0 <= entry.sent_ago < 60
    assert entry.started > now - 60


# --- processes ------------------------------------------------------------------------------------


def test_of_many_processes_one_creates(store_url: str, tmp_path: Path) -> None:
    keys = 20
    workers = [spawn(__file__, "race", store_url, tmp_path, str(keys)) for _ in range(4)]
    states = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]

    for key in range(keys):
        met = Counter(process[key] for process in states)
        assert met.pop("new") == 1
        assert set(met) <= {"busy", "done"}


@pytest.mark.parametrize(("step", "state"), [("begin", "new"), ("sending", "pending"), ("done", "done")])
def test_who_is_killed_leaves_the_truth_behind(
    open_store: Callable[[], Store], store_url: str, tmp_path: Path, step: str, state: str
) -> None:
    worker = spawn(__file__, "die", store_url, tmp_path, step)
    worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL

    entry = begin(open_store().journal)

    expected = state if owners._identify_machine() or state == "done" else "busy"
    assert entry.state == expected


def race(url: str, home: str, keys: str) -> None:
    """Begin every key, and finish the ones that are ours; what was met for each."""
    store = Store(url, home=Path(home))
    states = []
    for number in range(int(keys)):
        entry = begin(store.journal, f"k{number}")
        states.append(entry.state)
        if entry.state == "new":
            store.journal.finish(store.journal.mark_sending(entry), RESULT, record=number)
    store.close()
    print(json.dumps(states))


def die(url: str, home: str, step: str) -> None:
    """Get as far as the step, and no further."""
    journal = Store(url, home=Path(home)).journal
    entry = begin(journal)
    if step != "begin":
        entry = journal.mark_sending(entry)
    if step == "done":
        journal.finish(entry, RESULT)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    {"race": race, "die": die}[sys.argv[1]](*sys.argv[2:])
