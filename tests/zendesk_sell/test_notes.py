"""Notes against the sandbox."""

from collections.abc import Callable
from typing import Any

import pytest

from sales_connectors import Connector
from sales_connectors.errors import InvalidInput, NotFound


@pytest.fixture
def lead(sell: Connector) -> int:
    made: int = sell.createLead(lastName="Doe")["data"]["id"]
    return made


def test_a_note_lives_from_create_to_delete(sell: Connector, lead: int) -> None:
    note = sell.createNote(resourceType="lead", resourceId=lead, content="Call back", isImportant=True, tags=["x"])[
        "data"
    ]

    assert (note["resource_id"], note["content"], note["is_important"], note["tags"]) == (
        lead,
        "Call back",
        True,
        ["x"],
    )

    changed = sell.updateNote(id=note["id"], content="Called back", isImportant=False)["data"]

    assert (changed["content"], changed["is_important"], changed["resource_id"]) == ("Called back", False, lead)
    assert sell.getNote(id=note["id"])["data"] == changed
    assert sell.deleteNote(id=note["id"]) is None
    with pytest.raises(NotFound):
        sell.getNote(id=note["id"])


def test_a_note_moves_to_another_record(sell: Connector, lead: int) -> None:
    note = sell.createNote(resourceType="lead", resourceId=lead, content="Call back")["data"]
    contact = sell.createContact(lastName="Doe")["data"]["id"]

    moved = sell.updateNote(id=note["id"], resourceType="contact", resourceId=contact)["data"]

    assert (moved["resource_type"], moved["resource_id"]) == ("contact", contact)


@pytest.mark.parametrize("half", [{"resourceType": "lead"}, {"resourceId": 7}])
@pytest.mark.parametrize("action", ["updateNote", "createNote"])
def test_type_and_id_of_the_record_go_together(service: Any, action: str, half: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        service.sell.run(action, {"content": "x", **({"id": 1} if action == "updateNote" else {}), **half})
    (missing,) = {"resourceType", "resourceId"} - set(half)
    assert f"/{missing}" in {fault["path"] for fault in refusal.value.fields}
    assert service.sent == []


def test_words_and_filters_narrow_a_list_and_fetch_all_reads_every_page(sell: Connector, lead: int) -> None:
    for number in range(101):
        sell.createNote(resourceType="lead", resourceId=lead, content=f"Note {number:03} about gears")

    found = sell.listNotes(q="gears 042", resourceType="lead", resourceId=lead)
    whole = sell.listNotes(resourceType="lead", resourceId=lead, sortBy="id", fetchAll=True)

    assert [item["data"]["content"] for item in found["items"]] == ["Note 042 about gears"]
    assert [item["data"]["content"][:8] for item in whole["items"]] == [f"Note {number:03}" for number in range(101)]


def test_a_note_is_found_again_among_the_notes_of_its_record(
    sell: Connector, find: Callable[..., list[int]], lead: int
) -> None:
    inputs = {"resourceType": "lead", "resourceId": lead, "content": "Call back", "tags": ["x", "y"]}
    made = sell.run("createNote", {**inputs, "tags": ["y", "x"]})["data"]["id"]
    sell.run("createNote", {**inputs, "content": "Call  back"})

    assert find("createNote", inputs) == [made]
