"""Creates whose confirmation was lost: asked for again under the same key, the record is found and not made twice."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sales_connectors import Runtime, connect, manifest
from sales_connectors.errors import InvalidInput, Unavailable
from sales_connectors.imitation import Box

COMPONENT = manifest.load_component("zendesk-sell")
same = import_module(f"{COMPONENT.package}.actions._candidates")

ABOUT = {"resourceType": "contact", "resourceId": 20000001}
CREATES: dict[str, dict[str, Any]] = {
    "createContact": {
        "lastName": "Doe",
        "tags": ["b", "a"],
        "customFields": {"Employees": 3},
        "billingAddress": {"city": "Bonn"},  # comes back empty, since nobody bills them
    },
    "createLead": {"organizationName": "Acme", "status": "New"},
    "createDeal": {"name": "Bikes", "contactId": 20000001, "value": "10.50", "addedAt": "2026-01-01T10:00:00+01:00"},
    "createNote": {**ABOUT, "content": "Hello"},
    "createTask": {"content": "Call", "dueDate": "2026-06-30T10:00:00Z"},
}


def test_every_create_can_look_for_what_it_made() -> None:
    creates = {key: entry for key, entry in COMPONENT.actions.items() if entry.effect == "create"}
    assert set(creates) == {*CREATES, "createOrder"}
    assert all(entry.find and callable(COMPONENT.handler(entry, entry.find)) for entry in creates.values())


@pytest.fixture
def keeping(sandbox: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The component over the sandbox, with a journal of its own."""
    monkeypatch.setenv("SALES_CONNECTORS_HOME", str(tmp_path))
    given = {**sandbox.connection, "name": "kept by us", "fields": {**sandbox.connection["fields"], "rateLimit": 0}}
    sell: Any = connect("zendesk-sell", given, runtime=Runtime(f"sqlite:///{tmp_path / 'store.db'}"))
    yield sell
    sell.close()


@pytest.mark.parametrize(("action", "inputs"), CREATES.items())
def test_a_record_whose_confirmation_was_lost_is_found(
    sandbox: Box, keeping: Any, action: str, inputs: dict[str, Any]
) -> None:
    told: list[str] = []
    once = keeping.with_options(idempotency_key="only once", on_outcome=told.append)
    sandbox.misbehave({"drop": True, "method": "POST", "times": 1})
    with pytest.raises(Unavailable) as unknown:
        once.run(action, inputs)
    assert unknown.value.code == "outcome_unknown"

    found = once.run(action, inputs)

    assert told == ["found"]
    path = f"/v2/{action.removeprefix('create').lower()}s"
    assert sandbox.count(path, "POST") == 1
    assert keeping.run(action.replace("create", "get"), {"id": found["data"]["id"]}) == found


@pytest.mark.parametrize(
    ("sent", "found", "equal"),
    [
        ({"tags": ["a"]}, {"tags": [["a"], {}]}, False),
        ({"value": "5000.00"}, {"value": 5000}, True),
        ({"value": "5000.5"}, {"value": "5000.50"}, True),
        ({"value": "5000.5"}, {"value": None}, False),
        ({"phone": "007"}, {"phone": "7"}, False),
        ({"phone": None}, {"phone": "7"}, True),
        ({"hot": False}, {"hot": 0}, False),
        ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, True),
        ({"tags": []}, {"tags": None}, True),
        ({"tags": ["a"]}, {"tags": ["a", "b"]}, False),
        ({"due_date": "2026-06-30T12:00:00.9+02:00"}, {"due_date": "2026-06-30T10:00:00Z"}, True),
        ({"due_date": "2026-06-30T10:00:00Z"}, {"due_date": "2026-06-30T10:00:01Z"}, False),
        ({"content": "10:00"}, {"content": "10:01"}, False),
        (
            {"custom_fields": {"Kick-off": "2026-06-30T10:00:00Z"}},
            {"custom_fields": {"Kick-off": "2026-06-30T10:00:00"}},
            True,
        ),
        ({"custom_fields": {"Seats": 12}}, {"custom_fields": {"Seats": "12.0"}}, True),
        ({"custom_fields": {"Seats": 12}}, {"custom_fields": {"Seats": "many"}}, False),
        ({"custom_fields": {"Seats": 12}}, {"custom_fields": {}}, False),
        ({"custom_fields": {"Seats": 12}}, {"custom_fields": None}, False),
        ({"address": {"city": "Oslo"}}, {"address": {"city": "Oslo", "country": "Norway"}}, True),
        ({"address": {"city": "Oslo"}}, {"address": None}, False),
        ({"billing_address": {"city": "Oslo"}}, {"billing_address": None}, True),
        ({"is_important": True}, {}, True),
    ],
)
def test_records_are_compared_by_what_they_mean(sent: dict[str, Any], found: dict[str, Any], equal: bool) -> None:
    assert same.is_same(sent, found) is equal


def test_a_key_is_known_again_after_the_token_was_refreshed(sandbox: Box, keeping: Any, tmp_path: Path) -> None:
    told: list[str] = []
    once: Any = {"idempotency_key": "only once", "on_outcome": told.append}
    first = keeping.run("createContact", {"lastName": "Lund"}, **once)
    sandbox.advance(3700)
    later = {**sandbox.connection, "name": "kept by us"}  # another process, with the token of then
    runtime = Runtime(f"sqlite:///{tmp_path / 'store.db'}")
    with connect("zendesk-sell", later, runtime=runtime, on_token=lambda token: None) as other:
        again = other.createContact(lastName="Lund", **once)

    assert (told, again) == (["created", "found"], first)
    assert sandbox.count("/v2/contacts", "POST") == 1


def test_a_key_needs_a_connection_that_lasts(sandbox: Box, sell: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        sell.with_options(idempotency_key="once").createContact(lastName="Lund")

    assert refused.value.code == "nameless_connection"
    assert refused.value.fields[0]["path"] == "/name"
    assert sandbox.count("/v2/contacts", "POST") == 0
