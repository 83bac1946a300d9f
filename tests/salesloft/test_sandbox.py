"""The rules of the Salesloft sandbox, as any HTTP client meets them."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import requests

from sales_connectors.imitation import Box, running

if TYPE_CHECKING:
    from tests.salesloft.conftest import Caller

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))["actions"]

DANA, MARCUS, PRIYA, AISHA, TOMAS = range(40211, 40216)
ACCOUNT, PERSON, BARRED = 531101, 7012001, 7012011
TEAM, PERSONAL, ARCHIVED, DRAFT = range(12001, 12005)
TAKEN = ["is already taken"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")

Calling = Callable[..., "Caller"]
numbers = iter(range(1, 10_000))


def person(call: "Caller", **changes: Any) -> dict[str, Any]:
    return call.post("/v2/people", **{"email_address": f"p{next(numbers)}@mail.example.com", **changes})


def account(call: "Caller", **changes: Any) -> dict[str, Any]:
    return call.post("/v2/accounts", **{"name": "Acme", "domain": f"acme{next(numbers)}.example.com", **changes})


def task(call: "Caller", **changes: Any) -> dict[str, Any]:
    given = {"subject": "X", "person_id": PERSON, "task_type": "general", "due_date": "2030-01-31"}
    return call.post("/v2/tasks", **{**given, **changes})


def member(call: "Caller", **ids: Any) -> dict[str, Any]:
    """Put a person on a cadence; as the reference has it, everything is in the query."""
    reply = call("POST", "/v2/cadence_memberships", params={"cadence_id": TEAM, **ids})
    assert reply.status_code == 200, reply.text
    made: dict[str, Any] = reply.json()["data"]
    return made


# --- requests and errors --------------------------------------------------------------------------------


def test_errors_have_the_vendors_shapes(call: "Caller") -> None:
    assert call.refused("GET", "/v2/people/1") == (404, "Not Found")
    assert call("GET", "/v2/people/abc").status_code == 404
    assert call("GET", "/v2/opportunities").status_code == 404
    assert call("PATCH", f"/v2/people/{PERSON}", {}).status_code == 404
    status, errors = call.refused("POST", "/v2/accounts", {"owner_id": 1, "locale": "en_US"})
    assert status == 422
    assert errors == {
        "locale": ["is not the name of a time zone"],
        "owner_id": ["does not exist"],
        "name": ["is required"],
        "domain": ["is required"],
    }


def test_a_request_without_a_good_token_is_refused(sandbox: Box, caller: Calling) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        reply = requests.get(f"{sandbox.url}/v2/me", headers=headers, timeout=10)
        assert (reply.status_code, list(reply.json())) == (401, ["error"])
    reads = caller(sandbox, scope="people:read")
    assert reads("GET", "/v2/people").status_code == 200
    assert reads.refused("GET", "/v2/accounts")[0] == 403
    assert reads.refused("POST", "/v2/people", {"email_address": "a@b.example.com"})[0] == 403
    assert reads("GET", "/v2/tags").status_code == reads("GET", "/v2/me").status_code == 200


def test_bodies_are_json_or_forms_and_paths_may_end_in_json(call: "Caller") -> None:
    fields = [("email_address", "form@mail.example.com"), ("tags[]", "a"), ("tags[]", "b"), ("do_not_contact", "true")]
    made = call("POST", "/v2/people.json", data=fields).json()["data"]
    assert (made["tags"], made["do_not_contact"]) == (["a", "b"], True)
    custom = call("PUT", f"/v2/people/{made['id']}", data={"custom_fields[Lead Source]": "Fair"}).json()["data"]
    assert custom["custom_fields"] == {"Lead Source": "Fair"}
    for body in ("{", "[1]", '"text"', '{"a": NaN}'):
        assert call("POST", "/v2/people", data=body, headers={"Content-Type": "application/json"}).status_code == 400


def test_what_is_no_field_is_passed_over(call: "Caller") -> None:
    made = person(call, shoe_size=43, id=1, created_at="2001-01-01T00:00:00Z")
    assert "shoe_size" not in made
    assert made["id"] > PERSON
    assert not made["created_at"].startswith("2001")


def test_times_and_links_are_written_as_the_vendor_does(call: "Caller") -> None:
    made = person(call, account_id=ACCOUNT)
    assert MOMENT.fullmatch(made["created_at"])
    assert made["account"] == {"id": ACCOUNT, "_href": f"{call.box.url}/v2/accounts/{ACCOUNT}"}
    assert call.session.get(made["account"]["_href"], timeout=10).json()["data"]["name"] == "Harbour Couriers"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_fault_has_the_vendors_shape_too(sandbox: Box, alone: "Caller", status: int) -> None:
    sandbox.misbehave({"status": status})
    assert list(alone("GET", "/v2/me").json()) == ["error"]
    sandbox.misbehave({"status": 502})
    assert alone("GET", "/v2/me").headers["content-type"].startswith("text/html")


# --- lists ----------------------------------------------------------------------------------------------


def test_pages_tell_where_they_are(call: "Caller") -> None:
    page = call.get("/v2/call_dispositions", per_page=2, page=2)
    assert list(page) == ["metadata", "data"]
    assert page["metadata"] == {
        "filtering": {},
        "paging": {"per_page": 2, "current_page": 2, "next_page": 3, "prev_page": 1},
        "sorting": {"sort_by": "name", "sort_direction": "ASC NULLS FIRST"},
    }
    last = call.get("/v2/call_dispositions", per_page=2, page=3, include_paging_counts="true")["metadata"]["paging"]
    assert (last["next_page"], last["total_pages"], last["total_count"]) == (None, 3, 6)


def test_numbers_out_of_range_are_corrected_and_a_page_past_the_end_is_empty(call: "Caller") -> None:
    def told(**query: Any) -> list[int]:
        paging = call.get("/v2/people", **query)["metadata"]["paging"]
        return [paging["current_page"], paging["per_page"]]

    assert told() == [1, 25]
    assert told(page=0, per_page=0) == told(page=-3, per_page=-1) == [1, 1]
    assert told(per_page=1000) == told(per_page=100) == [1, 100]
    assert told(page="x", per_page="y") == [1, 25]
    past = call.get("/v2/people", page=99)
    assert (past["data"], past["metadata"]["paging"]["next_page"]) == ([], None)


def test_counts_can_be_limited(sandbox: Box, alone: "Caller") -> None:
    job = alone.post("/v2/bulk_jobs", type="person/upsert")["id"]
    for _ in range(2):
        rows = [{"first_name": "X"}] * 5000
        assert alone.post(f"/v2/bulk_jobs/{job}/job_data", data=rows) == {"records": 5000}
    assert alone.get(f"/v2/bulk_jobs/{job}")["data"]["total"] == 10_000
    counted = alone.get("/v2/people", include_paging_counts="true", limit_paging_counts="true")
    assert counted["metadata"]["paging"]["total_count"] == 14


def test_sorting(call: "Caller") -> None:
    def titles(direction: str) -> list[Any]:
        page = call.get("/v2/people", sort_by="title", sort_direction=direction, per_page=100)
        return [record["title"] for record in page["data"]]

    person(call, title=None)
    assert titles("ASC")[0] is None  # nulls come first
    assert titles("DESC")[-1] is None
    assert titles("DESC") == titles("ASC")[::-1]
    assert call.wrong("GET", "/v2/people", params={"sort_by": "shoe_size"}) == ["sort_by"]
    assert call.wrong("GET", "/v2/people", params={"sort_direction": "up"}) == ["sort_direction"]


@pytest.mark.parametrize(
    ("path", "key", "of"),
    [
        ("/v2/accounts", "account_stage_name", ("company_stage", "/v2/account_stages", "name")),
        ("/v2/accounts", "account_tier", ("account_tier", "/v2/account_tiers", "order")),
        ("/v2/people", "account", ("account", "/v2/accounts", "name")),
        ("/v2/people", "cadence_stage_name", ("person_stage", "/v2/person_stages", "name")),
    ],
)
def test_sorting_by_a_related_record(call: "Caller", path: str, key: str, of: tuple[str, str, str]) -> None:
    related, home, named = of
    names = {record["id"]: record[named] for record in call.get(home, per_page=100)["data"]}
    page = call.get(path, sort_by=key, sort_direction="ASC", per_page=100)["data"]
    found = [names[record[related]["id"]] for record in page if record[related]]
    assert found == sorted(found)
    assert len(found) > 1


def test_accounts_by_the_number_of_their_people(call: "Caller") -> None:
    page = call.get("/v2/accounts", sort_by="counts_people", per_page=100)["data"]
    counts = [record["counts"]["people"] for record in page]
    assert counts == sorted(counts, reverse=True)


def test_a_span_of_time(sandbox: Box, alone: "Caller") -> None:
    first, second = person(alone), person(alone)
    since = {"updated_at[gt]": first["updated_at"], "sort_by": "updated_at", "sort_direction": "ASC"}
    assert alone.ids("/v2/people", since) == [second["id"]]
    assert alone.ids("/v2/people", {"updated_at[gte]": first["updated_at"]}) == [second["id"], first["id"]]
    between = {"created_at[gte]": first["created_at"], "created_at[lt]": second["created_at"]}
    assert alone.ids("/v2/people", between) == [first["id"]]
    local = first["updated_at"].replace("+00:00", "-00:00")
    assert alone.ids("/v2/people", {"updated_at[lte]": local})[0] == first["id"]
    for bad in ({"updated_at[after]": "2030-01-01"}, {"updated_at": "2030-01-01"}, {"updated_at[gt]": "soon"}):
        assert alone.wrong("GET", "/v2/people", params=bad) == ["updated_at"]


def test_lists_of_values_and_bare_ones(call: "Caller") -> None:
    ids = [PERSON, PERSON + 1, 1]
    page = call.get("/v2/people", {"ids[]": ids})
    assert sorted(record["id"] for record in page["data"]) == ids[:2]
    assert page["metadata"]["filtering"] == {"ids": [str(id) for id in ids]}
    assert call.ids("/v2/people", ids=PERSON) == [PERSON]
    assert call.wrong("GET", "/v2/people", params={"ids[]": "x"}) == ["ids"]


def test_unknown_filters_are_passed_over_in_silence(call: "Caller") -> None:
    page = call.get("/v2/custom_fields", {"updated_at[gt]": "2090-01-01T00:00:00Z", "nope": "1"})
    assert len(page["data"]) >= 5
    assert page["metadata"]["filtering"] == {}


def test_special_values(call: "Caller") -> None:
    nobody = account(call)
    owned = set(call.ids("/v2/accounts"))
    assert call.ids("/v2/accounts", {"owner_id[]": "_is_null"}) == []
    assert nobody["id"] in call.ids("/v2/accounts", {"account_stage_id[]": ["_is_null", "11"]})
    assert ACCOUNT in call.ids("/v2/accounts", {"account_stage_id[]": ["_is_null", "11"]})
    assert nobody["id"] in call.ids("/v2/accounts", last_contacted="_is_null")
    assert nobody["id"] not in call.ids("/v2/accounts", last_contacted="_is_not_null")
    assert call.ids("/v2/accounts", {"owner_crm_id[_not_in]": "x"}) == call.ids("/v2/accounts")
    assert set(call.ids("/v2/accounts", {"user_relationships[Partner]": "_unmapped"})) == owned
    assert PERSON + 11 in call.ids("/v2/people", {"email_addresses[]": "_is_null"})
    assert call.ids("/v2/people", {"locales[]": "Null", "sort_by": "created_at"})


def test_the_beginning_of_a_value(call: "Caller") -> None:
    assert call.ids("/v2/accounts", {"industry[_starts_with]": "hosp"}) == [ACCOUNT + 1]
    assert call.wrong("GET", "/v2/accounts", params={"industry[_starts_with]": "ho"}) == ["industry"]
    assert call.wrong("GET", "/v2/accounts", params={"name[_starts_with]": "Harbour"}) == ["name"]


def test_custom_fields_narrow_a_list(call: "Caller") -> None:
    ids = call.ids("/v2/accounts", {"custom_fields[Customer Segment]": "ENTERPRISE"})
    assert sorted(ids) == [ACCOUNT, ACCOUNT + 2]
    assert call.ids("/v2/accounts", {"custom_fields[customer segment]": "Enterprise"}) == []
    assert call.ids("/v2/accounts", {"custom_fields[' or 1]": "x"}) == []


def _parameters() -> Iterator[Any]:
    """Each list of the contract with every parameter that it takes, one at a time."""
    values = {"integer": "1", "boolean": "true", "string": "email", "datetime": "2026-01-01T00:00:00Z"}
    for key, action in CONTRACT.items():
        method, _, path = action.get("request", "").partition(" ")
        if method != "GET" or "{" in path or not path:
            continue
        for given in {**action["inputs"], **action.get("extra", {})}.values():
            if given["in"] == "query":
                kind = given["type"]
                name = f"{given['name']}[]" if kind.startswith("array") else given["name"]
                value = values.get(kind.removeprefix("array<").removesuffix(">"), "1")
                yield pytest.param(path, *_filled(name, kind, value, given), id=f"{key}-{given['name']}")


CHOICES = {
    "sort_direction": "ASC", "associated_with_id": "1", "time_interval_filter": "today", "phone_number": "+15550100",
    "completed_time_interval": "today", "group_ids": "[1,2]", "scoped_fields[]": "subject", "task_type[]": "call",
    "current_state[]": "completed", "associated_with_type": "person", "job_seniority[]": "manager",
    "owner_id[]": "_is_null", "group_id[]": "_is_null",
}  # fmt: skip


def _filled(name: str, kind: str, value: str, given: dict[str, Any]) -> tuple[str, str]:
    if kind == "range":
        return f"{name}[gte]", "2026-01-01T00:00:00Z"
    if kind == "object":
        return f"{name}[X]", "y"
    return name, CHOICES.get(name) or next(iter(given.get("enum") or ()), value)


SORT_KEYS = {"/v2/account_tiers": "order", "/v2/cadence_memberships": "added_at", "/v2/call_dispositions": "name",
             "/v2/call_sentiments": "name", "/v2/crm_activity_fields": "title", "/v2/tags": "name",
             "/v2/tasks": "due_at", "/v2/users": "role"}  # fmt: skip


@pytest.mark.parametrize(("path", "name", "value"), list(_parameters()))
def test_every_parameter_of_the_contract_is_taken(call: "Caller", path: str, name: str, value: str) -> None:
    query = {"phone_number": "+1", **({"associated_with_type": "person"} if name == "associated_with_id" else {})}
    if name == "sort_by":
        value = SORT_KEYS.get(path, "updated_at")
    page = call.get(path, {**query, name: value})
    plain = name.partition("[")[0]
    if plain in ("sort_by", "sort_direction"):
        assert page["metadata"]["sorting"][plain].startswith(value)
    elif "paging" not in name and name not in ("page", "per_page", "updated_at[gte]"):
        assert plain in page["metadata"]["filtering"]


# --- people and accounts --------------------------------------------------------------------------------


def test_people_need_an_address_or_a_phone_number_with_a_last_name(call: "Caller") -> None:
    assert call.wrong("POST", "/v2/people", {"first_name": "Jo"}) == ["email_address"]
    assert call.wrong("POST", "/v2/people", {"phone": "+1555"}) == ["email_address"]
    assert call.wrong("POST", "/v2/people", {"email_address": "jo@"}) == ["email_address"]
    made = call.post("/v2/people", phone="+15550199", last_name="Doe")
    assert (made["display_name"], made["email_address"]) == ("Doe", None)


def test_nobody_is_there_twice(call: "Caller") -> None:
    jo = person(call, email_address="jo@mail.example.com", crm_id="00Q00000000000000A", crm_id_type="salesforce")
    assert call.refused("POST", "/v2/people", {"email_address": "JO@mail.example.com"}) == (
        422,
        {"email_address": TAKEN},
    )
    twin = {"email_address": "jo2@mail.example.com", "crm_id": jo["crm_id"], "crm_id_type": "salesforce"}
    assert call.refused("POST", "/v2/people", twin) == (422, {"crm_id": TAKEN})
    call.post("/v2/people", phone="+15550188", last_name="Roe")
    assert call.wrong("POST", "/v2/people", {"phone": "+15550188", "last_name": "Roe"}) == ["phone"]
    call.post("/v2/people", phone="+15550188", last_name="Poe")
    assert call.wrong("PUT", f"/v2/people/{PERSON}", {"email_address": "jo@mail.example.com"}) == ["email_address"]
    assert call.put(f"/v2/people/{jo['id']}", email_address="Jo@mail.example.com")["email_address"][0] == "J"


def test_ids_of_the_crm(sandbox: Box, alone: "Caller", caller: Calling) -> None:
    def wrong(**fields: str) -> list[str]:
        return alone.wrong("POST", "/v2/people", {"email_address": "jo@mail.example.com", **fields})

    assert wrong(crm_id="00Q00000000000000A") == ["crm_id_type"]
    assert wrong(crm_id="00Q1", crm_id_type="salesforce") == ["crm_id"]
    assert wrong(crm_id="00100000000000000A", crm_id_type="salesforce") == ["crm_id"]
    assert wrong(crm_id="00Q00000000000000A", crm_id_type="hubspot") == ["crm_id_type"]
    lead = person(alone, crm_id="00Q00000000000000A", crm_id_type="salesforce")
    assert lead["crm_object_type"] == "Lead"
    unscoped = caller(sandbox, scope="people:write")
    fields = {"email_address": "a@mail.example.com", "crm_id": "00300000000000000B", "crm_id_type": "salesforce"}
    assert unscoped.refused("POST", "/v2/people", fields)[0] == 403


def test_a_person_is_filled_in(call: "Caller") -> None:
    made = person(
        call, first_name="Jo", last_name="Doe", email_address="jo.doe@mail.example.com", autotag_date=True,
        tags=["fair"], custom_fields={"Contract End": "2030-01-31"}, locale="Asia/Kolkata", person_stage_id=111,
    )  # fmt: skip
    assert made["full_email_address"] == '"Jo Doe" <jo.doe@mail.example.com>'
    assert (made["display_name"], made["locale_utc_offset"], made["owner"]["id"]) == ("Jo Doe", 330, DANA)
    assert made["tags"][0] == "fair"
    assert made["tags"][1] == made["created_at"][:10]
    assert call.ids("/v2/tags", search="FAIR")
    assert call.put(f"/v2/people/{made['id']}", custom_fields={"Lead Source": "Fair"})["custom_fields"] == {
        "Contract End": "2030-01-31",
        "Lead Source": "Fair",
    }


def test_values_of_people_are_checked(call: "Caller") -> None:
    wrong = {
        "job_seniority": "Manager",
        "contact_restrictions": ["fax"],
        "do_not_contact": "maybe",
        "tags": "vip",
        "account_id": "x",
        "person_stage_id": 1,
        "title": {"a": 1},
    }
    assert set(call.wrong("POST", "/v2/people", wrong)) == {*wrong, "email_address"} - {"email_address"}
    for values in ({"Shoe": "1"}, {"Contract End": "soon"}, {"Customer Segment": "of accounts"}):
        assert call.wrong("PUT", f"/v2/people/{PERSON}", {"custom_fields": values}) == ["custom_fields"]


def test_filters_of_people(call: "Caller") -> None:
    barred, plain = person(call, do_not_contact=True, phone="+1 (555) 01-77"), person(call, mobile_phone="15550177")
    ids = {"ids[]": [barred["id"], plain["id"]]}
    for name, found in {"can_email": plain, "can_call": plain, "can_text": plain, "do_not_contact": barred}.items():
        assert call.ids("/v2/people", ids, **{name: "true"}) == [found["id"]]
    assert set(call.ids("/v2/people", phone_number="+15550177")) == {barred["id"], plain["id"]}
    assert call.ids("/v2/people", ids, new="false") == []
    assert PERSON in call.ids("/v2/people", replied="true")
    assert call.ids("/v2/people", {"cadence_id[]": PERSONAL, "sort_by": "created_at"}) == [PERSON + 6, PERSON + 5]
    assert plain["id"] in call.ids("/v2/people", {"cadence_id[]": "_is_null"})
    assert set(call.ids("/v2/people", {"owned_by_guid[]": guid(call, PRIYA)})) == {PERSON + n for n in (2, 5, 8, 11)}
    assert call.ids("/v2/people", owner_is_active="false") == []
    assert call.ids("/v2/people", {"starred_by_guid[]": guid(call, PRIYA)}) == []


def guid(call: "Caller", user: int) -> str:
    return str(call.get(f"/v2/users/{user}")["data"]["guid"])


def test_domains_of_accounts_are_unique_and_lower_case(call: "Caller") -> None:
    acme = account(call, domain="ACME.example.com")
    assert acme["domain"] == "acme.example.com"
    twin = {"name": "X", "domain": "Acme.example.com"}
    assert call.refused("POST", "/v2/accounts", twin) == (422, {"domain": TAKEN})
    assert call.wrong("POST", "/v2/accounts", {"name": "X", "domain": "www x com"}) == ["domain"]
    nike = account(call, domain="https://www.nike.com/")
    assert nike["domain"] == "https://www.nike.com/"
    assert call.ids("/v2/accounts", {"domain": "https://www.nike.com/"}) == [nike["id"]]
    moved = call.put(f"/v2/accounts/{acme['id']}", city="Oslo")
    assert (moved["name"], moved["domain"], moved["city"]) == ("Acme", "acme.example.com", "Oslo")
    assert call.wrong("PUT", f"/v2/accounts/{acme['id']}", {"name": None, "domain": ""}) == ["name", "domain"]
    changed = call.put(f"/v2/accounts/{acme['id']}", name="Acme", domain="acme.example.com", archived=True)
    assert changed["archived_at"]
    assert acme["id"] in call.ids("/v2/accounts", archived="true")
    assert (
        call.put(f"/v2/accounts/{acme['id']}", name="A", domain="acme.example.com", archived=False)["archived_at"]
        is None
    )


def test_deleting_an_account_detaches_its_people_and_can_be_repeated(call: "Caller") -> None:
    acme = account(call)
    jo = person(call, account_id=acme["id"])
    path = f"/v2/accounts/{acme['id']}"
    assert [call("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert call("DELETE", path).content == b""
    assert call("GET", path).status_code == 404
    assert call("DELETE", "/v2/accounts/1").status_code == 404
    assert call.get(f"/v2/people/{jo['id']}")["data"]["account"] is None


def test_a_person_who_is_not_to_be_contacted_leaves_every_cadence(call: "Caller") -> None:
    acme = account(call)
    jo, mo = person(call), person(call, account_id=acme["id"])
    for one in (jo, mo):
        member(call, person_id=one["id"])
    assert call.put(f"/v2/people/{jo['id']}", do_not_contact=True)["id"] == jo["id"]
    call.put(f"/v2/accounts/{acme['id']}", name="A", domain=acme["domain"], do_not_contact=True)
    for one in (jo, mo):
        assert call.get(f"/v2/people/{one['id']}")["data"]["cadences"] == []
        (was,) = call.get("/v2/cadence_memberships", person_id=one["id"])["data"]
        assert (was["current_state"], was["currently_on_cadence"]) == ("removed", False)


# --- upserts --------------------------------------------------------------------------------------------


def test_an_upsert_creates_and_then_updates(call: "Caller") -> None:
    fields = {"upsert_key": "email_address", "email_address": "zoe@mail.example.com"}
    made, found = call.post("/v2/person_upserts", **fields), call.post("/v2/person_upserts", **fields, title="Boss")
    assert (made["upsert_type"], found["upsert_type"]) == ("create", "update")
    assert (found["person"]["id"], found["person"]["title"]) == (made["person"]["id"], "Boss")
    acme = call.post("/v2/account_upserts", upsert_key="domain", domain="zoe.example.com", name="Zoe")
    again = call.post("/v2/account_upserts", upsert_key="domain", domain="ZOE.example.com", city="Oslo")
    assert (again["upsert_type"], again["account"]["name"]) == ("update", "Zoe")
    assert acme["account"]["id"] == again["account"]["id"]


def test_what_an_upsert_refuses(call: "Caller") -> None:
    def wrong(**fields: Any) -> list[str]:
        return call.wrong("POST", "/v2/person_upserts", fields)

    mail = call.get(f"/v2/people/{PERSON}")["data"]["email_address"]
    assert wrong(upsert_key="email_address", title="X") == ["email_address"]
    assert wrong(upsert_key="phone", phone="1") == ["upsert_key"]
    assert wrong(email_address=mail) == ["email_address"]  # without a key nothing is updated
    assert wrong(upsert_key="email_address", email_address=mail, id=PERSON + 1) == ["id"]
    assert wrong(upsert_key="id", id=1) == ["id"]
    crm_id = call.get(f"/v2/people/{PERSON + 1}")["data"]["crm_id"]
    status, errors = call.refused("POST", "/v2/person_upserts", {"upsert_key": "crm_id", "crm_id": crm_id})
    assert (status, "multiple" in errors["upsert_key"][0]) == (422, True)


# --- cadences -------------------------------------------------------------------------------------------


def test_one_membership_for_each_person_and_cadence(call: "Caller") -> None:
    jo = person(call)
    first = member(call, person_id=jo["id"])
    second = member(call, person_id=jo["id"], step_id=45003)
    assert first["id"] == second["id"]
    assert first["created_at"] == second["created_at"] <= first["added_at"] < second["added_at"]
    assert [action["step"]["id"] for action in call.get("/v2/actions", person_id=jo["id"])["data"]] == [45003]
    assert call.get(f"/v2/people/{jo['id']}")["data"]["most_recent_cadence"]["id"] == TEAM
    posted = call.post("/v2/cadence_memberships", person_id=jo["id"], cadence_id=TEAM)  # as the vendor's example does
    assert posted["id"] == first["id"]


def test_a_membership_that_ended_is_begun_again(call: "Caller") -> None:
    jo = person(call)
    path = f"/v2/cadence_memberships/{member(call, person_id=jo['id'])['id']}"
    assert call("DELETE", path).status_code == 204
    assert call("DELETE", path).status_code == 404
    assert call.get(path)["data"]["current_state"] == "removed"
    assert call.ids("/v2/actions", person_id=jo["id"]) == []
    assert call.ids("/v2/cadence_memberships", person_id=jo["id"], currently_on_cadence="true") == []
    assert member(call, person_id=jo["id"])["currently_on_cadence"] is True


def test_who_may_add_whom(shared_sandbox: Box, call: "Caller", caller: Calling) -> None:
    jo = person(call)["id"]

    def wrong(by: "Caller", **ids: Any) -> list[str]:
        return by.wrong("POST", "/v2/cadence_memberships", params={"person_id": jo, **ids})

    assert wrong(call, cadence_id=PERSONAL) == ["user_id"]  # neither the team's nor the caller's
    assert wrong(call, cadence_id=PERSONAL, user_id=PRIYA) == ["user_id"]
    assert wrong(call, cadence_id=ARCHIVED) == wrong(call, cadence_id=DRAFT) == ["cadence_id"]
    assert member(call, person_id=jo, cadence_id=PERSONAL, user_id=MARCUS)["user"]["id"] == MARCUS
    assert member(call, person_id=jo, cadence_id=PERSONAL, user_id=AISHA)["user"]["id"] == AISHA  # a special right
    assert member(call, person_id=jo, cadence_id=TEAM, user_id=PRIYA)["user"]["id"] == PRIYA
    marcus = caller(shared_sandbox, "marcus")
    assert member(marcus, person_id=jo, cadence_id=PERSONAL)["user"]["id"] == MARCUS


def test_what_a_membership_needs(call: "Caller") -> None:
    jo = person(call)["id"]

    def wrong(**ids: Any) -> list[str]:
        return call.wrong("POST", "/v2/cadence_memberships", params={"person_id": jo, "cadence_id": TEAM, **ids})

    assert call.wrong("POST", "/v2/cadence_memberships") == ["person_id", "cadence_id"]
    assert wrong(person_id=BARRED) == ["person_id"]
    assert wrong(person_id=1, cadence_id=1, user_id=1, step_id=1) == ["person_id", "cadence_id", "user_id", "step_id"]
    assert wrong(step_id=45005) == ["step_id"]
    assert wrong(task_id=task(call)["id"]) == ["task_id"]
    mine = task(call, person_id=jo)["id"]
    member(call, person_id=jo, task_id=mine)
    assert call.get(f"/v2/tasks/{mine}")["data"]["current_state"] == "completed"


def test_calls_move_a_person_along(sandbox: Box, caller: Calling) -> None:
    call = caller(sandbox, personal=True)  # whose token outlives the days that pass
    jo = person(call)["id"]
    membership = member(call, person_id=jo)
    (action,) = call.get("/v2/actions", person_id=jo)["data"]
    assert (action["type"], action["status"], action["due"]) == ("phone", "in_progress", True)

    made = call.post("/v2/activities/calls", person_id=jo, action_id=action["id"])

    assert (made["cadence"]["id"], made["step"]["id"]) == (TEAM, 45001)
    assert call("GET", f"/v2/actions/{action['id']}").status_code == 404  # completed
    (following,) = call.get("/v2/actions", person_id=jo)["data"]
    assert (following["step"]["id"], following["due"]) == (45002, False)
    assert call.get(f"/v2/cadence_memberships/{membership['id']}")["data"]["current_state"] == "scheduled"
    assert call.get(f"/v2/people/{jo}")["data"]["last_completed_step"]["id"] == 45001
    sandbox.advance(86400)
    assert call.get(f"/v2/actions/{following['id']}")["data"]["due"] is True


def test_the_last_step_ends_the_cadence(call: "Caller") -> None:
    jo = person(call)["id"]
    membership = member(call, person_id=jo, step_id=45004)
    (action,) = call.ids("/v2/actions", person_id=jo)
    call.post("/v2/activities/calls", person_id=jo, action_id=action)
    over = call.get(f"/v2/cadence_memberships/{membership['id']}")["data"]
    assert (over["current_state"], over["currently_on_cadence"]) == ("completed", False)
    assert call.get(f"/v2/people/{jo}")["data"]["cadences"] == []


def test_who_sees_which_cadences_and_actions(sandbox: Box, alone: "Caller", caller: Calling) -> None:
    priya, marcus = caller(sandbox, "priya"), caller(sandbox, "marcus")
    assert set(alone.ids("/v2/cadences")) == {TEAM, PERSONAL, ARCHIVED, DRAFT}
    assert priya.ids("/v2/cadences", team_cadence="false") == [PERSONAL]
    assert {action["user"]["id"] for action in marcus.get("/v2/actions")["data"]} == {MARCUS}
    assert priya.ids("/v2/actions") == []
    assert len(alone.ids("/v2/actions")) > 5


def test_filters_of_cadences_and_steps(call: "Caller") -> None:
    assert call.ids("/v2/cadences", {"name[]": "Renewals"}) == [DRAFT]
    assert call.ids("/v2/cadences", archived="true") == [ARCHIVED]
    assert set(call.ids("/v2/cadences", people_addable="true")) == {TEAM}
    assert call.ids("/v2/cadences", group_ids="[82, 83]") == call.ids("/v2/cadences", group_ids=82) != []
    assert call.ids("/v2/cadences", group_ids="_is_null") == call.ids("/v2/cadences", group_ids=83) == []
    assert call.wrong("GET", "/v2/cadences", params={"group_ids": "x"}) == ["group_ids"]
    assert call.ids("/v2/cadences", {"owned_by_guid[]": guid(call, MARCUS)}) == [PERSONAL]
    assert set(call.ids("/v2/steps", cadence_id=TEAM, type="phone")) == {45001, 45004}
    assert 45001 in call.ids("/v2/steps", has_due_actions="true")


# --- calls, notes, tasks, emails ------------------------------------------------------------------------


def test_a_call_brings_a_note_and_a_crm_activity_with_it(call: "Caller") -> None:
    acme = account(call)
    jo = person(call, account_id=acme["id"])
    (free, *_) = call.ids("/v2/call_data_records", has_call="false")
    params = {"CallPurpose": "discovery", "Type": "Call"}
    made = call.post(
        "/v2/activities/calls", person_id=jo["id"], notes="Hello", disposition="Connected", crm_params=params,
        linked_call_data_record_ids=[free], user_guid=guid(call, MARCUS),
    )  # fmt: skip
    assert (made["user"]["id"], made["called_person"]["id"]) == (MARCUS, jo["id"])
    assert call.get(f"/v2/notes/{made['note']['id']}")["data"]["content"] == "Hello"
    assert call.get(f"/v2/crm_activities/{made['crm_activity']['id']}")["data"]["custom_crm_fields"] == params
    assert free not in call.ids("/v2/call_data_records", has_call="false")
    for path in (f"/v2/people/{jo['id']}", f"/v2/accounts/{acme['id']}"):
        assert call.get(path)["data"]["last_contacted_by"]["id"] == MARCUS
    again = {"person_id": jo["id"], "linked_call_data_record_ids": [free]}
    assert call.wrong("POST", "/v2/activities/calls", again) == ["linked_call_data_record_ids"]


def test_what_a_call_refuses(call: "Caller") -> None:
    jo = person(call)["id"]
    member(call, person_id=jo, step_id=45002)
    (email,) = call.ids("/v2/actions", person_id=jo)
    general, phone = task(call, person_id=jo)["id"], task(call, person_id=jo, task_type="call")["id"]

    def wrong(**fields: Any) -> list[str]:
        return call.wrong("POST", "/v2/activities/calls", {"person_id": jo, **fields})

    assert call.wrong("POST", "/v2/activities/calls", {"to": "+1555"}) == ["person_id"]
    assert wrong(disposition="Nice", sentiment="Good") == ["disposition", "sentiment"]
    assert wrong(action_id=email) == ["action_id"]
    assert wrong(task_id=general) == ["task_id"]
    assert wrong(action_id=email, task_id=phone) == ["task_id", "action_id"]
    assert wrong(crm_params={"Shoe": 1}) == wrong(crm_params={"Type": "Email"}) == ["crm_params"]
    assert wrong(user_guid="nobody") == ["user_guid"]
    call.post("/v2/activities/calls", person_id=jo, task_id=phone)
    assert wrong(task_id=phone) == ["task_id"]  # usable once


def test_only_admins_write_for_others(shared_sandbox: Box, call: "Caller", caller: Calling) -> None:
    priya = caller(shared_sandbox, "priya")
    about = {"associated_with_type": "person", "associated_with_id": PERSON, "content": "X"}
    assert priya.post("/v2/notes", **about, user_guid=guid(call, PRIYA))["user"]["id"] == PRIYA
    assert priya.refused("POST", "/v2/notes", {**about, "user_guid": guid(call, DANA)})[0] == 403
    assert call.post("/v2/notes", **about, user_guid=guid(call, PRIYA))["user"]["id"] == PRIYA
    their_call = {"person_id": PERSON, "user_guid": guid(call, DANA)}
    assert priya.refused("POST", "/v2/activities/calls", their_call)[0] == 403


def test_notes(call: "Caller") -> None:
    phoned = call.post("/v2/activities/calls", person_id=PERSON)["id"]
    about = {"associated_with_type": "Account", "associated_with_id": ACCOUNT, "content": "X"}
    note = call.post("/v2/notes", **about, call_id=phoned)
    assert (note["associated_type"], note["associated_with"]["_href"][-19:]) == (
        "account",
        f"/v2/accounts/{ACCOUNT}"[-19:],
    )
    assert call.wrong("POST", "/v2/notes", {**about, "call_id": phoned}) == ["call_id"]
    assert call.put(f"/v2/notes/{note['id']}", content="Y", call_id=None)["call"] is None
    assert call.get(f"/v2/activities/calls/{phoned}")["data"]["note"] is None
    assert call.wrong("PUT", f"/v2/notes/{note['id']}", {"call_id": phoned}) == ["content"]
    assert call.wrong("POST", "/v2/notes", {"associated_with_type": "deal"}) == [
        "associated_with_type", "content", "associated_with_id"
    ]  # fmt: skip
    assert call.wrong("GET", "/v2/notes", params={"associated_with_id": ACCOUNT}) == ["associated_with_type"]
    assert note["id"] in call.ids("/v2/notes", associated_with_id=ACCOUNT, associated_with_type="ACCOUNT")
    assert [call("DELETE", f"/v2/notes/{note['id']}").status_code for _ in range(2)] == [204, 204]


def test_tasks(call: "Caller") -> None:
    made = task(call, user_guid=guid(call, MARCUS), due_at="2030-01-31T10:00:00Z", description="Y")
    assert (made["user"]["id"], made["created_by_user"]["id"], made["due_at"]) == (MARCUS, DANA, None)
    assert call.wrong("POST", "/v2/tasks", {}) == ["subject", "task_type", "due_date", "person_id"]
    wrong = {"task_type": "visit", "due_date": "2030-01-31T10:00:00Z", "current_state": "completed"}
    given = {"subject": "X", "person_id": PERSON, "task_type": "call", "due_date": "2030-01-31"}
    for name, value in wrong.items():
        assert call.wrong("POST", "/v2/tasks", {**given, name: value}) == [name]
    path = f"/v2/tasks/{made['id']}"
    assert call.put(path, due_at="2030-02-01T12:00:00+02:00")["due_at"] == "2030-02-01T10:00:00.000000+00:00"
    done = call.put(path, current_state="completed")
    assert (done["completed_by"]["id"], bool(done["completed_at"])) == (DANA, True)
    assert call.wrong("PUT", path, {"current_state": "scheduled"}) == ["current_state"]
    assert call.wrong("PUT", path, {"due_date": None}) == ["due_date"]


def test_idempotency_keys_of_tasks(call: "Caller") -> None:
    first, second = task(call, idempotency_key="a-1"), task(call, idempotency_key="a-1", subject="Other")
    assert first == second
    assert call.ids("/v2/tasks", idempotency_key="a-1") == [first["id"]]
    assert task(call, idempotency_key="a-2")["id"] != first["id"]
    assert call.ids("/v2/tasks", idempotency_key="a-3") == []


def test_tasks_by_when_they_are_due_and_whose_they_are(call: "Caller") -> None:
    today = datetime.now(UTC).date()
    for days, interval in ((-1, "overdue"), (0, "today"), (1, "tomorrow")):
        made = task(call, due_date=(today + timedelta(days=days)).isoformat())["id"]
        assert made in call.ids("/v2/tasks", time_interval_filter=interval)
    assert call.wrong("GET", "/v2/tasks", params={"time_interval_filter": "soon"}) == ["time_interval_filter"]
    seen = call.get("/v2/tasks", {"account_id[]": ACCOUNT})["data"]
    assert {record["person"]["id"] for record in seen} == {PERSON, PERSON + 4}
    dates = [record["due_date"] for record in call.get("/v2/tasks", per_page=100)["data"]]
    assert dates == sorted(dates)


def test_scoped_fields_of_emails(shared_sandbox: Box, call: "Caller", caller: Calling) -> None:
    path = "/v2/activities/emails/9120104"
    assert call.get(path)["data"]["subject"] is None
    asked = call.get(path, {"scoped_fields[]": ["subject", "error_message"]})["data"]
    assert (asked["subject"], asked["error_message"]) == ("Our price list", "The mailbox is full")
    listed = call.get("/v2/activities/emails", {"ids[]": 9120104, "scoped_fields[]": "subject"})["data"]
    assert listed[0]["subject"] == "Our price list"
    plain = caller(shared_sandbox, scope="emails:read")
    for place in (path, "/v2/activities/emails"):
        assert plain.refused("GET", place, params={"scoped_fields[]": "subject"})[0] == 403
    assert call.wrong("GET", path, params={"scoped_fields[]": "body"}) == ["scoped_fields"]


def test_filters_of_emails(call: "Caller") -> None:
    assert call.ids("/v2/activities/emails", bounced="true") == [9120104]
    assert call.ids("/v2/activities/emails", one_off="true") == [9120105]
    assert call.ids("/v2/activities/emails", has_replies="true") == [9120101]
    assert set(call.ids("/v2/activities/emails", {"account_id[]": ACCOUNT})) == {9120101, 9120105}
    assert call.ids("/v2/activities/emails", {"status[]": "scheduled"}) == [9120105]


def test_caller_ids(call: "Caller") -> None:
    jo = person(call, phone="+1 555 010 0555", first_name="Jo", title="Boss", person_company_name="Acme")
    page = call.get("/v2/phone_numbers/caller_ids", phone_number="+15550100555")
    link = {"id": jo["id"], "_href": f"{call.box.url}/v2/people/{jo['id']}"}
    assert page["data"] == [{"account_name": "Acme", "display_name": "Jo", "title": "Boss", "person": link}]
    assert "paging" not in page["metadata"]
    assert call.wrong("GET", "/v2/phone_numbers/caller_ids") == ["phone_number"]
    assert call.wrong("GET", "/v2/phone_numbers/caller_ids?phone_number=+15550100555") == ["phone_number"]


# --- users, imports, custom fields, tags ----------------------------------------------------------------


def test_users(shared_sandbox: Box, call: "Caller", caller: Calling) -> None:
    assert call.ids("/v2/users") == [AISHA, PRIYA, MARCUS, DANA]
    assert TOMAS in call.ids("/v2/users", visible_only="false")
    assert call.ids("/v2/users", visible_only="false", active="false") == [TOMAS]
    assert call.ids("/v2/users", search="AAL marcus") == [MARCUS]
    assert call.ids("/v2/users", {"guid[]": guid(call, PRIYA)}) == [PRIYA]
    assert call.ids("/v2/users", {"group_id[]": "_is_null", "visible_only": "false"}) == [TOMAS]
    assert call.ids("/v2/users", {"role_id[]": ["51", "Admin"]}) == [PRIYA, DANA]
    assert call.ids("/v2/users", manager_user_guid=guid(call, DANA), seat_package="premier") == [AISHA]
    assert set(caller(shared_sandbox, "priya").ids("/v2/users")) == {MARCUS, PRIYA}
    assert caller(shared_sandbox, "priya")("GET", f"/v2/users/{DANA}").status_code == 404
    assert caller(shared_sandbox, "priya").get("/v2/me")["data"]["id"] == PRIYA


def test_all_users_come_at_once_unless_a_page_is_asked_for(call: "Caller") -> None:
    assert len(call.get("/v2/users", per_page=2)["data"]) == 4
    paged = call.get("/v2/users", page=1, per_page=2)
    assert (len(paged["data"]), paged["metadata"]["paging"]["next_page"]) == (2, 2)


def test_groups_have_no_pages_and_roles_have_text_for_ids(call: "Caller") -> None:
    groups = call.get("/v2/groups", per_page=1)
    assert len(groups["data"]) == 3
    assert "paging" not in groups["metadata"]
    roles = call.get("/v2/custom_roles", {"ids[]": ["51", "Admin"]})["data"]
    assert roles == [{"id": "51", "name": "Development rep"}]


def test_imports_belong_to_their_users(sandbox: Box, alone: "Caller", caller: Calling) -> None:
    priya = caller(sandbox, "priya")
    mine = priya.post("/v2/imports", name="Mine")
    assert mine["user_id"] == PRIYA
    assert priya.ids("/v2/imports") == [mine["id"]]
    assert priya.ids("/v2/imports", {"user_ids[]": DANA}) == []
    assert priya("GET", "/v2/imports/3301").status_code == 404
    assert priya.refused("POST", "/v2/imports", {"user_id": DANA})[0] == 403
    assert set(alone.ids("/v2/imports")) == {3301, 3302, mine["id"]}


@pytest.mark.parametrize(("undo", "left"), [(None, 2), ("single", 1), ("all", 0)])
def test_deleting_an_import_with_its_people(sandbox: Box, alone: "Caller", undo: str | None, left: int) -> None:
    first, second = (alone.post("/v2/imports", name=name)["id"] for name in ("First", "Second"))
    people = [person(alone, import_id=first)["id"] for _ in range(2)]
    alone.put(f"/v2/people/{people[1]}", import_id=second)
    assert alone.get(f"/v2/imports/{first}")["data"]["current_people_count"] == 2
    assert alone("DELETE", f"/v2/imports/{first}", params={"undo": undo} if undo else {}).status_code == 204
    assert len(alone.ids("/v2/people", {"ids[]": people})) == left
    assert alone.wrong("DELETE", f"/v2/imports/{second}", params={"undo": "some"}) == ["undo"]


def test_custom_fields_keep_their_values_under_a_new_name(sandbox: Box, alone: "Caller") -> None:
    made = alone.post("/v2/custom_fields", name="Boat")
    assert (made["field_type"], made["value_type"]) == ("person", "text")
    assert alone.wrong("POST", "/v2/custom_fields", {"name": "Boat"}) == ["name"]
    assert alone.wrong("POST", "/v2/custom_fields", {"name": "X", "field_type": "dropdown"}) == ["field_type"]
    alone.put(f"/v2/people/{PERSON}", custom_fields={"Boat": "Eight"})
    alone.put(f"/v2/custom_fields/{made['id']}", name="Vessel")
    assert alone.get(f"/v2/people/{PERSON}")["data"]["custom_fields"]["Vessel"] == "Eight"
    assert [alone("DELETE", f"/v2/custom_fields/{made['id']}").status_code for _ in range(2)] == [204, 404]
    assert "Vessel" not in alone.get(f"/v2/people/{PERSON}")["data"]["custom_fields"]


def test_person_stages_and_tags(sandbox: Box, alone: "Caller") -> None:
    stage = alone.post("/v2/person_stages", name="Waiting")
    assert stage["order"] == 6
    alone.put(f"/v2/people/{PERSON}", person_stage_id=stage["id"], tags=["brand new"])
    assert [alone("DELETE", f"/v2/person_stages/{stage['id']}").status_code for _ in range(2)] == [204, 204]
    assert alone.get(f"/v2/people/{PERSON}")["data"]["person_stage"] is None
    (tag,) = alone.ids("/v2/tags", search="brand")
    assert alone.ids("/v2/people", {"tag_id[]": tag}) == [PERSON]


# --- bulk jobs ------------------------------------------------------------------------------------------


def test_a_bulk_job_runs(sandbox: Box, alone: "Caller") -> None:
    job = alone.post("/v2/bulk_jobs", type="person/upsert", name="Visitors")
    assert (job["state"], job["ready_to_execute"], job["total"]) == ("open", False, 0)
    path = f"/v2/bulk_jobs/{job['id']}"
    rows = [{"upsert_key": "email_address", "email_address": f"v{n}@mail.example.com"} for n in range(250)]
    alone.post(f"{path}/job_data", data=rows[:200])
    assert alone.post(f"{path}/job_data", data=[*rows[200:], {"first_name": "Nobody"}]) == {"records": 51}
    started = alone.put(path, ready_to_execute=True)
    assert (started["state"], started["total"], started["processed"]) == ("executing", 251, 0)
    assert len(alone.get(f"{path}/job_data", per_page=5)["data"]) == 5
    looked = alone.get(path)["data"]
    assert looked["state"] == "executing"
    assert 0 < looked["processed"] < 251
    assert alone.get(f"{path}/results")["data"] == []

    sandbox.advance(60)

    done = alone.get(path)["data"]
    assert (done["state"], done["processed"], done["errors"]) == ("done", 251, 1)
    assert done["finished_at"] > done["started_at"]
    results = walked_by_id(alone, f"{path}/results")
    assert [row["record"] for row in results[:250]] == rows
    assert results[0]["resource"]["upsert_type"] == "create"
    assert (results[250]["status"], results[250]["resource"]) == ("error", None)
    assert "email_address is required" in results[250]["error"]
    assert len(alone.get(f"{path}/results", {"status[]": "error"})["data"]) == 1


def walked_by_id(call: "Caller", path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = call.get(path, {"id[gt]": found[-1]["id"] if found else 0}, per_page=100)
        assert list(page["metadata"]["paging"]) == ["per_page"]
        found += page["data"]
        if len(page["data"]) < 100:
            return found


def test_a_bulk_job_gets_on_by_steps_where_no_time_passes(sandbox: Box, alone: "Caller") -> None:
    job = alone.post("/v2/bulk_jobs", type="person/upsert")["id"]
    path = f"/v2/bulk_jobs/{job}"
    alone.post(f"{path}/job_data", data=[{"email_address": f"w{n}@mail.example.com"} for n in range(150)])
    alone.put(path, ready_to_execute=True)
    states = [alone.get(path)["data"]["state"] for _ in range(2)]
    assert states == ["executing", "done"]


def test_what_a_bulk_job_refuses(sandbox: Box, alone: "Caller") -> None:
    assert alone.wrong("POST", "/v2/bulk_jobs", {"type": "people"}) == ["type"]
    path = f"/v2/bulk_jobs/{alone.post('/v2/bulk_jobs', type='person/upsert')['id']}"
    refused: list[Any] = [None, [], ["x"], [{}] * 5001]
    for data in refused:
        assert alone.wrong("POST", f"{path}/job_data", {"data": data}) == ["data"]
    alone.put(path, ready_to_execute=True, name="Empty")
    assert alone.get(path)["data"]["state"] == "done"
    for method, place in (("POST", f"{path}/job_data"), ("PUT", path)):
        assert alone.wrong(method, place, {"data": [{}], "ready_to_execute": True}) == ["state"]


def test_bulk_jobs_are_listed_by_id(call: "Caller") -> None:
    assert call.ids("/v2/bulk_jobs", {"state[]": "done"}) == [2201]
    assert call.ids("/v2/bulk_jobs", {"id[gt]": 2201, "state[]": ["open", "executing"]}) == [2202]
    assert call.wrong("GET", "/v2/bulk_jobs", params={"id[lt]": 5}) == ["id"]


# --- signing in, and the rate limit ---------------------------------------------------------------------


def test_the_redirect_brings_a_code_that_works_once(sandbox: Box) -> None:
    fields = sandbox.connection["fields"]
    client = {"client_id": fields["clientId"], "redirect_uri": "http://127.0.0.1:8765/callback"}
    page = requests.get(fields["authorizeUrl"], {**client, "response_type": "code", "state": "s"}, timeout=10)
    assert "Salesloft" in page.text
    sent = {**client, "response_type": "code", "state": "s", "decision": "allow", "user": MARCUS}
    back = requests.post(fields["authorizeUrl"], sent, allow_redirects=False, timeout=10).headers["Location"]
    code = re.search(r"code=([^&]+)", back)
    assert code
    asked = {**client, "client_secret": fields["clientSecret"], "grant_type": "authorization_code", "code": code[1]}
    token, again = (requests.post(fields["tokenUrl"], asked, timeout=10).json() for _ in range(2))
    assert token["expires_in"] == 7200
    assert re.fullmatch("[0-9a-f]{64}", token["access_token"])
    assert again["error"] == "invalid_grant"


def test_refresh_tokens_rotate(sandbox: Box) -> None:
    first = sandbox.connection["token"]
    second = refreshed(sandbox, first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert refreshed(sandbox, first["refresh_token"])["error"] == "invalid_grant"
    sandbox.advance(7201)
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert requests.get(f"{sandbox.url}/v2/me", headers=headers, timeout=10).status_code == 401


def refreshed(box: Box, token: str) -> Any:
    fields = box.connection["fields"]
    client = {"client_id": fields["clientId"], "client_secret": fields["clientSecret"]}
    form = {**client, "grant_type": "refresh_token", "refresh_token": token}
    return requests.post(fields["tokenUrl"], form, timeout=10).json()


def test_an_application_gets_a_token_for_itself(sandbox: Box) -> None:
    fields = sandbox.connection["fields"]
    credentials = (fields["clientId"], fields["clientSecret"])
    form = {"grant_type": "client_credentials", "scope": "people:read people:write"}
    given = requests.post(fields["tokenUrl"], form, auth=credentials, timeout=10).json()
    assert (given["scope"], given["expires_in"], "refresh_token" in given) == (form["scope"], 7200, False)
    strange = requests.post(fields["tokenUrl"], {**form, "scope": "people:eat"}, auth=credentials, timeout=10)
    assert (strange.status_code, strange.json()["error"]) == (400, "invalid_scope")


def test_api_keys_look_like_the_vendors_and_do_not_expire(sandbox: Box) -> None:
    key = sandbox.token(personal=True)["access_token"]
    assert re.fullmatch("ak_[0-9a-f]{64}", key)
    sandbox.advance(10**8)
    reply = requests.get(f"{sandbox.url}/v2/me", headers={"Authorization": f"Bearer {key}"}, timeout=10)
    assert reply.json()["data"]["id"] == DANA


@pytest.mark.parametrize(
    ("page", "cost"), [(1, 1), (100, 1), (101, 3), (150, 3), (151, 8), (250, 8), (251, 10), (500, 10), (501, 30)]
)
def test_deep_pages_are_dear(call: "Caller", page: int, cost: int) -> None:
    reply = call("GET", "/v2/people", params={"page": page})
    assert reply.headers["x-ratelimit-endpoint-cost"] == str(cost)


def test_the_team_has_600_points_a_minute(caller: Calling) -> None:
    with running("salesloft") as box:
        first, second = caller(box), caller(box, "marcus")
        box.advance(60 - first.box._sandbox.clock.now() % 60)  # a new minute begins
        left = [
            int(one("GET", f"/v2/tags?{urlencode({'page': 501})}").headers["x-ratelimit-remaining-minute"])
            for one in (first, second) * 10
        ]
        assert left == list(range(570, -1, -30))  # shared by all of the team's tokens
        refused = second("GET", "/v2/me")
        assert (refused.status_code, list(refused.json())) == (429, ["error"])
        assert refused.headers["x-ratelimit-remaining-minute"] == "0"
        assert "retry-after" not in refused.headers
        box.advance(60)
        assert second("GET", "/v2/me").headers["x-ratelimit-remaining-minute"] == "599"


# --- what a sandbox holds -------------------------------------------------------------------------------


def test_the_seed_makes_as_many_companies_as_are_asked_for(caller: Calling) -> None:
    with running("salesloft", rate=0, seed=3) as box:
        call = caller(box)
        assert len(call.ids("/v2/accounts")) == 12
        assert len(call.ids("/v2/users")) == 4
        assert call.get("/v2/bulk_jobs")["data"][2]["name"] == "Spring trade fair leads 2"


def test_an_empty_sandbox_has_users_and_reference_lists(caller: Calling) -> None:
    with running("salesloft", rate=0, seed=0) as box:
        call = caller(box)
        for path in ("users", "groups", "person_stages", "account_stages", "account_tiers", "call_dispositions"):
            assert call.ids(f"/v2/{path}"), path
        for path in ("accounts", "people", "cadences", "tasks", "notes", "bulk_jobs", "tags", "activities/calls"):
            assert call.ids(f"/v2/{path}") == [], path
        person(call, person_stage_id=111)


def test_the_seed_is_the_same_every_time(caller: Calling) -> None:
    def names() -> list[str]:
        with running("salesloft", rate=0) as box:
            return [record["display_name"] for record in caller(box).get("/v2/people", sort_by="created_at")["data"]]

    assert names() == names()


def test_everything_happened_before_now(call: "Caller", sandbox: Box, alone: "Caller") -> None:
    latest = alone.get("/v2/people", per_page=1)["data"][0]["updated_at"]
    assert latest < person(alone)["created_at"]


def test_state_is_kept_in_a_file(tmp_path: Path, caller: Calling) -> None:
    state = str(tmp_path / "state.db")
    with running("salesloft", rate=0, state=state) as box:
        made = person(caller(box), tags=["kept"])
    with running("salesloft", rate=0, state=state) as box:
        call = caller(box)
        assert call.get(f"/v2/people/{made['id']}")["data"]["tags"] == ["kept"]
        assert call.ids("/v2/people", sort_by="account")


def test_moments_and_domains_beyond_everything_are_refused(call: "Caller") -> None:
    for moment in ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"):
        assert call("GET", "/v2/accounts", params={"updated_at[gt]": moment}).status_code == 422
    for domain in ("a" * 100_000, "a-" * 50_000 + "!"):
        assert call("POST", "/v2/accounts", {"name": "Long", "domain": domain}).status_code == 422
    assert call("GET", "/v2/people", params={"page": "9" * 5000, "ids[]": "9" * 30}).status_code in (200, 422)
