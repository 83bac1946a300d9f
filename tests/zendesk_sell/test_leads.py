"""Leads against the sandbox."""

from collections.abc import Callable
from typing import Any

import pytest

from sales_connectors import Connector
from sales_connectors.errors import Conflict, InvalidInput, NotFound


def test_a_lead_lives_from_create_to_delete(sell: Connector) -> None:
    lead = sell.createLead(organizationName="Acme", customFields={"Score": 7, "Call me": True})["data"]

    assert (lead["organization_name"], lead["status"], lead["custom_fields"]["Call me"]) == ("Acme", "New", True)

    changed = sell.updateLead(id=lead["id"], lastName="Doe", organizationName=None, status="Nurturing")["data"]

    assert (changed["organization_name"], changed["last_name"], changed["status"]) == (None, "Doe", "Nurturing")
    assert sell.getLead(id=lead["id"])["data"] == changed
    assert sell.deleteLead(id=lead["id"]) is None
    with pytest.raises(NotFound):
        sell.deleteLead(id=lead["id"])


def test_null_clears(sell: Connector) -> None:
    source = sell.pick("selectLeadSource")["result"][0]["key"]
    lead = sell.createLead(lastName="Doe", sourceId=source, address={"city": "Oslo", "country": "Norway"})["data"]
    assert (lead["source_id"], lead["address"]["city"]) == (int(source), "Oslo")

    changed = sell.updateLead(id=lead["id"], sourceId=None, address={"city": None, "country": "Norway"})["data"]

    assert changed["source_id"] is None
    assert (changed["address"]["city"], changed["address"]["country"]) == (None, "Norway")


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, {"/lastName", "/organizationName"}),
        ({"firstName": "Jo"}, {"/lastName", "/organizationName"}),
        ({"lastName": None, "organizationName": None}, {"/lastName", "/organizationName"}),
    ],
)
def test_a_lead_has_a_last_name_or_an_organization(service: Any, inputs: dict[str, Any], expected: set[str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        service.sell.createLead(**inputs)
    assert {fault["path"] for fault in refusal.value.fields} & expected
    assert service.sent == []


def test_filters_narrow_a_list_and_fetch_all_reads_every_page(sell: Connector) -> None:
    for number in range(101):
        sell.createLead(lastName=f"Lead {number:03}", phone="77", address={"city": "Oslo"})
    wanted = [f"Lead {number:03}" for number in range(101)]

    page = sell.listLeads(phone="77", addressCity="Oslo", sortBy="last_name", perPage=100)
    whole = sell.listLeads(phone="77", addressCity="Oslo", sortBy="last_name", fetchAll=True)

    assert [item["data"]["last_name"] for item in page["items"]] == wanted[:100]
    assert [item["data"]["last_name"] for item in whole["items"]] == wanted
    assert whole["meta"]["count"] == 101
    assert len(sell.listLeads(addressState="Oslo", lastName="Lead 001", inclusive=False)["items"]) == 1


def test_an_upsert_finds_creates_and_refuses_to_choose(sell: Connector) -> None:
    filters = {"organization_name": "Acme"}
    made = sell.upsertLead(filterableCustomFields=filters, organizationName="Acme", addressCity="Oslo")["data"]
    same = sell.upsertLead(filterableCustomFields=filters, email="office@acme.example.com")["data"]
    assert (same["id"], same["address"]["city"]) == (made["id"], "Oslo")

    other = sell.createLead(organizationName="Acme")["data"]
    with pytest.raises(Conflict) as conflict:
        sell.upsertLead(filterableCustomFields=filters, email="another@acme.example.com")
    assert f"Acme (id {made['id']}), Acme (id {other['id']})" in str(conflict.value)


def test_faults_of_an_upsert_point_at_the_parts_of_the_address(service: Any) -> None:
    fault = {"field": "/address/postal_code", "code": "incorrect_value", "message": "no such code"}
    service.answers("POST", "/v2/leads/upsert", {"errors": [{"error": fault}]}, status=422)

    with pytest.raises(InvalidInput) as refusal:
        service.sell.upsertLead(filterableCustomFields={"email": "a@b.example"}, addressPostalCode="x")

    assert refusal.value.fields == [{"path": "/addressPostalCode", "message": "no such code"}]


def test_a_lead_is_found_again_by_everything_that_was_sent(sell: Connector, find: Callable[..., list[int]]) -> None:
    inputs = {"lastName": "Doe", "organizationName": "Acme", "status": "New", "customFields": {"Score": "7"}}
    made = sell.run("createLead", inputs)["data"]["id"]
    sell.run("createLead", {**inputs, "customFields": {"Score": 8}})

    assert find("createLead", inputs) == [made]
    assert find("createLead", {**inputs, "title": "CEO"}) == []
