"""Contacts against the sandbox: what the actions do beyond sending what the contract says."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sales_connectors import Connector
from sales_connectors.errors import Conflict, InvalidInput, NotFound
from sales_connectors.imitation import Box


def paths(error: InvalidInput) -> list[str]:
    return [fault["path"] for fault in error.fields]


def test_a_contact_lives_from_create_to_delete(sell: Connector) -> None:
    acme = sell.createContact(isOrganization=True, name="Acme")["data"]
    jo = sell.createContact(firstName="Jo", lastName="Doe", contactId=acme["id"], tags=["vip", "west"])["data"]

    assert (jo["name"], jo["contact_id"], jo["tags"]) == ("Jo Doe", acme["id"], ["vip", "west"])
    assert sell.getContact(id=jo["id"])["data"] == jo

    changed = sell.updateContact(id=jo["id"], title="CEO", contactId=None)["data"]

    assert (changed["title"], changed["contact_id"], changed["tags"]) == ("CEO", None, ["vip", "west"])
    assert sell.run("deleteContact", {"id": jo["id"]}) is None
    with pytest.raises(NotFound) as gone:
        sell.getContact(id=jo["id"])
    assert (gone.value.status, gone.value.code) == (404, "not_found")


def test_null_clears_and_empty_text_leaves_alone(sell: Connector) -> None:
    jo = sell.createContact(
        lastName="Doe", phone="1", mobile="2", customFields={"known_via": "tom", "external_id": "9"}
    )

    changed = sell.updateContact(id=jo["data"]["id"], phone=None, mobile="", customFields={"known_via": None})["data"]

    assert (changed["phone"], changed["mobile"]) == (None, "2")
    assert changed["custom_fields"] == {"known_via": None, "external_id": "9"}


def test_an_empty_tag_list_is_sent_only_when_it_is_given(sell: Connector) -> None:
    id = sell.createContact(lastName="Doe", tags=["vip"])["data"]["id"]

    assert sell.updateContact(id=id, title="CEO")["data"]["tags"] == ["vip"]
    assert sell.updateContact(id=id, tags="")["data"]["tags"] == ["vip"]
    assert sell.updateContact(id=id, tags=[])["data"]["tags"] == []


def test_custom_fields_keep_their_types(sell: Connector, service: Any) -> None:
    values = {"Employees": 12, "Newsletter": False, "Interests": ["Golf", "Music"], "Segment": "Enterprise"}

    made = sell.createContact(isOrganization=True, name="Acme", customFields=values)["data"]["custom_fields"]

    assert made == {**values, "Employees": "12"}  # the service shows numbers as text
    service.answers("POST", "/v2/contacts", {"data": {}, "meta": {}})
    service.sell.createContact(lastName="Doe", customFields={"Employees": Decimal("12345678901234567.89")})
    assert b'"Employees":12345678901234567.89' in service.last.body


def test_filters_narrow_a_list(sell: Connector) -> None:
    sell.createContact(isOrganization=True, name="Far Away", address={"city": "Oslo"}, customFields={"Employees": 3})
    sell.createContact(isOrganization=True, name="Also Far", address={"city": "Oslo"}, customFields={"Employees": 4})

    def names(**filters: Any) -> list[str]:
        return [item["data"]["name"] for item in sell.listContacts(**filters)["items"]]

    assert names(addressCity="Oslo", sortBy="name:desc") == ["Far Away", "Also Far"]
    assert names(addressCity="Oslo", customFields={"Employees": 4}) == ["Also Far"]
    assert names(name="Far Away", customFields={"Employees": "4"}, inclusive=False, sortBy="id") == [
        "Far Away",
        "Also Far",
    ]


def test_a_page_is_returned_as_it_came_and_fetch_all_returns_them_all(sandbox: Box, sell: Connector) -> None:
    for number in range(120):
        sell.createContact(lastName=f"Person {number:03}", tags=["crowd"], mobile="77")
    sandbox.forget()

    page = sell.listContacts(mobile="77", page=2, perPage=50, sortBy="id")

    assert [item["data"]["last_name"] for item in page["items"]] == [f"Person {number:03}" for number in range(50, 100)]
    assert {"self", "first_page", "prev_page", "next_page"} == set(page["meta"]["links"])
    assert sandbox.count() == 1

    whole = sell.listContacts(mobile="77", page=2, perPage=50, sortBy="id", fetchAll=True)

    assert [item["data"]["last_name"] for item in whole["items"]] == [f"Person {number:03}" for number in range(120)]
    assert whole["meta"] == {"type": "collection", "count": 120, "links": {}}
    assert [dict(seen["query"])["per_page"] for seen in sandbox.requests[1:]] == ["100", "100"]
    iterated = [item["data"]["last_name"] for item in sell.iterate("listContacts", mobile="77", sortBy="id")]
    assert iterated == [f"Person {number:03}" for number in range(120)]


# --- upsert ---------------------------------------------------------------------------------------------------------


def test_an_upsert_creates_what_it_does_not_find_and_updates_what_it_finds(sandbox: Box, sell: Connector) -> None:
    filters = {"email": "jo@example.com"}

    made = sell.upsertContact(filterableCustomFields=filters, lastName="Doe", email="jo@example.com")["data"]
    same = sell.upsertContact(
        filterableCustomFields=filters, addressCity="Oslo", mobile=None, customFields={"known_via": "ads"}
    )

    assert same["data"]["id"] == made["id"]
    assert (same["data"]["address"]["city"], same["data"]["custom_fields"]) == ("Oslo", {"known_via": "ads"})
    assert sandbox.requests[-1]["query"] == [("email", "jo@example.com")]


def test_the_filters_of_an_upsert_travel_in_the_query(sandbox: Box, sell: Connector) -> None:
    acme = sell.createContact(isOrganization=True, name="Acme", customFields={"external_id": "A-1"})["data"]

    found = sell.upsertContact(
        filterableCustomFields=[
            {"key": "name", "value": "Somebody else"},
            {"key": "custom_fields[external_id]", "value": "A-1"},
        ],
        inclusive=False,
        creatorId=999,
        phone="508-778-6516",
    )["data"]

    assert (found["id"], found["phone"]) == (acme["id"], "508-778-6516")
    sent = sandbox.requests[-1]
    assert dict(sent["query"]) == {
        "name": "Somebody else",
        "custom_fields[external_id]": "A-1",
        "inclusive": "false",
        "creator_id": "999",
    }
    assert sent["body"] == '{"data":{"phone":"508-778-6516"}}'


def test_several_matches_are_a_conflict_that_names_them(sell: Connector) -> None:
    twins = [
        sell.createContact(firstName=name, lastName="Doe", email="d@example.com")["data"]["id"] for name in ("Jo", "Al")
    ]

    with pytest.raises(Conflict) as conflict:
        sell.upsertContact(filterableCustomFields={"email": "d@example.com"}, phone="1")

    assert f"Jo Doe (id {twins[0]}), Al Doe (id {twins[1]})" in str(conflict.value)
    assert conflict.value.status == 409


def test_a_conflict_stands_even_if_the_matches_cannot_be_read(sandbox: Box, sell: Connector) -> None:
    for name in ("Jo", "Al"):
        sell.createContact(firstName=name, lastName="Doe", email="d@example.com")
    sandbox.misbehave({"status": 403, "method": "GET"})

    with pytest.raises(Conflict, match="409"):
        sell.upsertContact(filterableCustomFields={"email": "d@example.com"}, phone="1")


def test_a_conflict_stands_even_if_the_matches_are_none(service: Any) -> None:
    service.answers("POST", "/v2/contacts/upsert", {"errors": []}, status=409)
    service.answers("GET", "/v2/contacts", {"items": [{"data": None}], "meta": {}})

    with pytest.raises(Conflict, match="409"):
        service.sell.upsertContact(filterableCustomFields={"email": "d@example.com"}, phone="1")


def test_an_upsert_without_filters_is_refused(service: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        service.sell.upsertContact(filterableCustomFields={}, phone="1")
    assert paths(refusal.value) == ["/filterableCustomFields"]
    assert service.sent == []


# --- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"isOrganization": True}, ["/name"]),
        ({"isOrganization": True, "name": "Acme", "lastName": "Doe"}, ["/lastName"]),
        ({"firstName": "Jo"}, ["/lastName"]),
        ({"lastName": "Doe", "name": "Acme"}, ["/name"]),
        ({"lastName": "Doe", "email": "nobody"}, ["/email"]),
        ({"lastName": "Doe", "customerStatus": "maybe"}, ["/customerStatus"]),
        ({"lastName": "Doe", "address": {"town": "Oslo"}}, ["/address/town"]),
    ],
)
def test_what_does_not_fit_together_is_refused_before_it_is_sent(
    service: Any, inputs: dict[str, Any], expected: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        service.sell.createContact(**inputs)
    assert paths(refusal.value) == expected
    assert service.sent == []


@pytest.mark.parametrize(
    ("action", "inputs", "pointer", "expected"),
    [
        ("createContact", {"lastName": "Doe"}, "/first_name", "/firstName"),
        ("createContact", {"lastName": "Doe"}, "/data/first_name", "/firstName"),
        ("createContact", {"lastName": "Doe"}, "/address/city", "/address/city"),
        ("createContact", {"lastName": "Doe"}, "/custom_fields/known_via", "/customFields/known_via"),
        ("updateContact", {"id": 7}, "/parent_organization_id", "/parentOrganizationId"),
        ("upsertContact", {"filterableCustomFields": {"email": "a@b.example"}}, "/address/city", "/addressCity"),
        (
            "upsertContact",
            {"filterableCustomFields": {"email": "a@b.example"}},
            "/data/address/postal_code",
            "/addressPostalCode",
        ),
        ("createContact", {"lastName": "Doe"}, "/something_new", "/something_new"),
    ],
)
def test_faults_that_the_service_finds_point_at_our_inputs(
    service: Any, action: str, inputs: dict[str, Any], pointer: str, expected: str
) -> None:
    fault = {
        "resource": "contact",
        "field": pointer,
        "code": "incorrect_value",
        "message": "wrong",
        "details": "too long",
    }
    body = {"errors": [{"error": fault, "meta": {}}], "meta": {"type": "errors", "logref": "b5hsh-1r4th-f13p6-4j7ag"}}
    for method, path in (("POST", "/v2/contacts"), ("POST", "/v2/contacts/upsert"), ("PUT", "/v2/contacts/7")):
        service.answers(method, path, body, status=422)

    with pytest.raises(InvalidInput) as refusal:
        service.sell.run(action, inputs)

    assert refusal.value.fields == [{"path": expected, "message": "wrong: too long"}]
    assert (refusal.value.status, refusal.value.code) == (422, "incorrect_value")
    assert refusal.value.request_id == "b5hsh-1r4th-f13p6-4j7ag"
    assert refusal.value.vendor == body


def test_the_service_has_the_last_word(shared_sell: Connector) -> None:
    with pytest.raises(InvalidInput) as refusal:
        shared_sell.createContact(lastName="Doe", contactId=1, ownerId=2, customFields={"No such field": "x"})
    assert sorted(paths(refusal.value)) == ["/customFields/No such field", "/ownerId"]
    assert refusal.value.request_id


# --- what a create that was never confirmed may have made -----------------------------------------------------------


Find = Callable[..., list[int]]


def test_a_contact_is_found_again_by_everything_that_was_sent(sell: Connector, find: Find) -> None:
    inputs = {
        "firstName": "Jo",
        "lastName": "Doe",
        "email": "jo@example.com",
        "tags": ["west", "vip"],
        "address": {"city": "Oslo", "state": None},
        "billingAddress": {"city": "Oslo"},
        "customFields": {"Employees": 12, "Newsletter": False, "Interests": ["Music", "Golf"], "known_via": "tom"},
        "fax": None,
    }
    made = sell.run("createContact", inputs)["data"]
    twin = sell.run("createContact", {**inputs, "tags": ["vip", "west"]})["data"]
    for other in (
        {"lastName": "Dough"},
        {"tags": ["vip"]},
        {"address": {"city": "Bergen"}},
        {"customFields": {"Employees": 13}},
    ):
        sell.run("createContact", {**inputs, **other})

    assert find("createContact", inputs) == [twin["id"], made["id"]]


def test_an_organization_is_found_among_organizations(sell: Connector, find: Find) -> None:
    made = sell.createContact(isOrganization=True, name="Acme")["data"]
    assert find("createContact", {"isOrganization": True, "name": "Acme"}) == [made["id"]]
    assert find("createContact", {"isOrganization": True, "name": "Acme", "website": "x"}) == []


def test_a_walk_starts_with_the_page_that_is_given(sell: Connector) -> None:
    ids = [entry["data"]["id"] for entry in sell.iterate("listContacts")]
    assert len(ids) > 4
    assert [entry["data"]["id"] for entry in sell.iterate("listContacts", page=3, perPage=2)] == ids[4:]
    assert [entry["data"]["id"] for entry in sell.iterate("listContacts", page=1)] == ids
