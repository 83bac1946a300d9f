"""The polling trigger: nothing is missed, nothing is told twice, and only what changed is read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from tests.changing import NOTHING, PAGE, ROUNDS, SOME, Kept, Ledger, Round, check_polls

from sales_connectors import Connector
from sales_connectors.errors import InvalidInput, InvalidResponse, Unavailable
from sales_connectors.imitation import Box

KEY = "pollChangesTrigger"
PERSON = {"id": 7, "created_at": "2026-01-12T09:30:00.000000+00:00", "updated_at": "2026-01-12T09:30:00.000000+00:00"}


def poll(loft: Connector, state: Any = None, resource: str = "people", **inputs: Any) -> tuple[dict[str, Any], Any]:
    """The ids of what changed, and the next state."""
    result: Any = loft.poll(KEY, state=state, pollResourceType=resource, **inputs)
    return {kind: [record["id"] for record in records] for kind, records in result["data"].items()}, result["state"]


def person(loft: Connector, number: int = 1) -> int:
    made: int = loft.createPerson(emailAddress=f"new{number}@example.com")["data"]["id"]
    return made


# --- against the sandbox --------------------------------------------------------------------------------------------


def test_a_first_poll_begins_now(loft: Connector) -> None:
    changes, state = poll(loft)
    assert changes == NOTHING
    assert poll(loft, state)[0] == NOTHING


def test_a_first_poll_may_begin_at_the_beginning(loft: Connector) -> None:
    changes, state = poll(loft, startFrom="beginning")
    everybody = [record["id"] for record in loft.iterate("listPeople")]
    assert len(everybody) > 0
    assert (sorted(changes["created"]), changes["updated"], changes["deleted"]) == (sorted(everybody), [], [])
    assert poll(loft, state)[0] == NOTHING


RESOURCES: dict[str, tuple[str, Any, str, Any]] = {
    "people": (
        "createPerson",
        {"emailAddress": "new@example.com"},
        "updatePerson",
        {"personId": "people", "title": "CEO"},
    ),
    "accounts": (
        "createAccount",
        {"fullName": "New", "domain": "new.example.com"},
        "updateAccount",
        {"accountId": "accounts", "city": "Oslo"},
    ),
    "notes": (
        "createNote",
        {"content": "Called", "associatedWithType": "person", "associatedWithId": "people"},
        "updateNote",
        {"noteId": "notes", "content": "Called back"},
    ),
    "tasks": (
        "createTask",
        {"subject": "Call", "personId": "people", "taskType": "call", "dueDate": "2030-01-01"},
        "updateTask",
        {"taskId": "tasks", "subject": "Call back"},
    ),
}


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_was_created_and_updated_since_the_state_is_told_once(loft: Connector, resource: str) -> None:
    """An id is that of the first record of its list."""
    create, inputs, update, change = RESOURCES[resource]
    ids = {name: loft.run(f"list{name.capitalize()}")["data"][0]["id"] for name in RESOURCES}
    inputs, change = ({name: ids.get(value, value) for name, value in given.items()} for given in (inputs, change))
    _, state = poll(loft, resource=resource)
    created = loft.run(create, inputs)["data"]
    updated = loft.run(update, change)["data"]

    result: Any = loft.poll(KEY, state=state, pollResourceType=resource)

    told = {"created": [created], "updated": [updated], "deleted": []}
    assert result["data"] == told  # as every action shows them, without their envelope
    assert poll(loft, result["state"], resource)[0] == NOTHING


@pytest.mark.parametrize("resource", ["cadences", "cadenceMemberships", "calls", "emails"])
def test_every_resource_can_be_polled(shared_loft: Connector, resource: str) -> None:
    changes, state = poll(shared_loft, resource=resource, startFrom="beginning")
    assert changes["created"]
    assert (poll(shared_loft, state, resource)[0], state["resource"]) == (NOTHING, resource)


def test_kinds_that_are_not_wanted_are_left_out_for_good(loft: Connector) -> None:
    old = loft.listPeople(perPage=1)["data"][0]["id"]
    _, state = poll(loft)
    new = person(loft)
    loft.updatePerson(personId=old, title="CEO")
    assert poll(loft, state, showNewRecords=False)[0] == {**NOTHING, "updated": [old]}
    changes, state = poll(loft, state, showUpdatedRecords="false")
    assert changes == {**NOTHING, "created": [new]}
    assert poll(loft, state)[0] == NOTHING


def test_the_state_of_another_resource_is_refused(loft: Connector, sandbox: Box) -> None:
    _, state = poll(loft, resource="accounts")
    sandbox.forget()
    with pytest.raises(InvalidInput, match="state is that of accounts, not of people") as refusal:
        poll(loft, state)
    assert (refusal.value.code, sandbox.requests) == ("invalid_state", [])


def test_a_poll_reads_what_changed_and_no_more(loft: Connector, sandbox: Box) -> None:
    _, state = poll(loft)
    for number in range(3):
        sandbox.advance(60)
        new = person(loft, number)
        sandbox.forget()
        changes, state = poll(loft, state)
        assert (changes["created"], sandbox.count()) == ([new], 1)


def test_a_list_of_several_pages_is_read_while_others_are_at_work(loft: Connector, sandbox: Box) -> None:
    """A first page of a hundred, whose people change again before the second one is asked for."""
    _, state = poll(loft)
    new = [person(loft, number) for number in range(130)]
    sandbox.forget()
    moving = iter([new[:40]])

    def change(entry: Any) -> None:
        if "page=1" in entry["url"] and "ASC" in entry["url"]:
            for id in next(moving, []):
                loft.updatePerson(personId=id, title="CEO")

    changes, state = poll(loft.with_options(on_debug=change), state)
    assert sorted(changes["created"]) == new
    assert changes["created"][-1] in new[:40]
    assert poll(loft, state)[0] == NOTHING


# --- against a service that moves at random ---------------------------------------------------------------------------


def build_answer(ledger: Ledger) -> Callable[[dict[str, str]], Any]:
    """Numbered pages of what is there now; others are at work behind each answer."""

    def show(each: Kept) -> dict[str, Any]:
        made, changed = (time.isoformat(timespec="microseconds") for time in (each.made, each.changed))
        return {"id": each.id, "created_at": made, "updated_at": changed, "version": each.version}

    def answer(query: dict[str, str]) -> Any:
        begin = datetime.fromisoformat(query["updated_at[gte]"]) if "updated_at[gte]" in query else None
        assert query["sort_by"] == "updated_at"
        found = ledger.list_since(begin, down=query["sort_direction"] == "DESC")
        number, size = int(query["page"]), min(PAGE, int(query["per_page"]))
        following = number + 1 if number * size < len(found) else None
        page = [show(each) for each in found[(number - 1) * size : number * size]]
        ledger.go_on()
        return {"data": page, "metadata": {"paging": {"per_page": size, "next_page": following}}}

    return answer


@SOME
@given(ROUNDS)
def test_each_change_is_told_once_whatever_happens_meanwhile(service: Any, rounds: list[Round]) -> None:
    ledger = Ledger()
    service.wire.reset()
    service.behaves("GET", "/v2/people", build_answer(ledger))
    inputs = {"pollResourceType": "people", "startFrom": "beginning"}
    check_polls(
        ledger,
        rounds,
        lambda state: service.loft.poll(KEY, state=state, **inputs),
        lambda record: (record["id"], record["version"]),
    )


def test_more_records_of_one_time_than_a_page_holds_are_read_until_nothing_moves(service: Any) -> None:
    """After the first page two of its records are changed, so that two of the second one move there."""
    ledger = Ledger()
    ledger.do([("make", 11), ("wait", 60.0), ("make", 1)])
    moving = [("wait", 1.0), ("change", [0, 1])]
    ledger.script = iter([[], [], [], moving])  # a look, the newest, the time, and the first page of those who have it
    service.behaves("GET", "/v2/people", build_answer(ledger))
    changes, state = poll(service.loft, startFrom="beginning")
    assert sorted(changes["created"]) == [*range(1, 13)]
    assert poll(service.loft, state)[0] == NOTHING


def test_the_second_reading_of_one_time_skips_nobody_behind_it(service: Any) -> None:
    """It proves that nothing had moved in the first one, and may itself be moved before its last page."""
    ledger = Ledger()
    ledger.do([("make", 6), ("wait", 60.0), *[("make", 1), ("wait", 1.0)] * 9, ("wait", 60.0), ("make", 1)])
    moving = [("wait", 1.0), ("change", [0, 1, 2, 3, 4])]
    ledger.script = iter([*[[]] * 7, moving])  # behind the second page of the second reading
    service.behaves("GET", "/v2/people", build_answer(ledger))
    changes, state = poll(service.loft, startFrom="beginning")
    assert sorted(changes["created"]) == [*range(1, 17)]
    assert poll(service.loft, state)[0] == NOTHING


def test_a_service_that_repeats_its_pages_is_left(service: Any) -> None:
    paging = {"metadata": {"paging": {"per_page": 1, "next_page": 2}}}
    service.answers("GET", "/v2/people", {"data": [PERSON], **paging})
    with pytest.raises(InvalidResponse) as raised:
        poll(service.loft, startFrom="beginning")
    assert (raised.value.code, len(service.sent) < 30) == ("endless_list", True)


def test_two_changes_in_one_moment_are_two_changes(service: Any) -> None:
    ledger = Ledger()
    ledger.do([("make", 2)])
    service.behaves("GET", "/v2/people", build_answer(ledger))
    _, state = poll(service.loft)
    for _ in range(2):
        ledger.do([("change", [0])])
        changes, state = poll(service.loft, state)
        assert changes == {**NOTHING, "updated": [1]}
    assert poll(service.loft, state)[0] == NOTHING


def test_records_that_change_faster_than_they_can_be_read_are_left_for_the_next_poll(service: Any) -> None:
    ledger = Ledger()
    ledger.do([("make", 60)])
    ledger.script = iter([[("wait", 0.5), ("change", [at // 15])] if at % 15 == 0 else [] for at in range(200)])
    service.behaves("GET", "/v2/people", build_answer(ledger))
    with pytest.raises(Unavailable, match="poll again with the same state") as raised:
        poll(service.loft, startFrom="beginning")
    assert raised.value.retryable


def test_what_shows_up_late_behind_the_reader_is_told_by_the_next_poll(service: Any) -> None:
    """It is stamped before what was read, while the newest change is read half a minute later."""
    ledger = Ledger()
    for _ in range(7):
        ledger.do([("make", 1), ("wait", 0.5)])
    quiet: list[Any] = []
    late = [("make_late", 3.0), *[("wait", 10.0), ("make", 1)] * 3]
    ledger.script = iter([quiet, quiet, quiet, late])  # behind the second page of the walk
    service.behaves("GET", "/v2/people", build_answer(ledger))
    changes, state = poll(service.loft, startFrom="beginning")
    assert changes["created"] == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11]
    assert poll(service.loft, state)[0]["created"] == [8]


def test_a_bulk_change_makes_no_state_without_bounds(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sales_connectors.sdk.change_memory.MAX_MARKS", 5)
    ledger = Ledger()
    ledger.do([("make", 8)])
    service.behaves("GET", "/v2/people", build_answer(ledger))
    _, state = poll(service.loft, startFrom="beginning")
    assert len(state["seen"]) == 5
    assert len(poll(service.loft, state)[0]["created"]) == 3  # told again rather than lost
    ledger.now += timedelta(seconds=60)
    ledger.do([("change", [0])])
    _, state = poll(service.loft, state)
    assert poll(service.loft, state)[0] == NOTHING


@pytest.mark.parametrize("updated_at", ["2026-01-12T09:29:00Z", "2026-01-12T09:00:00Z"])
def test_a_service_that_passes_over_the_time_asked_for_is_told_of(service: Any, updated_at: str) -> None:
    paging = {"metadata": {"paging": {"per_page": 100, "next_page": None}}}
    service.answers("GET", "/v2/people", {"data": [PERSON], **paging})
    _, state = poll(service.loft)
    service.wire.reset()
    service.answers("GET", "/v2/people", {"data": [PERSON, {**PERSON, "id": 8, "updated_at": updated_at}], **paging})
    with pytest.raises(InvalidResponse, match="oldest change first"):
        poll(service.loft, state)


@pytest.mark.parametrize("odd", [{"id": None}, {"updated_at": None}, {"updated_at": "soon"}, {"created_at": 7}])
def test_a_record_that_cannot_be_followed_is_the_fault_of_the_service(service: Any, odd: dict[str, Any]) -> None:
    service.answers("GET", "/v2/people", {"data": [{**PERSON, **odd}], "metadata": {}})
    for start in ("now", "beginning"):
        with pytest.raises(InvalidResponse):
            poll(service.loft, startFrom=start)
