"""Salesloft's API on the wire, as a list of canned answers, and its sandbox, for the tests of its component."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses
from tests.sandboxes import Caller as SandboxCaller
from tests.sandboxes import PassingClock, connecting

from sales_connectors import Connector, Runtime, connect
from sales_connectors.imitation import Box, running
from sales_connectors.testing import FakeClock

VENDOR = "https://api.salesloft.com"


class Service:
    """Stands in for the vendor on the wire: what it is told to answer, and what it was sent."""

    connection = {"key": "oauth2", "fields": {"rateLimit": 0}, "token": {"access_token": "token-of-the-test"}}

    def __init__(self, wire: responses.RequestsMock, clock: FakeClock, store: str) -> None:
        self.wire, self.clock = wire, clock
        self.runtime = Runtime(store, clock=clock, random=lambda: 0.0)
        self.loft = self.connected()

    def connected(self, connection: dict[str, Any] | None = None, **options: Any) -> Any:
        return connect("salesloft", connection or self.connection, runtime=self.runtime, **options)

    def answers(self, method: str, path: str, json: Any = None, **reply: Any) -> None:
        """The next answer to a path; several are given one after the other, the last one again and again."""
        self.wire.add(method, VENDOR + path, **({} if json is None else {"json": json}), **reply)

    def behaves(self, method: str, path: str, answer: Callable[[dict[str, str]], Any]) -> None:
        """What it answers to a path, worked out from the query."""

        def reply(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            return 200, {"Content-Type": "application/json"}, json.dumps(answer(dict(query_of(request))))

        self.wire.add_callback(method, VENDOR + path, reply)

    @property
    def sent(self) -> list[requests.PreparedRequest]:
        return [call.request for call in self.wire.calls]

    @property
    def last(self) -> requests.PreparedRequest:
        return self.sent[-1]


def query_of(request: requests.PreparedRequest) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True)


def paged(records: list[dict[str, Any]]) -> Callable[[dict[str, str]], Any]:
    """Numbered pages of these records, as the service gives them out."""

    def answer(query: dict[str, str]) -> Any:
        page, size = int(query.get("page", 1)), int(query.get("per_page", 25))
        more = page * size < len(records)
        paging: dict[str, Any] = {"per_page": size, "current_page": page, "next_page": page + 1 if more else None}
        if query.get("include_paging_counts") == "true":
            paging |= {"total_pages": -(-len(records) // size), "total_count": len(records)}
        return {"data": records[(page - 1) * size : page * size], "metadata": {"paging": paging}}

    return answer


def behind_an_id(records: list[dict[str, Any]]) -> Callable[[dict[str, str]], Any]:
    """Records behind an id, as bulk jobs and what is in them are given out."""

    def answer(query: dict[str, str]) -> Any:
        last, size = int(query.get("id[gt]", 0)), int(query.get("per_page", 25))
        rows = [record for record in records if record["id"] > last][:size]
        return {"data": rows, "metadata": {"filtering": {}, "paging": {"per_page": size}}}

    return answer


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The vendor's API as a list of canned answers; anything else that is sent is an error."""
    monkeypatch.setenv("SALES_CONNECTORS_HOME", str(tmp_path))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_passthru("http://127.0.0.1")  # sandboxes
        yield Service(wire, FakeClock(), f"sqlite:///{tmp_path / 'store.db'}")


@pytest.fixture
def pages() -> Callable[[list[dict[str, Any]]], Callable[[dict[str, str]], Any]]:
    return paged


@pytest.fixture
def cursors() -> Callable[[list[dict[str, Any]]], Callable[[dict[str, str]], Any]]:
    return behind_an_id


class Caller(SandboxCaller):
    """Calls a sandbox as any HTTP client would."""

    def ids(self, path: str, query: Any = None, **more: Any) -> list[int]:
        """The ids of the records on one page of a list."""
        return [record["id"] for record in self.get(path, query, **{"per_page": 100, **more})["data"]]

    def refused(self, method: str, path: str, json: Any = None, **options: Any) -> tuple[int, Any]:
        """The status of a refusal, and what is wrong: fields with their texts, or one text."""
        reply = self(method, path, json, **options)
        body = reply.json()
        return reply.status_code, body.get("errors") or body["error"]

    def wrong(self, method: str, path: str, json: Any = None, **options: Any) -> list[str]:
        """The fields that a request is refused for."""
        status, errors = self.refused(method, path, json, **options)
        assert status == 422, errors
        return list(errors)


@pytest.fixture
def sandbox() -> Iterator[Box]:
    """A sandbox of the test's own, with one small company in it and no rate limit."""
    with running("salesloft", rate=0) as box:
        yield box


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Box]:
    """One sandbox for a whole module, for tests that do not mind one another's records."""
    with running("salesloft", rate=0) as box:
        yield box


@pytest.fixture
def caller() -> Iterator[Callable[..., Caller]]:
    """Calls a sandbox, over its own connection or in the name of one of its users."""
    made: list[Caller] = []

    def to(box: Box, user: str | None = None, **token: Any) -> Caller:
        named = {"user": f"{user}@fernhill.example.com"} if user else {}
        made.append(Caller(box, box.token(**named, **token)["access_token"] if named or token else None))
        return made[-1]

    yield to
    for one in made:
        one.close()


@pytest.fixture
def call(shared_sandbox: Box, caller: Callable[..., Caller]) -> Caller:
    """Calls the module's sandbox as its administrator."""
    return caller(shared_sandbox)


@pytest.fixture
def alone(sandbox: Box, caller: Callable[..., Caller]) -> Caller:
    """Calls the test's own sandbox as its administrator."""
    return caller(sandbox)


@pytest.fixture
def connected() -> Iterator[Callable[..., Connector]]:
    """Connects to a sandbox: over its own connection, with some fields or the token changed."""
    with connecting("salesloft", Runtime(clock=PassingClock(), random=lambda: 0.0), name="ours") as to:
        yield to


@pytest.fixture
def loft(sandbox: Box, connected: Callable[..., Connector]) -> Connector:
    """The component, over the test's own sandbox."""
    return connected(sandbox)


@pytest.fixture
def shared_loft(shared_sandbox: Box, connected: Callable[..., Connector]) -> Connector:
    """The component, over the module's sandbox."""
    return connected(shared_sandbox)
