"""Everything that can go wrong between a call and its answer: what the caller is told, and who can mend it.

Each row is played by a server byte by byte, for an action that reads and for one that creates.
"""

import json
import os
import re
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Script, Server, Toy, hang_up, http

from sales_connectors import Runtime
from sales_connectors.auth import oauth2
from sales_connectors.errors import ConfigurationError, SalesError, Unavailable
from sales_connectors.store import Store, sqlite
from sales_connectors.testing import FakeClock

RETRIES = 2
ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "read": ("getThing", {"id": 7}),
    "create": ("createThing", {"name": "a"}),
}


@dataclass(frozen=True)
class Told:
    """What the caller is told."""

    kind: str
    code: str
    exit_code: int
    http: int
    fix: str
    retryable: bool
    attempts: int
    words: str


@dataclass(frozen=True)
class Row:
    """One fault, and what it means for a read and for a create."""

    name: str
    script: Script
    read: Told
    create: Told


def unavailable(
    attempts: int, words: str, *, fix: str = "vendor", retryable: bool = True, code: str = "unavailable"
) -> Told:
    return Told("Unavailable", code, 7, 503, fix, retryable, attempts, words)


def unknown(words: str = "Nobody knows whether", *, attempts: int = 1) -> Told:
    """A create of which nobody knows whether it was done: reported, never repeated."""
    return unavailable(attempts, words, retryable=False, code="outcome_unknown")


def invalid_response(words: str, code: str = "invalid_response") -> Told:
    return Told("InvalidResponse", code, 8, 502, "vendor", False, 1, words)


def invalid_input(words: str, fix: str = "builder") -> Told:
    return Told("InvalidInput", "invalid_input", 2, 422, fix, False, 1, words)


def page(status: int = 200) -> Script:
    return http(status, b"<html><body>Our gateway is being mended</body></html>", Content_Type="text/html")


def refused(status: int) -> Script:
    return http(status, b'{"error": "the words of the vendor", "request_id": "req-1"}')


def cut(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":')


def cut_chunk(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"id":')


def cut_head(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")


def noise(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


def same(row: Told) -> tuple[Told, Told]:
    return row, row


OVERLOADED = unavailable(1 + RETRIES, "try again later")
SIGN_IN = Told("NotAuthenticated", "not_authenticated", 3, 401, "end_user", False, 1, "sign in again")
RIGHTS = Told("NotAllowed", "not_allowed", 3, 403, "admin", False, 1, "ask an administrator")
MISSING = Told("NotFound", "not_found", 4, 404, "builder", False, 1, "no such record")
CLASH = Told("Conflict", "conflict", 5, 409, "builder", False, 1, "contradicts what is there")
EXPIRED = Told("NotFound", "position_expired", 4, 404, "builder", False, 1, "start again from the oldest position")
LIMITED = Told("RateLimited", "rate_limited", 6, 429, "builder", True, 1 + RETRIES, "try again later")
LOOP = invalid_response("redirects .* check apiUrl", "redirect")
OURS = invalid_input("no input explains", "maintainer")

ROWS = [
    Row("hung up before the reply", hang_up, unavailable(1 + RETRIES, "broke .* try again later"), unknown()),
    Row("cut in the head", cut_head, *same(invalid_response("an empty body"))),  # the status is known, no body follows
    Row("cut in the body", cut, unavailable(1 + RETRIES, "broke .* try again later"), unknown()),
    Row("cut in a chunk", cut_chunk, unavailable(1 + RETRIES, "broke .* try again later"), unknown()),
    Row("length too long", http(body=b'{"id":7}', length=99, keep=False), unavailable(3, "broke"), unknown()),
    Row("length too short", http(body=b'{"id":7}', length=5, keep=False), *same(invalid_response("broken JSON"))),
    Row("no HTTP at all", noise, unavailable(1 + RETRIES, "broke"), unknown()),
    Row("a page", page(), *same(invalid_response("a web page where JSON belongs"))),
    Row("an empty body", http(body=b""), *same(invalid_response("an empty body where JSON belongs"))),
    Row("broken JSON", http(body=b'{"id": 7'), *same(invalid_response("broken JSON where JSON belongs"))),
    Row("JSON without end", http(body=b"[" * 100_000), *same(invalid_response("broken JSON where JSON belongs"))),
    Row("a number without end", http(body=b"1e" + b"9" * 30), *same(invalid_response("broken JSON where JSON"))),
    Row("broken packing", http(body=b"no gzip", Content_Encoding="gzip"),
        invalid_response("cannot be unpacked", "broken_encoding"), unknown("cannot be unpacked.* Nobody knows")),
    Row("an error in a success", http(body=b'{"error": "quota"}'),
        *same(invalid_response("an error inside", "error_in_success"))),
    Row("a redirect in a circle", http(302, Location="/things/7"), LOOP, unknown("redirects .* Nobody knows")),
    Row("401 for ever", refused(401), *same(SIGN_IN)),
    Row("403", refused(403), *same(RIGHTS)),
    Row("404", refused(404), *same(MISSING)),
    Row("404 as a page", page(404), *same(MISSING)),
    Row("405", refused(405), *same(OURS)),
    Row("406", refused(406), *same(OURS)),
    Row("408", refused(408), OVERLOADED, unknown()),
    Row("409", refused(409), *same(CLASH)),
    Row("410", refused(410), *same(EXPIRED)),
    Row("413", refused(413), *same(OURS)),
    Row("415", refused(415), *same(OURS)),
    Row("400", refused(400), *same(invalid_input("The service refused the request"))),
    Row("422", refused(422), *same(invalid_input("The service refused the request"))),
    Row("429", refused(429), *same(LIMITED)),
    Row("500", refused(500), unavailable(1, "try again later"), unknown()),
    Row("502 as a page", page(502), OVERLOADED, unknown()),
    Row("503", refused(503), OVERLOADED, unknown()),
    Row("504", refused(504), OVERLOADED, unknown()),
]  # fmt: skip


def attempted(things: Toy, effect: str, **options: Any) -> tuple[SalesError, list[Any]]:
    """The error of a call that must fail, and its attempts as debug tells them."""
    action, inputs = ACTIONS[effect]
    attempts: list[Any] = []
    with pytest.raises(SalesError) as raised:
        things.run(action, inputs, on_debug=attempts.append, retries=RETRIES, **options)
    return raised.value, attempts


def check(error: SalesError, attempts: list[Any], told: Told) -> None:
    found = error.as_json()["error"]
    assert (found["type"], found["code"], found["fix"], found["retryable"]) == (
        told.kind, told.code, told.fix, told.retryable,
    )  # fmt: skip
    assert (error.exit_code, error.http_status, len(attempts)) == (told.exit_code, told.http, told.attempts)
    assert re.search(told.words, error.message)
    assert (found["component"], found["connection"]) == ("toy-service", "(given)")


@pytest.mark.parametrize("effect", ACTIONS)
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_what_the_service_does_wrong(things: Toy, serve: Callable[..., Server], row: Row, effect: str) -> None:
    error, attempts = attempted(things.at(serve(row.script).url), effect)
    check(error, attempts, row.read if effect == "read" else row.create)


@pytest.mark.parametrize("effect", ACTIONS)
def test_the_words_of_the_vendor_are_kept(things: Toy, serve: Callable[..., Server], effect: str) -> None:
    for status in (400, 401, 403, 404, 409, 410, 422, 429, 500, 503):
        error, _ = attempted(things.at(serve(refused(status)).url), effect)
        assert "the words of the vendor" in error.message
        assert error.vendor == {"error": "the words of the vendor", "request_id": "req-1"}
        assert (error.status, error.request_id) == (status, "req-1")


def test_a_page_is_kept_in_part(things: Toy, serve: Callable[..., Server]) -> None:
    error, _ = attempted(things.at(serve(http(502, b"<html>" + b"x" * 9000)).url), "read")
    assert error.vendor.startswith("<html>xxx")
    assert len(error.vendor) == 2000


def test_faults_of_fields_point_at_inputs(things: Toy, serve: Callable[..., Server]) -> None:
    body = {"error": "no", "fields": {"/items/address/city": "is no city", "/data/unheard_of": "is wrong"}}
    error, _ = attempted(things.at(serve(http(422, json.dumps(body).encode())).url), "create")
    assert error.fields == [
        {"path": "/address/city", "message": "is no city"},
        {"path": "/data/unheard_of", "message": "is wrong"},
    ]


# --- the way there ------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("effect", ACTIONS)
def test_a_refused_connection(things: Toy, effect: str) -> None:
    error, attempts = attempted(things.at(f"http://127.0.0.1:{free_port()}"), effect)
    check(error, attempts, unavailable(1 + RETRIES, "refuses connections .* check apiUrl"))


@pytest.mark.parametrize("effect", ACTIONS)
def test_a_name_that_does_not_resolve(things: Toy, monkeypatch: pytest.MonkeyPatch, effect: str) -> None:
    def nobody(*asked: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    error, attempts = attempted(things.at("https://nowhere.invalid"), effect)
    check(error, attempts, unavailable(1 + RETRIES, "does not resolve; check apiUrl", fix="admin"))


@pytest.mark.parametrize("effect", ACTIONS)
def test_a_certificate_that_nobody_trusts(
    things: Toy, serve: Callable[..., Server], self_signed: ssl.SSLContext, effect: str
) -> None:
    error, attempts = attempted(things.at(serve(http(), tls=self_signed).url), effect)
    check(error, attempts, unavailable(1, "certificate .* check apiUrl", fix="admin", retryable=False))


@pytest.mark.parametrize("effect", ACTIONS)
def test_a_server_that_speaks_no_tls(things: Toy, serve: Callable[..., Server], effect: str) -> None:
    def plain(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    error, attempts = attempted(things.at(f"https://127.0.0.1:{listener(plain)}"), effect)
    check(error, attempts, unavailable(1, "TLS .* check apiUrl", fix="admin", retryable=False))


@pytest.mark.parametrize(("effect", "told"), [("read", unavailable(1 + RETRIES, "broke")), ("create", unknown())])
def test_a_tls_connection_that_breaks(
    things: Toy,
    serve: Callable[..., Server],
    self_signed: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    effect: str,
    told: Told,
) -> None:
    """What was sent may have been seen, whatever TLS says about the end of it."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    error, attempts = attempted(things.at(serve(cut, tls=self_signed).url), effect)
    check(error, attempts, told)


def test_a_handshake_that_drips_through_a_proxy_that_speaks_tls(
    impatient: Toy,
    serve: Callable[..., Server],
    self_signed: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_over = threading.Event()

    def drip(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
        for _ in range(100):
            connection.sendall(b"\x03")
            is_over.wait(0.05)

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", serve(drip, tls=self_signed).url)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="did not accept a connection in time"):
        impatient.at("https://toy.example").run("getThing", {"id": 7}, timeout=0.5, retries=0)
    took = time.monotonic() - began
    is_over.set()
    assert took < 3


def listener(talk: Callable[[socket.socket], None]) -> int:
    """A port where each connection is talked to once."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with server:
            while True:
                connection, _ = server.accept()
                with connection:
                    talk(connection)

    threading.Thread(target=accept, daemon=True).start()
    return int(server.getsockname()[1])


# --- patience: in real time, a little of it -----------------------------------------------------------


def waiting(server: list[Server], *before: bytes) -> Script:
    """Send something, then nothing until the test ends."""

    def script(connection: socket.socket, request: bytes) -> None:
        for part in before:
            connection.sendall(part)
        server[0].over.wait()

    return script


SLOW: dict[str, tuple[list[bytes], str]] = {
    "slow start": ([], "did not answer within 0.1 s"),
    "slow head": ([b"HTTP/1.1 200 OK\r\n"], "did not answer within 0.1 s"),
    "slow body": ([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"{"], "did not finish its reply in time"),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("effect", ACTIONS)
@pytest.mark.parametrize("name", SLOW)
def test_a_service_that_does_not_answer(impatient: Toy, serve: Callable[..., Server], name: str, effect: str) -> None:
    before, words = SLOW[name]
    servers: list[Server] = []
    servers.append(serve(waiting(servers, *before)))
    error, attempts = attempted(impatient.at(servers[0].url), effect, timeout=0.1)
    check(error, attempts, unavailable(1 + RETRIES, words) if effect == "read" else unknown())


@pytest.mark.parametrize("head", [b"Content-Length: 100000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("effect", ACTIONS)
def test_a_drip_is_not_waited_for(impatient: Toy, serve: Callable[..., Server], effect: str, head: bytes) -> None:
    """Each byte comes in time, the reply as a whole never would."""
    servers: list[Server] = []

    def drip(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + b"ffff\r\n")
        while not servers[0].over.wait(0.01):
            connection.sendall(b" ")

    servers.append(serve(drip))
    error, attempts = attempted(impatient.at(servers[0].url), effect, timeout=0.2)
    check(
        error, attempts, unavailable(1 + RETRIES, "did not finish its reply in time") if effect == "read" else unknown()
    )


def test_a_deadline_ends_a_slow_reply(impatient: Toy, serve: Callable[..., Server]) -> None:
    servers: list[Server] = []
    servers.append(serve(waiting(servers)))
    error, attempts = attempted(impatient.at(servers[0].url), "read", deadline=0.2)
    assert (type(error), len(attempts)) == (Unavailable, 1)


# --- the way to a token: by the same rules ------------------------------------------------------------


def stale(things: Toy, api_url: str, token_url: str) -> Toy:
    """A connection whose token has to be refreshed before anything else."""
    connection = {
        "fields": {"clientId": "cid", "clientSecret": "very-secret", "tokenUrl": token_url},
        "token": {"access_token": "old-token", "refresh_token": "again-please", "expires_at": 1},
    }
    return Toy(things.runtime, connection, {"on_token": lambda token: None}).at(api_url)


def check_token_call(error: SalesError, attempts: list[Any], told: Told) -> None:
    """The endpoint was asked once, the service never."""
    check(error, attempts, told)
    assert attempts[0]["url"].endswith("/token")
    assert "apiUrl" not in error.message
    assert "(when it was asked for a token)" in error.message


NEW_TOKEN = http(body=b'{"access_token": "new-token", "expires_in": 3600}')


def test_a_token_endpoint_that_refuses_connections(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(http())
    error, attempts = attempted(stale(things, server.url, f"http://127.0.0.1:{free_port()}/token"), "read")
    check_token_call(error, attempts, unavailable(1, "refuses connections .* check tokenUrl, or try again later"))
    assert not server.requests


def test_a_token_endpoint_whose_name_does_not_resolve(things: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*asked: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    error, attempts = attempted(stale(things, "http://127.0.0.1:9", "https://nowhere.invalid/token"), "create")
    check_token_call(error, attempts, unavailable(1, "does not resolve .* check tokenUrl and the network", fix="admin"))


def test_a_token_endpoint_behind_a_proxy_that_is_not_there(things: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{free_port()}")
    error, attempts = attempted(stale(things, "http://127.0.0.1:9", "https://proxied.example/token"), "read")
    check_token_call(
        error, attempts, unavailable(1, "proxy in front of proxied.example .* check the proxy", fix="admin")
    )


def test_a_token_endpoint_on_this_machine_is_asked_without_a_proxy(
    things: Toy, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    server = serve(NEW_TOKEN, http(body=b'{"id": 7}'))
    assert stale(things, server.url, f"{server.url}/token").data("getThing", {"id": 7}) == {"id": 7}
    assert b"Bearer new-token" in server.requests[1]


def test_a_token_endpoint_with_a_certificate_of_its_own(
    things: Toy,
    serve: Callable[..., Server],
    self_signed: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is trusted by the same bundle as the service."""
    server, tokens = serve(http(body=b'{"id": 7}')), serve(NEW_TOKEN, tls=self_signed)
    mine = stale(things, server.url, f"{tokens.url}/token")
    error, attempts = attempted(mine, "read")
    words = "certificate .* check tokenUrl, or name the authority to trust in REQUESTS_CA_BUNDLE"
    check_token_call(error, attempts, unavailable(1, words, fix="admin", retryable=False, code="tls"))

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert mine.data("getThing", {"id": 7}) == {"id": 7}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("before", [[], [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"{"]])
def test_a_deadline_ends_the_wait_for_a_token(
    impatient: Toy, serve: Callable[..., Server], before: list[bytes]
) -> None:
    servers: list[Server] = []
    servers.append(serve(waiting(servers, *before)))
    mine = stale(impatient, servers[0].url, f"{servers[0].url}/token")
    began = time.monotonic()
    error, _ = attempted(mine, "read", deadline=0.2)
    assert (type(error), error.code) == (Unavailable, "deadline")
    assert time.monotonic() - began < oauth2.MAX_TOKEN_CALL_SECONDS / 2
    assert len(servers[0].requests) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_timeout_of_the_caller_lengthens_the_wait_for_a_token(
    impatient: Toy, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has to be over before the lease of the refresh is, so nobody is told to allow more."""
    monkeypatch.setattr(oauth2, "MAX_TOKEN_CALL_SECONDS", 0.1)
    servers: list[Server] = []
    servers.append(serve(waiting(servers)))
    error, attempts = attempted(stale(impatient, servers[0].url, f"{servers[0].url}/token"), "read", timeout=60)
    check_token_call(error, attempts, unavailable(1, r"did not answer within 0\.1 s .*; try again later$"))


@pytest.mark.parametrize("status", [429, 503])
def test_a_token_endpoint_says_until_when_it_rests(
    things: Toy, serve: Callable[..., Server], clock: FakeClock, status: int
) -> None:
    """A date, by the service's own clock, as every other reply may say it."""
    server = serve(
        http(status, Date="Sun, 06 Nov 2033 08:49:37 GMT", Retry_After="Sun, 06 Nov 2033 08:51:07 GMT"),
    )
    error, attempts = attempted(stale(things, server.url, f"{server.url}/token"), "read")
    assert (error.status, error.retry_after, len(attempts), clock.slept) == (status, 90.0, 1, [])


# --- the store ----------------------------------------------------------------------------------------


@dataclass
class Keeping:
    """A store with a kept connection to a service that always answers."""

    url: str
    home: Path
    service: str

    def open(self, key: bytes | None = None) -> Store:
        return Store(self.url, home=self.home, key=key)

    def save(self, store: Store) -> None:
        fields = {"apiUrl": self.service, "rateLimit": 1000}
        store.connections.save(
            "mine", "toy-service", {"key": "token", "fields": fields, "token": {"access_token": "abcd"}}
        )

    def call(self, store: Store) -> Any:
        try:
            return Runtime(store).invoke("toy-service", "createThing", {"name": "a"}, "mine")["data"]
        finally:
            store.close()


@pytest.fixture
def keeping(toy: str, serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.1)
    keeping = Keeping(
        f"sqlite:///{tmp_path / 'box' / 'store.db'}", tmp_path / "home", serve(http(body=b'{"id":7}')).url
    )
    keeping.home.mkdir()
    with_connection = keeping.open()
    keeping.save(with_connection)
    with_connection.close()
    return keeping


def file_of(keeping: Keeping) -> Path:
    return Path(keeping.url.removeprefix("sqlite:///"))


def test_a_kept_connection_works(keeping: Keeping) -> None:
    assert keeping.call(keeping.open()) == {"id": 7}


def refused_by_store(keeping: Keeping, store: Store, code: str, words: str, *, retryable: bool = False) -> None:
    with pytest.raises(ConfigurationError, match=words) as raised:
        keeping.call(store)
    error = raised.value
    assert (error.code, error.fix, error.retryable, error.exit_code) == (code, "admin", retryable, 9)
    assert (error.component, error.action, error.connection) == ("toy-service", "createThing", "mine")


def test_a_read_only_store(keeping: Keeping) -> None:
    keeping.url += "?mode=ro"
    refused_by_store(keeping, keeping.open(), "store_read_only", "is read-only. Make the file and its folder writable")


def test_a_locked_store(keeping: Keeping) -> None:
    with sqlite3.connect(file_of(keeping), isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused_by_store(keeping, keeping.open(), "store_locked", "stayed locked", retryable=True)
    other.close()


@pytest.mark.parametrize("damage", [b"this is no database" * 300, b""])
def test_a_store_that_is_no_database(keeping: Keeping, damage: bytes) -> None:
    file_of(keeping).write_bytes(damage)
    for side in ("-wal", "-shm"):
        Path(f"{file_of(keeping)}{side}").unlink(missing_ok=True)
    code, words = (
        ("store_corrupt", "is damaged. Restore it") if damage else ("unknown_connection", "There is no connection")
    )
    with pytest.raises(SalesError, match=words) as raised:
        keeping.call(keeping.open())
    assert raised.value.code == code


def test_a_damaged_page(keeping: Keeping) -> None:
    content = bytearray(file_of(keeping).read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file_of(keeping).write_bytes(content)
    refused_by_store(keeping, keeping.open(), "store_corrupt", "is damaged. Restore it")


def test_a_wrong_key(keeping: Keeping) -> None:
    from cryptography.fernet import Fernet

    store = keeping.open(key=Fernet.generate_key())
    refused_by_store(keeping, store, "store_key", "sealed with another key. Set SALES_CONNECTORS_KEY")


def test_a_lost_key(keeping: Keeping) -> None:
    (keeping.home / "key").unlink()
    refused_by_store(keeping, keeping.open(), "store_key", "is gone. Restore it")


def test_a_folder_where_the_store_belongs(keeping: Keeping) -> None:
    for entry in file_of(keeping).parent.iterdir():
        entry.unlink()
    file_of(keeping).mkdir()
    refused_by_store(keeping, keeping.open(), "store_unreadable", "cannot be opened")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from sales_connectors.store import Store
from sales_connectors.errors import SalesError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, resource.RLIM_INFINITY))
store = Store(sys.argv[1], home=Path(sys.argv[2]))
try:
    for number in range(10_000):
        store.connections.save(f"c{number}", "toy-service", {"fields": {"text": "x" * 2000}})
except SalesError as error:
    print(type(error).__name__, error.code, error.message)
"""


def test_a_store_that_cannot_grow(keeping: Keeping) -> None:
    """The limit on a file's size stands for a full disk: what SQLite gets from the system is a failed write."""
    command = [sys.executable, "-c", FULL_DISK, keeping.url, str(keeping.home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.startswith(("ConfigurationError store_full", "ConfigurationError store_failed")), done.stderr
    assert "full" in done.stdout
    assert keeping.call(keeping.open()) == {"id": 7}


def test_a_store_that_says_it_is_full(keeping: Keeping) -> None:
    store = keeping.open()
    store.connections.list_names()
    idle: Any = store.database
    for connection in idle._idle:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(ConfigurationError, match=r"the disk is full\. Make room") as raised:
        store.connections.save("large", "toy-service", {"fields": {"text": "x" * 200_000}})
    assert raised.value.code == "store_full"
    store.close()


# --- a clock that jumps -------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-86_400 * 365, -3600, -30, 30, 3600, 86_400 * 365])
def test_a_clock_that_jumps_stops_nobody(
    things: Toy, serve: Callable[..., Server], clock: FakeClock, jump: float
) -> None:
    limited = things.at(serve(http(body=b'{"id":7}')).url, rateLimit=10)
    limited.run("getThing", {"id": 7})
    clock.wall += jump
    before = clock.monotonic()
    assert limited.data("getThing", {"id": 7}, deadline=5) == {"id": 7}
    assert clock.monotonic() - before < 5


def test_a_clock_that_jumps_changes_no_deadline(things: Toy, serve: Callable[..., Server], clock: FakeClock) -> None:
    server = serve(refused(503), http(body=b'{"id":7}'))

    def jump(entry: Any) -> None:
        clock.wall += 86_400

    assert things.at(server.url).data("getThing", {"id": 7}, deadline=5, on_debug=jump) == {"id": 7}


# --- the command line ---------------------------------------------------------------------------------

COMMANDS: dict[str, list[str]] = {
    "read": ["getContact", "--input", '{"id": 7}'],
    "create": ["createContact", "--input", '{"lastName": "Doe"}'],
}
IN_SHELL = [
    "cut in the body",
    "a page",
    "an empty body",
    "401 for ever",
    "403",
    "404",
    "409",
    "410",
    "413",
    "422",
    "429",
    "500",
]


def shell(url: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
    connection = json.dumps({"fields": {"apiUrl": url, "rateLimit": 0}, "token": {"access_token": "abcd"}})
    command = [sys.executable, "-m", "sales_connectors", "run", "zendesk-sell", *arguments, "--retries", "0"]
    env = {**os.environ, "SALES_CONNECTORS_CONNECTION": connection}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout)["error"], done.stderr


@pytest.mark.parametrize("effect", COMMANDS)
def test_the_command_line_tells_the_same(serve: Callable[..., Server], effect: str) -> None:
    rows = {row.name: row for row in ROWS}
    for name in IN_SHELL:
        told = rows[name].read if effect == "read" else rows[name].create
        code, error, words = shell(serve(rows[name].script).url, *COMMANDS[effect])
        assert (code, error["type"], error["fix"], error["retryable"]) == (
            told.exit_code, told.kind, told.fix, told.retryable,
        ), name  # fmt: skip
        assert re.search(told.words, error["message"]), name
        assert len(words.strip().splitlines()) == 1, name
        assert "Traceback" not in words


def test_the_command_line_without_a_service() -> None:
    code, error, _ = shell(f"http://127.0.0.1:{free_port()}", *COMMANDS["read"])
    assert (code, error["type"], error["retryable"]) == (7, "Unavailable", True)
