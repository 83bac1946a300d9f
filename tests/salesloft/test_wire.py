"""Every action on the wire, held against the contract: what it sends, what it returns, and what it refuses to send.

What a request must look like is worked out here from ``contract.json`` alone, not by the code under test.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sales_connectors import invoke, manifest
from sales_connectors.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Unavailable,
)
from sales_connectors.sdk import to_snake_case

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))["actions"]
COMPONENT = manifest.load_component("salesloft")

BEYOND_THE_CONTRACT = {
    "listPeople": "GET /v2/people",
    "updateTask": "PUT /v2/tasks/{taskId}",
    "upsertAccount": "POST /v2/account_upserts",
}
REQUESTS = {key: action["request"] for key, action in CONTRACT.items() if key != "rawRequest"} | BEYOND_THE_CONTRACT
LEFT_OUT = {"createCall": {"taskId"}}
"""Inputs that exclude others, where a whole form is filled in."""


def form(key: str) -> dict[str, Any]:
    return COMPONENT.form(key).schema


def full(key: str) -> dict[str, Any]:
    """A form with every input filled in."""
    left_out = {"fetchAll"} | LEFT_OUT.get(key, set())
    return {
        name: spec["examples"][-1] if name == "lastContacted" else spec["examples"][0]
        for name, spec in form(key)["properties"].items()
        if name not in left_out
    }


def filled() -> Iterator[Any]:
    for key in REQUESTS:
        for number, example in enumerate(form(key)["examples"], 1):
            yield pytest.param(key, example, id=f"{key}-example {number}")
        yield pytest.param(key, full(key), id=f"{key}-full")


# --- what the contract says that goes out ---------------------------------------------------------------------------


def snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def facts(key: str) -> dict[str, dict[str, Any]]:
    """Where each input goes and under which name; for what we added, as everywhere else in this API."""
    if key in CONTRACT:
        return {**CONTRACT[key]["inputs"], **CONTRACT[key]["extra"]}
    place = "query" if REQUESTS[key].startswith("GET") else "body"
    known = {"fullName": {"name": "name"}, "taskId": {"in": "path"}, "dueDate": {"encoding": "date_only"}}
    return {name: {"in": place, "name": snake(name), **known.get(name, {})} for name in form(key)["properties"]}


class Expected:
    """The request that the contract maps some inputs to."""

    def __init__(self, key: str, values: dict[str, Any]) -> None:
        self.key = key
        self.method, self.path = REQUESTS[key].split()
        self.query: list[tuple[str, str]] = [("page", "1")] if key == "listUsers" and "page" not in values else []
        self.body: Any = {} if self.method in ("POST", "PUT") and key != "createCadenceMembership" else None
        defaults = {"currentState": "scheduled"} if key == "createTask" else {}
        for name, fact in facts(key).items():
            if name in {**defaults, **values} and name != "fetchAll":
                getattr(self, f"_{fact['in']}")(name, fact, {**defaults, **values}[name])

    def _path(self, name: str, fact: dict[str, Any], value: Any) -> None:
        self.path = re.sub(r"\{.*?\}", str(value), self.path)

    def _query(self, name: str, fact: dict[str, Any], value: Any) -> None:
        wire = fact["name"]
        if (self.key, name) == ("listUsers", "search"):
            self.query.append((wire, " ".join(value)))
        elif (self.key, name) == ("listCadences", "groupIds"):
            self.query.append((wire, str(value[0])))
        elif isinstance(value, list):
            self.query += [(f"{wire}[]", text_of(item)) for item in value]
        elif isinstance(value, dict):
            self.query += [(f"{wire}[{part}]", text_of(item)) for part, item in value.items()]
        else:
            self.query.append((wire, text_of(value)))

    def _body(self, name: str, fact: dict[str, Any], value: Any) -> None:
        if fact.get("encoding") == "date_only":
            value = value and value[:10]
        elif fact.get("encoding") == "upsert_records":
            value = [filed(record) for record in value]
        self.body[fact["name"]] = value


def filed(record: dict[str, Any]) -> dict[str, Any]:
    """A record with its value to match by in the field that it is for."""
    if "upsert_key_value" not in record:
        return record
    rest = {name: value for name, value in record.items() if name != "upsert_key_value"}
    return {**rest, record["upsert_key"]: record["upsert_key_value"]}


def text_of(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def as_a_form_sends_it(key: str, values: dict[str, Any]) -> dict[str, Any]:
    """Text, lists with commas, pairs of key and value, with space around some of it."""
    return {name: typed_in(form(key)["properties"][name], value) for name, value in values.items()}


def typed_in(spec: dict[str, Any], value: Any) -> Any:
    if isinstance(value, dict):
        pairs = "additionalProperties" in spec and "properties" not in spec
        return [{"key": key, "value": item} for key, item in value.items()] if pairs else json.dumps(value)
    if isinstance(value, list):
        return json.dumps(value) if isinstance(value[0], dict) else ", ".join(map(text_of, value))
    return value if value is None else f" {text_of(value)} "


# --- sending --------------------------------------------------------------------------------------------------------


def answer(service: Any, key: str, expected: Expected) -> Any:
    """Let the service answer as it does, and say what the action must return."""
    if expected.method == "DELETE":
        service.answers("DELETE", expected.path, status=204)
        return None
    one = {"data": {"id": 7, "name": "Whatever", "records": 2}}
    many = {"metadata": {"filtering": {}, "paging": {"per_page": 25, "next_page": 2}}, "data": [one["data"]]}
    reply = many if isinstance(COMPONENT.actions[key].returns, list) else one
    service.answers(expected.method, expected.path, {"data": {"records": 2}} if key == "createBulkJobData" else reply)
    return {"data": {"records": 2}} if key == "createBulkJobData" else reply


@pytest.mark.parametrize("style", ["typed", "as a form sends it"])
@pytest.mark.parametrize(("key", "values"), [*filled()])
def test_an_action_sends_what_the_contract_says_and_nothing_else(
    service: Any, key: str, values: dict[str, Any], style: str
) -> None:
    values = {name: value for name, value in values.items() if name != "fetchAll"}
    expected = Expected(key, values)
    returned = answer(service, key, expected)

    result = invoke(
        "salesloft", key, values if style == "typed" else as_a_form_sends_it(key, values), service.connection
    )

    assert result == {"data": returned}
    (sent,) = service.sent
    url = urlsplit(sent.url)
    assert (sent.method, url.path) == (expected.method, expected.path)
    assert sorted(parse_qsl(url.query, strict_parsing=bool(url.query))) == sorted(expected.query)
    assert (json.loads(sent.body) if sent.body else None) == expected.body
    assert sent.headers["Authorization"] == "Bearer token-of-the-test"
    assert sent.headers["User-Agent"].startswith("sales-connectors/")
    assert sent.headers.get("Content-Type") == (None if expected.body is None else "application/json")


UPDATES = [key for key in REQUESTS if COMPONENT.actions[key].effect == "update"]


@pytest.mark.parametrize("key", UPDATES)
def test_null_is_sent_for_every_optional_input_of_an_update(service: Any, key: str) -> None:
    example = form(key)["examples"][0]
    required = {name: example[name] for name in form(key)["required"]}
    never_empty = ("fullName", "domain") if key == "updateAccount" else ()
    optional = [
        name for name, fact in facts(key).items() if fact["in"] == "body" and name not in (*required, *never_empty)
    ]
    values = {**required, **dict.fromkeys(optional)}
    service.answers("PUT", Expected(key, values).path, {"data": {}})

    invoke("salesloft", key, values, service.connection)

    sent = json.loads(service.last.body)
    assert sent == Expected(key, values).body
    assert list(sent.values()).count(None) == len(optional)


def test_a_span_goes_out_to_the_microsecond(service: Any) -> None:
    service.answers("GET", "/v2/people", {"data": []})

    service.loft.listPeople(updatedAt={"gt": "2026-01-01T00:00:00.000001+00:00"})

    assert parse_qsl(urlsplit(service.last.url).query) == [("updated_at[gt]", "2026-01-01T00:00:00.000001+00:00")]


@pytest.mark.parametrize("given", ["_is_null", "_is_not_null"])
def test_never_contacted_is_a_word_and_no_span(service: Any, given: str) -> None:
    service.answers("GET", "/v2/accounts", {"data": []})

    service.loft.listAccounts(lastContacted=given)

    assert parse_qsl(urlsplit(service.last.url).query) == [("last_contacted", given)]


@pytest.mark.parametrize(("groups", "sent"), [([88], "88"), ([88, 89], "[88, 89]")])
def test_groups_of_cadences_are_one_id_or_a_list_as_text(service: Any, groups: list[int], sent: str) -> None:
    service.answers("GET", "/v2/cadences", {"data": []})

    service.loft.listCadences(groupIds=groups)

    assert parse_qsl(urlsplit(service.last.url).query) == [("group_ids", sent)]


def test_words_to_search_users_by_become_one_text(service: Any) -> None:
    service.answers("GET", "/v2/users", {"data": []})

    service.loft.listUsers(search=["ann", "lee"], page=3)

    assert sorted(parse_qsl(urlsplit(service.last.url).query)) == [("page", "3"), ("search", "ann lee")]


def test_the_plus_of_a_phone_number_arrives(service: Any) -> None:
    service.answers("GET", "/v2/phone_numbers/caller_ids", {"data": []})

    service.loft.listCallerIds(phoneNumber="+14155552671")

    assert urlsplit(service.last.url).query == "phone_number=%2B14155552671"


# --- lists ----------------------------------------------------------------------------------------------------------

FETCHED = [key for key in REQUESTS if "fetchAll" in form(key)["properties"]]


@pytest.mark.parametrize("key", FETCHED)
def test_a_list_is_fetched_whole_in_the_envelope_of_a_page(service: Any, pages: Any, cursors: Any, key: str) -> None:
    records = [{"id": number} for number in range(1, 231)]
    path = Expected(key, {"bulkJobsId": 7}).path
    service.behaves("GET", path, (cursors if "bulk_jobs" in path else pages)(records))
    required = {"bulkJobsId": 7} if form(key).get("required") else {}
    ignored = {"cursorId": 100} if required else {"page": 2}

    whole = service.loft.run(key, {**required, **ignored, "perPage": 5, "fetchAll": True})

    assert whole["data"] == records
    assert whole["metadata"]["paging"]["per_page"] == 230
    assert whole["metadata"]["paging"].get("next_page") is None
    assert list(service.loft.iterate(key, **required)) == records


def test_what_changes_while_a_list_is_read_is_not_lost(service: Any, pages: Any) -> None:
    people = [{"id": number, "created_at": number, "updated_at": number} for number in range(1, 251)]

    def change_somebody(query: dict[str, str]) -> Any:
        rows = sorted(people, key=lambda person: person[query.get("sort_by", "updated_at")])
        page = pages(rows if query.get("sort_direction") == "ASC" else rows[::-1])(query)
        people[4]["updated_at"] = people[180]["updated_at"] = 1000
        people.append({"id": 251, "created_at": 251, "updated_at": 1001})
        return page

    service.behaves("GET", "/v2/people", change_somebody)

    found = service.loft.listPeople(fetchAll=True)["data"]

    assert [person["id"] for person in found] == list(range(1, 252))


@pytest.mark.parametrize("order", [{"sortBy": "name"}, {"sortDirection": "DESC"}])
def test_a_whole_list_comes_in_the_order_that_was_asked_for(service: Any, pages: Any, order: dict[str, str]) -> None:
    service.behaves("GET", "/v2/people", pages([{"id": 1}]))

    service.loft.listPeople(fetchAll=True, **order)

    assert {name for name, _ in parse_qsl(urlsplit(service.last.url).query)} - {"page", "per_page"} == {
        snake(name) for name in order
    }


def test_a_list_without_its_paging_ends_at_a_page_that_is_not_full(service: Any) -> None:
    service.answers("GET", "/v2/crm_activities", {"data": [{"id": n} for n in range(100)], "metadata": {}})
    service.answers("GET", "/v2/crm_activities", {"data": [{"id": 100}], "metadata": {}})

    assert len(service.loft.listCrmActivities(fetchAll=True)["data"]) == 101


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotAuthenticated), (403, NotAllowed), (404, NotFound), (503, Unavailable)]
)
def test_an_error_says_what_the_service_said(service: Any, status: int, kind: type[Exception]) -> None:
    service.answers("GET", "/v2/people/7", {"error": "Not for you"}, status=status)

    with pytest.raises(kind, match="Not for you") as raised:
        service.loft.getPerson(personId=7)

    assert raised.value.vendor == {"error": "Not for you"}  # type: ignore[attr-defined]


FIELDS = {
    key: {name: fact["name"] for name, fact in facts(key).items() if fact["in"] in ("query", "body")}
    for key in REQUESTS
    if key in CONTRACT
}


@pytest.mark.parametrize("key", [key for key, fields in FIELDS.items() if fields])
def test_a_fault_points_at_the_input_that_made_the_field(service: Any, key: str) -> None:
    example = {k: v for k, v in form(key)["examples"][0].items() if k != "fetchAll"}
    expected, fields = Expected(key, example), FIELDS[key]
    complaints = {field: ["is no good"] for field in fields.values()}
    service.answers(expected.method, expected.path, {"errors": complaints}, status=422)

    with pytest.raises(InvalidInput, match="is no good") as raised:
        service.loft.run(key, example)

    assert raised.value.fields == [{"path": f"/{name}", "message": "is no good"} for name in fields]


@pytest.mark.parametrize(
    ("body", "message", "paths"),
    [
        ({"errors": {"email_address": ["is taken", "is odd"]}}, "email_address is taken; email_address is odd", 2),
        ({"errors": {"custom_fields": {"Segment": ["is unknown"]}}}, "custom_fields.Segment is unknown", 1),
        ({"errors": ["Nothing to do"]}, "Nothing to do", 0),
        ({"errors": {"base": ["Nothing to do"]}}, "Nothing to do", 0),
        ({"errors": "Nothing to do"}, "Nothing to do", 0),
        (["odd"], "refused the request", 0),
    ],
)
def test_any_shape_of_a_refusal_is_read(service: Any, body: Any, message: str, paths: int) -> None:
    service.answers("PUT", "/v2/people/7", body, status=422)

    with pytest.raises(InvalidInput, match=re.escape(message)) as raised:
        service.loft.updatePerson(personId=7, emailAddress="a@acme.com")

    assert len(raised.value.fields) == paths


@pytest.mark.parametrize("key", ["upsertPerson", "upsertAccount"])
def test_several_matches_of_an_upsert_are_a_conflict(service: Any, key: str) -> None:
    path = REQUESTS[key].split()[1]
    service.answers("POST", path, {"errors": {"crm_id": ["matches multiple records"]}}, status=422)
    service.answers("POST", path, {"errors": {"crm_id": ["is invalid"]}}, status=422)

    with pytest.raises(Conflict, match="multiple") as raised:
        service.loft.run(key, form(key)["examples"][0])
    with pytest.raises(InvalidInput):
        service.loft.run(key, form(key)["examples"][0])

    assert (raised.value.code, raised.value.fields[0]["path"]) == ("several_matches", "/crmId")


# --- refusing: nothing is sent --------------------------------------------------------------------------------------


def refused(service: Any, key: str, values: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        invoke("salesloft", key, values, service.connection)
    assert service.sent == []
    assert (refusal.value.component, refusal.value.action) == ("salesloft", key)
    return [fault["path"] for fault in refusal.value.fields]


@pytest.mark.parametrize("key", REQUESTS)
def test_null_is_no_value_for_a_query(service: Any, key: str) -> None:
    for name, fact in facts(key).items():
        if fact["in"] == "query":
            assert f"/{name}" in refused(service, key, {**form(key)["examples"][0], name: None}), name


# --- inputs as the vendor's document writes them ---------------------------------------------------------------------

NOTE = {"content": "Hello", "associatedWithType": "person", "associatedWithId": 7}
SAMPLE = {"access_token": "secret-of-a-sample", "fields": {"full_name": "Acme", "domain": "acme.com", "owner_id": "7"}}


@pytest.mark.parametrize("fields", [SAMPLE["fields"], json.dumps(SAMPLE["fields"])])
def test_a_sample_of_the_document_is_taken_as_it_stands(service: Any, fields: Any) -> None:
    service.answers("PUT", "/v2/accounts/7", {"data": {"id": 7}})

    with pytest.warns(RuntimeWarning, match="access_token is ignored") as told:
        invoke("salesloft", "updateAccount", {**SAMPLE, "account_id": 7, "fields": fields}, service.connection)

    assert json.loads(service.last.body) == {"name": "Acme", "domain": "acme.com", "owner_id": 7}
    assert service.last.headers["Authorization"] == "Bearer token-of-the-test"
    assert "secret-of-a-sample" not in str([str(warning.message) for warning in told])


@pytest.mark.parametrize(
    ("key", "given", "paths"),
    [
        ("createAccount", {"fullName": "A", "domain": "a.com", "fields": {"full_name": "B"}}, ["/fields/full_name"]),
        ("createNote", {**NOTE, "associated_with_id": 8}, ["/associated_with_id"]),
        ("createAccount", {"fields": {"full_name": "A", "domain": "a.com", "sector": "B"}}, ["/sector"]),
        ("createNote", {"fields": NOTE}, ["/fields"]),  # its sample has no wrapper
        ("createAccount", {"fullName": "A", "domain": "a.com", "fields": "{broken"}, ["/fields"]),
        ("createAccount", {"fields": {"full_name": "A", "domain": " "}}, ["/domain"]),
    ],
)
def test_what_a_sample_could_not_mean_is_refused(service: Any, key: str, given: Any, paths: list[str]) -> None:
    assert [path for path in refused(service, key, given) if path in paths] == paths


@pytest.mark.parametrize("key", [key for key in CONTRACT if "x-samples" in form(key)])
def test_every_input_may_be_written_as_in_a_sample(service: Any, key: str) -> None:
    example, samples = form(key)["examples"][0], form(key)["x-samples"]
    snaked = {to_snake_case(name): value for name, value in example.items()}
    given = {samples["wrappers"][0]: snaked} if "wrappers" in samples else snaked
    check = service.runtime.check
    assert check("salesloft", key, given) == check("salesloft", key, example)


# --- the raw request ------------------------------------------------------------------------------------------------


RAW = {"method": "POST", "url": "/v2/people"}


def raw(service: Any, **inputs: Any) -> Any:
    return service.loft.rawRequest(**{"method": "GET", "url": "/v2/people", **inputs})["response"]


@pytest.mark.parametrize("url", ["/v2/people", "v2/people", "https://api.salesloft.com/v2/people"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_raw_request_goes_to_a_path_of_the_api(service: Any, url: str, wrapped: bool) -> None:
    service.answers("GET", "/v2/people", {"data": []}, headers={"X-RateLimit-Endpoint-Cost": "1"})

    response = raw(service, url={"endpoint": url} if wrapped else url)

    assert (response["status_code"], response["body"]) == (200, {"data": []})
    assert response["headers"]["x-ratelimit-endpoint-cost"] == "1"
    assert set(response) == {"status_code", "headers", "body"}


def test_a_raw_request_goes_nowhere_else(service: Any) -> None:
    values = {"method": "GET", "url": {"endpoint": "https://evil.example.com/v2/people"}}
    assert refused(service, "rawRequest", values) == ["/url"]


@pytest.mark.parametrize(
    "given",
    [{"ids[]": ["1", "2"]}, [{"key": "ids[]", "value": "1"}, {"key": "ids[]", "value": "2"}]],
)
def test_query_parameters_of_a_raw_request_may_repeat_a_name(service: Any, given: Any) -> None:
    service.answers("GET", "/v2/people", {"data": []})

    raw(service, queryParams=given)

    assert parse_qsl(urlsplit(service.last.url).query) == [("ids[]", "1"), ("ids[]", "2")]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"first_name": "Mark"}, b'{"first_name":"Mark"}'),
        ('{"first_name": "Mark"}', b'{"first_name":"Mark"}'),
        ([1, 2], b"[1,2]"),
        ("first_name=Mark", b"first_name=Mark"),
        ({"none": None}, None),
        (None, None),
        ({"raw": {"first_name": "Mark"}}, b'{"first_name":"Mark"}'),
        ({"raw": '{"first_name": "Mark"}'}, b'{"first_name": "Mark"}'),
        ({"raw": None}, None),
        ({"raw": 1, "first_name": "Mark"}, b'{"raw":1,"first_name":"Mark"}'),
        ({"form_data": "x"}, b'{"form_data":"x"}'),
    ],
)
def test_the_body_of_a_raw_request(service: Any, given: Any, sent: bytes | None) -> None:
    service.answers("POST", "/v2/people", {"data": {}})

    raw(service, method="POST", data=given)

    assert service.last.body == sent
    assert service.last.headers.get("Content-Type") == (None if sent is None else "application/json")


def test_a_form_in_a_raw_request(service: Any) -> None:
    service.answers("POST", "/v2/people", {"data": {}})
    fields = {"name": "Mark & Co", "tags": ["a", "b"], "size": 7, "new": True}

    raw(service, method="POST", data={"form_urlencoded": fields})
    assert service.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert service.last.body == b"name=Mark+%26+Co&tags=a&tags=b&size=7&new=true"

    raw(service, method="POST", data={"form_data": fields})
    assert service.last.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert service.last.body.count(b'name="tags"') == 2
    assert b'name="new"\r\n\r\ntrue' in service.last.body


@pytest.mark.parametrize("tag", ["form_urlencoded", "form_data"])
def test_a_form_in_a_raw_request_holds_no_objects(service: Any, tag: str) -> None:
    assert refused(service, "rawRequest", {**RAW, "data": {tag: {"owner": {"id": 7}}}}) == [f"/data/{tag}/owner"]


def test_an_account_is_changed_in_part(service: Any) -> None:
    service.answers("PUT", "/v2/accounts/7", {"data": {"id": 7}})
    service.loft.updateAccount(accountId=7, domain="https://www.acme.com")
    assert json.loads(service.last.body) == {"domain": "https://www.acme.com"}


def test_text_in_a_raw_request_says_by_a_header_what_it_is(service: Any) -> None:
    service.answers("POST", "/v2/people", {"data": {}})

    raw(service, method="POST", data="a=b", headers={"content-type": "application/x-www-form-urlencoded"})

    assert service.last.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, {"body": {"data": []}}),
        ({"responseType": "text"}, {"body": '{"data": []}'}),
        ({"includeRawBody": True}, {"body": {"data": []}, "raw_body": '{"data": []}'}),
    ],
)
def test_the_reply_to_a_raw_request_is_parsed_or_left(service: Any, inputs: Any, expected: dict[str, Any]) -> None:
    service.answers("GET", "/v2/people", {"data": []})

    response = raw(service, **inputs)

    assert {name: response[name] for name in expected} == expected
    assert ("raw_body" in response) == ("raw_body" in expected)


def test_a_raw_request_may_have_an_empty_reply(service: Any) -> None:
    service.answers("DELETE", "/v2/people/7", status=204)

    assert raw(service, method="DELETE", url="/v2/people/7")["body"] is None


# --- connections ----------------------------------------------------------------------------------------------------


def test_an_api_key_signs_as_a_token_does(service: Any) -> None:
    service.answers("GET", "/v2/me", {"data": {"id": 1}})

    service.connected({"key": "apiKey", "fields": {"apiKey": "ak_1234", "rateLimit": 0}}).whoami()
    service.connected({"key": "apiKey", "fields": {"rateLimit": 0}, "token": "ak_5678"}).whoami()

    assert [sent.headers["Authorization"] for sent in service.sent] == ["Bearer ak_1234", "Bearer ak_5678"]


def test_without_an_api_key_nothing_is_sent(service: Any) -> None:
    with pytest.raises(NotAuthenticated):
        service.connected({"key": "apiKey", "fields": {"rateLimit": 0}}).whoami()

    assert service.sent == []


def test_a_private_application_asks_for_its_own_token(service: Any) -> None:
    token = {"access_token": "fresh", "token_type": "bearer", "expires_in": 7200}
    service.wire.add("POST", "https://accounts.salesloft.com/oauth/token", json=token)
    service.answers("GET", "/v2/me", {"data": {"id": 1}})
    fields = {"clientId": "it", "clientSecret": "hush", "scope": "people:read team:read", "rateLimit": 0}

    loft = service.connected({"key": "oauth2ClientCredentials", "fields": fields})
    loft.whoami()
    loft.whoami()

    asked, first, second = service.sent
    assert dict(parse_qsl(asked.body.decode())) == {
        "grant_type": "client_credentials",
        "scope": "people:read team:read",
        "client_id": "it",
        "client_secret": "hush",
    }
    assert {first.headers["Authorization"], second.headers["Authorization"]} == {"Bearer fresh"}


def test_a_refresh_sends_its_credentials_in_the_body(service: Any) -> None:
    token = {"access_token": "new", "refresh_token": "r2", "expires_in": 7200}
    service.wire.add("POST", "https://accounts.salesloft.com/oauth/token", json=token)
    service.answers("GET", "/v2/me", {"error": "expired"}, status=401)
    service.answers("GET", "/v2/me", {"data": {"id": 1}})
    fields = {"clientId": "it", "clientSecret": "hush", "rateLimit": 0}

    given = {"fields": fields, "token": {"access_token": "old", "refresh_token": "r1"}}
    service.connected(given, on_token=lambda token: None).whoami()

    asked = dict(parse_qsl(service.sent[1].body.decode()))
    assert asked["grant_type"] == "refresh_token"
    assert (asked["refresh_token"], asked["client_id"], asked["client_secret"]) == ("r1", "it", "hush")
    assert service.last.headers["Authorization"] == "Bearer new"


# --- the rate limit -------------------------------------------------------------------------------------------------

DATE = "Wed, 21 Jan 2026 10:00:20 GMT"


def limited(service: Any, **options: Any) -> Any:
    return service.connected({"token": {"access_token": "limited"}}, **options)


@pytest.mark.parametrize(
    ("page", "cost"), [(1, 1), (100, 1), (101, 3), (150, 3), (151, 8), (250, 8), (251, 10), (500, 10), (501, 30)]
)
def test_a_deep_page_takes_more_of_the_budget(service: Any, page: int, cost: int) -> None:
    service.answers("GET", "/v2/people", {"data": []})
    loft = limited(service)

    loft.listPeople(page=page)
    loft.listPeople()

    assert sum(service.clock.slept) == pytest.approx(cost / 10 / 0.95, abs=0.01)


@pytest.mark.parametrize(("left", "cost", "waits"), [("300", "1", False), ("10", "1", True), ("35", "30", True)])
def test_everybody_holds_back_when_the_points_of_the_minute_run_out(
    service: Any, left: str, cost: str, waits: bool
) -> None:
    headers = {"x-ratelimit-remaining-minute": left, "x-ratelimit-endpoint-cost": cost, "Date": DATE}
    service.answers("GET", "/v2/me", {"data": {"id": 1}}, headers=headers)
    limited(service).whoami()

    limited(service).whoami()

    assert (40 <= sum(service.clock.slept) <= 41.2) == waits


def test_who_is_refused_for_the_minute_waits_for_the_next(service: Any) -> None:
    service.answers("GET", "/v2/me", {"error": "Too many"}, status=429, headers={"Date": DATE})
    service.answers("GET", "/v2/me", {"data": {"id": 1}})

    assert limited(service).whoami() == {"data": {"id": 1}}
    assert 40 <= sum(service.clock.slept) <= 42.5


def test_a_failure_is_no_reason_to_wait_for_the_next_minute(service: Any) -> None:
    headers = {"x-ratelimit-remaining-minute": "10", "x-ratelimit-endpoint-cost": "1", "Date": DATE}
    service.answers("GET", "/v2/me", {"error": "Down"}, status=503, headers=headers)
    service.answers("GET", "/v2/me", {"data": {"id": 1}})

    assert service.loft.whoami() == {"data": {"id": 1}}
    assert service.clock.slept == [0.0]


def test_who_cannot_wait_so_long_is_told_how_long_it_would_have_been(service: Any) -> None:
    service.answers("GET", "/v2/me", {"error": "Too many"}, status=429, headers={"Date": DATE})

    with pytest.raises(RateLimited) as raised:
        limited(service, deadline=5.0).rawRequest(method="GET", url="/v2/me")

    assert raised.value.retry_after == pytest.approx(40.5, abs=0.6)
    assert service.clock.slept == []


# --- creates that are safe to ask for again -------------------------------------------------------------------------

LOST: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "createAccount": ({"fullName": "Acme", "domain": "Acme.com"}, "/v2/accounts", {"domain": "acme.com"}),
    "createPerson": ({"emailAddress": "Jo@acme.com"}, "/v2/people", {"email_address": "jo@acme.com"}),
    "createPersonStage": ({"personStageName": "Warm"}, "/v2/person_stages", {"name": "Warm"}),
    "createCadenceMembership": ({"personId": 1, "cadenceId": 2}, "/v2/cadence_memberships", {}),
    "createNote": (
        {"content": "Hi", "associatedWithType": "person", "associatedWithId": 1},
        "/v2/notes",
        {"content": "Hi"},
    ),
    "createTask": (
        {"subject": "Call", "personId": 1, "taskType": "call", "dueDate": "2026-06-30", "idempotencyKey": "k"},
        "/v2/tasks",
        {"subject": "Call"},
    ),
    "createCustomField": ({"name": "Segment", "fieldType": "person"}, "/v2/custom_fields", {"name": "Segment"}),
    "createImport": ({"name": "Fair"}, "/v2/imports", {"name": "Fair"}),
    "createBulkJob": (
        {"bulkJobType": "person/upsert", "bulkJobName": "Fair"},
        "/v2/bulk_jobs",
        {"type": "person/upsert", "name": "Fair", "total": 0},
    ),
}


@pytest.mark.parametrize("key", LOST)
def test_a_create_whose_answer_was_lost_is_found_and_not_repeated(service: Any, key: str) -> None:
    inputs, path, record = LOST[key]
    service.answers("POST", path, {"error": "Gateway"}, status=502)
    service.answers("GET", path, {"data": [{"id": 7, **record}], "metadata": {"paging": {"next_page": None}}})
    told: list[str] = []
    once = {"idempotency_key": "one", "on_outcome": told.append}

    with pytest.raises(Unavailable) as raised:
        service.loft.run(key, inputs, **once)
    result = service.loft.run(key, inputs, **once)

    assert raised.value.code == "outcome_unknown"
    assert (result, told) == ({"data": {"id": 7, **record}}, ["found"])
    assert [sent.method for sent in service.sent] == ["POST", "GET"]


def test_another_record_is_not_taken_for_the_lost_one(service: Any) -> None:
    service.answers("POST", "/v2/person_stages", {"error": "Gateway"}, status=502)
    service.answers("GET", "/v2/person_stages", {"data": [{"id": 7, "name": "Cold"}], "metadata": {}})
    loft = service.loft.with_options(idempotency_key="one")

    for _ in range(2):
        with pytest.raises(Unavailable) as raised:
            loft.createPersonStage(personStageName="Warm")
        assert raised.value.code == "outcome_unknown"

    assert [sent.method for sent in service.sent] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("key", "inputs"),
    [
        ("createPerson", {"phone": "+14155552671", "lastName": "Lee"}),
        ("createTask", {"subject": "Call", "personId": 1, "taskType": "call", "dueDate": "2026-06-30"}),
        ("createImport", {}),
        ("createBulkJob", {"bulkJobType": "person/upsert"}),
        ("createCall", {"personId": 1}),
    ],
)
def test_what_cannot_be_looked_for_is_never_sent_twice(service: Any, key: str, inputs: dict[str, Any]) -> None:
    service.answers("POST", REQUESTS[key].split()[1], {"error": "Gateway"}, status=502)
    loft = service.loft.with_options(idempotency_key="one")

    for _ in range(2):
        with pytest.raises(Unavailable):
            loft.run(key, inputs)
        service.clock.ticks += 3600

    assert len(service.sent) == 1


# --- looking for what a create has made ------------------------------------------------------------------------------

OTHERS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "createCadenceMembership": ({"personId": 1, "cadenceId": 2}, "person", {"cadence": {"id": 2}}),
    "createNote": (
        {"content": "Hi", "associatedWithType": "person", "associatedWithId": 1},
        "associated_with",
        {"content": "Hi"},
    ),
    "createTask": (
        {"subject": "S", "personId": 1, "taskType": "call", "dueDate": "2026-03-02", "idempotencyKey": "k"},
        "person",
        {"subject": "S"},
    ),
}


@pytest.mark.parametrize("action", OTHERS)
def test_a_record_about_somebody_else_is_not_what_a_create_has_made(service: Any, action: str) -> None:
    """Although the service was asked for the records about this one alone."""
    inputs, link, fields = OTHERS[action]
    records = [{"id": number, link: {"id": number}, **fields} for number in (1, 2)]
    service.wire.get(re.compile("https://api.salesloft.com/.*"), json={"data": records, "metadata": {}})
    found = service.runtime.find_candidates("salesloft", action, inputs, service.connection)
    assert found == [{"data": records[0]}]
