"""Defects that the torture brought to light, each in a test that needs no force."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses

from sales_connectors import Runtime
from sales_connectors.auth import oauth2
from sales_connectors.auth.token_files import FileTokens
from sales_connectors.errors import ConfigurationError, NotAuthenticated, RateLimited, SalesError, Unavailable
from sales_connectors.options import Options
from sales_connectors.runtime.idempotency import (
    MAX_CLOCK_SKEW_SECONDS,
    MAX_KEYED_CREATE_SECONDS,
    SETTLED_SECONDS,
    KeyedCreate,
)
from sales_connectors.sdk import Context, Effect, Envelope, OAuth
from sales_connectors.store import Journal, Store
from sales_connectors.store.journal import CREATE_LEASE_SECONDS
from sales_connectors.testing import FakeClock
from sales_connectors.transport.call import CallScope
from sales_connectors.transport.client import Client
from sales_connectors.transport.session import DEFAULT_PAUSE_SECONDS, INTERACTIVE_BURST

Record = Mapping[str, Any]
INPUTS = {"name": "Acme"}


@pytest.fixture
def kept(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", home=tmp_path, clock=clock)
    yield store
    store.close()


# --- creates ----------------------------------------------------------------------------------------


class Service:
    """A service without idempotency keys, of which the reply to a create may be lost."""

    def __init__(self, journal: Journal, clock: FakeClock) -> None:
        self.journal, self.clock = journal, clock
        self.records: list[Record] = []
        self.calls: list[Context] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def create(self, key: str, *, loses: str = "") -> dict[str, Any]:
        """Create under a key; what is lost is the ``request`` or the ``reply``."""

        def send(context: Context, inputs: Mapping[str, Any]) -> Record:
            self.calls.append(context)
            record = {"data": {"id": len(self.records) + 1, **inputs}}
            if loses != "request":
                self.records.append(record)
            if loses:
                call.written.set()
                raise Unavailable("The connection broke", code="outcome_unknown")
            return record

        def find(context: Context, inputs: Mapping[str, Any]) -> list[Record]:
            self.meanwhile()
            return list(self.records)

        call = CallScope(Effect.CREATE, Options(), self.clock)
        client = Client(None, call)  # type: ignore[arg-type]  # nothing is sent
        around = Envelope(one={"data": "record"}, many={"items": ["one"]})
        context = Context(client, None, around, call, print, None)  # type: ignore[arg-type]
        create = KeyedCreate(self.journal, "a", "createThing", send, find, context, INPUTS, call.written, True)
        return create.run(key)

    def lost(self, key: str, what: str) -> None:
        with pytest.raises(Unavailable):
            self.create(key, loses=what)


@pytest.fixture
def service(kept: Store, clock: FakeClock) -> Service:
    return Service(kept.journal, clock)


def test_a_record_that_was_there_before_is_not_taken_for_ours(service: Service, clock: FakeClock) -> None:
    service.records.append({"data": {"id": 99, **INPUTS, "created_at": "2020-01-01T00:00:00Z"}})
    service.lost("k", "request")

    with pytest.raises(Unavailable) as unknown:
        service.create("k")

    assert unknown.value.code == "outcome_unknown"


def test_a_record_that_seems_a_little_older_is_ours_all_the_same(service: Service, clock: FakeClock) -> None:
    """The clock of the service need not be ours."""
    behind = datetime.fromtimestamp(clock.now() - MAX_CLOCK_SKEW_SECONDS + 1, UTC).isoformat()
    service.lost("k", "request")
    service.records.append({"data": {"id": 1, **INPUTS, "created_at": behind}})

    assert service.create("k") == {"data": service.records[0], "outcome": "found"}


def test_more_records_than_keys_are_nobodys(service: Service) -> None:
    service.lost("k", "reply")
    service.records.append({"data": {"id": 99, **INPUTS}})

    with pytest.raises(Unavailable) as unknown:
        service.create("k")

    assert unknown.value.code == "outcome_unknown"


def test_a_create_is_sent_again_once_its_request_must_have_been_served(service: Service, clock: FakeClock) -> None:
    service.lost("k", "request")

    clock.sleep(SETTLED_SECONDS - 1)
    with pytest.raises(Unavailable) as unknown:
        service.create("k")
    assert (unknown.value.code, len(service.calls)) == ("outcome_unknown", 1)

    clock.sleep(2)
    assert (service.create("k")["outcome"], len(service.calls)) == ("created", 2)


def test_a_record_that_another_key_makes_during_the_search_is_not_taken_for_ours(
    service: Service, clock: FakeClock
) -> None:
    service.lost("k", "request")
    clock.sleep(SETTLED_SECONDS + 1)
    made: list[Any] = []

    def another() -> None:
        service.meanwhile = lambda: None
        made.append(service.create("other")["data"])

    service.meanwhile = another

    result = service.create("k")

    assert result["outcome"] == "created"
    assert result["data"]["data"]["id"] != made[0]["data"]["id"]


def test_alike_records_are_shared_out_where_there_is_one_for_each_key(service: Service) -> None:
    service.lost("one", "reply")
    service.lost("other", "reply")

    results = [service.create(key) for key in ("one", "other")]

    assert [result["outcome"] for result in results] == ["found", "found"]
    assert {result["data"]["data"]["id"] for result in results} == {1, 2}


def test_alike_records_are_nobodys_where_one_is_missing(service: Service) -> None:
    service.lost("one", "request")
    service.lost("other", "reply")

    for key in ("one", "other"):
        with pytest.raises(Unavailable):
            service.create(key)


def test_a_rival_does_not_keep_a_create_from_being_sent_again(service: Service, clock: FakeClock) -> None:
    service.lost("one", "request")
    service.lost("other", "request")
    clock.sleep(SETTLED_SECONDS + 1)

    assert [service.create(key)["outcome"] for key in ("one", "other")] == ["created", "created"]


def test_a_create_with_a_key_ends_before_its_hold_does(things: Any, web: responses.RequestsMock) -> None:
    web.post("https://toy.example/things", status=429, headers={"Retry-After": str(int(MAX_KEYED_CREATE_SECONDS) + 10)})

    with pytest.raises(RateLimited, match=f"the deadline is in {MAX_KEYED_CREATE_SECONDS:.3g} s"):
        things.with_token(access_token="t" * 20).run("createThing", {"name": "A"}, idempotencyKey="k")
    assert MAX_KEYED_CREATE_SECONDS < CREATE_LEASE_SECONDS


def test_what_was_created_is_told_though_the_journal_cannot_take_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "finish", broken_store)

    assert service.create("k")["outcome"] == "created"


def test_what_went_wrong_is_told_though_the_journal_cannot_take_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "release", broken_store)

    with pytest.raises(Unavailable) as raised:
        service.create("k", loses="reply")
    assert raised.value.code == "outcome_unknown"


def broken_store(*arguments: object, **named: object) -> None:
    raise ConfigurationError("the disk is full", code="store_full")


# --- the budget -------------------------------------------------------------------------------------


def test_whoever_waited_longer_is_served_before_newcomers(kept: Store) -> None:
    while kept.rate_limiter.reserve("a", 20, bulk=True).granted:
        pass

    assert not kept.rate_limiter.reserve("a", 20, bulk=True).granted
    assert kept.rate_limiter.reserve("a", 20, bulk=True, waited=100.0).granted


@pytest.fixture
def bookings(monkeypatch: pytest.MonkeyPatch, kept: Store) -> list[bool]:
    """Whether each request was booked as bulk."""
    noted: list[bool] = []
    monkeypatch.setattr(type(kept.rate_limiter), "acquire", lambda *a, bulk=False, **n: noted.append(bulk))
    return noted


@pytest.fixture
def caller(kept: Store, clock: FakeClock) -> Callable[[], Any]:
    runtime = Runtime(kept, clock=clock, random=lambda: 0.0)
    connection = {"token": {"access_token": "t" * 64}}
    return lambda: runtime.invoke("zendesk-sell", "listPipelines", {}, connection, {"retries": 0})


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


def pipelines(vendor: responses.RequestsMock, status: int = 200, **reply: Any) -> None:
    body = {"items": [], "meta": {"type": "collection", "count": 0, "links": {}}}
    vendor.get("https://api.getbase.com/v2/pipelines", json=body, status=status, **reply)


def test_a_form_is_no_bulk_and_a_loop_is(
    vendor: responses.RequestsMock, bookings: list[bool], caller: Callable[[], Any], clock: FakeClock
) -> None:
    pipelines(vendor)
    for _ in range(INTERACTIVE_BURST + 2):
        caller()
    clock.sleep(5.0)
    caller()

    assert bookings == [False] * INTERACTIVE_BURST + [True, True] + [False]


def test_a_loop_that_waits_long_for_each_turn_is_bulk_still(
    vendor: responses.RequestsMock,
    kept: Store,
    caller: Callable[[], Any],
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipelines(vendor)
    noted: list[bool] = []

    def slow(*arguments: Any, bulk: bool = False, **named: Any) -> None:
        noted.append(bulk)
        clock.sleep(3.0)

    monkeypatch.setattr(type(kept.rate_limiter), "acquire", slow)
    for _ in range(INTERACTIVE_BURST + 2):
        caller()

    assert noted[-2:] == [True, True]


def test_a_429_that_does_not_say_how_long_makes_everybody_wait(
    vendor: responses.RequestsMock, kept: Store, caller: Callable[[], Any]
) -> None:
    pipelines(vendor, status=429)
    noted: list[float] = []
    kept.rate_limiter.pause = lambda identity, seconds: noted.append(seconds)  # type: ignore[method-assign]

    with pytest.raises(RateLimited):
        caller()

    assert noted == [DEFAULT_PAUSE_SECONDS]


def test_a_reply_counts_though_its_pause_cannot_be_noted(
    vendor: responses.RequestsMock, kept: Store, caller: Callable[[], Any]
) -> None:
    pipelines(vendor, status=429, headers={"Retry-After": "7"})
    kept.rate_limiter.pause = broken_store  # type: ignore[method-assign]

    with pytest.raises(RateLimited) as raised:
        caller()

    assert raised.value.retry_after == 7


# --- tokens -----------------------------------------------------------------------------------------


def test_what_a_token_endpoint_says_is_not_taken_for_a_token(vendor: responses.RequestsMock) -> None:
    oauth = OAuth("https://vendor.example/authorize", "https://vendor.example/token", "id", "secret")
    words = "The refresh token is unknown"
    vendor.post(oauth.token_url, json={"error": "invalid_grant", "error_description": words}, status=400)

    with pytest.raises(NotAuthenticated) as raised:
        oauth2.renew(oauth, {"access_token": "a" * 64, "refresh_token": "r" * 64})

    shown = json.dumps(hidden(raised.value))
    assert words in shown


def test_a_token_endpoint_that_drips_is_not_waited_for(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time, the reply as a whole never would, and the lease of the refresh would end before it."""
    monkeypatch.setattr(oauth2, "MAX_TOKEN_CALL_SECONDS", 0.2)
    servers: list[Any] = []

    def drip(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with suppress(OSError):
            while not servers[0].over.wait(0.01):
                connection.sendall(b" ")

    servers.append(serve(drip))
    oauth = OAuth(f"{servers[0].url}/authorize", f"{servers[0].url}/token", "id", "secret")

    with pytest.raises(Unavailable, match="did not finish its reply in time"):
        oauth2.renew(oauth, {"access_token": "a" * 64, "refresh_token": "r" * 64})


def test_a_process_that_stands_still_does_not_hold_up_a_file(tmp_path: Path, clock: FakeClock) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "connection.json"
    path.write_text(json.dumps({"token": {"access_token": "a", "refresh_token": "r"}}))
    mine = FileTokens(path, clock=clock)

    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="for too long"):
            mine.refresh({"access_token": "a"}, lambda token: {"access_token": "b"})

    assert mine.refresh({"access_token": "a"}, lambda token: {"access_token": "b"})["access_token"] == "b"


def hidden(error: SalesError) -> Any:
    from sales_connectors.transport.redact import Redactor

    return Redactor(["r" * 64]).value(error.as_json())
