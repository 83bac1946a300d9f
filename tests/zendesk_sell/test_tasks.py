"""Tasks against the sandbox."""

from collections.abc import Callable
from typing import Any

import pytest

from sales_connectors import Connector, Runtime
from sales_connectors.errors import InvalidInput, NotFound, Unavailable
from sales_connectors.imitation import Box


def test_a_task_lives_from_create_to_delete(sell: Connector) -> None:
    contact = sell.createContact(lastName="Doe")["data"]["id"]
    task = sell.createTask(
        content="Call", dueDate="2026-06-30T12:00:00+02:00", resourceType="contact", resourceId=contact
    )

    assert (task["data"]["due_date"], task["data"]["completed"]) == ("2026-06-30T10:00:00Z", False)

    id = task["data"]["id"]
    changed = sell.updateTask(id=id, completed="true", dueDate=None, resourceType=None, resourceId=None)["data"]

    assert (changed["completed"], changed["due_date"], changed["resource_type"]) == (True, None, None)
    assert changed["completed_at"]
    assert sell.getTask(id=id)["data"] == changed
    assert sell.deleteTask(id=id) is None
    with pytest.raises(NotFound):
        sell.getTask(id=id)


@pytest.mark.parametrize(
    "half",
    [
        {"resourceType": "lead"},
        {"resourceId": 7},
        {"resourceType": "lead", "resourceId": None},
        {"resourceType": None, "resourceId": 7},
    ],
)
def test_type_and_id_of_the_record_go_together(service: Any, half: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        service.sell.createTask(content="Call", **half)
    assert {fault["path"] for fault in refusal.value.fields} & {"/resourceType", "/resourceId"}
    assert service.sent == []


@pytest.mark.parametrize("action", ["listTasks", "listNotes"])
def test_records_attached_to_a_type_of_record_are_listed_without_one(
    sandbox: Box, sell: Connector, service: Any, action: str
) -> None:
    sandbox.forget()
    everything = [item["data"] for item in sell.iterate(action)]
    for kind in ("lead", "contact", "deal"):
        found = [item["data"]["id"] for item in sell.iterate(action, resourceType=kind)]
        assert found == [record["id"] for record in everything if record["resource_type"] == kind]
        assert dict(sandbox.requests[-1]["query"])["resource_type"] == kind
        assert found
    with pytest.raises(InvalidInput, match="resourceType is required together with resourceId"):
        service.sell.run(action, {"resourceId": 7})


def test_filters_narrow_a_list_and_fetch_all_reads_every_page(sell: Connector) -> None:
    for number in range(101):
        sell.createTask(content=f"Oil chain {number:03}", completed=number % 2 == 0)

    found = sell.listTasks(q="oil 042", type="floating", completed=True)
    whole = sell.listTasks(q="oil", sortBy="id", fetchAll=True)

    assert [item["data"]["content"] for item in found["items"]] == ["Oil chain 042"]
    assert [item["data"]["content"] for item in whole["items"]] == [f"Oil chain {number:03}" for number in range(101)]
    assert sell.listTasks(q="oil", remind=True)["items"] == []
    assert sell.listTasks(q="oil", overdue="true")["items"] == []


Find = Callable[..., list[int]]


def test_a_task_is_found_again_wherever_it_hangs(sell: Connector, find: Find) -> None:
    lead = sell.createLead(lastName="Doe")["data"]["id"]
    floating = {"content": "Call", "dueDate": "2026-06-30T10:00:00Z"}
    related = {**floating, "resourceType": "lead", "resourceId": lead}
    one, other = (sell.run("createTask", inputs)["data"]["id"] for inputs in (floating, related))

    assert find("createTask", floating) == [one]
    assert find("createTask", {**floating, "dueDate": "2026-06-30T12:00:00+02:00"}) == [one]
    assert find("createTask", related) == [other]


@pytest.fixture
def endless(service: Any) -> Callable[..., list[Any]]:
    """What is found in a list that always has one more page, of tasks with the content "Call"."""
    for number in range(1, 21):
        entry = {"data": {"id": number, "content": "Call"}, "meta": {}}
        links = {"next_page": "there is always more"}
        service.answers("GET", "/v2/tasks", {"items": [entry], "meta": {"links": links}})

    def find(content: str) -> list[Any]:
        return Runtime().find_candidates("zendesk-sell", "createTask", {"content": content}, service.connection) or []

    return find


def test_a_search_that_would_never_end_says_that_it_does_not_know(
    service: Any, endless: Callable[..., list[Any]]
) -> None:
    with pytest.raises(Unavailable) as admission:
        endless("Something else")
    assert (admission.value.code, admission.value.retryable) == ("outcome_unknown", False)
    assert len(service.sent) == 11


def test_a_search_that_found_something_ends_in_time(endless: Callable[..., list[Any]]) -> None:
    assert [found["data"]["id"] for found in endless("Call")] == [*range(1, 11)]
