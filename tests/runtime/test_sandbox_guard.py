"""The sandbox is driven by programs and its own pages only, and whatever is sent to it, it goes on."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.runtime.test_sandbox_engine import ask, toy

from sales_connectors.errors import ConfigurationError
from sales_connectors.imitation import Box, Condition, Reply, Request, Route, running
from sales_connectors.imitation.application import MAX_BODY_BYTES

CONTROLS = (
    ("POST", "/_sandbox/faults", b'[{"status": 503}]'),
    ("POST", "/_sandbox/clock", b'{"advance": 90000}'),
    ("POST", "/_sandbox/tokens", b"{}"),
    ("GET", "/_sandbox/connection", b""),
    ("GET", "/_sandbox/requests", b""),
    ("DELETE", "/_sandbox/requests", b""),
)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Box]:
    """One for all tests: whatever the one before has sent to it, it goes on."""
    with running(toy()) as started:
        yield started


@pytest.fixture
def box(lasting: Box) -> Iterator[Box]:
    yield lasting
    lasting.misbehave(None)


def send(box: Box, method: str, path: str, body: bytes = b"", /, **headers: str) -> requests.Response:
    """A request as a browser may be made to send it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = requests.request(method, box.url + path, data=body, headers=named, timeout=10, allow_redirects=False)
    return reply


def talk(box: Box, sent: bytes) -> bytes:
    """What comes back for some bytes, until the sandbox closes the connection."""
    host, port = box.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def is_well(box: Box) -> bool:
    return ask(box).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), CONTROLS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://evil.example", "Content_Type": "text/plain", "Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8080", "Origin": "http://evil.example:8080", "Sec_Fetch_Site": "same-origin"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "evil.example/a?b#c"},
        {"Host": "localhost@evil.example"},
    ],
    ids=str,
)
def test_no_page_of_another_site_can_drive_it(
    box: Box, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    before = len(box.requests)

    refused = send(box, method, path, body, **headers)

    assert (refused.status_code, list(refused.json())) == (403, ["toy_error"])
    assert "access_token" not in refused.text
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert len(box.requests) == before
    assert is_well(box)


def test_the_api_is_closed_to_them_too(box: Box) -> None:
    token = f"Bearer {box.connection['token']['access_token']}"
    asked = {"Authorization": token, "Content_Type": "application/json"}

    assert send(box, "POST", "/things", b"{}", **asked, Origin="https://evil.example").status_code == 403
    assert send(box, "OPTIONS", "/things", Origin="https://evil.example").status_code == 403
    assert len(ask(box).json()["things"]) == 1


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1", "127.0.0.2:80", "[::1]", "10.0.0.7:8080"])
def test_programs_may_call_it_by_any_address(box: Box, host: str) -> None:
    assert send(box, "GET", "/_sandbox/clock", Host=host).status_code == 200


def test_it_answers_to_the_name_that_it_was_told_to_serve() -> None:
    with running(toy(), host="localhost") as box:
        assert send(box, "GET", "/_sandbox/clock", Host="LOCALHOST:80").status_code == 200


def test_a_sign_in_may_come_from_another_site_and_its_own_page_may_go_on(box: Box) -> None:
    asked = "client_id=sandbox-client&redirect_uri=http://localhost/&response_type=code"
    page = f"/oauth2/authorize?{asked}"
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    own = {"Origin": box.url, "Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "navigate"}
    form = {"Content_Type": "application/x-www-form-urlencoded"}

    assert send(box, "GET", page, b"", **visit).status_code == 200
    assert send(box, "GET", page, b"", **{**visit, "Sec_Fetch_Dest": "iframe"}).status_code == 403
    decided = send(box, "POST", "/oauth2/authorize", f"{asked}&decision=allow".encode(), **own, **form)
    assert decided.headers["Location"].startswith("http://localhost/?code=")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", '{"advance": NaN}'),
        ("clock", '{"advance": Infinity}'),
        ("clock", '{"advance": -Infinity}'),
        ("clock", '{"advance": 1e400}'),
        ("clock", '{"advance": "nan"}'),
        ("clock", '{"advance": 1e308}'),
        ("clock", '{"advance": 3e11}'),
        ("clock", '{"advance": -1}'),
        ("clock", '{"advance": true}'),
        ("clock", '{"advance": null}'),
        ("clock", '{"advance": ' + "9" * 400 + "}"),
        ("clock", '{"advance": 1, "more": 1}'),
        ("clock", "[]"),
        ("clock", '"advance"'),
        ("faults", '{"latency": NaN}'),
        ("faults", '{"latency": "nan"}'),
        ("faults", '{"latency": -1}'),
        ("faults", '{"late": 1e9}'),
        ("faults", '[{"every": 0}]'),
        ("faults", '[{"times": 1.5}]'),
        ("faults", '{"status": 7}'),
        ("faults", '{"status": 100}'),
        ("faults", '{"status": 99999}'),
        ("faults", '{"status": 1e999}'),
        ("faults", '{"retry_after": "nan", "status": 429}'),
        ("faults", '{"redirect": "http://x\\r\\nSet-Cookie: a=b"}'),
        ("faults", '{"method": 5, "path": {}}'),
        ("faults", '"status=abc"'),
        ("faults", "5"),
        ("faults", "[" * 5000 + "]" * 5000),
        ("tokens", '{"expires_in": NaN}'),
        ("tokens", '{"expires_in": "abc"}'),
        ("tokens", '{"expires_in": 1e300}'),
        ("tokens", '{"scope": 5}'),
        ("tokens", '{"user": {}}'),
        ("tokens", '{"self": 1}'),
        ("tokens", "[1]"),
        ("tokens", '{"scope": "\\ud800"}'),
        ("tokens", "{" * 3000),
        ("tokens", b"\xff\xfe".decode("latin-1")),
    ],
    ids=lambda value: value[:40],
)
def test_a_control_that_makes_no_sense_is_refused_and_changes_nothing(box: Box, path: str, body: str) -> None:
    refused = send(box, "POST", f"/_sandbox/{path}", body.encode("latin-1"))

    assert refused.status_code == 400
    assert is_well(box)
    assert send(box, "GET", "/_sandbox/clock").status_code == 200


@pytest.mark.parametrize("spec", [{"status": 204}, {"status": 304}, {"status": 599}, "redirect=http://x/ü€", "html"])
def test_what_can_be_played_is_played_whole(box: Box, spec: Any) -> None:
    box.misbehave(spec)
    wanted = spec["status"] if isinstance(spec, dict) else 302 if "redirect" in spec else 200

    assert ask(box, allow_redirects=False).status_code == wanted
    box.misbehave(None)
    assert is_well(box)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "X" * 500, "*"])
def test_odd_methods_are_refused_as_the_vendor_would(box: Box, method: str) -> None:
    token = box.connection["token"]["access_token"]
    answered = talk(
        box,
        f"{method} /things HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        "Connection: close\r\n\r\n".encode(),
    )

    assert answered.split(b" ")[1] == b"405"
    assert b"toy_error" in answered
    assert is_well(box)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\x03 garbage\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
        b"GET /things HTTP/1.1\r\n\r\n",
        b"GET /things HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /things HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:40]),
)
def test_what_is_no_http_is_refused_in_the_vendors_form(box: Box, sent: bytes) -> None:
    head, _, body = talk(box, sent).partition(b"\r\n\r\n")

    assert head.split(b" ")[1][:1] == b"4"
    assert "toy_error" in json.loads(body)
    assert is_well(box)


def test_a_body_that_is_too_long_is_refused_and_one_that_is_announced_too(box: Box) -> None:
    refused = ask(box, "POST", data=b"x" * (MAX_BODY_BYTES + 1))
    assert (refused.status_code, list(refused.json())) == (413, ["toy_error"])

    announced = b"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\nabc"
    assert talk(box, announced).split(b" ")[1] == b"413"
    assert is_well(box)


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_matter(capfd: pytest.CaptureFixture[str]) -> None:
    with running(toy()) as box:  # begun now, so that what it logs is captured
        host, port = box.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nabc")

        assert is_well(box)
    assert "Traceback" not in capfd.readouterr().err


def find_by(request: Request) -> Reply:
    """As vendors do: whatever the query says goes into conditions."""
    wanted = [Condition.equal("name", int(value) if value.isdecimal() else value) for _, value in request.query]
    return Reply(200, {"things": request.collection("things").find(Condition.every(wanted))})


def nest(request: Request) -> Reply:
    def depth(value: Any) -> int:
        return 1 + depth(value[0]) if value else 0

    return Reply(200, {"depth": depth(json.loads(request.body))})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/find?n=" + "9" * 30, 200),
        ("/find?n=" + "9" * 400, 200),
        ("/find?" + "&".join(["n=x"] * 4000), 400),
        ("/find?n=%00&n=%ff&n=%F0%9F%98%80", 200),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_no_database_takes_is_the_clients_fault(path: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    with running(toy(routes=[Route("GET", "/find", find_by), Route("POST", "/nest", nest)], rate=toy().rate)) as box:
        assert ask(box, path=path).status_code == status
        assert ask(box, "POST", "/nest", data="[" * 900 + "]" * 900).status_code in (200, 400)
    assert not caplog.records


@pytest.mark.parametrize(
    "redirect", ["http://[", "http://localhost:99999999/", "http://localhost/\u20ac", "http://localhost/\x0b", "\ud7ff"]
)
def test_a_sign_in_with_an_odd_redirect_ends_in_a_page_or_a_redirect(box: Box, redirect: str) -> None:
    form = {"client_id": "sandbox-client", "redirect_uri": redirect, "response_type": "code", "decision": "allow"}

    decided = requests.post(f"{box.url}/oauth2/authorize", data=form, timeout=10, allow_redirects=False)

    assert decided.status_code in (302, 400)


def test_a_verifier_that_is_no_ascii_is_only_wrong(box: Box) -> None:
    asked = {"client_id": "sandbox-client", "redirect_uri": "http://localhost/", "response_type": "code"}
    begun = {**asked, "decision": "allow", "code_challenge": "plain", "code_challenge_method": "plain"}
    decided = requests.post(f"{box.url}/oauth2/authorize", data=begun, timeout=10, allow_redirects=False)
    code = decided.headers["Location"].partition("code=")[2]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": "ü", "client_secret": "sandbox-secret"}

    refused = requests.post(f"{box.url}/oauth2/token", data={**asked, **form}, timeout=10)

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_the_database_of_something_else_is_no_state(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("create table contacts (name text)")

    with pytest.raises(ConfigurationError, match="something else"), running(toy(), state=str(tmp_path / "other.db")):
        pass
