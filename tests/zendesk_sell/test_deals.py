"""Deals against the sandbox, and their money on the wire."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sales_connectors import Connector, jsontext
from sales_connectors.errors import InvalidInput, NotFound

EXACT = "12345678901234567.89"


@pytest.fixture
def contact(sell: Connector) -> int:
    made: int = sell.createContact(lastName="Doe")["data"]["id"]
    return made


def test_a_deal_lives_from_create_to_delete(sell: Connector, contact: int) -> None:
    deal = sell.createDeal(name="Bikes", contactId=contact, value="1000.50", currency="EUR", hot=True, tags=["q1"])[
        "data"
    ]

    assert (deal["value"], deal["currency"], deal["hot"], deal["tags"]) == ("1000.50", "EUR", True, ["q1"])

    stages = [option["key"] for option in sell.pick("selectStage", pipelineId=1300001)["result"]]
    moved = sell.updateDeal(id=deal["id"], stageId=stages[-1], hot=False, tags=[])["data"]

    assert (moved["stage_id"], moved["hot"], moved["tags"]) == (int(stages[-1]), False, [])
    assert sell.deleteDeal(id=deal["id"]) is None
    with pytest.raises(NotFound):
        sell.getDeal(id=deal["id"])


def test_null_clears(sell: Connector, contact: int) -> None:
    deal = sell.createDeal(
        name="Bikes", contactId=contact, estimatedCloseDate="2026-06-30", customizedWinLikelihood=75,
        customFields={"Seats": 12, "Pilot": True, "Competitors": ["Acme", "Globex"], "Renewal": "2027-01-01"},
    )["data"]  # fmt: skip
    assert deal["custom_fields"] == {
        "Seats": "12",
        "Pilot": True,
        "Competitors": ["Acme", "Globex"],
        "Renewal": "2027-01-01",
    }

    cleared = {"estimatedCloseDate": None, "customizedWinLikelihood": None, "customFields": {"Pilot": None}}
    changed = sell.updateDeal(id=deal["id"], **cleared)["data"]

    assert (changed["estimated_close_date"], changed["customized_win_likelihood"]) == (None, None)
    assert (changed["custom_fields"]["Pilot"], changed["custom_fields"]["Seats"]) == (None, "12")


@pytest.mark.parametrize("value", [EXACT, Decimal(EXACT)])
def test_money_never_passes_through_a_float(service: Any, value: Any) -> None:
    reply = f'{{"data": {{"id": 7, "value": {EXACT}}}, "meta": {{}}}}'
    service.answers("POST", "/v2/deals", body=reply, content_type="application/json")

    deal = service.sell.createDeal(name="Bikes", contactId=1, value=value)["data"]

    assert f'"value":"{EXACT}"'.encode() in service.last.body
    assert deal["value"] == Decimal(EXACT)
    assert jsontext.dumps(deal) == f'{{"id":7,"value":{EXACT}}}'.encode()


def test_money_is_written_out_whatever_number_came(service: Any) -> None:
    service.answers("POST", "/v2/deals", {"data": {}, "meta": {}})
    sent = {}
    for value in (5000, "5000.00", " 0.10 ", Decimal("1E+3"), -2):
        service.sell.createDeal(name="Bikes", contactId=1, value=value)
        sent[str(value)] = json.loads(service.last.body)["data"]["value"]
    assert sent == {"5000": "5000", "5000.00": "5000.00", " 0.10 ": "0.10", "1E+3": "1000", "-2": "-2"}


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"customizedWinLikelihood": 101}, "/customizedWinLikelihood"),
        ({"customizedWinLikelihood": -1}, "/customizedWinLikelihood"),
        ({"estimatedCloseDate": "2026-02-30"}, "/estimatedCloseDate"),
        ({"lastStageChangeAt": "yesterday"}, "/lastStageChangeAt"),
        ({"currency": "euro"}, "/currency"),
        ({"value": "1.000,50"}, "/value"),
        ({"contactId": 0}, "/contactId"),
        ({"contactId": "7a"}, "/contactId"),
    ],
)
def test_what_is_out_of_bounds_is_refused(service: Any, inputs: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        service.sell.run("createDeal", {"name": "Bikes", "contactId": 1, **inputs})
    assert [fault["path"] for fault in refusal.value.fields] == [path]
    assert service.sent == []


@pytest.mark.parametrize("size", [0, 101])
def test_per_page_has_bounds(service: Any, size: int) -> None:
    with pytest.raises(InvalidInput, match="perPage"):
        service.sell.listDeals(perPage=size)
    assert service.sent == []


def test_associated_contacts_come_with_a_deal_if_asked_for(sell: Connector, contact: int) -> None:
    id = sell.createDeal(name="Bikes", contactId=contact)["data"]["id"]

    assert "associated_contacts" not in sell.getDeal(id=id)["data"]
    deal = sell.getDeal(id=id, includes="associated_contacts")["data"]
    (listed,) = sell.listDeals(contactId=contact, includes="associated_contacts")["items"]

    for found in (deal, listed["data"]):
        (associated,) = found["associated_contacts"]["items"]
        assert (associated["data"]["contact_id"], associated["data"]["role"]) == (contact, "primary")


def test_filters_narrow_a_list_and_fetch_all_reads_every_page(sell: Connector, contact: int) -> None:
    for number in range(103):
        sell.createDeal(name=f"Deal {number:03}", contactId=contact, value=number, hot=number % 2 == 1)

    hot = sell.listDeals(contactId=contact, hot=True, sortBy="value:desc", perPage=2)
    whole = sell.listDeals(contactId=contact, sortBy="name", fetchAll="true")

    assert [item["data"]["name"] for item in hot["items"]] == ["Deal 101", "Deal 099"]
    assert [item["data"]["name"] for item in whole["items"]] == [f"Deal {number:03}" for number in range(103)]
    assert len(sell.listDeals(contactId=contact, value="42.00")["items"]) == 1


def test_a_deal_is_found_again_whatever_form_its_value_has(
    sell: Connector, find: Callable[..., list[int]], contact: int
) -> None:
    inputs = {
        "name": "Bikes",
        "contactId": contact,
        "value": "5000.00",
        "hot": False,
        "addedAt": "2026-03-31T11:00:00.250+02:00",
        "estimatedCloseDate": "2026-06-30",
        "tags": ["b", "a"],
        "customFields": {"Site": {"city": "Oslo", "country": None}, "Competitors": ["Acme"]},
    }
    made = sell.run("createDeal", inputs)["data"]["id"]
    for other in ({"value": 5001}, {"addedAt": "2026-03-31T11:00:00Z"}, {"estimatedCloseDate": None}):
        sell.run("createDeal", {**inputs, **other})

    assert find("createDeal", inputs) == [made]
    assert find("createDeal", {**inputs, "value": 5000}) == [made]
