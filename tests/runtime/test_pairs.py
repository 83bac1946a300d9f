"""The only copy of a pair of tokens is never where it can be dropped, and each pair is spent once in a process."""

import json
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from requests import PreparedRequest
from responses import RequestsMock, matchers
from tests.conftest import Server, Toy, http
from tests.runtime.commandline import environment, spawn

from sales_connectors import Runtime, connect
from sales_connectors.auth.errand import wait_for_errands
from sales_connectors.errors import ConfigurationError, InvalidInput, NotAuthenticated, Unavailable
from sales_connectors.store import Store
from sales_connectors.testing import FakeClock

HOME = "https://toy.example"
CLIENT = {"clientId": "cid", "clientSecret": "very-secret"}
ENDED = {"access_token": "access-0", "refresh_token": "refresh-0", "expires_at": 1}


class Endpoint:
    """A token endpoint whose refresh tokens work once."""

    def __init__(self) -> None:
        self.spent: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        body = request.body or b""
        self.spent.append(dict(parse_qsl(body if isinstance(body, str) else body.decode()))["refresh_token"])
        self.meanwhile()
        if self.spent[-1] != f"refresh-{len(self.spent) - 1}":
            return 400, {}, json.dumps({"error": "invalid_grant"})
        number = len(self.spent)
        pair = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3600}
        return 200, {}, json.dumps(pair)


@pytest.fixture
def endpoint(web: RequestsMock) -> Endpoint:
    endpoint = Endpoint()
    web.add_callback("POST", f"{HOME}/token", endpoint)
    web.get(f"{HOME}/things/7", json={"id": 7})
    return endpoint


def given(**token: Any) -> dict[str, Any]:
    return {"fields": CLIENT, "token": {**ENDED, **token}}


def get_thing(runtime: Runtime, connection: Any, **options: Any) -> Any:
    return runtime.invoke("toy-service", "getThing", {"id": 7}, connection, options)["data"]


# --- nobody spends what nobody keeps ----------------------------------------------------------------


@pytest.mark.parametrize("way", ["invoke", "iterate", "pick", "poll", "whoami"])
def test_no_refresh_token_is_spent_where_nobody_keeps_the_new_one(
    toy: str, runtime: Runtime, endpoint: Endpoint, web: RequestsMock, way: str
) -> None:
    def call(**options: Any) -> Any:
        ways: dict[str, Callable[[], Any]] = {
            "invoke": lambda: get_thing(runtime, given(), **options),
            "iterate": lambda: list(runtime.iterate(toy, "listThings", {}, given(), options)),
            "pick": lambda: runtime.pick(toy, "selectPlain", {}, given(), options),
            "poll": lambda: runtime.poll(toy, "pollThings", {}, given(), options),
            "whoami": lambda: runtime.whoami(toy, given(), options),
        }
        return ways[way]()

    for path in ("things", "plain", "changes", "me"):
        web.get(f"{HOME}/{path}", json={"items": [], "more": False, "position": 1})
    with pytest.raises(NotAuthenticated, match=r"on_token.* @FILE.* keep it under a name") as raised:
        call()
    assert (raised.value.code, raised.value.fix, endpoint.spent) == ("token_expired", "builder", [])

    told: list[Any] = []
    call(on_token=told.append)
    assert [(token["access_token"], token["refresh_token"]) for token in told] == [("access-1", "refresh-1")]


def test_a_connector_holds_the_pair_that_nobody_else_keeps_and_says_so(
    toy: str, runtime: Runtime, endpoint: Endpoint
) -> None:
    connector = connect(toy, given(), runtime=runtime)
    with pytest.warns(RuntimeWarning, match=r"only this connector holds the new one.* on_token"):
        assert connector.getThing(id=7) == {"id": 7}
    held = {"access_token": "access-1", "refresh_token": "refresh-1"}
    assert held.items() <= connector.token.items()
    for number in range(100):  # others do not drive it out
        get_thing(runtime, {"token": f"token of tenant {number}"})
    assert connector.with_options(timeout=5).getThing(id=7) == {"id": 7}
    assert held.items() <= connector.token.items()
    assert len(endpoint.spent) == 1


@pytest.mark.filterwarnings("error")
def test_a_connector_holds_the_pair_where_warnings_are_raised(toy: str, runtime: Runtime, endpoint: Endpoint) -> None:
    connector = connect(toy, given(), runtime=runtime)
    with pytest.raises(ConfigurationError, match="only this connector holds the new one"):
        connector.getThing(id=7)
    assert connector.token["refresh_token"] == "refresh-1"
    assert connector.getThing(id=7) == {"id": 7}
    assert endpoint.spent == ["refresh-0"]


@pytest.mark.filterwarnings("ignore:A token was refreshed")
def test_who_keeps_tokens_is_told_of_one_that_came_before_nobody_did(
    toy: str, runtime: Runtime, endpoint: Endpoint
) -> None:
    told: list[Any] = []
    holder, keeper = (
        connect(toy, given(), runtime=runtime),
        connect(toy, given(), runtime=runtime, on_token=told.append),
    )
    holder.getThing(id=7)
    for _ in range(2):
        assert keeper.getThing(id=7) == {"id": 7}
    assert ([token["refresh_token"] for token in told], endpoint.spent) == (["refresh-1"], ["refresh-0"])


@pytest.mark.parametrize("expires_at", [1, None])
def test_the_pair_that_a_connection_began_with_is_not_put_back(
    toy: str, runtime: Runtime, endpoint: Endpoint, web: RequestsMock, expires_at: float | None
) -> None:
    """A program that is started anew keeps what stands in its file once more, which is spent by then."""
    web.get(f"{HOME}/me", json={"id": 1})
    began = {"token": {**ENDED, "expires_at": expires_at}, "fields": given()["fields"]}
    runtime.kept.keep_given(toy, "mine", {**began, "token": ENDED})
    assert endpoint.spent == ["refresh-0"]
    for _ in range(2):
        runtime.kept.keep_given(toy, "mine", began)
        assert (runtime.store.connections.get("mine").token or {})["refresh_token"] == "refresh-1"
    assert (get_thing(runtime, "mine"), endpoint.spent) == ({"id": 7}, ["refresh-0"])

    runtime.kept.keep_given(toy, "mine", {**began, "token": {"access_token": "new", "refresh_token": "new-again"}})
    assert (runtime.store.connections.get("mine").token or {})["refresh_token"] == "new-again"


@pytest.mark.parametrize("other", [{"apiUrl": "https://elsewhere.test"}, {"clientId": "another"}], ids=str)
def test_a_pair_that_followed_meets_no_other_host_or_client(
    toy: str, runtime: Runtime, endpoint: Endpoint, web: RequestsMock, other: dict[str, str]
) -> None:
    """Whoever has only the spent pair is not given its successor by keeping that under the name with other fields."""
    web.get(f"{HOME}/me", json={"id": 1})
    web.get("https://elsewhere.test/me", json={"id": 1})
    fields = given()["fields"]
    runtime.kept.keep_given(toy, "mine", {"token": ENDED, "fields": fields})
    told = len(web.calls)
    runtime.kept.keep_given(toy, "mine", {"token": {**ENDED, "expires_at": None}, "fields": {**fields, **other}})
    sent = [call.request.headers["Authorization"] for call in web.calls[told:]]
    assert sent == [f"Bearer {ENDED['access_token']}"]
    assert (runtime.store.connections.get("mine").token or {})["refresh_token"] == ENDED["refresh_token"]


def test_a_pair_that_came_with_a_call_is_followed_for_its_own_host_only(
    toy: str, runtime: Runtime, endpoint: Endpoint, web: RequestsMock
) -> None:
    assert get_thing(runtime, given(), on_token=lambda token: None) == {"id": 7}
    told, mine = len(web.calls), given()
    mine["fields"] = {**mine["fields"], "apiUrl": "https://elsewhere.test"}
    with pytest.raises(NotAuthenticated):
        get_thing(runtime, mine, on_token=lambda token: None)
    assert not any("access-1" in str(call.request.headers) for call in web.calls[told:])


def test_what_an_on_token_does_to_the_token_that_it_is_told_changes_none(
    toy: str, runtime: Runtime, endpoint: Endpoint
) -> None:
    assert get_thing(runtime, given(), on_token=lambda token: token.clear()) == {"id": 7}
    assert get_thing(runtime, given(), on_token=lambda token: token.clear()) == {"id": 7}
    assert endpoint.spent == ["refresh-0"]


def test_a_token_that_nobody_would_keep_is_used_to_its_end(
    toy: str, runtime: Runtime, endpoint: Endpoint, clock: FakeClock
) -> None:
    mine = given(expires_at=clock.now() + 30)
    assert get_thing(runtime, mine) == {"id": 7}
    clock.pass_by(31)
    with pytest.raises(NotAuthenticated):
        get_thing(runtime, mine)
    assert endpoint.spent == []


# --- one refresh for each pair ----------------------------------------------------------------------


def test_threads_that_connect_for_each_request_spend_a_pair_once(
    toy: str, runtime: Runtime, endpoint: Endpoint
) -> None:
    told: list[Any] = []
    ready = threading.Barrier(8)

    def handle(number: int) -> Any:
        ready.wait()
        return connect(toy, given(), runtime=runtime, on_token=lambda token: told.append(token)).getThing(id=7)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(handle, range(8))) == [{"id": 7}] * 8
    assert endpoint.spent == ["refresh-0"]
    assert {token["refresh_token"] for token in told} == {"refresh-1"}


def test_a_pair_is_known_again_however_its_connection_is_spelled(
    toy: str, runtime: Runtime, endpoint: Endpoint
) -> None:
    told: list[Any] = []
    others = [
        {"fields": {**CLIENT, "apiUrl": f"{HOME}/"}, "token": ENDED},
        {"token": dict(reversed(ENDED.items())), "fields": dict(reversed(CLIENT.items())), "key": "token"},
        {"fields": CLIENT, "token": {**ENDED, "scope": "read"}, "name": "mine"},
    ]
    for connection in (given(), *others, given()):
        assert get_thing(runtime, connection, on_token=told.append) == {"id": 7}
    assert endpoint.spent == ["refresh-0"]


def test_a_pair_is_known_again_after_many_other_tenants(toy: str, runtime: Runtime, endpoint: Endpoint) -> None:
    told: list[Any] = []
    get_thing(runtime, given(), on_token=told.append)
    for number in range(70):
        get_thing(runtime, {"token": f"token-of-tenant-{number}"})
    get_thing(runtime, given(), on_token=told.append)
    assert endpoint.spent == ["refresh-0"]


def test_a_pair_that_nobody_has_taken_yet_is_not_driven_out(
    toy: str, runtime: Runtime, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sales_connectors.auth.inline_tokens.MAX_KNOWN_PAIRS", 3)

    def fail(token: Any) -> None:
        raise OSError

    with pytest.raises(ConfigurationError):
        get_thing(runtime, given(), on_token=fail)
    for number in range(70):  # more than are kept open, too
        get_thing(runtime, {"token": {"access_token": f"access of {number}", "refresh_token": f"refresh of {number}"}})
    told: list[Any] = []
    assert get_thing(runtime, given(), on_token=told.append) == {"id": 7}
    assert ([token["refresh_token"] for token in told], endpoint.spent) == (["refresh-1"], ["refresh-0"])


def test_who_brings_the_new_pair_and_who_has_the_old_one_go_on_together(
    toy: str, runtime: Runtime, endpoint: Endpoint, clock: FakeClock
) -> None:
    told: list[Any] = []
    lasting = connect(toy, given(), runtime=runtime, on_token=told.append)
    lasting.getThing(id=7)
    clock.pass_by(3600)
    get_thing(runtime, {"fields": CLIENT, "token": told[0]}, on_token=told.append)
    lasting.getThing(id=7)
    assert endpoint.spent == ["refresh-0", "refresh-1"]


def test_a_client_that_was_mended_may_spend_the_pair(toy: str, runtime: Runtime, web: RequestsMock) -> None:
    """What the service said of the pair, it said to another client."""
    web.post(f"{HOME}/token", status=400, json={"error": "invalid_grant"})
    web.post(f"{HOME}/token", json={"access_token": "access-1"})
    web.get(f"{HOME}/things/7", json={"id": 7})
    wrong = {"fields": {**CLIENT, "clientId": "mistyped"}, "token": ENDED}
    for _ in range(2):
        with pytest.raises(NotAuthenticated):
            get_thing(runtime, wrong, on_token=lambda token: None)
    assert len(web.calls) == 1
    assert get_thing(runtime, given(), on_token=lambda token: None) == {"id": 7}


class Hidden(Mapping[str, Any]):
    """A mapping that does not show what is in it."""

    def __init__(self, inside: Mapping[str, Any]) -> None:
        self._inside = inside

    def __getitem__(self, name: str) -> Any:
        return self._inside[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inside)

    def __len__(self) -> int:
        return len(self._inside)

    def __repr__(self) -> str:
        return "Hidden(***)"


@pytest.mark.parametrize("hide", [lambda one: {**one, "token": Hidden(one["token"])}, Hidden])
def test_connections_are_told_apart_by_their_values(
    toy: str, runtime: Runtime, web: RequestsMock, hide: Callable[[Any], Any]
) -> None:
    web.get(f"{HOME}/things/7", json={"id": 7})
    for tenant in ("one", "other", "one"):
        get_thing(runtime, hide({"token": {"access_token": f"token-of-{tenant}"}}))
        assert web.calls[-1].request.headers["Authorization"] == f"Bearer token-of-{tenant}"


def test_what_has_no_value_is_no_part_of_a_connection(toy: str, runtime: Runtime) -> None:
    with pytest.raises(InvalidInput, match="what JSON cannot carry"):
        get_thing(runtime, {"token": {"access_token": "x", "more": object()}})


# --- callbacks --------------------------------------------------------------------------------------


def test_on_token_may_call_the_service_with_what_it_is_told(toy: str, runtime: Runtime, web: RequestsMock) -> None:
    def keep(token: Any) -> None:
        whose.append(shop.whoami())

    whose: list[Any] = []
    web.post(f"{HOME}/token", json={"access_token": "access-1", "refresh_token": "refresh-1"})
    fresh = [matchers.header_matcher({"Authorization": "Bearer access-1"})]
    web.get(f"{HOME}/me", json={"id": 1}, match=fresh)
    web.get(f"{HOME}/things/7", json={"id": 7}, match=fresh)
    shop = connect(toy, given(), runtime=runtime, on_token=keep)
    assert shop.getThing(id=7) == {"id": 7}
    assert whose == [{"id": 1}]


def test_what_on_token_raises_is_said_without_its_words(toy: str, runtime: Runtime, endpoint: Endpoint) -> None:
    def fail(token: Any) -> None:
        raise OSError(f"the vault does not take {token}")

    with pytest.raises(ConfigurationError, match="on_token raised OSError") as raised:
        get_thing(runtime, given(), on_token=fail)
    assert "refresh-1" not in "".join(traceback.format_exception(raised.value))


async def keep_later(token: Any) -> None:
    raise AssertionError("nobody runs this")


def keep_step_by_step(token: Any) -> Iterator[None]:
    yield


class KeepLater:
    async def __call__(self, token: Any) -> None:
        raise AssertionError("nobody runs this")


@pytest.mark.parametrize("on_token", [keep_later, partial(keep_later), keep_step_by_step, KeepLater()])
def test_a_function_that_nobody_would_run_is_refused_before_a_token_is_spent(
    toy: str, runtime: Runtime, endpoint: Endpoint, on_token: Any
) -> None:
    with pytest.raises(InvalidInput, match="neither async nor a generator") as raised:
        connect(toy, given(), runtime=runtime, on_token=on_token)
    assert (raised.value.fields[0]["path"], endpoint.spent) == ("/onToken", [])


@pytest.mark.parametrize("keep", [keep_later, keep_step_by_step])
def test_a_token_is_not_kept_by_what_nobody_runs(toy: str, runtime: Runtime, endpoint: Endpoint, keep: Any) -> None:
    with pytest.raises(ConfigurationError, match="which nobody runs") as raised:
        get_thing(runtime, given(), on_token=lambda token: keep(token))
    assert raised.value.code == "callback_failed"

    told: list[Any] = []
    assert get_thing(runtime, given(), on_token=told.append) == {"id": 7}
    assert ([token["refresh_token"] for token in told], endpoint.spent) == (["refresh-1"], ["refresh-0"])


def test_an_interrupt_in_on_token_loses_nothing(toy: str, runtime: Runtime, endpoint: Endpoint) -> None:
    def interrupted(token: Any) -> None:
        raise KeyboardInterrupt

    told: list[Any] = []
    with pytest.raises(KeyboardInterrupt):
        get_thing(runtime, given(), on_token=interrupted)
    get_thing(runtime, given(), on_token=told.append)
    assert (endpoint.spent, [token["access_token"] for token in told]) == (["refresh-0"], ["access-1"])


# --- replies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrapping", "status"),
    [
        ({"expires_in": 7200.0}, 200),
        ({"expires_in": "7200.5"}, 200),
        ({"expires_in": ""}, 200),
        ({"expires_in": "soon"}, 200),
        ({"expires_in": 0}, 200),
        ({"expires_in": -1}, 200),
        ({"expires_in": True}, 200),
        ({"expires_in": 10**400}, 200),
        ({"expires_in": [7200]}, 200),
        ({"expires_in": None}, 200),
        ({}, 201),
        ({"expires_in": 7200, "error": None, "error_description": None}, 200),
        ({"error": ""}, 202),
    ],
)
def test_a_good_pair_is_taken_however_it_is_wrapped(
    toy: str, runtime: Runtime, web: RequestsMock, wrapping: dict[str, Any], status: int
) -> None:
    told: list[Any] = []
    pair = {"access_token": "access-1", "refresh_token": "refresh-1"}
    web.post(f"{HOME}/token", json={**pair, **wrapping}, status=status)
    web.get(f"{HOME}/things/7", json={"id": 7}, match=[matchers.header_matcher({"Authorization": "Bearer access-1"})])
    for _ in range(3):
        assert get_thing(runtime, given(), on_token=told.append) == {"id": 7}
    assert [(token["access_token"], token["refresh_token"]) for token in told] == [("access-1", "refresh-1")]
    json.dumps(told)


PAIR = b'{"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + f"{len(PAIR):x}\r\n".encode() + PAIR + b"\r\n"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + PAIR, id="shorter than it says"),
        pytest.param(CHUNKED, id="without its last chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + PAIR[:-1] + b', "name": "Andr\xe9"}', id="not in UTF-8"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + PAIR[:-1] + b', "rate": NaN}', id="with NaN"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + PAIR + b"\0;", id="with something behind it"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + PAIR[:-1] + b', "n": ' + b"9" * 6000 + b"}", id="with a long number"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + PAIR[:-1] + b', "error": "none"}', id="with an error that is none"),
    ],
)
def test_a_good_pair_is_taken_however_its_reply_ends(
    toy: str, impatient: Toy, serve: Callable[..., Server], reply: bytes
) -> None:
    def answer(connection: Any, request: bytes) -> None:
        connection.sendall(reply)

    told: list[Any] = []
    server = serve(answer, http(body=b'{"id": 7}'))
    fields = {**CLIENT, "apiUrl": server.url, "tokenUrl": f"{server.url}/token"}
    connection = {"fields": fields, "token": ENDED}
    assert get_thing(impatient.runtime, connection, on_token=told.append) == {"id": 7}
    assert [(token["access_token"], token["refresh_token"]) for token in told] == [("access-1", "refresh-1")]
    json.dumps(told)


def test_a_reply_whose_refresh_token_is_no_text_ends_no_call(toy: str, runtime: Runtime, web: RequestsMock) -> None:
    told: list[Any] = []
    web.post(f"{HOME}/token", json={"access_token": "access-1", "refresh_token": ["refresh-1"]})
    web.get(f"{HOME}/things/7", json={"id": 7})
    assert get_thing(runtime, given(), on_token=told.append) == {"id": 7}
    assert len(told) == 1


# --- time that is over, and interrupts --------------------------------------------------------------


def test_a_pair_that_comes_after_the_deadline_is_kept(toy: str, home: Path, serve: Callable[..., Server]) -> None:
    def late(connection: Any, request: bytes) -> bool | None:
        assert over.wait(10)
        return new_pair(connection, request)

    over = threading.Event()
    new_pair = http(body=b'{"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600}')
    server = serve(late, http(body=b'{"id": 7}'))
    runtime = Runtime(Store(home=home))
    fields = {**CLIENT, "apiUrl": server.url, "tokenUrl": f"{server.url}/token"}
    runtime.store.connections.save("mine", toy, {"key": "token", "fields": fields, "token": ENDED})
    with pytest.raises(Unavailable) as raised:
        get_thing(runtime, "mine", deadline=0.1)
    assert raised.value.code == "deadline"
    over.set()
    wait_for_errands()

    assert (runtime.store.connections.get("mine").token or {})["refresh_token"] == "refresh-1"
    assert get_thing(runtime, "mine") == {"id": 7}
    assert b"Bearer access-1" in server.requests[-1]
    runtime.close()


@pytest.mark.parametrize("begins", [False, True])
def test_an_interrupt_while_a_refresh_begins_loses_nothing(
    toy: str, runtime: Runtime, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, begins: bool
) -> None:
    def start(thread: threading.Thread) -> None:
        monkeypatch.undo()
        if begins:
            thread.start()
        raise KeyboardInterrupt

    told: list[Any] = []
    monkeypatch.setattr("sales_connectors.auth.errand._ErrandThread.start", start)
    with pytest.raises(KeyboardInterrupt):
        get_thing(runtime, given(), on_token=told.append)
    wait_for_errands()
    assert [token["refresh_token"] for token in told] == ["refresh-1"] * begins

    assert get_thing(runtime, given(), on_token=told.append) == {"id": 7}
    assert ([token["refresh_token"] for token in told], endpoint.spent) == (["refresh-1"], ["refresh-0"])


DAEMON = """
import json, sys, threading, time
from sales_connectors import connect

url, kept = sys.argv[1:]
fields = {"apiUrl": url, "tokenUrl": f"{url}/token", "clientId": "cid", "clientSecret": "very-secret", "rateLimit": 0}
token = {"access_token": "access-0", "refresh_token": "refresh-0", "expires_at": 1}


def keep(token):
    time.sleep(0.1)  # a database takes its time
    with open(kept, "w") as file:
        json.dump(token, file)


sell = connect("zendesk-sell", {"fields": fields, "token": token}, on_token=keep)
threading.Thread(target=lambda: sell.getContact(id=7), daemon=True).start()
sys.stdin.readline()
"""


def test_a_thread_that_ends_with_its_process_is_told_its_pair(tmp_path: Path, serve: Callable[..., Server]) -> None:
    def answer(connection: Any, request: bytes) -> bool | None:
        process.stdin.close()  # its main thread goes on, to its end
        time.sleep(0.2)
        return http(body=pair)(connection, request)

    pair = b'{"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600}'
    server, kept = serve(answer, http(body=b"{}")), tmp_path / "kept.json"
    process: Any = subprocess.Popen(
        [sys.executable, "-c", DAEMON, server.url, str(kept)], env=environment(), stdin=subprocess.PIPE
    )
    assert process.wait(30) == 0
    assert json.loads(kept.read_text())["refresh_token"] == "refresh-1"


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), pytest.param(getattr(signal, "SIGHUP", 0), 129, id="SIGHUP")],
)
def test_who_ends_a_command_waits_for_the_pair(
    home: Path, serve: Callable[..., Server], number: signal.Signals, code: int
) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("whoever runs the tests has told them to ignore it, as nohup does")

    def answer(connection: Any, request: bytes) -> bool | None:
        asked.set()
        assert ended.wait(10)
        for _ in range(10):  # whoever is impatient
            time.sleep(0.02)
            command.send_signal(number)
        pair = b'{"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600}'
        return http(body=pair)(connection, request)

    asked, ended = threading.Event(), threading.Event()
    server, store = serve(answer), Store(home=home)
    fields = {**CLIENT, "apiUrl": server.url, "tokenUrl": f"{server.url}/token", "rateLimit": 0}
    store.connections.save("mine", "zendesk-sell", {"key": "oauth", "fields": fields, "token": ENDED})
    command = spawn("run", "zendesk-sell", "listPipelines", "--connection", "mine")
    assert asked.wait(30)
    command.send_signal(number)
    ended.set()
    command.communicate(timeout=30)

    assert command.returncode == code
    assert (store.connections.get("mine").token or {})["refresh_token"] == "refresh-1"
    store.close()


def test_a_store_that_takes_no_token_is_asked_again(
    things: Toy, endpoint: Endpoint, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_at_first(*arguments: Any) -> bool:
        asked.append(arguments)
        if len(asked) < 3:
            raise ConfigurationError("the disk is full", code="store_full")
        return keep(*arguments)

    asked: list[Any] = []
    table = things.runtime.store.tokens
    things.runtime.store.connections.save("mine", "toy-service", {"key": "token", "fields": CLIENT, "token": ENDED})
    keep = table.keep
    monkeypatch.setattr(table, "keep", full_at_first)
    assert get_thing(things.runtime, "mine") == {"id": 7}
    assert endpoint.spent == ["refresh-0"]
    assert (table.read("mine").token or {})["refresh_token"] == "refresh-1"
    assert len(asked) == 3
