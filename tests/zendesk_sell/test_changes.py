"""The polling trigger against the sandbox: nothing is missed, nothing is told twice, and only what changed is read."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from sales_connectors import Connector
from sales_connectors.errors import InvalidInput, InvalidResponse, NotFound
from sales_connectors.imitation import Box

NOTHING: dict[str, list[Any]] = {"created": [], "updated": [], "deleted": []}


def poll(sell: Connector, state: Any = None, resource: str = "contacts", **inputs: Any) -> tuple[dict[str, Any], Any]:
    """The ids of what changed, and the next state."""
    result = sell.poll("pollChangesTrigger", state=state, pollResourceType=resource, **inputs)
    changes: Any = result["data"]
    return {kind: [record["id"] for record in records] for kind, records in changes.items()}, result["state"]


def person(sell: Connector, name: str = "Doe", **inputs: Any) -> int:
    made: int = sell.createContact(lastName=name, **inputs)["data"]["id"]
    return made


class Time:
    """The sandbox's clock, standing still."""

    def __init__(self, box: Box, patch: pytest.MonkeyPatch) -> None:
        clock = box._sandbox.clock
        self.at = float(int(clock.now()))
        patch.setattr(clock, "now", lambda: self.at)


@pytest.fixture
def time(sandbox: Box, monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(sandbox, monkeypatch)


# --- where to begin -------------------------------------------------------------------------------------------------


def test_a_first_poll_begins_now(sell: Connector) -> None:
    changes, state = poll(sell)
    assert changes == NOTHING
    assert poll(sell, state)[0] == NOTHING


def test_a_first_poll_may_begin_at_the_beginning(sell: Connector) -> None:
    changes, state = poll(sell, startFrom="beginning")
    everybody = [item["data"]["id"] for item in sell.iterate("listContacts")]
    assert sorted(changes["created"]) == sorted(everybody)
    assert (changes["updated"], changes["deleted"]) == ([], [])
    assert poll(sell, state)[0] == NOTHING


def test_a_poll_may_begin_with_an_empty_account(sell: Connector) -> None:
    for item in [*sell.iterate("listNotes")]:
        sell.deleteNote(id=item["data"]["id"])
    lead = sell.createLead(lastName="Doe")["data"]["id"]

    changes, state = poll(sell, resource="notes")
    assert (changes, state["until"], state["seen"]) == (NOTHING, None, {})
    changes, state = poll(sell, state, "notes")
    assert changes == NOTHING

    note = sell.createNote(resourceType="lead", resourceId=lead, content="First")["data"]["id"]
    changes, state = poll(sell, state, "notes")
    assert changes == {**NOTHING, "created": [note]}


@pytest.mark.parametrize(
    "state",
    [
        {},
        "contacts",
        7,
        {"resource": "contacts"},
        {"resource": "contacts", "until": "soon", "seen": {}, "position": None},
        {"resource": "contacts", "until": None, "seen": [], "position": None},
        {"resource": "contacts", "until": None, "seen": {}, "position": "\ud800"},
        {"resource": object(), "until": None, "seen": {}, "position": None},
        {"resource": "contacts", "until": None, "seen": {}, "position": 7},
        {"resource": "contacts", "until": "2026-11-20T09:26:45Z", "seen": {"7": None}, "position": None},
    ],
)
def test_what_is_no_state_is_refused(service: Any, state: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        poll(service.sell, state)
    assert (refusal.value.code, refusal.value.fields[0]["path"]) == ("invalid_state", "/state")
    assert service.sent == []


def test_the_state_of_another_resource_is_refused(sell: Connector, sandbox: Box) -> None:
    _, state = poll(sell, resource="deals")
    sandbox.forget()
    with pytest.raises(InvalidInput, match="state is that of deals, not of contacts") as refusal:
        poll(sell, state, "contacts")
    assert (refusal.value.code, refusal.value.fields[0]["path"]) == ("invalid_state", "/state")
    assert sandbox.requests == []


# --- what changed ---------------------------------------------------------------------------------------------------

RESOURCES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "contacts": ("Contact", {"lastName": "Doe"}, {"title": "CEO"}),
    "leads": ("Lead", {"lastName": "Doe"}, {"title": "CEO"}),
    "deals": ("Deal", {"name": "Bikes", "contactId": 20000001}, {"hot": True}),
    "tasks": ("Task", {"content": "Call"}, {"completed": True}),
    "notes": (
        "Note",
        {"content": "Called", "resourceType": "contact", "resourceId": 20000001},
        {"content": "Called back"},
    ),
}


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_was_created_updated_and_deleted_since_the_state_is_told_once(sell: Connector, resource: str) -> None:
    name, inputs, change = RESOURCES[resource]
    updated, deleted = (sell.run(f"create{name}", inputs)["data"]["id"] for _ in range(2))
    _, state = poll(sell, resource=resource)
    created = sell.run(f"create{name}", inputs)["data"]
    sell.run(f"update{name}", {"id": updated, **change})
    sell.run(f"delete{name}", {"id": deleted})

    result = sell.poll("pollChangesTrigger", state=state, pollResourceType=resource)

    assert result["data"]["created"] == [created]  # as every action shows it, without its envelope
    assert [record["id"] for record in result["data"]["updated"]] == [updated]
    assert [record["id"] for record in result["data"]["deleted"]] == [deleted]
    assert poll(sell, result["state"], resource)[0] == NOTHING


def test_a_record_that_was_created_and_updated_is_told_once_as_created(sell: Connector) -> None:
    _, state = poll(sell)
    id = person(sell)
    sell.updateContact(id=id, title="CEO")
    changes, state = poll(sell, state)
    assert changes == {**NOTHING, "created": [id]}
    assert poll(sell, state)[0] == NOTHING


def test_a_record_that_came_and_went_is_told_as_deleted(sell: Connector) -> None:
    # a poll that was repeated after a crash may have told of it before
    _, state = poll(sell)
    id = person(sell)
    sell.updateContact(id=id, title="CEO")
    sell.deleteContact(id=id)
    assert poll(sell, state)[0] == {**NOTHING, "deleted": [id]}


def test_kinds_that_are_not_wanted_are_left_out_for_good(sell: Connector) -> None:
    _, state = poll(sell)
    new = person(sell)
    sell.updateContact(id=20000001, title="CEO")
    assert poll(sell, state, showNewRecords=False)[0] == {**NOTHING, "updated": [20000001]}
    changes, state = poll(sell, state, showUpdatedRecords="false")
    assert changes == {**NOTHING, "created": [new]}
    assert poll(sell, state)[0] == NOTHING


def test_a_poll_whose_state_was_not_stored_is_repeated(sell: Connector) -> None:
    _, state = poll(sell)
    first = person(sell)
    assert poll(sell, state)[0]["created"] == [first]  # the caller dies here
    second = person(sell)
    sell.deleteContact(id=20000021)

    changes, state = poll(sell, state)

    assert changes == {"created": [first, second], "updated": [], "deleted": [20000021]}
    assert poll(sell, state)[0] == NOTHING


# --- changes in one second ------------------------------------------------------------------------------------------


def test_two_changes_in_one_second_are_two_changes(sell: Connector, time: Time) -> None:
    old = person(sell)
    _, state = poll(sell)
    new = person(sell)
    sell.updateContact(id=old, title="CEO")
    changes, state = poll(sell, state)
    assert changes == {**NOTHING, "created": [new], "updated": [old]}
    assert poll(sell, state)[0] == NOTHING

    sell.updateContact(id=old, title="CTO")
    sell.updateContact(id=new, title="CFO")
    changes, state = poll(sell, state)
    assert changes == {**NOTHING, "updated": [old, new]}
    assert poll(sell, state)[0] == NOTHING


def test_changes_on_either_side_of_a_poll_are_both_told(sandbox: Box, sell: Connector, time: Time) -> None:
    _, state = poll(sell)
    before = person(sell)
    after: list[int] = []

    def and_another(entry: Any) -> None:
        if not after:
            after.append(0)
            after[0] = person(sell)

    changes, state = poll(sell.with_options(on_debug=and_another), state)
    assert before in changes["created"]
    told = changes["created"] + poll(sell, state)[0]["created"]
    assert sorted(told) == [before, *after]


def test_a_change_that_shows_up_late_is_told(sell: Connector, time: Time) -> None:
    _, state = poll(sell)
    first = person(sell)
    changes, state = poll(sell, state)
    assert changes["created"] == [first]
    time.at -= 3  # written at the same time, stamped earlier, there later
    second = person(sell)
    sell.updateContact(id=20000001, title="CEO")
    changes, state = poll(sell, state)
    assert changes == {**NOTHING, "created": [second], "updated": [20000001]}
    assert poll(sell, state)[0] == NOTHING


def test_time_that_passes_is_no_change(sell: Connector, time: Time) -> None:
    due = "2026-01-01T00:00:10Z"
    time.at = 1767225600.0  # ten seconds earlier
    task = sell.createTask(content="Call", dueDate=due)["data"]
    _, state = poll(sell, resource="tasks")
    time.at += 60
    assert (task["overdue"], sell.getTask(id=task["id"])["data"]["overdue"]) == (False, True)
    assert poll(sell, state, "tasks")[0] == NOTHING


# --- the event stream -----------------------------------------------------------------------------------------------


def test_without_the_right_to_the_stream_the_rest_is_told(sandbox: Box, connected: Callable[..., Connector]) -> None:
    grace = connected(sandbox, token=sandbox.token(user="grace@brightside.example.com"))
    _, state = poll(grace)
    assert state["position"] is None
    new = person(grace)
    grace.updateContact(id=20000001, title="CEO")
    grace.deleteContact(id=20000021)
    changes, state = poll(grace, state)
    assert changes == {"created": [new], "updated": [20000001], "deleted": []}

    root = connected(sandbox)
    _, state = poll(root, state)
    root.deleteContact(id=new)
    assert poll(root, state)[0] == {**NOTHING, "deleted": [new]}


def test_deletions_wait_for_a_right_that_was_lost_to_come_back(
    sandbox: Box, sell: Connector, connected: Callable[..., Connector]
) -> None:
    grace = connected(sandbox, token=sandbox.token(user="grace@brightside.example.com"))
    _, state = poll(sell)
    sell.deleteContact(id=20000021)
    changes, state = poll(grace, state)
    assert changes == NOTHING
    assert poll(sell, state)[0] == {**NOTHING, "deleted": [20000021]}


def test_a_resource_without_a_stream_is_polled_all_the_same(sandbox: Box, sell: Connector) -> None:
    sandbox.misbehave({"status": 404, "path": "/v3/"})
    _, state = poll(sell)
    new = person(sell)
    assert poll(sell, state)[0] == {**NOTHING, "created": [new]}


def test_a_position_that_has_expired_is_an_error_that_says_what_to_do(sandbox: Box, sell: Connector) -> None:
    person(sell)
    _, state = poll(sell)
    new = person(sell)
    sandbox.advance(80 * 3600)
    with pytest.raises(NotFound, match="position in the state to null") as expired:
        poll(sell, state)
    assert (expired.value.code, expired.value.status) == ("position_expired", 410)

    changes, state = poll(sell, {**state, "position": None})
    assert changes == {**NOTHING, "created": [new]}
    sell.deleteContact(id=new)
    assert poll(sell, state)[0] == {**NOTHING, "deleted": [new]}


@pytest.mark.parametrize("fault", [{"duplicate_events": True}, {"empty_pages": True, "times": 1}])
def test_a_stream_may_repeat_itself_and_pause(sandbox: Box, sell: Connector, fault: dict[str, Any]) -> None:
    _, state = poll(sell)
    gone = [person(sell) for _ in range(3)]
    for id in gone:
        sell.deleteContact(id=id)
    sandbox.misbehave({**fault, "path": "/v3/"})
    told, state = poll(sell, state)
    later, _ = poll(sell, state)
    assert told["deleted"] + later["deleted"] == gone


def test_a_stream_that_leads_nowhere_is_left(sandbox: Box, sell: Connector) -> None:
    _, state = poll(sell)
    sandbox.forget()
    sandbox.misbehave({"empty_pages": True})
    assert poll(sell, state)[0] == NOTHING
    assert sandbox.count("/v3/") == 1


@pytest.mark.parametrize("path", ["/v2/contacts", "/v3/contacts/stream"])
@pytest.mark.parametrize("answer", [{}, [], {"items": []}, {"items": {}, "meta": {}}])
def test_what_is_no_page_is_the_fault_of_the_service(service: Any, path: str, answer: Any) -> None:
    stream = {"items": [], "meta": {"position": "p", "top": True}}
    service.answers("GET", path, answer)
    service.answers("GET", "/v3/contacts/stream", stream)
    with pytest.raises(InvalidResponse):
        poll(service.sell)


RECORD = {"id": 7, "created_at": "2026-01-12T09:30:00Z", "updated_at": "2026-01-12T09:30:00Z"}
QUIET = {"items": [], "meta": {"position": "p", "top": True}}


def test_a_page_whose_links_are_null_is_the_last_one(service: Any) -> None:
    service.answers("GET", "/v3/contacts/stream", QUIET)
    service.answers("GET", "/v2/contacts", {"items": [{"data": RECORD}], "meta": {"links": None}})
    assert poll(service.sell, startFrom="beginning")[0] == {"created": [7], "updated": [], "deleted": []}
    assert len(service.sent) == 2


@pytest.mark.parametrize(
    "stream",
    [
        {"items": [], "meta": {"position": "p"}},
        {"items": [], "meta": {"top": True}},
        {"items": [{"data": {"id": 7}}], "meta": {"position": "p", "top": True}},
        {"items": [{"data": {"id": 7}, "meta": {"event_type": None}}], "meta": {"position": "p", "top": True}},
        {"items": [{"data": None, "meta": {"event_type": "deleted"}}], "meta": {"position": "p", "top": True}},
    ],
)
def test_a_stream_that_says_too_little_is_the_fault_of_the_service(service: Any, stream: Any) -> None:
    service.answers("GET", "/v3/contacts/stream", stream)
    with pytest.raises(InvalidResponse) as told:
        poll(service.sell)
    assert told.value.vendor in (stream, *stream["items"])
    assert len(service.sent) == 1


@pytest.mark.parametrize("odd", [{"id": None}, {"updated_at": None}, {"updated_at": "soon"}, {"created_at": 7}])
def test_a_record_that_cannot_be_followed_is_the_fault_of_the_service(service: Any, odd: dict[str, Any]) -> None:
    service.answers("GET", "/v3/contacts/stream", QUIET)
    service.answers("GET", "/v2/contacts", {"items": [{"data": {**RECORD, **odd}}], "meta": {}})
    with pytest.raises(InvalidResponse):
        poll(service.sell, startFrom="beginning")


# --- how much is read -----------------------------------------------------------------------------------------------


def test_a_poll_reads_what_changed_and_no_more(sandbox: Box, sell: Connector) -> None:
    for _ in range(150):
        person(sell)
    _, state = poll(sell)
    sandbox.advance(60)
    person(sell)
    _, state = poll(sell, state)
    for number_of_changes in (1, 0, 20):
        sandbox.advance(60)
        for _ in range(number_of_changes):
            person(sell)
        sandbox.forget()
        told, state = poll(sell, state)
        assert len(told["created"]) == number_of_changes
        assert (sandbox.count("/v2/contacts"), sandbox.count("/v3/contacts/stream"), sandbox.count()) == (1, 1, 2)


def test_many_changes_take_a_page_for_each_hundred_and_a_last_look_at_the_top(sandbox: Box, sell: Connector) -> None:
    _, state = poll(sell)
    new = [person(sell) for _ in range(150)]
    sandbox.advance(60)
    new.append(person(sell))
    sandbox.forget()
    assert poll(sell, state)[0] == {**NOTHING, "created": new}
    assert (sandbox.count("/v2/contacts"), sandbox.count("/v3/contacts/stream")) == (3, 2)


# --- a list that moves while it is read -----------------------------------------------------------------------------


class Bustle:
    """Others at work: after each request of a poll some records are made, changed and deleted, at a pace."""

    def __init__(self, sell: Connector, random: Random, time: Time, pace: float) -> None:
        self._sell, self._random, self._time, self._pace = sell, random, time, pace
        self.ids: list[int] = []
        for _ in range(260):
            self._make()

    def __call__(self, entry: Any = None) -> None:
        for _ in range(self._random.randrange(6)):
            self._random.choice([self._make, self.change, self.change, self._delete, self._delete])()

    def _make(self) -> None:
        self._time.at += self._pace
        self.ids.append(person(self._sell))

    def change(self) -> None:
        self._time.at += self._pace
        self._sell.updateContact(id=self._random.choice(self.ids), title=f"{self._random.random()}")

    def _delete(self) -> None:
        self._time.at += self._pace
        # near the top of the list as well as far below
        id = self.ids.pop(-1 if self._random.random() < 0.5 else self._random.randrange(len(self.ids)))
        self._sell.deleteContact(id=id)


class Mirror:
    """A copy of the service's records that is kept up by polls alone."""

    def __init__(self, sell: Connector) -> None:
        self._sell, self._state = sell, None
        self.records: dict[int, Any] = {}
        self.ever: set[int] = set()

    def follow(self) -> None:
        self.follow_with(self._sell)

    def follow_with(self, sell: Connector) -> None:
        asked = {"pollResourceType": "contacts", "startFrom": "beginning"}
        result = sell.poll("pollChangesTrigger", state=self._state, **asked)
        changes, self._state = result["data"], result["state"]
        for record in changes["created"]:
            assert record["id"] not in self.ever, "created twice"
            self.ever.add(record["id"])
        for record in changes["updated"]:
            assert record["id"] in self.ever, "updated before it was created"
        self.records |= {record["id"]: record for record in [*changes["created"], *changes["updated"]]}
        for record in changes["deleted"]:
            self.records.pop(record["id"], None)


@pytest.mark.parametrize("pace", [0.01, 1, 20])
@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_missed_while_others_are_at_work(sell: Connector, time: Time, seed: int, pace: float) -> None:
    bustle = Bustle(sell, Random(seed), time, pace)
    mirror = Mirror(sell.with_options(on_debug=bustle))
    for _ in range(3):
        mirror.follow()
        for _ in range(120):
            bustle.change()
    mirror.follow_with(sell)
    assert mirror.records == {item["data"]["id"]: item["data"] for item in sell.iterate("listContacts")}


def test_a_deletion_while_the_list_is_read_hides_nobody(sell: Connector, time: Time) -> None:
    _, state = poll(sell)
    new = []
    for _ in range(110):
        time.at += 20
        new.append(person(sell))
    read = iter([new[-100:]])

    def delete(entry: Any) -> None:
        """Once the first page has been read, its records disappear, and others take their places."""
        if "/v2/contacts?" in entry["url"]:
            for id in next(read, []):
                sell.deleteContact(id=id)

    changes, state = poll(sell.with_options(on_debug=delete), state)
    assert changes["created"] == new
    assert poll(sell, state)[0] == {**NOTHING, "deleted": new[-100:]}


def test_a_record_that_moves_up_while_the_list_is_read_is_told_as_what_it_is(sell: Connector, time: Time) -> None:
    _, state = poll(sell)
    new = []
    for _ in range(110):
        time.at += 20
        new.append(person(sell))
    unread = iter([new[0]])

    def change(entry: Any) -> None:
        if "/v2/contacts?" in entry["url"]:
            for id in unread:
                time.at += 20
                sell.updateContact(id=id, title="CEO")

    changes, state = poll(sell.with_options(on_debug=change), state)
    assert changes == {**NOTHING, "created": [*new[1:], new[0]]}
    assert poll(sell, state)[0] == NOTHING
