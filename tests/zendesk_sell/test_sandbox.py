"""The rules of the Zendesk Sell sandbox, as any HTTP client meets them."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests
from urllib3.util import SKIP_HEADER

from sales_connectors.imitation import Box, running

if TYPE_CHECKING:
    from tests.zendesk_sell.conftest import Caller

PERSON = {"first_name": "Mark", "last_name": "Johnson"}


def person(call: "Caller", **changes: Any) -> dict[str, Any]:
    return call.post("/v2/contacts", **{**PERSON, **changes})


def organization(call: "Caller", **changes: Any) -> dict[str, Any]:
    return call.post("/v2/contacts", **{"is_organization": True, "name": "Acme", **changes})


def deal(call: "Caller", **changes: Any) -> dict[str, Any]:
    contact_id = changes.pop("contact_id", None) or person(call)["id"]
    return call.post("/v2/deals", **{"name": "Redesign", "contact_id": contact_id, **changes})


def lead(call: "Caller", **changes: Any) -> dict[str, Any]:
    return call.post("/v2/leads", **{"last_name": "Doe", **changes})


# --- requests -------------------------------------------------------------------------------------


def test_errors_have_the_vendors_envelope(call: "Caller") -> None:
    reply = call("POST", "/v2/contacts", {"last_name": "X", "shoe_size": 43})
    body = reply.json()
    assert reply.status_code == 422
    assert reply.headers["X-Request-Id"] == body["meta"]["logref"]
    assert body["meta"] == {
        "type": "errors",
        "http_status": "422 Unprocessable Entity",
        "logref": body["meta"]["logref"],
        "links": {"more_info": "https://developers.getbase.com/docs/rest/articles/errors"},
    }
    error = body["errors"][0]["error"]
    assert (error["resource"], error["field"], error["code"]) == ("contact", "/shoe_size", "unknown")
    assert error["message"] == "unknown attribute"
    assert body["errors"][0]["meta"]["type"] == "error"


def test_errors_of_products_differ_as_observed(call: "Caller") -> None:
    body = call("POST", "/v2/products", {"name": "X", "max_discount": 101}).json()
    assert (body["meta"]["type"], body["errors"][0]["error"]["field"]) == ("collection", "/data/max_discount")


def test_every_fault_is_told_at_once(call: "Caller") -> None:
    wrong = {"is_organization": "no", "customer_status": "soon", "tags": "vip", "nope": 1}
    status, errors = call.refused("POST", "/v2/contacts", wrong)
    assert status == 422
    assert errors == [
        ("invalid_type", "/is_organization"),
        ("incorrect_value", "/customer_status"),
        ("invalid_type", "/tags"),
        ("unknown", "/nope"),
    ]


def test_every_reply_carries_a_request_id(call: "Caller") -> None:
    ids = {call("GET", "/v2/users/self").headers["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2
    assert call("GET", "/v2/users/self").headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_user_agent_is_needed(call: "Caller") -> None:
    none = {"User-Agent": SKIP_HEADER}  # else the client puts in a name of its own
    assert call.refused("GET", "/v2/contacts", headers=none) == (400, [("invalid_user_agent", "")])


def test_accept_has_to_allow_json(call: "Caller") -> None:
    assert call.refused("GET", "/v2/contacts", headers={"Accept": "text/html"})[0] == 406
    for accept in ("application/json", "text/html, */*;q=0.1", "application/*"):
        assert call("GET", "/v2/contacts", headers={"Accept": accept}).status_code == 200


def test_a_body_has_to_be_json_in_its_envelope(call: "Caller") -> None:
    send = call.session.post
    url = f"{call.box.url}/v2/contacts"
    answers = [
        send(url, data=body, headers={"Content-Type": kind}, timeout=10)
        for body, kind in (
            ("{", "application/json"),
            ('{"last_name": "X"}', "application/json"),
            ('{"data": []}', "application/json"),
            ('{"data": {"last_name": "X"}}', "text/plain"),
        )
    ]
    assert [answer.status_code for answer in answers] == [400, 422, 422, 415]
    codes = [answer.json()["errors"][0]["error"]["code"] for answer in answers]
    assert codes[:3] == ["invalid_payload", "incorrect_payload", "incorrect_payload"]
    good = send(url, data='{"data": {"last_name": "X"}, "meta": {"type": "contact"}}', headers=JSON_TYPE, timeout=10)
    assert good.status_code == 200


JSON_TYPE = {"Content-Type": "application/json; charset=utf-8"}


def test_unknown_paths_and_records(call: "Caller") -> None:
    assert call.refused("GET", "/v2/organizations") == (404, [("not_found", "")])
    assert call.refused("GET", "/v2/contacts/1") == (404, [("not_found", "")])
    assert call.refused("GET", "/v2/contacts/abc") == (400, [("invalid_param", "")])
    assert call.refused("PUT", "/v2/pipelines/1", {}) == (404, [("not_found", "")])
    assert call.refused("POST", "/v2/stages", {}) == (404, [("incorrect_path", "")])
    assert call.refused("GET", "/v3/contacts") == (404, [("not_found", "")])


def test_paths_may_end_in_json(call: "Caller") -> None:
    assert call.get("/v2/contacts.json")["items"] == call.get("/v2/contacts")["items"]
    assert call.get("/v2/users/self.json") == call.get("/v2/users/self")


def test_scopes(shared_sandbox: Box) -> None:
    def status(scope: str, method: str, path: str) -> int:
        token = shared_sandbox.token(scope=scope)["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        body = {"data": {"name": "X"}} if method == "POST" else None
        return requests.request(method, shared_sandbox.url + path, json=body, headers=headers, timeout=10).status_code

    assert status("read", "GET", "/v2/contacts") == 200
    assert status("read", "POST", "/v2/loss_reasons") == 403
    assert status("read", "GET", "/v2/users/self") == 403
    assert status("profile", "GET", "/v2/accounts/self") == 200
    assert status("profile", "GET", "/v2/contacts") == 403
    assert status("write", "GET", "/v2/contacts") == 403


def test_ten_requests_a_second_in_a_bucket() -> None:
    with running("zendesk-sell") as box:
        headers = {"Authorization": f"Bearer {box.connection['token']['access_token']}"}
        with requests.Session() as session:
            replies = [session.get(f"{box.url}/v2/users/self", headers=headers, timeout=10) for _ in range(40)]
            refused = [reply for reply in replies if reply.status_code == 429]
            assert all(reply.status_code == 200 for reply in replies[:10])
            assert refused
            assert refused[0].json()["errors"][0]["error"]["code"] == "rate_limit_exceeded"
            assert "Retry-After" not in refused[0].headers
            box.advance(1)
            assert session.get(f"{box.url}/v2/users/self", headers=headers, timeout=10).status_code == 200


def test_gateway_errors_are_no_json(call: "Caller") -> None:
    reply = call("GET", "/v2/contacts", headers={"X-Sandbox-Fault": "status=502"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


def test_a_status_that_has_no_name_is_played(call: "Caller") -> None:
    reply = call("GET", "/v2/contacts", headers={"X-Sandbox-Fault": "status=520"})
    assert (reply.status_code, reply.json()["meta"]["http_status"]) == (520, "520 Error")


@pytest.mark.parametrize(
    "body",
    [
        '{"data": {"last_name": NaN}}',
        '{"data": {"last_name": "\\ud800"}}',
        "[" * 100_000,
        "\xff",
        '{"data": {"last_name": "X", "owner_id": 99999999999999999999}}',
        '{"data": {"last_name": "X", "custom_fields": {"Employees": "Infinity"}}}',
        '{"data": {"last_name": "   "}}',
    ],
)
def test_odd_bodies_are_refused_and_break_nothing(call: "Caller", body: str) -> None:
    url = f"{call.box.url}/v2/contacts"
    reply = call.session.post(url, data=body.encode("latin-1"), headers=JSON_TYPE, timeout=10)
    assert reply.status_code in (400, 422)
    assert reply.json()["errors"]


@pytest.mark.parametrize(
    "path",
    [
        "/v2/contacts/99999999999999999999",
        "/v2/contacts?page=99999999999999999999",
        "/v2/contacts/²",
        "/v2/contacts?owner_id=99999999999999999999",
        "/v2/deals?value=1e999",
    ],
)
def test_odd_numbers_are_refused_and_break_nothing(call: "Caller", path: str) -> None:
    assert call.refused("GET", path) == (400, [("invalid_param", "")])


# --- lists ----------------------------------------------------------------------------------------


def test_pages_and_their_links(alone: "Caller") -> None:
    first = alone.get("/v2/contacts", per_page=8, is_organization="false")
    assert first["meta"]["type"] == "collection"
    assert (first["meta"]["count"], len(first["items"])) == (8, 8)
    assert set(first["meta"]["links"]) == {"self", "first_page", "next_page"}
    second = alone.session.get(first["meta"]["links"]["next_page"], timeout=10).json()
    assert set(second["meta"]["links"]) == {"self", "first_page", "prev_page", "next_page"}
    third = alone.session.get(second["meta"]["links"]["next_page"], timeout=10).json()
    assert (third["meta"]["count"], set(third["meta"]["links"])) == (1, {"self", "first_page", "prev_page"})
    ids = [item["data"]["id"] for page in (first, second, third) for item in page["items"]]
    assert len(set(ids)) == 17
    assert alone.get("/v2/contacts", page=99)["items"] == []


def test_the_link_to_itself_says_page_and_size(call: "Caller") -> None:
    link = call.get("/v2/stages", name="Quote")["meta"]["links"]["self"]
    assert link == f"{call.box.url}/v2/stages?name=Quote&page=1&per_page=25"


def test_short_lists_have_no_links(call: "Caller") -> None:
    assert call.get("/v2/lead_statuses")["meta"]["links"] == {}
    assert call.get("/v2/contact/industries")["items"][0]["data"].keys() == {"name", "created_at", "updated_at"}


@pytest.mark.parametrize(
    ("path", "most"), [("contacts", 100), ("orders", 500), ("products", 500), ("lead_conversions", 200)]
)
def test_per_page_is_refused_over_its_limit(call: "Caller", path: str, most: int) -> None:
    assert call("GET", f"/v2/{path}?per_page={most}").status_code == 200
    reply = call("GET", f"/v2/{path}?per_page={most + 1}")
    assert reply.status_code == 400
    details = reply.json()["errors"][0]["error"]["details"]
    assert str(most) in details
    assert str(most + 1) in details


@pytest.mark.parametrize(
    "wrong", ["per_page=0", "per_page=x", "page=0", "page=-1", "owner_id=x", "is_organization=maybe", "sort_by=email",
              "sort_by=name:up", "colour=red", "ids=1;2", "inclusive=perhaps", "includes=deals",
              "custom_fields[Newsletter]=true", "custom_fields[Nope]=1"],
)  # fmt: skip
def test_queries_that_cannot_be_answered(call: "Caller", wrong: str) -> None:
    assert call.refused("GET", f"/v2/contacts?{wrong}") == (400, [("invalid_param", "")])


def test_address_filters(call: "Caller") -> None:
    address = {"line1": "1 Main St", "city": "Ulm", "postal_code": "89073", "state": "BW", "country": "Germany"}
    made = person(call, address=address, billing_address={"city": "Bonn"}, prospect_status="current")
    for part in ("city", "postal_code", "state", "country"):
        assert [found["id"] for found in call.records("/v2/contacts", **{f"address[{part}]": address[part]})] == [
            made["id"]
        ]
    assert [found["id"] for found in call.records("/v2/contacts", billing_address="Bonn")] == [made["id"]]
    assert call.records("/v2/contacts", shipping_address="Bonn") == []


def test_inclusive_joins_filters_by_or(call: "Caller") -> None:
    one, two = person(call, email="or1@example.com"), person(call, email="or2@example.com", phone="77")
    filters = {"email": "or1@example.com", "phone": "77"}
    assert call.records("/v2/contacts", **filters) == []
    found = call.records("/v2/contacts", **filters, inclusive="false")
    assert [record["id"] for record in found] == [one["id"], two["id"]]


def test_custom_field_filters_and_sorting(call: "Caller") -> None:
    values = [{"external_id": "B", "Interests": ["Golf"]}, {"external_id": "A", "Interests": ["Golf", "Food"]}]
    made = [person(call, email="custom@example.com", custom_fields=value)["id"] for value in values]

    def found(**query: Any) -> list[int]:
        return [record["id"] for record in call.records("/v2/contacts", email="custom@example.com", **query)]

    assert found(**{"custom_fields[external_id]": "A"}) == [made[1]]
    assert found(**{"custom_fields[Interests]": "Food"}) == [made[1]]
    assert found(sort_by="custom_fields:external_id") == [made[1], made[0]]
    assert found(sort_by="custom_fields:external_id:desc") == [made[0], made[1]]


def test_numbers_in_custom_fields_sort_as_numbers(call: "Caller") -> None:
    mine = {"email": "numbers@example.com"}
    for value in (5, "12", 100.5):
        person(call, **mine, custom_fields={"Employees": value})
    listed = call.records("/v2/contacts", **mine, sort_by="custom_fields:Employees:desc")
    assert [record["custom_fields"]["Employees"] for record in listed] == ["100.5", "12", "5"]
    assert len(call.records("/v2/contacts", **mine, **{"custom_fields[Employees]": "5.0"})) == 1


def test_sorting_takes_lists_where_the_vendor_does(call: "Caller") -> None:
    stages = call.records("/v2/stages", sort_by="pipeline_id:desc,position:desc", per_page=100)
    keys = [(stage["pipeline_id"], stage["position"]) for stage in stages]
    assert keys == sorted(keys, reverse=True)
    assert call.refused("GET", "/v2/contacts?sort_by=name,id")[0] == 400


def test_full_text(call: "Caller") -> None:
    on = {"resource_type": "contact", "resource_id": person(call)["id"]}
    note = call.post("/v2/notes", content="Zażółć the QUICK brown fox", **on)
    assert [found["id"] for found in call.records("/v2/notes", q="zażółć quick")] == [note["id"]]
    assert call.records("/v2/notes", q="quick dog") == []


# --- contacts -------------------------------------------------------------------------------------


def test_a_persons_name_follows_from_its_parts(call: "Caller") -> None:
    made = person(call, name="Ignored Ltd")
    assert made["name"] == "Mark Johnson"
    assert call.put(f"/v2/contacts/{made['id']}", first_name=None)["name"] == "Johnson"


def test_what_a_contact_is_stays_fixed(call: "Caller") -> None:
    path = f"/v2/contacts/{person(call)['id']}"
    assert call.refused("PUT", path, {"is_organization": True}) == (422, [("incorrect_value", "/is_organization")])
    assert call.put(path, is_organization=False)["is_organization"] is False


def test_only_people_have_people_s_attributes(call: "Caller") -> None:
    parent = organization(call)["id"]
    refused = call.refused("POST", "/v2/contacts", {"is_organization": True, "name": "X", "contact_id": parent})
    assert refused == (422, [("incorrect_value", "/contact_id")])
    refused = call.refused("POST", "/v2/contacts", {**PERSON, "parent_organization_id": parent})
    assert refused == (422, [("incorrect_value", "/parent_organization_id")])


def test_people_belong_to_organizations(call: "Caller") -> None:
    acme, mark = organization(call), person(call)
    assert person(call, contact_id=acme["id"])["contact_id"] == acme["id"]
    assert call.refused("POST", "/v2/contacts", {**PERSON, "contact_id": mark["id"]})[0] == 422
    child = organization(call, parent_organization_id=acme["id"])
    path = f"/v2/contacts/{child['id']}"
    assert call.refused("PUT", path, {"parent_organization_id": child["id"]})[0] == 422
    assert call.put(path, parent_organization_id=None)["parent_organization_id"] is None


def test_null_clears_what_can_be_empty_and_nothing_else(call: "Caller") -> None:
    made = person(call, email="a@b.c", address={"city": "Ulm"})
    path = f"/v2/contacts/{made['id']}"
    cleared = call.put(path, email=None, address=None)
    assert (cleared["email"], cleared["address"]) == (None, None)
    for name in ("last_name", "customer_status", "owner_id", "tags"):
        assert call.refused("PUT", path, {name: None}) == (422, [("blank", f"/{name}")])


def test_what_is_read_only_is_refused(call: "Caller") -> None:
    made = person(call)
    refused = call.refused("POST", "/v2/contacts", {**PERSON, "creator_id": 1})
    assert refused == (422, [("incorrect_value", "/creator_id")])
    assert call.refused("PUT", f"/v2/contacts/{made['id']}", {"created_at": "2020-01-01T00:00:00Z"})[0] == 422


def test_an_update_changes_only_what_it_names(call: "Caller") -> None:
    made = person(call, email="keep@example.com", tags=["old"], custom_fields={"known_via": "tom", "external_id": "7"})
    changed = call.put(f"/v2/contacts/{made['id']}", tags=["new"], custom_fields={"external_id": "8"})
    assert (changed["email"], changed["tags"]) == ("keep@example.com", ["new"])
    assert changed["custom_fields"] == {"known_via": "tom", "external_id": "8"}


def test_custom_fields_hold_what_they_are_made_for(call: "Caller") -> None:
    values = {"Interests": ["Golf"], "Employees": 12.5, "Newsletter": True, "Birthday": "1990-02-28", "known_via": None}
    assert person(call, custom_fields=values)["custom_fields"] == {**values, "Employees": "12.5"}
    wrong = {
        "Interests": "Golf",
        "Employees": "many",
        "Newsletter": "yes",
        "Birthday": "soon",
        "preferred_contact": "fax",
    }
    for name, value in wrong.items():
        status, errors = call.refused("POST", "/v2/contacts", {**PERSON, "custom_fields": {name: value}})
        assert (status, errors[0][1]) == (422, f"/custom_fields/{name}")


def test_an_organization_can_be_included(call: "Caller") -> None:
    acme = organization(call)
    made = person(call, contact_id=acme["id"])
    shown = call.get(f"/v2/contacts/{made['id']}", includes="organization")
    assert shown["data"]["organization"]["data"]["id"] == acme["id"]
    assert "organization" not in call.get(f"/v2/contacts/{made['id']}")["data"]


def test_deleting_a_contact_takes_along_what_hangs_on_it(call: "Caller") -> None:
    acme = organization(call)
    member = person(call, contact_id=acme["id"])
    note = call.post("/v2/notes", content="x", resource_type="contact", resource_id=acme["id"])
    reply = call("DELETE", f"/v2/contacts/{acme['id']}")
    assert (reply.status_code, reply.content) == (204, b"")
    assert call.refused("GET", f"/v2/notes/{note['id']}")[0] == 404
    assert call.get(f"/v2/contacts/{member['id']}")["data"]["contact_id"] is None
    assert call.refused("DELETE", f"/v2/contacts/{acme['id']}")[0] == 404


# --- upsert ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["contacts", "leads"])
def test_upsert_creates_then_updates(call: "Caller", kind: str) -> None:
    path = f"/v2/{kind}/upsert?email=upsert-{kind}@example.com"
    made = call.post(path, last_name="One", email=f"upsert-{kind}@example.com")
    again = call.post(path, last_name="Two")
    assert (again["id"], again["last_name"]) == (made["id"], "Two")


def test_upsert_of_a_deal(call: "Caller") -> None:
    contact_id = person(call)["id"]
    path = "/v2/deals/upsert?custom_fields[external_id]=UP-1"
    made = call.post(path, name="Up", contact_id=contact_id, custom_fields={"external_id": "UP-1"})
    assert call.post(path, value="12.30")["id"] == made["id"]


def test_upsert_needs_filters(call: "Caller") -> None:
    for query in ("", "?inclusive=false", "?email=a@b.c&page=1", "?colour=red"):
        assert call.refused("POST", f"/v2/contacts/upsert{query}", PERSON) == (400, [("invalid_param", "")])


def test_several_matches_are_named(call: "Caller") -> None:
    ids = [person(call, email="twice@example.com")["id"] for _ in range(2)]
    reply = call("POST", "/v2/contacts/upsert?email=twice@example.com", PERSON)
    assert reply.status_code == 409
    details = reply.json()["errors"][0]["error"]["details"]
    assert all(str(id) in details for id in ids)


def test_upsert_filters_may_be_joined_by_or(call: "Caller") -> None:
    made = person(call, phone="555-upsert")
    changed = call.post("/v2/contacts/upsert?phone=555-upsert&email=none@example.com&inclusive=false", last_name="Or")
    assert changed["id"] == made["id"]


# --- leads ----------------------------------------------------------------------------------------


def test_a_lead_needs_a_last_name_or_an_organization(call: "Caller") -> None:
    made = lead(call, last_name=None, organization_name="Acme")
    assert (made["status"], made["last_name"]) == ("New", None)
    assert call.refused("PUT", f"/v2/leads/{made['id']}", {"organization_name": None})[0] == 422


def test_a_conversion_turns_a_lead_into_a_person_a_company_and_a_deal(alone: "Caller") -> None:
    made = lead(alone, first_name="Jane", organization_name="Newco", email="jane@newco.example.com", tags=["hot"])
    note = alone.post("/v2/notes", content="Said hello", resource_type="lead", resource_id=made["id"])
    done = alone.post("/v2/lead_conversions", lead_id=made["id"], create_deal=True)
    jane = alone.get(f"/v2/contacts/{done['individual_id']}")["data"]
    assert (jane["name"], jane["contact_id"], jane["tags"]) == ("Jane Doe", done["organization_id"], ["hot"])
    assert alone.get(f"/v2/deals/{done['deal_id']}")["data"]["organization_id"] == done["organization_id"]
    assert alone.refused("GET", f"/v2/leads/{made['id']}")[0] == 404
    moved = alone.get(f"/v2/notes/{note['id']}")["data"]
    assert (moved["resource_type"], moved["resource_id"]) == ("contact", jane["id"])
    assert alone.records("/v2/lead_conversions", lead_id=made["id"]) == [done]
    assert alone.get(f"/v2/lead_conversions/{done['id']}")["data"] == done


def test_conversions_past_the_last_page_go_by_cursor(alone: "Caller") -> None:
    ids = [alone.post("/v2/lead_conversions", lead_id=lead(alone)["id"])["id"] for _ in range(53)]
    page = alone.get("/v2/lead_conversions", per_page=1, page=50)
    assert alone.refused("GET", "/v2/lead_conversions?per_page=1&page=51")[0] == 400
    found = []
    while link := page["meta"]["links"].get("next_page"):
        page = alone.session.get(link, timeout=10).json()
        found += [item["data"]["id"] for item in page["items"]]
    assert found[:3] == ids[2::-1]


# --- deals ----------------------------------------------------------------------------------------


def test_a_new_deal_gets_what_nobody_said(call: "Caller") -> None:
    acme = organization(call)
    made = deal(call, contact_id=person(call, contact_id=acme["id"])["id"])
    me = call.get("/v2/users/self")["data"]["id"]
    stage = call.records("/v2/stages", sort_by="pipeline_id,position", per_page=1)[0]
    assert (made["stage_id"], made["currency"], made["owner_id"]) == (stage["id"], "USD", me)
    assert (made["organization_id"], made["value"], made["hot"]) == (acme["id"], 0, False)
    assert made["last_stage_change_by_id"] == me
    assert deal(call, contact_id=acme["id"])["organization_id"] == acme["id"]


def test_moving_a_stage_leaves_a_mark(alone: "Caller") -> None:
    made = deal(alone)
    won = alone.records("/v2/stages", name="Won")[0]["id"]
    alone.box.advance(60)
    moved = alone.put(f"/v2/deals/{made['id']}", stage_id=won)
    assert moved["last_stage_change_at"] > made["last_stage_change_at"]
    renamed = alone.put(f"/v2/deals/{made['id']}", name="Same stage")
    assert renamed["last_stage_change_at"] == moved["last_stage_change_at"]
    told = alone.put(
        f"/v2/deals/{made['id']}", stage_id=made["stage_id"], last_stage_change_at="2024-05-01T12:00:00+02:00"
    )
    assert told["last_stage_change_at"] == "2024-05-01T10:00:00Z"


def test_a_disabled_pipeline_takes_no_deals(call: "Caller") -> None:
    old = call.records("/v2/pipelines", disabled="true")[0]["id"]
    stage = call.records("/v2/stages", pipeline_id=old)[0]["id"]
    refused = call.refused("POST", "/v2/deals", {"name": "X", "contact_id": person(call)["id"], "stage_id": stage})
    assert refused == (422, [("incorrect_value", "/stage_id")])


def test_the_value_is_a_number_where_it_can_be(call: "Caller") -> None:
    sent = [1000, "1000", "1000.00", 1000.5, "1000.50", "0.07", -3]
    shown = [deal(call, value=value)["value"] for value in sent]
    assert [json.dumps(value) for value in shown] == ["1000"] * 3 + ['"1000.50"'] * 2 + ['"0.07"', "-3"]


def test_added_on_is_the_old_name_of_added_at(call: "Caller") -> None:
    assert deal(call, added_on="2024-05-01T10:00:00Z")["added_at"] == "2024-05-01T10:00:00Z"
    assert deal(call, added_at="2024-05-01T10:00:00Z")["added_at"] == "2024-05-01T10:00:00Z"


def test_contacts_of_a_deal_can_be_included(call: "Caller") -> None:
    made = deal(call)
    other = person(call)["id"]
    call.post(f"/v2/deals/{made['id']}/associated_contacts", contact_id=other, role="involved")
    listed = call.records("/v2/deals", ids=made["id"], includes="associated_contacts")[0]["associated_contacts"]
    assert listed["meta"] == {"type": "collection", "count": 2}
    assert [(item["data"]["contact_id"], item["data"]["role"]) for item in listed["items"]] == [
        (made["contact_id"], "primary"),
        (other, "involved"),
    ]


def test_deleting_a_deal_takes_its_order_and_line_items(call: "Caller") -> None:
    made = deal(call)
    order = call.post("/v2/orders", deal_id=made["id"])
    product = call.records("/v2/products", active="true")[0]
    item = call.post(f"/v2/orders/{order['id']}/line_items", product_id=product["id"], currency="USD")
    assert call("DELETE", f"/v2/products/{product['id']}").status_code == 204
    assert call.get(f"/v2/orders/{order['id']}/line_items/{item['id']}")["data"]["name"] == product["name"]
    assert call("DELETE", f"/v2/deals/{made['id']}").status_code == 204
    assert call.refused("GET", f"/v2/orders/{order['id']}")[0] == 404


# --- tags -----------------------------------------------------------------------------------------


def test_tags_are_made_when_they_are_first_used(call: "Caller") -> None:
    person(call, tags=["brand new", "brand new"])
    found = call.records("/v2/tags", name="brand new")
    assert [(tag["resource_type"]) for tag in found] == ["contact"]


def test_a_deleted_tag_is_taken_off_everything(call: "Caller") -> None:
    made = person(call, tags=["doomed", "kept"])
    other = lead(call, tags=["doomed"])
    tag = call.records("/v2/tags", name="doomed", resource_type="contact")[0]
    assert call("DELETE", f"/v2/tags/{tag['id']}").status_code == 204
    assert call.get(f"/v2/contacts/{made['id']}")["data"]["tags"] == ["kept"]
    assert call.get(f"/v2/leads/{other['id']}")["data"]["tags"] == ["doomed"]


# --- notes, tasks, calls and the rest -------------------------------------------------------------


def test_notes_take_an_includes_that_does_nothing(call: "Caller") -> None:
    assert call.get("/v2/notes", includes="contact")["items"]


def test_a_task_is_overdue_when_its_time_has_passed(alone: "Caller") -> None:
    made = alone.post("/v2/tasks", content="Soon", due_date="2099-01-01T00:00:00Z")
    path = f"/v2/tasks/{made['id']}"
    assert (made["overdue"], made["resource_type"], made["completed_at"]) == (False, None, None)
    assert alone.put(path, due_date="2020-01-01T00:00:00Z")["overdue"] is True
    done = alone.put(path, completed=True)
    assert (done["overdue"], bool(done["completed_at"])) == (False, True)
    assert alone.put(path, completed=False)["completed_at"] is None
    floating = {task["id"] for task in alone.records("/v2/tasks", type="floating", per_page=100)}
    assert made["id"] in floating
    overdue, not_overdue = (
        {task["id"] for task in alone.records("/v2/tasks", overdue=flag, per_page=100)} for flag in ("true", "false")
    )
    assert not overdue & not_overdue
    assert len(overdue | not_overdue) == 13


def test_calls_are_newest_first_and_know_their_deals(call: "Caller") -> None:
    made = deal(call)
    outcome = call.records("/v2/call_outcomes")[0]["id"]
    on = {"resource_type": "contact", "resource_id": made["contact_id"], "associated_deal_ids": [made["id"]]}
    early, late = (
        call.post("/v2/calls", duration=60, outcome_id=outcome, made_at=f"2024-0{month}-01T10:00:00Z", **on)
        for month in (1, 2)
    )
    assert [found["id"] for found in call.records("/v2/calls", associated_deal_id=made["id"])] == [
        late["id"],
        early["id"],
    ]
    assert call.refused("GET", "/v2/calls?sort_by=id")[0] == 400
    assert call.put(f"/v2/calls/{early['id']}", summary="Short")["summary"] == "Short"
    assert call("DELETE", f"/v2/calls/{early['id']}").status_code == 204


def test_documents_are_listed_for_records_and_can_be_downloaded(alone: "Caller") -> None:
    assert alone.refused("GET", "/v2/documents") == (400, [("invalid_param", "")])
    first_deal = alone.records("/v2/deals", per_page=1)[0]
    found = alone.records("/v2/documents", resource_type="deal,contact", resource_id=f"{first_deal['id']},1")[0]
    assert alone.get(f"/v2/documents/{found['id']}")["data"]["name"] == found["name"]
    file = requests.get(found["download_url"], timeout=10)
    assert (len(file.content), file.headers["Content-Type"]) == (found["size"], found["content_type"])
    alone.box.advance(91 * 60)
    assert requests.get(found["download_url"], timeout=10).status_code == 403


def test_collaborations(call: "Caller") -> None:
    users = call.records("/v2/users")
    on = {"resource_type": "contact", "resource_id": person(call)["id"], "collaborator_id": users[1]["id"]}
    made = call.post("/v2/collaborations", **on)
    assert [found["id"] for found in call.records("/v2/collaborations", resource_id=on["resource_id"])] == [made["id"]]
    assert call.refused("PUT", f"/v2/collaborations/{made['id']}", {})[0] == 404
    assert call("DELETE", f"/v2/collaborations/{made['id']}").status_code == 204


def test_sequence_enrollments(call: "Caller") -> None:
    sequence = call.records("/v2/sequences")[0]
    on = {"resource_type": "lead", "resource_id": lead(call)["id"]}
    made = call.post("/v2/sequence_enrollments", sequence_id=sequence["id"], **on)
    assert (made["state"], made["sequence"]["data"]["id"]) == ("active", sequence["id"])
    assert made["enrollment_steps"]["meta"]["count"] == sequence["steps_total"]
    done = call("PATCH", f"/v2/sequence_enrollments/{made['id']}", {"state": "finished"}).json()["data"]
    assert (done["state"], done["finished_reason"]) == ("finished", "manual")
    again = call.post("/v2/sequence_enrollments", sequence_id=sequence["id"], **on)
    finished = call("POST", "/v2/sequence_enrollments/finish_ongoing_for_resource", on).json()["data"]
    assert finished == {"enrollment_action": "finish", "updated_enrollments": 1}
    assert call.get(f"/v2/sequence_enrollments/{again['id']}")["data"]["state"] == "finished"


def test_custom_field_definitions(call: "Caller") -> None:
    contact = {field["name"]: field for field in call.records("/v2/contact/custom_fields")}
    assert {"id", "name", "type", "choices", "for_organisation", "for_contact"} <= set(contact["Interests"])
    assert contact["Interests"]["choices"][0].keys() == {"id", "name"}
    assert "for_contact" not in call.records("/v2/deal/custom_fields")[0]
    assert call.records("/v2/prospect_and_customer/custom_fields")
    assert call.refused("GET", "/v2/contacts/custom_fields")[0] in (400, 404)
    mapping = call.records("/v3/contacts/custom_fields")[0]
    assert mapping["search_api_id"] == f"custom_fields.contact:{mapping['id']}"
    assert isinstance(mapping["id"], str)


# --- the Firehose ---------------------------------------------------------------------------------


def stream(call: "Caller", name: str = "deals", **query: Any) -> dict[str, Any]:
    page: dict[str, Any] = call.get(f"/v3/{name}/stream", **query)
    return page


def test_writes_feed_the_stream(alone: "Caller") -> None:
    start = stream(alone, position="top")["meta"]
    made = deal(alone, value="10.50", tags=["renewal"], custom_fields={"Seats": 7})
    alone.put(f"/v2/deals/{made['id']}", value=2000)
    alone("DELETE", f"/v2/deals/{made['id']}")
    page = stream(alone, position=start["position"])
    created, updated, deleted = page["items"]
    assert [event["meta"]["event_type"] for event in page["items"]] == ["created", "updated", "deleted"]
    assert [event["meta"]["sequence"] for event in page["items"]] == [1, 2, 3]
    assert created["meta"].keys() == {"type", "event_id", "event_type", "event_cause", "event_time", "sequence"}
    assert updated["meta"]["previous"]["value"] == "10.50"
    assert (created["data"]["value"], updated["data"]["value"]) == ("10.50", "2000.00")
    assert deleted["data"]["id"] == made["id"]
    assert len({event["meta"]["event_id"] for event in page["items"]}) == 3
    assert page["meta"]["top"] is True
    assert page["meta"]["links"]["next"].endswith(page["meta"]["position"])


def test_events_have_shapes_of_their_own(alone: "Caller") -> None:
    start = stream(alone, position="top")["meta"]["position"]
    made = deal(alone, tags=["renewal"], custom_fields={"Seats": 7})
    data = stream(alone, position=start)["items"][0]["data"]
    tag = alone.records("/v2/tags", name="renewal", resource_type="deal")[0]
    named = {"id": tag["id"], "name": "renewal", "resource_type": "deal"}
    assert data["tags"] == [{"data": named, "meta": {"type": "tag"}}]
    seats = data["custom_field_values"][0]
    assert (seats["value"], seats["custom_field"]["data"]["name"]) == ("7", "Seats")
    assert "updated_at" not in data
    assert "custom_fields" not in data
    assert data["id"] == made["id"]


def test_streams_of_parts_know_what_they_belong_to(call: "Caller") -> None:
    item = stream(call, "line_items", position="tail")["items"][0]["data"]
    assert {"deal_id", "order_id", "product_id"} <= set(item)
    association = stream(call, "associated_contacts", position="tail")["items"][0]["data"]
    assert {"id", "contact_id", "deal_id", "created_at"} == set(association)
    assert stream(call, "loss_reasons", position="tail")["items"][0]["data"]["resource_type"] == "deal"


def test_a_stream_is_read_from_its_tail_page_by_page(alone: "Caller") -> None:
    position, ids, top = "tail", [], False
    while not top:
        page = stream(alone, "contacts", position=position, limit=5)
        assert len(page["items"]) <= 5
        ids += [event["data"]["id"] for event in page["items"] if event["meta"]["event_type"] == "created"]
        position, top = page["meta"]["position"], page["meta"]["top"]
    assert ids == [contact["id"] for contact in alone.records("/v2/contacts", per_page=100)]
    assert stream(alone, "contacts", position=position)["items"] == []


def test_events_are_kept_for_72_hours(alone: "Caller") -> None:
    old = stream(alone, position="tail", limit=1)["meta"]["position"]
    top = stream(alone, position="top")["meta"]["position"]
    alone.box.advance(73 * 3600)
    token = alone.box.token(personal=True)["access_token"]
    alone.session.headers["Authorization"] = f"Bearer {token}"
    assert alone.refused("GET", f"/v3/deals/stream?position={old}")[0] == 410
    assert stream(alone, position="tail")["items"] == []
    assert stream(alone, position=top)["items"] == []
    made = deal(alone)
    assert [event["data"]["id"] for event in stream(alone, position=top)["items"]] == [made["id"]]


@pytest.mark.parametrize(
    "wrong", ["", "position=", "position=tail&limit=0", "position=tail&limit=101", "position=xyz", "position=tail&a=b"]
)
def test_streams_that_cannot_be_read(call: "Caller", wrong: str) -> None:
    assert call.refused("GET", f"/v3/deals/stream?{wrong}") == (400, [("invalid_param", "")])


def test_a_position_is_good_for_its_own_stream_only(call: "Caller") -> None:
    position = stream(call, position="top")["meta"]["position"]
    assert call.refused("GET", f"/v3/leads/stream?position={position}")[0] == 400
    assert call.refused("GET", "/v3/unicorns/stream?position=tail")[0] == 404


@pytest.mark.parametrize(
    "name", ["contacts", "custom_fields", "deals", "leads", "notes", "orders", "products", "stages", "tasks",
             "appointments", "calls", "collaborations", "documents", "sources", "tags", "users", "visits", "pipelines",
             "text_messages", "lead_conversions", "deal_unqualified_reasons", "lead_unqualified_reasons"],
)  # fmt: skip
def test_every_stream_is_there(call: "Caller", name: str) -> None:
    assert bool(stream(call, name, position="tail")["items"]) is (name != "appointments")


def test_streams_are_the_root_user_s(shared_sandbox: Box) -> None:
    token = shared_sandbox.token(user="grace@brightside.example.com")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{shared_sandbox.url}/v3/deals/stream?position=tail"
    assert requests.get(url, headers=headers, timeout=10).status_code == 403


def test_streams_misbehave_on_demand(alone: "Caller") -> None:
    alone.box.misbehave("empty_pages times=1; duplicate_events")
    page = stream(alone, position="tail", limit=4)
    assert (page["items"], page["meta"]["top"]) == ([], False)
    page = stream(alone, position=page["meta"]["position"], limit=4)
    ids = [event["meta"]["event_id"] for event in page["items"]]
    assert (len(ids), len(set(ids))) == (4, 2)


def test_a_write_that_changes_nothing_is_no_event(alone: "Caller") -> None:
    made = person(alone)
    start = stream(alone, "contacts", position="top")["meta"]["position"]
    alone.put(f"/v2/contacts/{made['id']}", last_name=made["last_name"])
    assert stream(alone, "contacts", position=start)["items"] == []


# --- search ---------------------------------------------------------------------------------------


def search(call: "Caller", kind: str, **data: Any) -> dict[str, Any]:
    reply = call.session.post(f"{call.box.url}/v3/{kind}/search", json={"items": [{"data": data}]}, timeout=10)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()["items"][0]
    return answer


def where(name: str, **parameter: Any) -> dict[str, Any]:
    return {"filter": {"attribute": {"name": name}, "parameter": parameter}}


def found(answer: dict[str, Any]) -> list[Any]:
    assert answer["successful"], answer
    return [item["data"]["id"] for item in answer["items"]]


def test_search_joins_and_negates_filters(alone: "Caller") -> None:
    deals = alone.records("/v2/deals", per_page=100)
    dear = [deal["id"] for deal in deals if float(deal["value"]) >= 1999.99]
    hot = [deal["id"] for deal in deals if deal["hot"]]
    is_dear, is_hot = where("decimal_value", range={"gte": 1999.99}), where("hot", eq=True)

    def ids(query: dict[str, Any]) -> list[Any]:
        return found(search(alone, "deals", query={"filter": query}))

    assert ids(is_dear) == dear
    assert ids({"and": [is_dear, is_hot]}) == [id for id in dear if id in hot]
    assert ids({"or": [is_dear, is_hot]}) == [deal["id"] for deal in deals if deal["id"] in {*dear, *hot}]
    assert ids({"not": is_hot}) == [deal["id"] for deal in deals if deal["id"] not in hot]


def test_search_operators(alone: "Caller") -> None:
    made = person(
        alone, last_name="Szczęsny", email="s@example.com", tags=["one", "two"], custom_fields={"Employees": 12}
    )
    alone.post("/v2/contacts", last_name="Szczep")
    only = [made["id"]]

    def ids(**parts: Any) -> list[Any]:
        (name, parameter), *_ = parts.items()
        return found(search(alone, "contacts", query={"filter": where(name.replace("__", "."), **parameter)}))

    assert ids(display_name={"contains": "SZCZĘ"}) == only
    assert len(ids(last_name={"starts_with": "szcz"})) == 2
    assert ids(tags={"eq": "two"}) == ids(tags={"any": ["two", "none"]}) == ids(tags={"all": ["one", "two"]}) == only
    assert ids(email={"any": ["s@example.com", "nobody@example.com"]}) == only
    assert made["id"] not in ids(email={"is_null": True})
    assert made["id"] in ids(owner__id={"eq": made["owner_id"]})
    assert ids(owner__name={"eq": "Nobody"}) == []
    assert made["id"] in ids(created_at={"range": {"gte": made["created_at"], "lte": made["created_at"]}})
    assert made["id"] in found(
        search(alone, "contacts", query={"filter": where("custom_fields.contact:610012", range={"gt": 11, "lt": 13})})
    )


def test_search_shows_what_is_asked_for(call: "Caller") -> None:
    query = {"projection": [{"name": "display_name"}, {"name": "owner.id"}, {"name": "is_organisation"}]}
    first = search(call, "contacts", query=query, per_page=1)["items"][0]
    assert first["data"].keys() == {"id", "version", "display_name", "owner", "is_organisation"}
    assert (first["data"]["is_organisation"], first["meta"]["type"]) == (True, "contact")
    bare = search(call, "leads", query={}, per_page=1)["items"][0]
    assert bare["data"].keys() == {"id", "version"}


def test_search_walks_every_record_once(alone: "Caller") -> None:
    everything = {record["id"] for record in alone.records("/v2/contacts", per_page=100)}
    query = {"sort": [{"attribute": {"name": "display_name"}, "order": "descending"}], "projection": [{"name": "name"}]}
    answer, seen = search(alone, "contacts", query=query, per_page=8), []
    assert answer["meta"]["total_count"] == len(everything)
    while True:
        seen += answer["items"]
        cursor = answer["meta"]["links"].get("next_page")
        if not cursor:
            break
        answer = search(alone, "contacts", query=query, per_page=8, cursor=cursor)
    assert len(seen) == len(everything)
    assert {item["data"]["id"] for item in seen} == everything
    names = [item["data"]["name"] for item in seen]
    assert names == sorted(names, reverse=True)
    assert found(search(alone, "contacts", query=query, per_page=8, page=1)) == [
        item["data"]["id"] for item in seen[8:16]
    ]


def test_search_adds_up(alone: "Caller") -> None:
    values = [float(deal["value"]) for deal in alone.records("/v2/deals", per_page=100)]
    kinds = [{"attribute": {"name": "decimal_value"}, "aggregation_type": kind} for kind in ("min", "max", "avg")]
    answer = search(alone, "deals", query={}, aggregations=kinds, hits=False)
    expected = {"min": min(values), "max": max(values), "avg": pytest.approx(sum(values) / len(values))}
    assert (answer["items"], answer["meta"]["aggregations"]) == ([], {"decimal_value": expected})


@pytest.mark.parametrize(
    "data",
    [
        {"query": {"filter": where("nope", eq=1)}},
        {"query": {"filter": where("name", like="x")}},
        {"query": {"filter": {"and": [], "or": []}}},
        {"query": {"projection": [{"name": "shoe_size"}]}},
        {"per_page": 201},
        {"page": 1, "cursor": "x"},
        {"limit": 5},
    ],
)
def test_a_query_that_fails_fails_alone(call: "Caller", data: dict[str, Any]) -> None:
    batch = {"items": [{"data": data}, {"data": {"per_page": 1}}]}
    reply = call.session.post(f"{call.box.url}/v3/deals/search", json=batch, timeout=10)
    bad, good = reply.json()["items"]
    assert (reply.status_code, bad["successful"], good["successful"]) == (200, False, True)
    assert bad["errors"][0]["error"]["code"] == "invalid_param"


@pytest.mark.parametrize("kind", ["contacts", "deals", "leads", "notes", "tasks"])
def test_every_attribute_of_the_index_can_be_shown_and_sorted_by(call: "Caller", kind: str) -> None:
    attributes = sys.modules["sales_connectors.components.zendesk_sell.sandbox.index"].ATTRIBUTES[kind]
    names = [{"name": name} for name in attributes]
    query = {"projection": names, "sort": [{"attribute": name} for name in names]}
    assert search(call, kind, query=query)["items"]


# --- the seed -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_companies() -> Iterator[Box]:
    with running("zendesk-sell", rate=0, seed=2) as box:
        yield box


def counted(box: Box, path: str) -> int:
    headers = {"Authorization": f"Bearer {box.connection['token']['access_token']}"}
    reply = requests.get(f"{box.url}{path}?per_page=100", headers=headers, timeout=10)
    return len(reply.json()["items"])


def test_n_makes_n_of_everything(sandbox: Box, two_companies: Box) -> None:
    for path in (
        "/v2/contacts",
        "/v2/leads",
        "/v2/deals",
        "/v2/notes",
        "/v2/tasks",
        "/v2/orders",
        "/v2/products",
        "/v2/calls",
    ):
        assert counted(two_companies, path) == 2 * counted(sandbox, path) > 0
    assert counted(two_companies, "/v2/users") == counted(sandbox, "/v2/users")


def test_the_seed_is_the_same_every_time(sandbox: Box, shared_sandbox: Box) -> None:
    def names(box: Box) -> list[str]:
        headers = {"Authorization": f"Bearer {box.connection['token']['access_token']}"}
        items = requests.get(f"{box.url}/v2/deals?ids=40000001,40000010", headers=headers, timeout=10).json()["items"]
        return [item["data"]["name"] for item in items]

    assert names(sandbox) == names(shared_sandbox)


def test_an_empty_account_has_its_lists_only() -> None:
    with running("zendesk-sell", rate=0, seed=0) as box:
        assert [counted(box, f"/v2/{name}") for name in ("contacts", "leads", "deals", "products")] == [0, 0, 0, 0]
        assert all(counted(box, f"/v2/{name}") for name in ("users", "pipelines", "stages", "lead_sources", "tags"))


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("/v2/products", "cost", "1e999999"),
        ("/v2/products", "cost", "-1e900000"),
        ("/v2/deals", "value", "NaN"),
        ("/v2/deals", "value", 1e300),
        ("/v2/tasks", "due_date", "0001-01-01T00:00:00+23:59"),
        ("/v2/tasks", "due_date", "9999-12-31T23:59:59-23:59"),
        ("/v2/contacts", "contact_id", 10**30),
    ],
)
def test_a_value_beyond_everything_is_refused(call: "Caller", path: str, field: str, value: Any) -> None:
    status, errors = call.refused("POST", path, {field: value})
    assert (status, [code for code, pointer in errors if pointer.endswith(field)]) == (422, ["incorrect_value"])


@pytest.mark.parametrize("path", ["/v2/contacts?owner_id=", "/v2/contacts?ids=", "/v2/contacts?page=", "/v2/deals/"])
@pytest.mark.parametrize("number", ["9" * 20, "9" * 5000, "-" + "9" * 300])
def test_a_number_beyond_everything_is_refused(call: "Caller", path: str, number: str) -> None:
    assert call("GET", path + number).status_code == 400


@pytest.mark.parametrize(
    "data", [{"page": None}, {"page": 2**70}, {"offset": -1}, {"cursor": "x"}, {"per_page": 10**30}]
)
def test_a_search_for_an_odd_page_says_so_or_starts_at_the_first(call: "Caller", data: dict[str, Any]) -> None:
    assert search(call, "contacts", **data)["successful"] is (data == {"page": None})


def test_more_conditions_than_a_database_takes_are_refused(call: "Caller") -> None:
    many: dict[str, Any] = {"filter": {"attribute": {"name": "id"}, "parameter": {"any": list(range(300_000))}}}
    deep: dict[str, Any] = {"filter": {"attribute": {"name": "id"}, "parameter": {"eq": 1}}}
    for _ in range(300):
        deep = {"not": deep}
    for condition in (many, deep):
        sent = {"items": [{"data": {"query": {"filter": condition}}}]}
        reply = call.session.post(f"{call.box.url}/v3/contacts/search", json=sent, timeout=30)
        assert reply.status_code == 400
