"""The Zendesk Sell sandbox, for the tests of its component."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import responses
from tests.sandboxes import Caller as SandboxCaller
from tests.sandboxes import connecting

from sales_connectors import Connector, Runtime, connect
from sales_connectors.imitation import Box, running


class Caller(SandboxCaller):
    """Calls a sandbox as any HTTP client would; what is sent goes under ``data``, as does what is shown."""

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> requests.Response:
        return super().__call__(method, path, None if json is None else {"data": json}, **options)

    def records(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """The records on one page of a list."""
        return [item["data"] for item in self.get(path, **query)["items"]]

    def refused(self, method: str, path: str, data: Any = None, **options: Any) -> tuple[int, list[tuple[str, str]]]:
        """The status of a refusal, and the code and pointer of each of its errors."""
        reply = self(method, path, data, **options)
        errors = [entry["error"] for entry in reply.json()["errors"]]
        return reply.status_code, [(error["code"], error.get("field", "")) for error in errors]


@pytest.fixture
def sandbox() -> Iterator[Box]:
    """A sandbox of the test's own, with one small company in it and no rate limit."""
    with running("zendesk-sell", rate=0) as box:
        yield box


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Box]:
    """One sandbox for a whole module, for tests that do not mind one another's records."""
    with running("zendesk-sell", rate=0) as box:
        yield box


@pytest.fixture
def call(shared_sandbox: Box) -> Iterator[Caller]:
    """Calls the module's sandbox."""
    caller = Caller(shared_sandbox)
    yield caller
    caller.close()


@pytest.fixture
def alone(sandbox: Box) -> Iterator[Caller]:
    """Calls the test's own sandbox."""
    caller = Caller(sandbox)
    yield caller
    caller.close()


VENDOR = "https://api.getbase.com"


class Service:
    """Stands in for the vendor on the wire: what it is told to answer, and what it was sent."""

    connection = {"key": "oauth", "fields": {"rateLimit": 0}, "token": {"access_token": "token-of-the-test"}}

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.wire = wire
        self.sell: Any = connect("zendesk-sell", self.connection, runtime=Runtime(random=lambda: 0.0))

    def answers(self, method: str, path: str, json: Any = None, **reply: Any) -> None:
        """The next answer to a path; several are given one after the other, the last one again and again."""
        self.wire.add(method, VENDOR + path, **({} if json is None else {"json": json}), **reply)

    @property
    def sent(self) -> list[requests.PreparedRequest]:
        return [call.request for call in self.wire.calls]

    @property
    def last(self) -> requests.PreparedRequest:
        return self.sent[-1]


@pytest.fixture
def service() -> Iterator[Service]:
    """The vendor's API as a list of canned answers; anything else that is sent is an error."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_passthru("http://127.0.0.1")  # sandboxes
        yield Service(wire)


@pytest.fixture
def connected() -> Iterator[Callable[..., Connector]]:
    """Connects to a sandbox: over its own connection, with some fields or the token changed."""
    with connecting("zendesk-sell", Runtime(random=lambda: 0.0)) as to:
        yield to


@pytest.fixture
def sell(sandbox: Box, connected: Callable[..., Connector]) -> Connector:
    """The component, over the test's own sandbox."""
    return connected(sandbox)


@pytest.fixture
def shared_sell(shared_sandbox: Box, connected: Callable[..., Connector]) -> Connector:
    """The component, over the module's sandbox."""
    return connected(shared_sandbox)


@pytest.fixture
def find(sandbox: Box) -> Callable[..., list[int]]:
    """The ids of the records that a create with these inputs can have made."""

    def ids(action: str, inputs: dict[str, Any]) -> list[int]:
        found = Runtime().find_candidates("zendesk-sell", action, inputs, sandbox.connection) or []
        assert all(set(envelope) == {"data", "meta"} for envelope in found)
        return [envelope["data"]["id"] for envelope in found]

    return ids
