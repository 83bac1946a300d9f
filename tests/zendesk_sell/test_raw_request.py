"""Requests that no action makes: paths, queries, bodies, headers, replies and retries."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sales_connectors import Connector, Runtime, connect
from sales_connectors.errors import InvalidInput, InvalidResponse, NotFound, RateLimited, Unavailable
from sales_connectors.testing import FakeClock

BYTES = b"\x00\xff binary \r\n"
BINARY = {"base64": base64.b64encode(BYTES).decode(), "contentType": "image/png"}


@pytest.fixture
def clock(service: Any, clock: FakeClock) -> FakeClock:
    """The service, over a runtime whose waits are only noted."""
    service.sell = connect("zendesk-sell", service.connection, runtime=Runtime(clock=clock, random=lambda: 0.0))
    return clock


def raw(service: Any, **inputs: Any) -> Any:
    return service.sell.rawRequest(**{"url": "/tasks", "method": "POST", **inputs})


@pytest.fixture
def sent(service: Any) -> Any:
    """Sends a request to wherever it wants to go, and returns what was sent."""
    service.wire.add("GET", re.compile(r"https://api\.getbase\.com/.*"), json={})
    service.wire.add("POST", re.compile(r"https://api\.getbase\.com/.*"), json={})

    def send(**inputs: Any) -> Any:
        raw(service, **inputs)
        return service.last

    return send


# --- where to -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "version", "path"),
    [
        ("/tasks", "v2", "/v2/tasks"),
        ("tasks", "v2", "/v2/tasks"),
        ("/tasks", "v3", "/v3/tasks"),
        ("/v3/contacts/stream", "v2", "/v3/contacts/stream"),
        ("v2/tasks", "v3", "/v2/tasks"),
        ("https://api.getbase.com/v2/tasks", "v3", "/v2/tasks"),
        ("HTTPS://api.getbase.com/oauth2/token", "v2", "/oauth2/token"),
        ("/tags/a b/ü", "v2", "/v2/tags/a%20b/%C3%BC"),
        ("/contacts/7#part", "v2", "/v2/contacts/7"),
    ],
)
def test_a_path_belongs_to_a_version_unless_it_names_one(sent: Any, url: str, version: str, path: str) -> None:
    assert urlsplit(sent(url=url, version=version).url)[:3] == ("https", "api.getbase.com", path)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/v2/tasks",
        "http://api.getbase.com/v2/tasks",
        "https://api.getbase.com:8443/v2/tasks",
        "https://api.getbase.com@example.com/",
        "https://api.getbase.com.example.com/",
        "//example.com/v2/tasks",
        "ftp://api.getbase.com/",
    ],
)
def test_a_token_never_leaves_home(service: Any, url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        raw(service, url=url)
    assert [fault["path"] for fault in refusal.value.fields] == ["/url"]
    assert service.sent == []


@pytest.mark.parametrize(
    ("url", "given", "expected"),
    [
        ("/tasks", {"ids": ["1", "2"], "completed": True, "per_page": 20}, "ids=1&ids=2&completed=true&per_page=20"),
        ("/tasks", [{"key": "ids", "value": "1"}, {"key": "ids", "value": 2}], "ids=1&ids=2"),
        ("/tasks", '{"q": "a&b"}', "q=a%26b"),
        ("/tasks?sort_by=id&q=", {"page": 2}, "sort_by=id&q=&page=2"),
        ("/contacts?website=https://www.example.com", None, "website=https%3A%2F%2Fwww.example.com"),
    ],
)
def test_query_parameters_keep_their_order_and_may_repeat(sent: Any, url: str, given: Any, expected: str) -> None:
    query = urlsplit(sent(url=url, **({} if given is None else {"queryParams": given})).url).query
    assert parse_qsl(query, keep_blank_values=True) == parse_qsl(expected, keep_blank_values=True)


# --- bodies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "body"),
    [
        ({"data": {"content": "Ünïcode"}}, "application/json", '{"data":{"content":"Ünïcode"}}'.encode()),
        ('{"data": {"content": "x"}}', "application/json", b'{"data":{"content":"x"}}'),
        ([1, 2], "application/json", b"[1,2]"),
        ("a=1&b=2", "application/x-www-form-urlencoded", b"a=1&b=2"),
        (BINARY, "image/png", BYTES),
        ({"base64": ""}, "application/octet-stream", b""),
    ],
)
def test_a_body_is_json_text_or_bytes(sent: Any, data: Any, kind: str, body: bytes) -> None:
    request = sent(data=data)
    assert (request.headers["Content-Type"], request.body) == (kind, body)


@pytest.mark.parametrize("inputs", [{}, {"data": None}, {"data": ""}])
def test_a_request_may_have_no_body(sent: Any, inputs: dict[str, Any]) -> None:
    request = sent(**inputs)
    assert not request.body
    assert "Content-Type" not in request.headers
    assert request.headers["Content-Length"] == "0"


def test_a_form_has_fields_and_files_with_names(sent: Any) -> None:
    request = sent(
        formData={"note": "Hello", "count": 3, "urgent": True, "logo": BINARY},
        fileData=[{"key": "plain", "value": "text"}, {"key": "picture", "value": BINARY}],
        fileDataFileNames={"picture": "ü.png"},
    )
    boundary = request.headers["Content-Type"].removeprefix("multipart/form-data; boundary=").encode()
    parts = dict(part.split(b"\r\n\r\n", 1) for part in request.body.split(b"--" + boundary)[1:-1])
    heads = [head.decode().strip() for head in parts]
    assert [body.removesuffix(b"\r\n") for body in parts.values()] == [b"Hello", b"3", b"true", BYTES, b"text", BYTES]
    assert heads[0] == 'Content-Disposition: form-data; name="note"'
    assert 'name="plain"; filename="plain"' in heads[4]
    assert heads[4].endswith("Content-Type: text/plain; charset=utf-8")
    assert 'name="picture"; filename="ü.png"' in heads[5]
    assert heads[5].endswith("Content-Type: image/png")


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"data": {"base64": "%%%"}}, "/data"),
        ({"fileData": {"f": {"base64": "a"}}}, "/fileData/f"),
        ({"fileData": {"f": {"base64": "aGk=", "contentType": "text/plain\r\nX-Worse: b"}}}, "/fileData/f"),
        ({"fileData": {"f": {"base64": "aGk=", "contentType": "text/\u6771"}}}, "/fileData/f"),
        ({"data": "x", "formData": {"a": "b"}}, "/formData"),
        ({"fileDataFileNames": {"f": "x.txt"}}, "/fileData"),
        ({"method": "FETCH"}, "/method"),
        ({"maxRetries": 21}, "/maxRetries"),
        ({"headers": {"X-Bad": "a\r\nX-Worse: b"}}, "/headers/X-Bad"),
        ({"url": ""}, "/url"),
    ],
)
def test_what_cannot_be_sent_is_refused(service: Any, inputs: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        raw(service, **inputs)
    assert path in [fault["path"] for fault in refusal.value.fields]
    assert service.sent == []


def test_headers_are_the_callers_but_for_those_of_the_connection(sent: Any) -> None:
    given = {
        "authorization": "Bearer another-token",
        "Host": "example.com",
        "Content-length": "9999",
        "transfer-encoding": "chunked",
        "user-agent": "curl/7.64.1",
        "X-Extra": "1",
        "content-type": "text/csv",
    }
    request = sent(data="a;b", headers=given)
    assert request.headers["Authorization"] == "Bearer token-of-the-test"
    assert (request.headers["User-Agent"], request.headers["X-Extra"]) == ("curl/7.64.1", "1")
    assert (request.headers["Content-Type"], request.headers["Content-Length"]) == ("text/csv", "3")
    assert not {"Host", "Transfer-Encoding"} & set(request.headers)
    assert "another-token" not in str(request.headers)


# --- replies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("json", '{"data": {"id": 7}}', {"data": {"id": 7}}),
        ("json", "", None),
        ("text", '{"data": {"id": 7}}', '{"data": {"id": 7}}'),
        ("document", "<a>ü</a>", "<a>ü</a>"),
        ("text", "", ""),
        ("arraybuffer", BYTES, BINARY),
        ("binary", BYTES, BINARY),
    ],
)
def test_a_reply_is_read_as_it_is_asked_for(service: Any, kind: str, body: Any, expected: Any) -> None:
    service.answers("POST", "/v2/tasks", body=body, content_type="image/png")
    assert raw(service, responseType=kind) == expected


def test_what_is_no_json_is_the_fault_of_the_service(service: Any) -> None:
    service.answers("POST", "/v2/tasks", body="<html>", content_type="text/html")
    with pytest.raises(InvalidResponse, match="web page"):
        raw(service)


def test_a_dry_run_shows_the_request_and_sends_nothing(service: Any) -> None:
    body = {"data": {"content": "x"}}
    preview = service.sell.with_options(dry_run=True).rawRequest(url="/tasks", method="POST", data=body)
    assert preview["request"]["url"] == "https://api.getbase.com/v2/tasks"
    assert preview["request"]["body"] == body
    assert "token-of-the-test" not in json.dumps(preview)
    assert service.sent == []


def test_it_reaches_what_no_action_does(sell: Connector) -> None:
    source = sell.rawRequest(url="/lead_sources", method="POST", data={"data": {"name": "Billboard"}})["data"]
    assert sell.rawRequest(url=f"/lead_sources/{source['id']}", method="DELETE") is None
    with pytest.raises(NotFound):
        sell.rawRequest(url=f"/lead_sources/{source['id']}", method="GET")
    found = sell.rawRequest(
        url="/contacts/search", method="POST", version="v3", data={"items": [{"data": {"per_page": 1}}]}
    )
    assert found["items"][0]["meta"]["total_count"] > 1


# --- trying again ---------------------------------------------------------------------------------------------------


def failing(service: Any, method: str, *statuses: int, **headers: str) -> None:
    for status in statuses:
        service.answers(method, "/v2/tasks", status=status, headers=headers)
    service.answers(method, "/v2/tasks", {"data": "at last"})


def test_nothing_is_repeated_unless_asked_for(service: Any, clock: FakeClock) -> None:
    failing(service, "GET", 503)
    with pytest.raises(Unavailable):
        raw(service, method="GET")
    assert (len(service.sent), clock.slept) == (1, [])


@pytest.mark.parametrize(
    ("rule", "waits"),
    [
        ({"retryDelayMS": 250}, [0.25, 0.25, 0.25]),
        ({"retryDelayMS": 250, "useExponentialBackoff": True}, [0.25, 0.5, 1.0]),
        ({"useExponentialBackoff": True}, [0.5, 1.0, 2.0]),
        ({}, [0.0, 0.0, 0.0]),
    ],
)
def test_a_request_is_repeated_by_the_callers_rule(
    service: Any, clock: FakeClock, rule: dict[str, Any], waits: list[float]
) -> None:
    failing(service, "GET", 503, 429, 500)
    assert raw(service, method="GET", maxRetries=3, **rule) == {"data": "at last"}
    assert clock.slept == waits


def test_retry_after_is_heeded(service: Any, clock: FakeClock) -> None:
    failing(service, "POST", 429, **{"Retry-After": "7"})
    assert raw(service, maxRetries=1, retryDelayMS=10) == {"data": "at last"}
    assert clock.slept == [7.0]


def test_retry_after_may_be_a_date(service: Any, clock: FakeClock) -> None:
    at = datetime.now(UTC)
    failing(
        service,
        "GET",
        503,
        Date=format_datetime(at, True),
        **{"Retry-After": format_datetime(at + timedelta(seconds=9), True)},
    )
    assert raw(service, method="GET", maxRetries=1) == {"data": "at last"}
    assert clock.slept == [9.0]


@pytest.mark.parametrize(
    ("method", "status", "error"), [("POST", 503, Unavailable), ("PATCH", 500, Unavailable), ("GET", 404, NotFound)]
)
def test_what_may_have_happened_or_never_will_is_repeated_only_on_all_errors(
    service: Any, clock: FakeClock, method: str, status: int, error: type[Exception]
) -> None:
    failing(service, method, status)
    with pytest.raises(error):
        raw(service, method=method, maxRetries=2)
    assert len(service.sent) == 1
    assert raw(service, method=method, maxRetries=2, retryAllErrors=True) == {"data": "at last"}


def test_patience_ends(service: Any, clock: FakeClock) -> None:
    failing(service, "GET", 429, 429, 429)
    with pytest.raises(RateLimited):
        raw(service, method="GET", maxRetries=2, retryDelayMS=100)
    assert len(service.sent) == 3
