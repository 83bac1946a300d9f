"""What the Zendesk Sell sandbox keeps of records that hang together, and what it does with what it cannot read."""

from typing import TYPE_CHECKING, Any

import pytest

from sales_connectors.imitation import Box

if TYPE_CHECKING:
    from tests.zendesk_sell.conftest import Caller

DAY = 86400
BONN = {"line1": None, "city": "Bonn", "postal_code": None, "state": None, "country": None}


def test_a_deal_without_a_value_is_worth_nothing(call: "Caller") -> None:
    contact = call.records("/v2/contacts")[0]
    made = call.post("/v2/deals", name="Redesign", contact_id=contact["id"], value=None)
    assert made["value"] == 0
    assert call.put(f"/v2/deals/{made['id']}", value="12.50")["value"] == "12.50"
    assert call.put(f"/v2/deals/{made['id']}", value=None)["value"] == 0


@pytest.mark.parametrize("path", ["users", "loss_reasons", "deal_unqualified_reasons"])
def test_lists_that_can_be_sorted_by_their_last_change(call: "Caller", path: str) -> None:
    times = [record["updated_at"] for record in call.records(f"/v2/{path}", sort_by="updated_at:desc")]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) > 1


def test_orders_are_sorted_by_what_they_are_worth(alone: "Caller") -> None:
    """The dearest one is given away, and stands last then."""

    def worth(order: dict[str, Any]) -> float:
        items = alone.records(f"/v2/orders/{order['id']}/line_items")
        total: float = sum(float(item["value"]) * item["quantity"] for item in items)
        return total * float(100 - order["discount"])

    def list_orders() -> list[dict[str, Any]]:
        return alone.records("/v2/orders", sort_by="value:desc")

    values = [worth(order) for order in list_orders()]
    assert (values, len(set(values))) == (sorted(values, reverse=True), 4)
    dearest = list_orders()[0]["id"]
    alone.put(f"/v2/orders/{dearest}", discount=100)
    assert list_orders()[-1]["id"] == dearest


def test_only_customers_and_prospects_have_addresses_to_bill_and_to_ship_to(alone: "Caller") -> None:
    given = {"last_name": "Johnson", "billing_address": BONN, "shipping_address": BONN, "address": BONN}
    made = alone.post("/v2/contacts", **given)
    assert (made["billing_address"], made["shipping_address"], made["address"]) == (None, None, BONN)
    customer = alone.put(f"/v2/contacts/{made['id']}", customer_status="past", billing_address=BONN)
    assert (customer["billing_address"], customer["shipping_address"]) == (BONN, None)
    assert alone.post("/v2/contacts", **given, prospect_status="lost")["shipping_address"] == BONN


def test_a_deleted_organization_leaves_its_deals_to_nobody(alone: "Caller") -> None:
    acme = alone.post("/v2/contacts", is_organization=True, name="Acme")
    mark = alone.post("/v2/contacts", last_name="Johnson", contact_id=acme["id"])
    deal = alone.post("/v2/deals", name="Redesign", contact_id=mark["id"])
    assert deal["organization_id"] == acme["id"]
    assert alone("DELETE", f"/v2/contacts/{acme['id']}").status_code == 204
    assert alone.get(f"/v2/deals/{deal['id']}")["data"]["organization_id"] is None
    assert alone.get(f"/v2/contacts/{mark['id']}")["data"]["contact_id"] is None


def test_a_sales_account_is_an_organization_and_takes_its_collaborations_along(alone: "Caller") -> None:
    colleague = alone.records("/v2/users")[1]["id"]
    acme = alone.post("/v2/contacts", is_organization=True, name="Acme")["id"]
    mark = alone.post("/v2/contacts", last_name="Johnson")["id"]
    on = {"resource_type": "sales_account", "collaborator_id": colleague}
    refused = alone.refused("POST", "/v2/collaborations", {**on, "resource_id": mark})
    assert refused == (422, [("incorrect_value", "/resource_id")])
    made = alone.post("/v2/collaborations", **on, resource_id=acme)
    assert alone("DELETE", f"/v2/contacts/{acme}").status_code == 204
    assert alone("GET", f"/v2/collaborations/{made['id']}").status_code == 404


def list_states(enrollment: dict[str, Any]) -> list[str]:
    return [step["data"]["action"]["status"] for step in enrollment["enrollment_steps"]["items"]]


def test_the_steps_of_a_sequence_are_executed_as_time_goes_by(alone: "Caller", sandbox: Box) -> None:
    """The first step comes at once, the second one two weekdays later; whoever is stopped gets no further."""
    sequence, leads = alone.records("/v2/sequences")[0], alone.records("/v2/leads")
    going, stopped = (
        alone.post("/v2/sequence_enrollments", sequence_id=sequence["id"], resource_type="lead", resource_id=one["id"])
        for one in leads[1:3]
    )
    assert (list_states(going), going["previously_executed_step_position"]) == (["executed", "scheduled"], 1)
    first, second = (step["data"]["action"] for step in going["enrollment_steps"]["items"])
    assert (first["executed_at"], second["executed_at"]) == (going["created_at"], None)
    assert second["estimated_execute_at"] > first["executed_at"]
    ended = alone.put(f"/v2/sequence_enrollments/{stopped['id']}", state="finished")
    assert (ended["state"], ended["finished_reason"]) == ("finished", "manual")

    sandbox.advance(7 * DAY)
    alone.session.headers["Authorization"] = f"Bearer {sandbox.token()['access_token']}"

    later = alone.get(f"/v2/sequence_enrollments/{going['id']}")["data"]
    assert (list_states(later), later["previously_executed_step_position"]) == (["executed", "executed"], 2)
    assert later["enrollment_steps"]["items"][1]["data"]["action"]["executed_at"] == second["estimated_execute_at"]
    left = alone.get(f"/v2/sequence_enrollments/{stopped['id']}")["data"]
    assert (list_states(left), left["previously_executed_step_position"]) == (["executed", "scheduled"], 1)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"resource_type": {}, "resource_id": 1}, [("invalid_type", "/resource_type")]),
        ({"resource_type": "lead", "resource_id": "1"}, [("invalid_type", "/resource_id")]),
        ({"resource_type": "lead", "resource_id": 1, "sequence_ids": 5}, [("invalid_type", "/sequence_ids")]),
        ({"resource_type": "lead", "resource_id": 1, "sequence_ids": [{}]}, [("invalid_type", "/sequence_ids")]),
        ({}, [("missing", "/resource_type"), ("missing", "/resource_id")]),
    ],
)
def test_what_cannot_be_finished_is_refused(call: "Caller", given: Any, wrong: list[tuple[str, str]]) -> None:
    assert call.refused("POST", "/v2/sequence_enrollments/finish_ongoing_for_resource", given) == (422, wrong)


def match_name(parameter: Any) -> dict[str, Any]:
    return {"query": {"filter": {"filter": {"attribute": {"name": "name"}, "parameter": parameter}}}}


BY_NAME = {"attribute": {"name": "name"}}


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ({"aggregations": 5}, "aggregations takes a list"),
        ({"aggregations": [5]}, "an aggregation is an object"),
        ({"query": {"projection": 5}}, "projection takes a list"),
        ({"query": {"sort": 5}}, "sort takes a list"),
        ({"query": {"sort": [{**BY_NAME, "order": []}]}}, "ascending or descending"),
        (match_name({"eq": [1]}), "a text, a flag or a number"),
        (match_name({"any": [{}]}), "a text, a flag or a number"),
        (match_name({"range": {"gt": {}}}), "a text, a flag or a number"),
        (match_name({"eq": 10**30}), "a text, a flag or a number"),
        ({"offset": 10**30}, "offset must be"),
    ],
)
def test_a_search_that_cannot_be_read_is_refused_alone(call: "Caller", query: Any, details: str) -> None:
    """The other query of the batch is answered."""
    reply = call.session.post(
        f"{call.box.url}/v3/deals/search", json={"items": [{"data": query}, {"data": {}}]}, timeout=10
    )
    wrong, right = reply.json()["items"]
    assert (reply.status_code, wrong["successful"], right["successful"]) == (200, False, True)
    assert details in wrong["errors"][0]["error"]["details"]


def test_a_new_sandbox_has_deals_that_were_lost_and_unqualified_with_their_reasons(alone: "Caller") -> None:
    stages = {stage["id"]: stage["category"] for stage in alone.records("/v2/stages", per_page=100)}
    deals = {stages[deal["stage_id"]]: deal for deal in alone.records("/v2/deals", per_page=100)}
    reasons = {reason["id"]: reason["name"] for reason in alone.records("/v2/loss_reasons")}
    unfit = {reason["id"]: reason["name"] for reason in alone.records("/v2/deal_unqualified_reasons")}
    assert reasons[deals["lost"]["loss_reason_id"]] == "Chose a competitor"
    assert unfit[deals["unqualified"]["unqualified_reason_id"]] == "No budget"
    assert (deals["won"]["loss_reason_id"], deals["won"]["unqualified_reason_id"]) == (None, None)


def test_users_are_found_by_their_ids_in_zendesk(call: "Caller") -> None:
    grace = next(user for user in call.records("/v2/users") if user["zendesk_user_id"])
    found = call.records("/v2/users", zendesk_user_ids=grace["zendesk_user_id"])
    assert [user["name"] for user in found] == ["Grace Okafor"]
