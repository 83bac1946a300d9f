"""Outreach's API on the wire, as a list of canned answers, and its sandbox, for the tests of its component."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses

from sales_connectors import Runtime, connect
from sales_connectors.testing import FakeClock

VENDOR = "https://api.outreach.io"
ROOT = f"{VENDOR}/api/v2"

Query = dict[str, str]


class Service:
    """Stands in for the vendor on the wire: what it is told to answer, and what it was sent."""

    connection = {"key": "oauth2", "fields": {"rateLimit": 0}, "token": {"access_token": "token-of-the-test"}}

    def __init__(self, wire: responses.RequestsMock, clock: FakeClock, store: str) -> None:
        self.wire, self.clock = wire, clock
        self.runtime = Runtime(store, clock=clock, random=lambda: 0.0)
        self.outreach = self.connected()

    def connected(self, connection: dict[str, Any] | None = None, **options: Any) -> Any:
        return connect("outreach", connection or self.connection, runtime=self.runtime, **options)

    def answers(self, method: str, path: str, json: Any = None, **reply: Any) -> None:
        """The next answer to a path; several are given one after the other, the last one again and again."""
        self.wire.add(method, ROOT + path, **({} if json is None else {"json": json}), **reply)

    def refuses(self, method: str, path: str, status: int, *errors: dict[str, Any], **reply: Any) -> None:
        self.answers(method, path, {"errors": list(errors)}, status=status, **reply)

    def behaves(self, path: str, answer: Callable[[Query], Any]) -> None:
        """What it answers to a path, worked out from the query."""

        def reply(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            return 200, {"Content-Type": "application/vnd.api+json"}, json.dumps(answer(query_of(request)))

        self.wire.add_callback("GET", ROOT + path, reply)

    @property
    def sent(self) -> list[requests.PreparedRequest]:
        return [call.request for call in self.wire.calls]

    @property
    def last(self) -> requests.PreparedRequest:
        return self.sent[-1]

    @property
    def query(self) -> Query:
        """The query of what was sent last."""
        return query_of(self.last)

    @property
    def document(self) -> Any:
        """The document that was sent last."""
        return json.loads(self.last.body or "null")["data"]


def query_of(request: requests.PreparedRequest) -> Query:
    return dict(parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True))


def record(kind: str, number: int, **attributes: Any) -> dict[str, Any]:
    return {"type": kind, "id": number, "attributes": attributes, "relationships": {}}


def paged(records: list[dict[str, Any]], path: str, included: Callable[[Any], list[Any]] | None = None) -> Any:
    """Pages of these records that name the next one, as the service gives them out."""

    def answer(query: Query) -> Any:
        start, size = int(query.get("page[after]", 0)), int(query.get("page[size]", 50))
        page, end = records[start : start + size], start + size
        links = {"first": f"{ROOT}{path}"}
        if end < len(records):
            links["next"] = f"{ROOT}{path}?page[size]={size}&page[after]={end}"
        counted = {"meta": {"count": len(records)}} if query.get("count") == "true" else {}
        return {"data": page, "links": links, **counted, **({"included": included(page)} if included else {})}

    return answer


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The vendor's API as a list of canned answers; anything else that is sent is an error."""
    monkeypatch.setenv("SALES_CONNECTORS_HOME", str(tmp_path))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Service(wire, FakeClock(), f"sqlite:///{tmp_path / 'store.db'}")


@pytest.fixture
def pages() -> Callable[..., Any]:
    return paged


@pytest.fixture
def make_record() -> Callable[..., dict[str, Any]]:
    return record
