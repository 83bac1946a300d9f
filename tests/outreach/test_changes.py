"""The polling trigger: nothing is missed, nothing is told twice, and what is in the trash is told as deleted."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from tests.changing import NOTHING, PAGE, ROUNDS, SOME, Kept, Ledger, Round, check_polls
from tests.outreach.conftest import ROOT, Query
from tests.sandboxes import Caller, PassingClock, connecting

from sales_connectors import Connector, Runtime
from sales_connectors.errors import InvalidInput, InvalidResponse
from sales_connectors.imitation import Box, running

KEY = "pollChangesTrigger"


@pytest.fixture
def sandbox() -> Iterator[Box]:
    """A sandbox of the test's own, with one small company in it and no rate limit."""
    with running("outreach", rate=0) as box:
        yield box


@pytest.fixture
def outreach(sandbox: Box) -> Iterator[Connector]:
    with connecting("outreach", Runtime(clock=PassingClock(), random=lambda: 0.0), name="ours") as to:
        yield to(sandbox)


def poll(outreach: Any, state: Any = None, resource: str = "prospects", **inputs: Any) -> tuple[dict[str, Any], Any]:
    """The ids of what changed, and the next state."""
    result: Any = outreach.poll(KEY, state=state, pollResourceType=resource, **inputs)
    return {kind: [record["id"] for record in records] for kind, records in result["data"].items()}, result["state"]


# --- against the sandbox --------------------------------------------------------------------------------------------


def test_a_first_poll_begins_now(outreach: Connector) -> None:
    changes, state = poll(outreach)
    assert changes == NOTHING
    assert poll(outreach, state)[0] == NOTHING


@pytest.mark.parametrize("resource", ["prospects", "accounts", "opportunities", "tasks", "sequenceStates"])
def test_a_first_poll_may_begin_at_the_beginning(outreach: Any, resource: str) -> None:
    changes, state = poll(outreach, resource=resource, startFrom="beginning")
    ids = [record["id"] for record in outreach.iterate(f"list{resource[0].upper()}{resource[1:]}")]
    assert len(ids) > 0
    assert (sorted(changes["created"]), changes["updated"], changes["deleted"]) == (sorted(ids), [], [])
    assert poll(outreach, state, resource)[0] == NOTHING


RESOURCES: dict[str, tuple[str, Any, str, Any]] = {
    "prospects": ("createProspect", {"firstName": "New"}, "updateProspect", {"prospectId": 12345, "title": "CEO"}),
    "accounts": ("createAccount", {"name": "New"}, "updateAccount", {"accountId": 1234, "industry": "Air"}),
    "opportunities": (
        "createOpportunity",
        {"name": "New", "amount": 1, "closeDate": "2030-06-30T10:00:00Z"},
        "updateOpportunity",
        {"opportunityId": "opportunities", "amount": 7},
    ),
    "tasks": (
        "createTask",
        {"action": "call", "ownerId": 789, "subjectType": "prospect", "subjectId": 456},
        "updateTask",
        {"taskId": "tasks", "note": "Call back"},
    ),
}


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_was_created_and_updated_since_the_state_is_told_once(outreach: Any, resource: str) -> None:
    """An id is that of the first record of its list."""
    create, inputs, update, change = RESOURCES[resource]
    first = outreach.run(f"list{resource.capitalize()}", {"pageSize": 1})["data"][0]["id"]
    change = {name: first if value == resource else value for name, value in change.items()}
    _, state = poll(outreach, resource=resource)
    created = outreach.run(create, inputs)["data"]
    updated = outreach.run(update, change)["data"]

    result: Any = outreach.poll(KEY, state=state, pollResourceType=resource)

    told = {"created": [created], "updated": [updated], "deleted": []}
    assert result["data"] == told  # as every action shows them, without their envelope
    assert poll(outreach, result["state"], resource)[0] == NOTHING


def test_a_sequence_state_that_moves_on_is_told(outreach: Any) -> None:
    active = next(each["id"] for each in outreach.iterate("listSequenceStates") if is_active(each))
    _, state = poll(outreach, resource="sequenceStates")
    outreach.setSequenceStateAction(sequenceStateId=active, action="pause")
    changes, state = poll(outreach, state, "sequenceStates")
    assert changes == {**NOTHING, "updated": [active]}
    assert poll(outreach, state, "sequenceStates")[0] == NOTHING


def is_active(record: Any) -> bool:
    found: bool = record["attributes"]["state"] == "active"
    return found


def test_what_is_put_into_the_trash_is_told_as_deleted(outreach: Any, sandbox: Box) -> None:
    kept, trashed = (outreach.createProspect(firstName=name)["data"]["id"] for name in ("Ann", "Bob"))
    _, state = poll(outreach)
    document = {"type": "prospect", "id": trashed, "attributes": {"trashedAt": "2026-01-12T09:30:00Z"}}
    by_hand = Caller(sandbox, **{"Content-Type": "application/vnd.api+json"})
    assert by_hand("PATCH", f"/api/v2/prospects/{trashed}", {"data": document}).status_code == 200
    by_hand.close()
    outreach.updateProspect(prospectId=kept, title="CEO")
    changes, state = poll(outreach, state)
    assert changes == {"created": [], "updated": [kept], "deleted": [trashed]}
    assert poll(outreach, state)[0] == NOTHING


def test_of_what_is_deleted_for_good_no_poll_tells(outreach: Any) -> None:
    gone = outreach.createProspect(firstName="Ann")["data"]["id"]
    _, state = poll(outreach)
    outreach.deleteProspect(prospectId=gone)
    assert poll(outreach, state)[0] == NOTHING


def test_kinds_that_are_not_wanted_are_left_out_for_good(outreach: Any) -> None:
    _, state = poll(outreach)
    new = outreach.createProspect(firstName="Ann")["data"]["id"]
    outreach.updateProspect(prospectId=12345, title="CEO")
    assert poll(outreach, state, showNewRecords=False)[0] == {**NOTHING, "updated": [12345]}
    changes, state = poll(outreach, state, showUpdatedRecords="false")
    assert changes == {**NOTHING, "created": [new]}
    assert poll(outreach, state)[0] == NOTHING


def test_the_state_of_another_resource_is_refused(outreach: Any, sandbox: Box) -> None:
    _, state = poll(outreach, resource="accounts")
    sandbox.forget()
    with pytest.raises(InvalidInput, match="state is that of accounts, not of prospects") as refusal:
        poll(outreach, state)
    assert (refusal.value.code, sandbox.requests) == ("invalid_state", [])


def test_a_poll_reads_what_changed_and_no_more(outreach: Any, sandbox: Box) -> None:
    _, state = poll(outreach)
    for number in range(3):
        sandbox.advance(60)
        new = outreach.createProspect(firstName=f"New {number}")["data"]["id"]
        sandbox.forget()
        changes, state = poll(outreach, state)
        assert (changes["created"], sandbox.count()) == ([new], 1)


def test_a_list_of_several_pages_is_read_while_others_are_at_work(
    outreach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first page of ten, half of which change again before the second one is asked for."""
    monkeypatch.setattr("sales_connectors.components.outreach.actions.changes.PAGE_SIZE", 10)
    _, state = poll(outreach)
    new = [outreach.createProspect(firstName=f"New {number}")["data"]["id"] for number in range(24)]
    moving = iter([[], [], new[:5]])

    def change(entry: Any) -> None:
        if "/prospects?" in entry["url"]:
            for id in next(moving, []):
                outreach.updateProspect(prospectId=id, title="CEO")

    changes, state = poll(outreach.with_options(on_debug=change), state)
    assert changes["created"] == [*new[5:], *new[:5]]
    assert poll(outreach, state)[0] == NOTHING


# --- against a service that moves at random ---------------------------------------------------------------------------


def build_answer(ledger: Ledger) -> Callable[[Query], Any]:
    """Pages behind an offset, the worst that a cursor can be; others are at work behind each answer.

    Times are kept more exactly than they are shown.
    """

    def show(each: Kept) -> dict[str, Any]:
        made, changed = (f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z" for at in (each.made, each.changed))
        attributes = {"createdAt": made, "updatedAt": changed, "version": each.version}
        return {"type": "prospect", "id": each.id, "attributes": attributes, "relationships": {}}

    def answer(query: Query) -> Any:
        begin, _, end = query.get("filter[updatedAt]", "..inf").partition("..")
        assert (end, query["sort"].removeprefix("-")) == ("inf", "updatedAt")
        time = datetime.fromisoformat(begin).astimezone(UTC) if begin else None
        found = ledger.list_since(time, down=query["sort"] == "-updatedAt")
        start, size = int(query.get("page[after]", 0)), min(PAGE, int(query["page[size]"]))
        page = [show(each) for each in found[start : start + size]]
        asked = "&".join(f"{name}={value}" for name, value in query.items() if name != "page[after]")
        links = {"next": f"{ROOT}/prospects?{asked}&page[after]={start + size}"} if start + size < len(found) else {}
        ledger.go_on()
        return {"data": page, "links": links}

    return answer


@SOME
@given(ROUNDS)
def test_each_change_is_told_once_whatever_happens_meanwhile(service: Any, rounds: list[Round]) -> None:
    ledger = Ledger()
    service.wire.reset()
    service.behaves("/prospects", build_answer(ledger))
    inputs = {"pollResourceType": "prospects", "startFrom": "beginning"}
    check_polls(
        ledger,
        rounds,
        lambda state: service.outreach.poll(KEY, state=state, **inputs),
        lambda record: (record["id"], record["attributes"]["version"]),
    )


def test_times_are_asked_for_as_the_service_shows_them(service: Any) -> None:
    ledger = Ledger(now=datetime(2026, 1, 12, 9, 30, 0, 123456, UTC))
    ledger.do([("make", 1)])
    service.behaves("/prospects", build_answer(ledger))
    _, state = poll(service.outreach)
    poll(service.outreach, state)
    assert service.query == {
        "filter[updatedAt]": "2026-01-12T09:29:50.123Z..inf",
        "sort": "updatedAt",
        "page[size]": "1000",
        "count": "false",
    }


@pytest.mark.parametrize("odd", [{"updatedAt": None}, {"updatedAt": "soon"}, {"createdAt": 7}])
def test_a_record_that_cannot_be_followed_is_the_fault_of_the_service(
    service: Any, make_record: Callable[..., Any], odd: dict[str, Any]
) -> None:
    times = {"createdAt": "2026-01-12T09:30:00.000Z", "updatedAt": "2026-01-12T09:30:00.000Z"}
    service.answers("GET", "/prospects", {"data": [make_record("prospect", 7, **{**times, **odd})], "links": {}})
    for start in ("now", "beginning"):
        with pytest.raises(InvalidResponse):
            poll(service.outreach, startFrom=start)
