"""Replies as they are: taken where a sensible reader would take them, else told as the fault of the service."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from responses import RequestsMock
from tests.conftest import Server, Toy, http

from sales_connectors import Runtime
from sales_connectors.errors import InvalidInput, InvalidResponse, SalesError

THING = "https://toy.example/things/7"
THINGS = "https://toy.example/things"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'\xef\xbb\xbf{"id": 7}', {"id": 7}),
        ('{"id": 7}'.encode("utf-16"), {"id": 7}),
        (rb'{"name": "half \ud83d of it"}', {"name": "half \ufffd of it"}),
        (rb'{"name": "\ude00"}', {"name": "\ufffd"}),
        (rb'{"name": "\ud83d\ude00"}', {"name": "😀"}),
        (rb'{"a": "\ud83d", "name": "\\ud83d"}', {"a": "\ufffd", "name": r"\ud83d"}),
        (b'{"id": 1, "id": 7}', {"id": 7}),
    ],
)
def test_json_is_read_as_a_sensible_reader_would(things: Toy, web: RequestsMock, body: bytes, read: Any) -> None:
    web.get(THING, body=body)
    assert things.data("getThing", {"id": 7}) == read


@pytest.mark.parametrize(
    "body", [b'{"id": 7', b'{"name": "\xff"}', b'{"id": NaN}', b"\xef\xbb\xbf", b'\xef\xbb\xbf{"id": ']
)
def test_what_is_no_json_is_the_fault_of_the_service(things: Toy, web: RequestsMock, body: bytes) -> None:
    web.get(THING, body=body)
    with pytest.raises(InvalidResponse):
        things.data("getThing", {"id": 7})


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/csv; charset=ISO-8859-1", b"1;Caf\xe9", "1;Café"),
        ('text/csv; charset="windows-1252"', b"\x80 5", "€ 5"),
        ("text/csv", "Café".encode(), "Café"),
        ("text/csv; charset=no-such", "Café".encode(), "Café"),
        ("text/csv; charset=utf-8", b"\xff", "\ufffd"),
        ("text/csv; charset=idna", b"Cafe", "Cafe"),
        ("text/csv; charset=undefined", b"Cafe", "Cafe"),
        ("text/csv; charset=zlib", b"Cafe", "Cafe"),
    ],
)
def test_text_is_in_the_charset_that_it_declares(web: RequestsMock, content_type: str, body: bytes, text: str) -> None:
    web.get("https://api.getbase.com/v2/file", body=body, content_type=content_type)
    asked = {"method": "GET", "url": "/v2/file", "responseType": "text"}
    found = Runtime().invoke("zendesk-sell", "rawRequest", asked, {"token": "secret"})
    assert found == {"data": {"data": text}} or found["data"] == text


def test_no_charset_takes_longer_than_its_reply(web: RequestsMock) -> None:
    web.get(
        "https://api.getbase.com/v2/file", body=b"a-" + b"baaa" * 500_000, content_type="text/csv; charset=punycode"
    )
    asked = {"method": "GET", "url": "/v2/file", "responseType": "text"}
    found = Runtime().invoke("zendesk-sell", "rawRequest", asked, {"token": "secret"})  # it took hours
    assert len(found["data"]) == 2_000_002


def test_json_in_the_charset_that_it_declares_is_read(things: Toy, web: RequestsMock) -> None:
    body, kind = '{"name": "Café"}'.encode("latin-1"), "application/json; charset=ISO-8859-1"
    web.get(THING, body=body, content_type=kind)
    assert things.data("getThing", {"id": 7}) == {"name": "Café"}


# --- depth ---------------------------------------------------------------------------------------------


DEEP = {"lists": "[" * 900 + "]" * 900, "objects": '{"errors":' * 900 + "1" + "}" * 900}


@pytest.mark.parametrize("shape", DEEP)
def test_a_deep_reply_is_shown_as_far_as_anybody_reads(web: RequestsMock, shape: str) -> None:
    web.get("https://api.getbase.com/v2/file", body=DEEP[shape])
    seen: list[Any] = []
    asked = {"method": "GET", "url": "/v2/file"}
    found = Runtime().invoke("zendesk-sell", "rawRequest", asked, {"token": "secret"}, {"onDebug": seen.append})
    assert found["data"]
    assert 90 < json.dumps(seen[0]["response"]["body"]).count(DEEP[shape][0]) < 110


@pytest.mark.parametrize("component", ["zendesk-sell", "salesloft"])
@pytest.mark.parametrize("shape", DEEP)
def test_a_refusal_that_is_deep_is_a_refusal(web: RequestsMock, component: str, shape: str) -> None:
    web.add_callback("GET", re.compile(".*"), lambda request: (422, {}, DEEP[shape]))
    with pytest.raises(InvalidInput):
        Runtime().invoke(component, "rawRequest", {"method": "GET", "url": "/v2/file"}, {"token": "secret"})


# --- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        {"errors": [{"error": {"code": 5, "message": 7, "field": "/data/name"}}], "meta": {"logref": 5}},
        {"errors": [{"error": {"code": [1], "message": {}, "field": ["a"]}}], "meta": {"logref": {"a": 1}}},
        {"errors": [{"error": {"code": True}}]},
        {"error": "no", "error_description": 5},
        {"error": "no", "error_description": [1]},
    ],
)
def test_a_refusal_in_other_words_is_a_refusal(web: RequestsMock, told: Any) -> None:
    web.post("https://api.getbase.com/v2/notes", status=422, json=told)
    inputs = {"resourceType": "deal", "resourceId": 7, "content": "x"}
    with pytest.raises(InvalidInput) as raised:
        Runtime().invoke("zendesk-sell", "createNote", inputs, {"token": "secret"})
    error = raised.value
    assert error.status == 422
    assert error.vendor.keys() == told.keys()
    assert isinstance(error.code, str)
    assert isinstance(error.request_id, str | None)
    assert all(isinstance(part, str) for fault in error.fields for part in fault.values())


# --- lists ---------------------------------------------------------------------------------------------


def page(*ids: int, more: bool = True) -> dict[str, Any]:
    return {
        "items": [{"data": {"id": number}} for number in ids],
        "meta": {"links": {"next_page": "x"} if more else {}},
    }


def read_all(how: str) -> list[int]:
    runtime, connection = Runtime(), {"token": "secret", "fields": {"rateLimit": 0}}
    if how == "iterate":
        return [deal["data"]["id"] for deal in runtime.iterate("zendesk-sell", "listDeals", {}, connection)]
    if how == "fetchAll":
        whole = runtime.invoke("zendesk-sell", "listDeals", {"fetchAll": True}, connection)["data"]
        return [deal["data"]["id"] for deal in whole["items"]]
    picked = runtime.pick("zendesk-sell", "selectDeal", {}, connection, limit=1000)
    return sorted(int(option["key"]) for option in picked["result"])


WALKS = ["iterate", "fetchAll", "pick"]


def serve_pages(web: RequestsMock, find: Callable[[int], dict[str, Any]]) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps(find(int(request.params["page"])))

    web.add_callback("GET", "https://api.getbase.com/v2/deals", answer)


@pytest.mark.parametrize("how", WALKS)
def test_an_empty_page_in_the_middle_does_not_end_a_list(web: RequestsMock, how: str) -> None:
    pages = {1: page(1, 2), 2: page(), 3: page(3, more=False)}
    serve_pages(web, lambda number: pages.get(number, page(more=False)))
    assert read_all(how) == [1, 2, 3]


@pytest.mark.parametrize("how", WALKS)
@pytest.mark.parametrize("again", [page(1, 2), page()], ids=["the same page", "empty pages"])
def test_a_list_that_would_never_end_is_told(web: RequestsMock, how: str, again: dict[str, Any]) -> None:
    serve_pages(web, lambda number: again)
    with pytest.raises(InvalidResponse, match="never end") as raised:
        read_all(how)
    assert raised.value.code == "endless_list"
    assert len(web.calls) < 130


CIRCLES = {"two pages": lambda number: page(number % 2, number % 2 + 10), "seven": lambda number: page(number % 7)}


@pytest.mark.parametrize("how", WALKS)
@pytest.mark.parametrize("circle", CIRCLES)
def test_pages_that_go_in_circles_are_told(web: RequestsMock, how: str, circle: str) -> None:
    serve_pages(web, CIRCLES[circle])
    with pytest.raises(InvalidResponse) as raised:
        read_all(how)
    assert raised.value.code == "endless_list"
    assert len(web.calls) < 20


def poll_deals(web: RequestsMock, position: Any, list_deals: Callable[[int], list[int]], **more: Any) -> Any:
    """Poll a service whose stream stands at a position."""
    times = {"created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z"}

    def find(number: int) -> dict[str, Any]:
        entries = [{"data": {"id": id, **times}} for id in list_deals(number)]
        return {"items": entries, "meta": {"links": {"next_page": "x"}}}

    web.get("https://api.getbase.com/v3/deals/stream", json={"items": [], "meta": {"position": position, "top": True}})
    serve_pages(web, find)
    inputs = {"pollResourceType": "deals", "startFrom": "beginning"}
    return Runtime().poll("zendesk-sell", "pollChangesTrigger", inputs, {"token": "secret"}, **more)


def test_a_poll_ends_where_no_page_joins_the_one_before(web: RequestsMock) -> None:
    with pytest.raises(InvalidResponse) as raised:
        poll_deals(web, "p", lambda number: [number % 2])
    assert raised.value.code == "endless_list"
    assert len(web.calls) < 30


KNOWN = {"resource": "deals", "until": "2024-06-01T00:00:00Z", "seen": dict[str, str](), "position": None}
"""The state after a poll that has seen everything."""


def test_a_poll_takes_back_the_position_that_it_gave_out(web: RequestsMock) -> None:
    state = poll_deals(web, 5, lambda number: [1], state=KNOWN)["state"]
    assert state["position"] == "5"
    assert poll_deals(web, 5, lambda number: [1], state=state)["state"] == state


@pytest.mark.parametrize("position", [[1], {"a": 1}, True])
def test_a_position_that_can_be_none_is_the_fault_of_the_service(web: RequestsMock, position: Any) -> None:
    with pytest.raises(InvalidResponse):
        poll_deals(web, position, lambda number: [1], state=KNOWN)


# --- values of another kind ----------------------------------------------------------------------------


def answer_everything(web: RequestsMock, reply: Any) -> None:
    for method in ("GET", "POST"):
        web.add(method, re.compile(".*"), json=reply)


ODD_RECORDS: list[tuple[str, str, dict[str, Any]]] = [
    ("zendesk-sell", "selectContact", {"id": [1], "name": "Roe"}),
    ("zendesk-sell", "selectContact", {"id": True, "name": "Roe"}),
    ("zendesk-sell", "selectLead", {"id": 1, "first_name": 5, "last_name": []}),
    ("zendesk-sell", "selectOrder", {"id": 1, "deal_id": []}),
    ("zendesk-sell", "selectTag", {"name": ["a"]}),
    ("salesloft", "selectCadence", {"id": 1, "name": "C", "owner": True}),
    ("salesloft", "selectCall", {"id": 1, "created_at": 5}),
    ("salesloft", "selectCallDataRecord", {"id": 1, "direction": 5}),
    ("salesloft", "selectCustomFieldValue", {"id": 1.5, "name": "C"}),
]


@pytest.mark.parametrize(("component", "source", "record"), ODD_RECORDS)
@pytest.mark.parametrize("question", [{}, {"ids": ["1"]}])
def test_a_record_that_is_no_option_is_the_fault_of_the_service(
    web: RequestsMock, component: str, source: str, record: Any, question: Any
) -> None:
    answer_everything(web, {"items": [{"data": record}], "data": [record], "meta": {}, "metadata": {}})
    with pytest.raises(InvalidResponse) as raised:
        Runtime().pick(component, source, {}, {"token": "secret"}, **question)
    assert raised.value.vendor


def test_a_label_may_be_a_number(web: RequestsMock) -> None:
    answer_everything(web, {"items": [{"data": {"id": 1, "name": 7}}], "meta": {}})
    picked = Runtime().pick("zendesk-sell", "selectContact", {}, {"token": "secret"})
    assert picked["result"] == [{"label": "7", "key": "1"}]


@pytest.mark.parametrize("total", ["130", "many", None, [], {}, True, -1, 1.5, 10**40])
def test_a_total_is_a_number_or_nobody_s(web: RequestsMock, total: Any) -> None:
    records = [{"id": number, "name": str(number)} for number in range(100)]
    answer_everything(web, {"data": records, "metadata": {"paging": {"total_count": total}}})
    connection = {"key": "apiKey", "token": "secret"}
    first = Runtime().pick("salesloft", "selectTag", {}, connection, limit=10)
    assert first["total"] == (130 if total == "130" else None)
    hits = [{"data": record} for record in records]
    answer = {"items": [{"successful": True, "items": hits, "meta": {"total_count": total}}]}
    web.reset()
    answer_everything(web, answer)
    found = Runtime().pick("zendesk-sell", "selectContact", {}, {"token": "secret"}, query="a", limit=100)
    assert len(found["result"]) == 100


@pytest.mark.parametrize(
    "record",
    [
        {"id": [1], "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z"},
        {"id": 1, "created_at": "0001-01-01T00:00:00+23:59", "updated_at": "2024-01-01T00:00:00Z"},
    ],
)
def test_a_change_that_cannot_be_placed_is_the_fault_of_the_service(web: RequestsMock, record: Any) -> None:
    event = {"data": {"id": 1}, "meta": {"event_type": "created"}}
    web.get(re.compile(".*/stream"), json={"items": [event], "meta": {"position": "p", "top": True}})
    web.get(re.compile(".*/v2/contacts"), json={"items": [{"data": record}], "meta": {}})
    with pytest.raises(InvalidResponse):
        Runtime().poll("zendesk-sell", "pollChangesTrigger", {"pollResourceType": "contacts"}, {"token": "secret"})


def test_headers_of_a_budget_that_are_no_numbers_are_none(web: RequestsMock) -> None:
    web.get(re.compile(".*"), json={"data": {"id": 1}}, headers={"X-RateLimit-Remaining-Minute": "9" * 5000})
    found = Runtime().invoke("salesloft", "getPerson", {"personId": 1}, {"token": "secret"})
    assert found["data"] == {"data": {"id": 1}}


@pytest.mark.parametrize(("told", "added"), [("2", 2), (2, 2), (None, 1), ([], 1), ("all", 1)])
def test_how_many_records_a_job_took_may_be_text(web: RequestsMock, told: Any, added: int) -> None:
    web.post(re.compile(".*/job_data"), json={"data": {"records": told}})
    inputs = {"bulkJobsId": 1, "bulkJobData": [{"email_address": "a@example.com"}]}
    found = Runtime().invoke("salesloft", "createBulkJobData", inputs, {"token": "secret"})
    assert found["data"] == {"data": {"records": added}}


# --- size ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_a_reply_beyond_its_bound_is_not_read(things: Toy, serve: Callable[..., Server], packed: bool) -> None:
    body = json.dumps({"name": "a" * 3_000_000}).encode()
    script = http(200, gzip.compress(body), Content_Encoding="gzip") if packed else http(200, body)
    at = things.at(serve(script).url)
    with pytest.raises(InvalidResponse, match=r"more than 2 MB; ask for less .* max_reply") as raised:
        at.data("getThing", {"id": 7}, maxReply=2)
    assert raised.value.code == "reply_too_large"
    assert len(at.data("getThing", {"id": 7}, maxReply=4)["name"]) == 3_000_000


# --- redirects -----------------------------------------------------------------------------------------


def test_a_redirect_to_the_same_place_in_other_words_stays_signed(things: Toy, web: RequestsMock) -> None:
    web.get(THING, status=302, headers={"Location": "https://toy.example:443/things/8"})
    web.get("https://toy.example:443/things/8", json={"id": 8})
    assert things.data("getThing", {"id": 7}) == {"id": 8}
    assert "Authorization" in web.calls[1].request.headers


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:99999/x", "https://[", "//", "http://:80/", "http://%00/", "http://a b/"]
)
def test_a_redirect_to_no_address_is_told(things: Toy, web: RequestsMock, target: str) -> None:
    web.get(THING, status=302, headers={"Location": target})
    with pytest.raises(SalesError) as raised:
        things.data("getThing", {"id": 7})
    assert raised.value.code == "redirect"


def test_a_redirect_to_a_host_alone_goes_to_its_root(things: Toy, serve: Callable[..., Server]) -> None:
    other = serve(http(200, b'{"id": 9}'))
    home = serve(http(302, Location=f"{other.url}?next=café"))
    assert things.at(home.url).data("getThing", {"id": 7}) == {"id": 9}
    assert other.requests[0].startswith(b"GET /?next=caf%C3%A9 HTTP/1.1")


def test_a_write_whose_reply_cannot_be_read_says_that_it_may_be_done(things: Toy, web: RequestsMock) -> None:
    web.post(THINGS, body=b'{"id": ')
    web.get(THING, body=b'{"id": ')
    with pytest.raises(InvalidResponse, match="It may have done what was asked: look before repeating it"):
        things.data("createThing", {"name": "Lamp"})
    with pytest.raises(InvalidResponse) as raised:
        things.data("getThing", {"id": 7})
    assert "may have done" not in raised.value.message
