"""One key makes one record, wherever an exchange breaks; and no exchange outlasts its time."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Script, Server, Toy, hang_up, http

from sales_connectors.errors import ConfigurationError, SalesError, Unavailable

REPLY = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"id": 1}'
KEY = "the key of the test"


class Maker:
    """Makes a record for each create that it is asked for, and answers with a part of a reply."""

    def __init__(self, reply: bytes) -> None:
        self.reply, self.made = reply, 0

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        self.made += 1
        connection.sendall(self.reply)


def create(things: Toy, **options: Any) -> str:
    """What became of a create under the key: its outcome, or the code of its error."""
    try:
        return str(things.run("createThing", {"name": "Lamp"}, idempotencyKey=KEY, **options)["outcome"])
    except SalesError as error:
        return error.code


@pytest.mark.parametrize("end", range(len(REPLY)))
def test_a_reply_that_is_cut_leaves_nobody_with_two_records(
    things: Toy, serve: Callable[..., Server], end: int
) -> None:
    maker = Maker(REPLY[:end])
    things = things.at(serve(maker).url)
    first = create(things)
    assert first in ("outcome_unknown", "invalid_response")  # a cut head may still be a reply, with an empty body
    assert create(things) == "outcome_unknown"
    assert maker.made == 1


packed = partial(http, body=b"no gzip", Content_Encoding="gzip")
ODD: dict[str, tuple[Script, bool]] = {
    "a refusal": (http(409), False),
    "a refusal with a broken body": (packed(422), False),
    "a refusal that is cut": (http(422, length=30, keep=False), False),
    "too many": (http(429), False),
    "a failure": (http(500), True),
    "a failure with a broken body": (packed(500), True),
    "a gateway's page with a broken body": (packed(502), True),
    "a success with a broken body": (packed(200), True),
    "two lengths": (http(201, Content_length="5"), True),
    "a page": (http(200, b"<html>"), True),
    "an error inside": (http(200, b'{"error": "quota"}'), True),
    "too early": (http(425), True),
    "the client left": (http(499), True),
    "timed out": (http(408), True),
    "unavailable": (http(503), True),
    "a redirect": (http(302, Location="/x"), True),
    "no change": (http(304, b""), True),
    "no status line": (lambda connection, request: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"), True),
}
"""What the service answers, and whether it may have done what it was asked for."""


@pytest.mark.parametrize("name", ODD)
def test_a_key_is_free_again_only_where_nothing_was_done(things: Toy, serve: Callable[..., Server], name: str) -> None:
    script, may_be_done = ODD[name]
    server = serve(script)
    create(things.at(server.url), retries=0)
    again = create(things.at(server.url), retries=0)
    assert len(server.requests) == (1 if may_be_done else 2)
    assert (again == "outcome_unknown") is may_be_done


@pytest.mark.parametrize("action", ["updateThing", "upsertThing", "deleteThing"])
def test_a_refusal_says_that_an_attempt_before_may_have_done_it(
    things: Toy, serve: Callable[..., Server], action: str
) -> None:
    told = "may have done what was asked"
    inputs = {"name": "Lamp"} if action == "upsertThing" else {"id": 7}
    with pytest.raises(SalesError, match=told) as raised:
        things.at(serve(hang_up, http(409)).url).run(action, inputs)
    assert raised.value.code == "conflict"
    with pytest.raises(SalesError) as raised:
        things.at(serve(http(429), http(409)).url).run(action, inputs)
    assert told not in raised.value.message


@pytest.mark.parametrize("status", [408, 425, 499])
def test_somebody_on_the_way_that_gave_up_is_not_the_vendor_breaking_its_rules(
    things: Toy, serve: Callable[..., Server], status: int
) -> None:
    with pytest.raises(Unavailable):
        things.at(serve(http(status)).url).run("updateThing", {"id": 7}, retries=0)


def test_what_was_not_sent_leaves_the_key_free(
    things: Toy, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Maker(REPLY)
    things = things.at(serve(maker).url)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = things.at(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert create(closed, retries=0) == "unavailable"
    assert create(closed, retries=0) == "unavailable"  # not "outcome_unknown"
    assert create(things) == "created"
    assert create(things) == "found"
    assert maker.made == 1


def test_certificates_that_are_not_there_are_said_before_anything_is_sent(
    things: Toy,
    serve: Callable[..., Server],
    self_signed: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    things = things.at(serve(Maker(REPLY), tls=self_signed).url)
    with pytest.raises(ConfigurationError, match="REQUESTS_CA_BUNDLE") as raised:
        things.run("createThing", {"name": "Lamp"}, idempotencyKey=KEY)
    assert (raised.value.code, raised.value.fix) == ("no_ca_bundle", "admin")


# --- within its time -----------------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\n"
DRIPS = {
    "status line": (b"", b"HTTP/1.1 200 OK" + b" " * 1000),
    "header": (HEAD + b"X-A: ", b"a" * 1000),
    "body": (HEAD + b"Content-Length: 1000\r\n\r\n", b" " * 1000),
    "extension of a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"e" * 1000),
    "trailer": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-A: ", b"e" * 1000),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 40),
}


@pytest.mark.parametrize("name", DRIPS)
def test_no_drip_outlasts_the_timeout(impatient: Toy, serve: Callable[..., Server], name: str) -> None:
    at_once, drip = DRIPS[name]
    server: list[Server] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(at_once)
        for byte in drip:
            connection.sendall(bytes([byte]))
            if server[0].over.wait(0.02):
                return

    server.append(serve(answer))
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"0\.2 s|in time"):
        impatient.at(server[0].url).run("getThing", {"id": 7}, timeout=0.2, retries=0)
    assert time.monotonic() - began < 5


def test_a_name_whose_resolver_hangs_is_not_waited_for(things: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    over = Event()

    def hang(*asked: object, **more: object) -> Iterator[Any]:
        over.wait(60)
        raise socket.gaierror(socket.EAI_NONAME, "nothing")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(Unavailable, match="did not accept a connection in time"):
            things.at("https://nowhere.invalid").run("getThing", {"id": 7}, timeout=0.2, retries=0)
    finally:
        over.set()


def test_what_comes_before_an_answer_is_no_answer(things: Toy, serve: Callable[..., Server]) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"

    def answer(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(hints + b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"id": 7}')
        return True

    at = things.at(serve(answer, answer).url)
    assert at.data("getThing", {"id": 7}) == {"id": 7}
    assert at.data("getThing", {"id": 7}) == {"id": 7}  # over the same connection: nothing is left in it
