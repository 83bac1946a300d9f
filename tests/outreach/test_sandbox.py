"""The Outreach sandbox as any HTTP client sees it: documents, lists, filters, sign-in and the rate."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.outreach.jsonapi import MEDIA_TYPE, Caller, read_contract, write

from sales_connectors.imitation import Box, running

CONTRACT = read_contract()
SERVED = {type: known["path"].lstrip("/") for type, known in CONTRACT.items()}
SANDBOX = "sales_connectors.components.outreach.sandbox"
LEGACY = "audits"
UNDESCRIBED = ("persona", "ruleset", "taskDisposition", "taskPurpose", "team")
"""What the vendor names and does not describe; each is a list of names to choose from."""
NOWHERE = ("bccEntitiesId", "ccEntitiesId", "toEntitiesId", "prospectsIds")
"""Relationships of a mailing whose addresses lead to lists that cannot be filtered so."""

NAMED = {
    "accounts": [456, 1234, 5678, 67890, 789012, 890123],
    "callDispositions": [1, 2, 3, 4, 5, 123],
    "callPurposes": [1, 2, 3, 4, 5, 123],
    "calls": [12345],
    "complianceRequests": [61, 12345],
    "events": [901],
    "mailboxes": [123, 789, 1234, 5678, 9012],
    "mailings": [12345, 12346],
    "opportunities": [123456, 234567],
    "opportunityProspectRoles": [12345],
    "opportunityStages": [1, 2, 3, 4, 5, 6, 123],
    "phoneNumbers": [1, 2, 3],
    "personas": [3],
    "rulesets": [2],
    "prospects": [123, 456, 3456, 12345, 54321, 54322, 67890, 67891],
    "recipients": [12345, 12346],
    "sequenceStates": [3456, 12345, 12346],
    "sequenceSteps": [123456, 123457, 123458],
    "sequences": [101, 123, 789, 54321, 67890, 67891, 78901, 123456],
    "stages": [1, 2, 3, 4, 5, 123],
    "taskDispositions": [4],
    "taskPriorities": [1, 2, 3, 4],
    "taskPurposes": [5],
    "teams": [7],
    "tasks": [5001, 12345, 12346],
    "users": [101, 102, 456, 789, 11111, 11112, 54321, 67890, 345678, 456789],
}
"""The ids that the examples of the documents and of the forms name."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Box]:
    """One sandbox for the module, for tests that do not mind one another's records."""
    with running("outreach", rate=0) as box:
        yield box


@pytest.fixture
def box() -> Iterator[Box]:
    with running("outreach", rate=0) as started:
        yield started


@pytest.fixture
def caller() -> Iterator[Callable[..., Caller]]:
    """Calls a sandbox over its own connection, or with another token."""
    made: list[Caller] = []

    def to(box: Box, **token: Any) -> Caller:
        made.append(Caller(box, box.token(**token)["access_token"] if token else None))
        return made[-1]

    yield to
    for one in made:
        one.close()


@pytest.fixture
def call(shared: Box, caller: Callable[..., Caller]) -> Caller:
    return caller(shared)


# --- what there is --------------------------------------------------------------------------------


def test_each_resource_is_as_the_vendor_describes_it() -> None:
    many = import_module(f"{SANDBOX}.relationships").Many
    catalogue = import_module(f"{SANDBOX}.resources").Resource.catalogue
    import_module(f"{SANDBOX}.service")
    served = {resource.type: resource for resource in catalogue.values()}
    assert set(served) - set(UNDESCRIBED) == set(CONTRACT)
    for type, known in CONTRACT.items():
        resource, customs = served[type], known["custom_fields"]
        numbered = {f"custom{number}" for number in range(1, customs + 1)}
        assert set(resource.attributes) - {"isAdmin"} == set(known["attributes"]) | numbered, type
        for name, told in known["attributes"].items():
            attribute = resource.attributes[name]
            flags = [attribute.read_only, attribute.filterable, attribute.sortable, attribute.hidden]
            wanted = [told.get(flag, False) for flag in ("read_only", "filterable", "sortable", "write_only")]
            assert (type, name, *flags) == (type, name, *wanted)
        assert set(resource.relationships) == set(known["relationships"]), type
        for name, told in known["relationships"].items():
            relation = resource.relationships[name]
            shape = (isinstance(relation, many), isinstance(relation, many) and not relation.is_named)
            assert (type, name, *shape) == (type, name, told["kind"] == "many", told["form"] == "link")
            assert told["types"] is None or list(relation.types) == told["types"]
            assert list(relation.by) == told.get("filter_by", [] if shape[1] else ["id"]), (type, name)
            assert told["kind"] == "many" or relation.read_only == told.get("read_only", False), (type, name)


@pytest.mark.parametrize("type", CONTRACT)
def test_what_can_be_asked_of_each_resource_is_what_the_vendor_says(call: Caller, type: str) -> None:
    known, plural = CONTRACT[type]["operations"], SERVED[type]
    asked = {
        f"GET /{plural}": call("GET", plural),
        f"POST /{plural}": call("POST", plural, {}),
        **{f"{method} /{plural}/{{id}}": call(method, f"{plural}/999999", {}) for method in ("GET", "PATCH", "DELETE")},
    }
    there = {name for name, reply in asked.items() if "There is nothing at this path" not in reply.text}
    assert there == set(known)


@pytest.mark.parametrize("type", [type for type in CONTRACT if SERVED[type] != LEGACY])
def test_lists_and_their_records_hold_together(call: Caller, type: str) -> None:
    """Every record at its own address, every list of related ones at the address that is given for it."""
    page = call.get(SERVED[type], {"page[size]": 2, "count": "true"})
    assert page["data"], type
    assert page["meta"]["count_truncated"] is False
    for record in page["data"]:
        if f"GET /{SERVED[type]}/{{id}}" in CONTRACT[type]["operations"]:
            assert call.get(record["links"]["self"])["data"] == record
        for name, relationship in record.get("relationships", {}).items():
            related = relationship.get("links", {}).get("related", "")
            if urlsplit(related).path.rpartition("/")[2] in SERVED.values() and name not in NOWHERE:
                assert call("GET", related).status_code == 200, related


def test_addresses_of_related_records_lead_to_them(call: Caller) -> None:
    prospect = call.get("prospects/54321")["data"]["relationships"]
    tasks = call.get(prospect["tasks"]["links"]["related"])["data"]
    assert [task["relationships"]["prospect"]["data"]["id"] for task in tasks] == [54321]
    assert call.ids(prospect["opportunities"]["links"]["related"]) == [234567]
    stage = call.get("stages/123")["data"]["relationships"]["prospects"]["links"]["related"]
    assert stage == f"{call.box.url}/api/v2/prospects?filter[stage][id]=123"


@pytest.mark.parametrize(("plural", "ids"), NAMED.items())
def test_the_ids_of_the_documents_are_there(call: Caller, plural: str, ids: list[int]) -> None:
    assert set(ids) <= set(call.ids(plural))


@pytest.mark.parametrize("type", UNDESCRIBED)
def test_what_is_not_described_is_a_list_of_names(call: Caller, type: str) -> None:
    records = call.get(f"{type}s")["data"]
    assert {(one["type"], bool(one["attributes"]["name"])) for one in records} == {(type, True)}
    assert call.get(records[0]["links"]["self"])["data"] == records[0]
    assert call.refused("POST", f"{type}s", {})[0] == 404


def test_more_companies_are_more_records() -> None:
    def count(companies: int) -> int:
        with running("outreach", rate=0, seed=companies) as box:
            return int(Caller(box).get("prospects", count="true")["meta"]["count"])

    assert count(3) - count(1) == 24


def test_a_token_is_introduced_at_the_root(call: Caller) -> None:
    told = call.get("/api/v2")["meta"]
    assert told["user"] == {
        "id": 101, "email": "morgan@fernhill.example.com", "firstName": "Morgan", "lastName": "Hale",
    }  # fmt: skip
    assert "prospects.all" in told["token"]["scopes"]


def test_the_organizations_own_labels_are_told(call: Caller) -> None:
    types = {one["type"]: one["meta"]["validations"] for one in call.get("types")["data"]}
    assert set(types) == {"Account", "Opportunity", "Prospect"}
    assert types["Prospect"]["custom2"] == {
        "type": "string", "required": False, "label": "Favourite Colour", "definition": None,
    }  # fmt: skip
    assert types["Account"]["custom1"]["definition"] == ["Enterprise", "Mid-market", "Small business"]


# --- documents ------------------------------------------------------------------------------------


def test_relationships_have_three_shapes(call: Caller) -> None:
    shown = call.get("prospects/12345")["data"]
    assert shown["id"] == 12345
    related = shown["relationships"]
    assert related["account"] == {"data": {"type": "account", "id": 67890}}
    assert related["persona"] == {"data": None}
    numbers = related["phoneNumbers"]
    assert [one["id"] for one in numbers["data"]] == [1, 2, 3]
    assert numbers["meta"] == {"count": 3}
    assert call.ids(numbers["links"]["related"]) == [1, 2, 3]
    assert list(related["mailings"]) == ["links"]


def test_moments_are_in_utc_and_have_milliseconds(call: Caller) -> None:
    made = call.create("account", "accounts", {"name": "Momentary", "foundedAt": "2020-01-01T01:00:00+02:00"})
    assert made["attributes"]["foundedAt"] == "2019-12-31T23:00:00.000Z"
    assert len(made["attributes"]["createdAt"]) == len("2026-01-01T00:00:00.000Z")


def test_sparse_fieldsets_leave_nothing_but_what_is_named(call: Caller) -> None:
    asked = {"fields[mailing]": "subject,bodyHtml,createdAt,state,openCount"}
    shown = call.get("mailings/12345", asked)["data"]
    assert set(shown) == {"type", "id", "attributes", "links"}
    assert set(shown["attributes"]) == {"subject", "bodyHtml", "createdAt", "state", "openCount"}
    both = call.get("prospects/12345", {"fields[prospect]": "firstName,account"})["data"]
    assert (set(both["attributes"]), set(both["relationships"])) == ({"firstName"}, {"account"})
    unknown = "fieldsParameter.unknownResourceField"
    for wrong in ({"fields[prospect]": "shoeSize"}, {"fields[unicorn]": "name"}, {"fields[mailbox]": "password"}):
        path = "mailboxes" if "fields[mailbox]" in wrong else "prospects"
        assert call.refused("GET", path, params=wrong)[:2] == (400, unknown)


def test_included_records_come_once_with_their_own_fields(call: Caller) -> None:
    asked = {"include": "prospect.account,sequence", "fields[sequence]": "name", "page[size]": 1000}
    page = call.get("sequenceStates", asked)
    included = {(one["type"], one["id"]): one for one in page["included"]}
    assert len(included) == len(page["included"])
    assert {"prospect", "account", "sequence"} == {type for type, _ in included}
    assert set(included["sequence", 67890]) == {"type", "id", "attributes", "links"}
    assert included["prospect", 54321]["attributes"]["name"] == "Aiko Mori"
    one = call.get("sequenceStates/12345", {"include": "prospect"})
    assert [known["id"] for known in one["included"]] == [54321]
    several = call.get("prospects/12345", {"include": "phoneNumbers,owner,stage"})["included"]
    assert {(known["type"], known["id"]) for known in several} == {
        ("phoneNumber", 1), ("phoneNumber", 2), ("phoneNumber", 3), ("user", 54321), ("stage", 2),
    }  # fmt: skip
    for wrong in ("shoes", "account.shoes", "mailings"):
        assert call.refused("GET", "prospects", params={"include": wrong})[0] == 400
    assert call.refused("POST", "accounts?include=owner", write("account", {"name": "X"}))[0] == 400


def test_metadata_comes_on_request(shared: Box, call: Caller, caller: Callable[..., Caller]) -> None:
    asked = {"provideAuthorizationMeta": "true", "provideDataConnections": "true"}
    assert call.get("accounts/456", asked)["data"]["meta"] == {
        "canWrite": True, "canDelete": True, "dataConnections": [],
    }  # fmt: skip
    assert "meta" not in call.get("accounts/456")["data"]
    theirs = caller(shared, user="nia@fernhill.example.com").get("stages/1", {"provideAuthorizationMeta": "true"})
    assert theirs["data"]["meta"] == {"canWrite": False, "canDelete": False}
    assert "contactHistogram" not in call.get("prospects/456")["data"]["attributes"]
    histogram = call.get("prospects/456", {"fields[prospect]": "contactHistogram"})["data"]["attributes"]
    assert histogram == {"contactHistogram": [[0, 0]] * 12}


def test_a_body_has_to_be_a_document_of_the_right_record(call: Caller) -> None:
    good = write("account", {"name": "Right"}, 456)["data"]
    wrong: list[Any] = [
        [], {}, {"data": []}, {"data": {**good, "type": "prospect"}}, {"data": {**good, "id": 457}},
        {"data": {**good, "id": "456"}}, {"data": {**good, "attributes": []}}, {"data": {"type": "account", "id": 456}},
        {"data": {**good, "shoes": 1}}, {"data": {**good, "relationships": {"owner": {}}}},
    ]  # fmt: skip
    for body in wrong:
        status, id, pointers = call.refused("PATCH", "accounts/456", body)
        assert (status, id, pointers[0][:5]) == (422, "validationError", "/data"), body
    assert call.refused("POST", "accounts", {"data": good})[0] == 422
    assert call.refused("PATCH", "accounts/456", data="{")[0] == 400
    assert call.get("accounts/456")["data"]["attributes"]["name"] == "Acme Corp"


def test_unknown_and_read_only_members_are_refused_and_named(call: Caller) -> None:
    unknown = "permittedParams.unknownAttribute"
    for attributes in ({"linkedinUrl": "x"}, {"createdAt": "2026-01-01"}, {"custom151": "x"}, {"firstname": "x"}):
        [name] = attributes
        answer = call.refused("POST", "prospects", write("prospect", attributes))
        assert answer == (400, unknown, [f"/data/attributes/{name}"])
    for name, target in (("creator", "user"), ("mailings", "mailing"), ("assignedUsers", "user"), ("boss", "user")):
        answer = call.refused("POST", "prospects", write("prospect", None, **{name: (target, 101)}))
        assert answer == (400, unknown, [f"/data/relationships/{name}"])
    assert "isAdmin" not in call.get("users/101")["data"]["attributes"]
    assert call.refused("PATCH", "users/102", write("user", {"isAdmin": True}, 102))[:2] == (400, unknown)


def test_every_fault_is_told_with_a_pointer(call: Caller) -> None:
    body = write("sequence", {"description": "x" * 1025, "sequenceType": "odd", "tags": "a"}, owner=("user", 999))
    status, _, pointers = call.refused("POST", "sequences", body)
    assert (status, set(pointers)) == (
        422,
        {
            "/data/attributes/description", "/data/attributes/sequenceType", "/data/attributes/tags",
            "/data/attributes/name", "/data/attributes/shareType", "/data/relationships/owner",
        },
    )  # fmt: skip
    assert call.refused("POST", "accounts", write("account", {"name": "x" * 256}))[1] == "validationDataTooLongError"


@pytest.mark.parametrize("wrong", [("prospect", 123), ("user", "101"), ("user", True), ("user", 999), ("user", None)])
def test_a_relationship_takes_an_integer_id_of_the_right_type(call: Caller, wrong: tuple[str, Any]) -> None:
    answer = call.refused("PATCH", "accounts/456", write("account", None, 456, owner=wrong))
    assert answer == (422, "validationError", ["/data/relationships/owner"])


def test_null_clears_a_relationship_and_an_attribute(box: Box, caller: Callable[..., Caller]) -> None:
    call = caller(box)
    made = call.create("prospect", "prospects", {"title": "Buyer"}, account=("account", 456))
    path = f"prospects/{made['id']}"
    assert made["attributes"]["company"] == "Acme Corp"
    assert call.update("prospect", path, None, account=None)["relationships"]["account"] == {"data": None}
    assert call.update("prospect", path, {"title": None})["attributes"]["title"] is None
    assert call.refused("PATCH", "accounts/456", write("account", {"name": None}, 456))[2] == ["/data/attributes/name"]


def test_what_is_not_there_is_not_found(call: Caller) -> None:
    for path in ("prospects/999", "prospects/x", "unicorns", "prospects/123/mailings"):
        assert call.refused("GET", path)[:2] == (404, "resourceNotFound")
    assert call.refused("PATCH", "calls/12345", {})[0] == 404


def test_every_request_says_that_it_speaks_json_api(shared: Box) -> None:
    token = {"Authorization": f"Bearer {shared.connection['token']['access_token']}"}
    for kind in ({}, {"Content-Type": "application/json"}, {"Content-Type": f"{MEDIA_TYPE}; charset=utf-8"}):
        reply = requests.get(f"{shared.url}/api/v2/users", headers={**token, **kind}, timeout=10)
        assert (reply.status_code, reply.json()["errors"][0]["id"]) == (415, "unsupportedMediaType")


# --- lists ----------------------------------------------------------------------------------------


def walk(call: Caller, path: str, **query: Any) -> list[list[Any]]:
    """The ids of every page, by following ``links.next``."""
    page = call.get(path, query)
    pages = [[one["id"] for one in page["data"]]]
    while "next" in page["links"]:
        page = call.get(page["links"]["next"])
        pages.append([one["id"] for one in page["data"]])
    return pages


@pytest.mark.parametrize("sort", ["", "lastName,-firstName", "-updatedAt", "-engagedAt,lastName", "-id"])
def test_a_walk_sees_every_record_once(call: Caller, sort: str) -> None:
    pages = walk(call, "prospects", **{"page[size]": 4, **({"sort": sort} if sort else {})})
    seen = [id for page in pages for id in page]
    assert all(len(page) == 4 for page in pages[:-1])
    assert len(seen) == len(set(seen)) == len(call.ids("prospects"))
    assert seen == call.ids("prospects", {"sort": sort} if sort else {})


def test_a_walk_loses_nothing_while_records_change(box: Box, caller: Callable[..., Caller]) -> None:
    call = caller(box)
    first = call.get("prospects", {"page[size]": 3, "sort": "id"})
    call("DELETE", f"prospects/{first['data'][0]['id']}")
    second = call.get(first["links"]["next"])
    everybody = call.ids("prospects", sort="id")
    assert [one["id"] for one in second["data"]] == everybody[2:5]
    back = call.get(second["links"]["prev"])
    assert [one["id"] for one in back["data"]] == everybody[:2]
    assert "prev" not in back["links"]


def test_links_hold_every_parameter_and_no_null(call: Caller) -> None:
    asked = {"page[size]": 1, "filter[title]": "Engineer,CFO", "sort": "-title", "fields[prospect]": "title"}
    page = call.get("prospects", asked)
    assert set(page["links"]) == {"first", "next"}
    query = dict(parse_qsl(urlsplit(page["links"]["next"]).query))
    assert {name: query[name] for name in asked} == {**asked, "page[size]": "1"}
    repeated = call.get(page["links"]["next"] + "&sort=-title")["links"]["first"]
    assert repeated.count("sort=") == 1
    last = call.get(page["links"]["next"])
    assert [one["attributes"]["title"] for one in page["data"] + last["data"]] == ["Engineer", "CFO"]
    assert set(last["links"]) == {"first", "prev"}


def test_pages_have_bounds(call: Caller) -> None:
    for wrong in (
        {"page[size]": 0}, {"page[size]": 1001}, {"page[size]": "x"}, {"page[after]": "nonsense"}, {"page[after]": "²"},
        {"page[before]": "bnVsbA"},
        {"page[limit]": 1001}, {"page[offset]": 10_001}, {"page[size]": 1, "page[offset]": 1}, {"page[number]": 2},
        {"page[after]": "W10", "page[before]": "W10"}, {"page": 1},
    ):  # fmt: skip
        assert call.refused("GET", "prospects", params=wrong)[0] == 400, wrong
    page = call.get("prospects", {"page[size]": 1, "sort": "lastName"})
    cursor = dict(parse_qsl(urlsplit(page["links"]["next"]).query))["page[after]"]
    assert call.refused("GET", "prospects", params={"page[after]": cursor, "sort": "firstName"})[0] == 400


def test_offsets_are_of_the_past_and_still_served(call: Caller) -> None:
    page = call.get("stages", {"page[limit]": 4, "page[offset]": 4})
    assert (len(page["data"]), set(page["links"])) == (2, {"first", "prev", "last"})
    assert "page[offset]=4" in page["links"]["last"]
    assert len(call.get("stages", {"page[limit]": 4})["data"]) == 4


def test_there_is_a_count_for_those_who_ask(call: Caller) -> None:
    assert "meta" not in call.get("stages")
    assert "meta" not in call.get("stages", count="false")
    assert call.get("stages", {"count": "true", "page[size]": 1})["meta"] == {"count": 6, "count_truncated": False}
    assert call.refused("GET", "stages", params={"count": "maybe"})[0] == 400


@pytest.mark.parametrize("wrong", ["shoeSize", "-company", "account.name", "name"])
def test_a_sort_that_the_vendor_does_not_know_is_refused(call: Caller, wrong: str) -> None:
    assert call.refused("GET", "prospects", params={"sort": wrong})[0] == 400


def test_unknown_parameters_are_refused(call: Caller) -> None:
    for query in (
        "per_page=1",
        "filter=x",
        "fields=x",
        "sort[x]=1",
        "filter[a]b=1",
        "actionParams[x]=1",
        "fields[a][b]=c",
    ):
        assert call.refused("GET", f"prospects?{query}")[0] == 400, query


# --- filters --------------------------------------------------------------------------------------

OLD = [
    ("prospects", "filter[firstName]=Jane", [67891]),
    ("prospects", "filter[id]=123,456,999", [123, 456]),
    ("prospects", "filter[id]=456..12345&filter[lastName]=Doe,Falk", [3456, 12345]),
    ("prospects", "filter[id]=neginf..123", [123]),
    ("users", "filter[id]=345678..inf", [345678, 456789]),
    ("prospects", "filter[emails]=john.doe@example.com", [12345]),
    ("accounts", "filter[named]=false", []),
    ("sequences", "filter[throttleCapacity]=__notnull__", []),
    ("sequences", "filter[lockedAt]=__notnull__", [901]),
    ("users", "filter[locked]=true", [120]),
    ("tasks", "filter[prospect][id]=67890,67891", [12345, 12346]),
    ("tasks", "filter[prospectAccount][id]=1234", [12345]),
    ("tasks", "filter[owner][email]=pavel@fernhill.example.com", [12345]),
    ("tasks", "filter[prospect][byStageId]=4&filter[id]=12345..12346", [12345]),
    ("tasks", "filter[sequenceStep][stepType]=call&filter[prospect][id]=54321", [1]),
    ("prospects", "filter[account][name]=Acme Corp", [123, 456]),
    ("prospects", "filter[account][customId]=__null__&filter[id]=123", [123]),
    ("prospects", "filter[stage][name]=Proposal Sent&filter[owner][id]=11111", [67890]),
    ("prospects", "filter[activeSequenceStates][state]=active&filter[id]=54321..54322", [54321, 54322]),
    ("prospects", "filter[sequenceStates][state]=paused", [12345]),
    ("prospects", "filter[opportunities][id]=123456", [3456]),
    ("opportunities", "filter[prospects][id]=3456", [123456]),
    ("opportunities", "filter[stage][id]=3&filter[account][name]=Larch %26 Sons", [123456]),
    ("sequenceStates", "filter[sequence][name]=Call First", [12345]),
    ("sequenceStates", "filter[prospect][emails]=bela@zephyr.example.com", [12346]),
    ("sequenceSteps", "filter[sequenceTemplates][id]=4", [123456]),
    ("sequenceSteps", "filter[sequence][id]=78901", [123456, 123457, 123458]),
    ("phoneNumbers", "filter[phoneType]=work,home", [2, 3, 4]),
    ("callDispositions", "filter[outcome]=Not Answered", [4, 5]),
    ("taskPriorities", "filter[weight]=10..20", [1, 2, 4]),
    ("prospects", "filter[account][id]=__null__", [67891]),
    ("auditLogs", "filter[agentEmail]=morgan@fernhill.example.com&filter[result]=failed", ["3"]),
    ("auditLogs", "filter[agentIpAddress]=198.51.100.1", []),
    ("mailings", "filter[state]=delivered,opened", [12345, 12346]),
]
NEW = [
    ("accounts", "filter[name][]=Acme, Inc.&filter[name][]=Acme Corp", [456, 67890]),
    ("accounts", "filter[name]=Acme, Inc.", [67890]),
    ("taskPriorities", "filter[weight][gte]=10&filter[weight][lte]=15", [1, 2]),
    ("sequences", "filter[lockedAt]=__notnull__", [901]),
    ("tasks", "filter[prospect][id][]=67890", [12345]),
    ("sequenceStates", "filter[sequence][id][gte]=67890&filter[sequence][id][lte]=67891", [12345, 12346]),
]


@pytest.mark.parametrize(("plural", "query", "found"), OLD)
def test_filters_in_the_old_syntax(call: Caller, plural: str, query: str, found: list[Any]) -> None:
    assert call.ids(f"{plural}?{query}&page[size]=1000&sort=id", {"count": "false"}) == found


@pytest.mark.parametrize(("plural", "query", "found"), NEW)
def test_filters_in_the_new_syntax(call: Caller, plural: str, query: str, found: list[int]) -> None:
    page = call("GET", f"{plural}?{query}&newFilterSyntax=true&sort=id").json()
    assert [one["id"] for one in page["data"]] == found


def test_one_value_with_a_comma_is_two_in_the_old_syntax(call: Caller) -> None:
    assert call.ids("accounts", {"filter[name]": "Acme, Inc."}) == []


def test_ranges_of_moments_hold_their_ends(call: Caller) -> None:
    at = call.get("tasks/12345")["data"]["attributes"]["updatedAt"]
    assert call.ids("tasks", {"filter[updatedAt]": f"{at}..{at}"}) == [12345]
    before = call.ids("tasks", {"filter[updatedAt]": f"neginf..{at}"})
    after = call.ids("tasks", {"filter[updatedAt]": f"{at}..inf"})
    assert (set(before) & set(after), set(before) | set(after)) == ({12345}, set(call.ids("tasks")))
    assert call.ids("tasks", {"filter[updatedAt]": "2100-01-01..inf"}) == []


@pytest.mark.parametrize(
    ("plural", "query"),
    [
        ("prospects", "filter[company]=Acme"), ("prospects", "filter[shoeSize]=43"),
        ("mailboxes", "filter[emailProvider]=x"), ("prospects", "filter[account][industry]=x"),
        ("prospects", "filter[mailings][id]=1"),
        ("prospects", "filter[creator][id]=1"), ("prospects", "filter[id]=x"), ("tasks", "filter[dueAt]=soon"),
        ("users", "filter[locked]=perhaps"), ("users", "filter[locked][]=true"), ("users", "filter[q]=x"),
        ("prospects", "filter[emails]=a..b"), ("prospects", "filter[]=1"), ("prospects", "filter[account]=1"),
        ("recipients", "filter[value]=x"), ("prospects", "filter[custom1]=42"),
        ("prospects", "newFilterSyntax=true&filter[id][gt]=1"),
    ],
)  # fmt: skip
def test_a_filter_that_the_vendor_does_not_know_is_refused(call: Caller, plural: str, query: str) -> None:
    assert call.refused("GET", f"{plural}?{query}")[0] == 400


def test_search_finds_beginnings_and_whole_values(call: Caller) -> None:
    assert call.ids("prospects", {"filter[q]": "aik"}) == [54321]
    assert call.ids("prospects", {"filter[q]": "iko"}) == []
    assert call.ids("prospects", {"filter[q]": "JOHN.DOE@"}) == [12345]
    assert call.ids("prospects", {"filter[q]": "_42_,custom1"}) == [456]
    assert call.ids("prospects", {"filter[q]": "_4_,custom1"}) == []
    assert call.ids("accounts", {"filter[q]": "acme"}) == [456, 1234, 67890]


# --- tokens ---------------------------------------------------------------------------------------

ASKED = {
    "response_type": "code",
    "client_id": "sandbox-client",
    "redirect_uri": "http://127.0.0.1:9/callback",
    "scope": "prospects.read tasks.all",
    "state": "opaque",
}


def redeem(box: Box, **form: str) -> requests.Response:
    fields = box.connection["fields"]
    client = {"client_id": fields["clientId"], "client_secret": fields["clientSecret"]}
    return requests.post(fields["tokenUrl"], data={**client, **form}, timeout=10)


def refresh(box: Box, token: dict[str, Any]) -> requests.Response:
    return redeem(box, grant_type="refresh_token", refresh_token=token["refresh_token"])


def consent(box: Box, **changes: str) -> dict[str, str]:
    form = {**ASKED, **changes, "decision": "allow", "user": "102"}
    reply = requests.post(f"{box.url}/oauth/authorize", data=form, allow_redirects=False, timeout=10)
    return dict(parse_qsl(urlsplit(reply.headers["Location"]).query))


def test_somebody_signs_in_for_the_scopes_that_were_asked(box: Box, caller: Callable[..., Caller]) -> None:
    code = consent(box)["code"]
    token = redeem(box, grant_type="authorization_code", code=code, redirect_uri=ASKED["redirect_uri"]).json()
    assert set(token) == {"access_token", "token_type", "expires_in", "refresh_token", "scope", "created_at"}
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 7200, ASKED["scope"])
    theirs = Caller(box, token["access_token"])
    assert theirs.get("/api/v2")["meta"]["user"]["id"] == 102
    assert theirs.get("prospects")["data"]
    assert theirs.refused("POST", "prospects", {})[:2] == (403, "unauthorizedOauthScope")
    assert "prospects.write" in theirs("POST", "prospects", {}).text
    assert theirs.act("tasks/12345", "updateNote", note="Mine")["attributes"]["note"] == "Mine"
    assert theirs.refused("GET", "accounts")[:2] == (403, "unauthorizedOauthScope")


def test_scopes_have_to_be_named_and_known(box: Box) -> None:
    assert consent(box, scope="")["error"] == "invalid_scope"
    assert consent(box, scope="audits.read")["error"] == "invalid_scope"
    assert consent(box, scope="auditLogs.write")["error"] == "invalid_scope"


def test_levels_do_not_hold_one_another_and_all_holds_them(shared: Box, caller: Callable[..., Caller]) -> None:
    for scope, statuses in (
        ("stages.read", [200, 403, 403]), ("stages.write", [403, 422, 403]), ("stages.delete", [403, 403, 404]),
        ("stages.all", [200, 422, 404]),
    ):  # fmt: skip
        call = caller(shared, scope=scope)
        asked: tuple[tuple[str, str, Any], ...] = (
            ("GET", "stages", None),
            ("POST", "stages", {}),
            ("DELETE", "stages/999", None),
        )
        assert [call(*one).status_code for one in asked] == statuses, scope


def test_a_token_lasts_two_hours_and_its_refresh_token_fourteen_days(box: Box, caller: Callable[..., Caller]) -> None:
    call, token = caller(box), box.connection["token"]
    box.advance(7199)
    assert call("GET", "stages").status_code == 200
    box.advance(2)
    assert call.refused("GET", "stages")[0] == 401
    fresh = refresh(box, token).json()
    assert refresh(box, token).json()["error"] == "invalid_grant"
    box.advance(14 * 86_400 + 1)
    assert refresh(box, fresh).json()["error"] == "invalid_grant"


def test_one_grant_a_minute_and_user(box: Box) -> None:
    fresh = refresh(box, box.connection["token"]).json()
    soon = refresh(box, fresh)
    assert (soon.status_code, soon.json()["errors"][0]["id"]) == (429, "rateLimitExceeded")
    assert 55 <= int(soon.headers["Retry-After"]) <= 60
    box.advance(60)
    assert refresh(box, fresh).status_code == 200


def test_a_user_without_the_right_is_refused_whatever_the_scopes(shared: Box, caller: Callable[..., Caller]) -> None:
    theirs = caller(shared, user="nia@fernhill.example.com")
    answer = theirs.refused("POST", "stages", write("stage", {"name": "Mine"}))
    assert answer[:2] == (403, "unauthorizedRequest")
    assert theirs.create("account", "accounts", {"name": "Theirs"})["relationships"]["owner"]["data"]["id"] == 102


def test_audits_moved(shared: Box, caller: Callable[..., Caller]) -> None:
    call = caller(shared)
    assert call.refused("GET", LEGACY)[:2] == (403, "unauthorizedOauthScope")
    page = call.get("auditLogs", {"sort": "-timestamp", "page[size]": 50})
    assert {type(one["id"]) for one in page["data"]} == {str}
    assert page["data"][0]["attributes"]["eventName"] == "user.update"
    assert call.ids("auditLogs", {"filter[result]": "failed"}) == [page["data"][0]["id"]]
    old = caller(shared, scope="audits.read").get(LEGACY)
    assert {one["attributes"]["user"] for one in old["data"]} == {"john.doe@example.com", "jane.smith@example.com"}


# --- servers' own tokens --------------------------------------------------------------------------


def encode(part: Any) -> str:
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def sign(fields: dict[str, str], **changes: Any) -> str:
    """An app token, as RFC 7515 has it, signed with the application's key."""
    now = int(time.time())
    claims = {"iss": fields["s2sGuid"], "iat": now, "exp": now + 3600, **changes}
    signed = f"{encode({'alg': changes.pop('alg', 'RS256'), 'typ': 'JWT'})}.{encode(claims)}"
    key: Any = load_pem_private_key(fields["privateKey"].encode(), None)
    return f"{signed}.{encode(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def exchange(box: Box, token: str, install: str) -> requests.Response:
    address = f"{box.url}/api/app/installs/{install}/actions/accessToken"
    return requests.post(address, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_a_server_gets_a_token_of_its_own_for_an_hour(box: Box) -> None:
    fields = box.connect("s2s")["fields"]
    reply = exchange(box, sign(fields), fields["installId"])
    assert reply.status_code == 200, reply.text
    token = reply.json()["data"]["meta"]["accessToken"]
    call = Caller(box, token)
    assert call.get("prospects")["data"]
    made = call.create("account", "accounts", {"name": "Nobody's"})
    assert made["relationships"]["owner"] == made["relationships"]["creator"] == {"data": None}
    assert call.get("/api/v2")["meta"]["user"] is None
    for path, method in (("mailboxes", "GET"), ("mailings", "POST"), ("users", "POST")):
        assert call.refused(method, path, {})[:2] == (403, "unauthorizedOauthScope")
    box.advance(3601)
    assert call.refused("GET", "prospects")[0] == 401
    assert exchange(box, sign(fields), fields["installId"]).status_code == 200  # whose own clock nobody has moved on


@pytest.mark.parametrize(
    "changes",
    [{"iss": "somebody"}, {"exp": 1}, {"iat": "now"}, {"exp": 4_000_000_000}, {"alg": "none"}, {"iat": 4_000_000_000}],
)
def test_an_app_token_that_is_not_right_is_refused(shared: Box, changes: dict[str, Any]) -> None:
    fields = shared.connect("s2s")["fields"]
    assert exchange(shared, sign(fields, **changes), fields["installId"]).status_code == 401


def test_an_app_token_is_for_an_installation_and_signed_by_the_application(shared: Box) -> None:
    fields = shared.connect("s2s")["fields"]
    token = sign(fields)
    assert exchange(shared, token, "1").status_code == 404
    head, claims, signature = token.split(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    for wrong in ("", "nonsense", f"{head}.{claims}", f"{head}.{claims}.", f"{head}.{claims}.{flipped}", "é.é.é"):
        assert exchange(shared, wrong.encode().decode("latin-1"), fields["installId"]).status_code == 401, wrong


# --- the rate -------------------------------------------------------------------------------------


def test_each_answer_tells_of_the_hour_and_all_tokens_of_a_user_share_it() -> None:
    with running("outreach") as box:
        call, another = Caller(box), Caller(box, box.token()["access_token"])
        first, second = call("GET", "stages").headers, another("GET", "stages").headers
        assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("10000", "9999")
        assert second["X-RateLimit-Remaining"] == "9998"
        assert 0 < int(first["X-RateLimit-Reset"]) - time.time() <= 3600
        theirs = Caller(box, box.token(user=102)["access_token"])("GET", "stages")
        assert theirs.headers["X-RateLimit-Remaining"] == "9999"


def test_who_has_used_up_the_hour_hears_when_the_next_begins() -> None:
    with running("outreach", rate=2 / 3600) as box:
        call = Caller(box)
        assert [call("GET", "stages").status_code for _ in range(2)] == [200, 200]
        refused = call("GET", "stages")
        assert (refused.status_code, refused.json()["errors"][0]["id"]) == (429, "rateLimitExceeded")
        assert refused.headers["Retry-After"] == refused.headers["X-RateLimit-Reset"]
        box.advance(int(refused.headers["Retry-After"]) - time.time() + 1)
        assert call("GET", "stages").status_code == 200


def test_ten_requests_at_a_time() -> None:
    with running("outreach") as box, ThreadPoolExecutor(12) as pool:
        calls = [Caller(box) for _ in range(12)]
        assert {call("GET", "stages").status_code for call in calls} == {200}  # and their connections stand
        box.misbehave("latency=0.8")
        replies = list(pool.map(lambda call: call("GET", "stages"), calls))
        assert sorted(reply.status_code for reply in replies) == [200] * 10 + [429] * 2
        assert {reply.headers["Retry-After"] for reply in replies if reply.status_code == 429} == {"1"}


@pytest.mark.parametrize("form", ["7", "date", "iso", "unix"])
def test_maintenance_says_in_some_form_when_it_ends(shared: Box, caller: Callable[..., Caller], form: str) -> None:
    with running("outreach", rate=0, faults=f"status=503 retry_after={form}") as box:
        reply = Caller(box)("GET", "stages")
        assert reply.json()["errors"][0]["id"] == "scheduledServerMaintenance"
        assert reply.headers["Retry-After"]
