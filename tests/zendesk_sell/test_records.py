"""The keys that the records promise are there, with null where there is no value: whatever answers."""

from typing import Any

import jsonschema_rs
import pytest

from sales_connectors import Connector
from sales_connectors.imitation import Box
from sales_connectors.manifest import load_component
from sales_connectors.manifest.describe import describe_entry
from sales_connectors.manifest.output import build_output_schema, resolve_polled

from .conftest import VENDOR, Service

COMPONENT = load_component("zendesk-sell")
TRIGGER = COMPONENT.triggers["pollChangesTrigger"]
LISTS = [key for key, entry in COMPONENT.actions.items() if isinstance(entry.returns, list)]
GIVEN: dict[str, dict[str, Any]] = {
    "listCustomFields": {"resourceType": "contact"},
    "listDeals": {"includes": "associated_contacts"},
    "getStream": {"resource": "deals", "position": "tail"},
}


def find_given(action: str) -> dict[str, Any]:
    tail = {"position": "tail"} if "position" in COMPONENT.form(action).properties else {}
    return GIVEN.get(action, tail)


@pytest.mark.parametrize("action", LISTS)
def test_a_list_has_what_its_record_promises(shared_sell: Connector, action: str) -> None:
    page = shared_sell.run(action, find_given(action))
    assert page["items"] or action == "getCustomFieldsStream"
    jsonschema_rs.validate(build_output_schema(COMPONENT, COMPONENT.actions[action]), page)


@pytest.mark.parametrize(("resource", "record"), resolve_polled(TRIGGER).records.items())
def test_a_poll_has_the_records_without_an_envelope(shared_sell: Connector, resource: str, record: str) -> None:
    polled = shared_sell.poll(TRIGGER.key, pollResourceType=resource, startFrom="beginning")["data"]
    assert polled["created"]
    for found in polled["created"]:
        jsonschema_rs.validate(COMPONENT.record(record), found)
    jsonschema_rs.validate(describe_entry(COMPONENT, TRIGGER)["output"], polled)


def test_what_was_deleted_has_its_id_at_least(sell: Connector, sandbox: Box) -> None:
    note = next(sell.iterate("listNotes"))["data"]["id"]
    state = sell.poll(TRIGGER.key, pollResourceType="notes")["state"]
    sell.deleteNote(id=note)
    polled = sell.poll(TRIGGER.key, pollResourceType="notes", state=state)["data"]
    assert [found["id"] for found in polled["deleted"]] == [note]
    jsonschema_rs.validate(describe_entry(COMPONENT, TRIGGER)["output"], polled)


def test_a_record_that_lacks_a_promised_key_comes_as_it_is(service: Service) -> None:
    """What the types say of a record restricts nobody who reads a reply."""
    service.answers("GET", "/v2/deals/7", {"data": {"id": 7}, "meta": {}})
    service.answers("GET", "/v2/deals", {"items": [{"data": {"id": 7}, "meta": {}}], "meta": {"links": {}}})
    assert service.sell.getDeal(id=7) == {"data": {"id": 7}, "meta": {}}
    assert [entry["data"] for entry in service.sell.iterate("listDeals")] == [{"id": 7}]
    assert service.sent[0].url == f"{VENDOR}/v2/deals/7"
