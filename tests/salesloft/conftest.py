"""Salesloft's API on the wire, as a list of canned answers, for the tests of its component."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses

from sales_connectors import Connected, Runtime, connect
from sales_connectors.clock import Clock

VENDOR = "https://api.salesloft.com"


class HeldClock(Clock):
    """Time that moves when somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.ticks = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return 1_800_000_000.0 + self.ticks

    def monotonic(self) -> float:
        return self.ticks

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ticks += seconds


class Service:
    """Stands in for the vendor on the wire: what it is told to answer, and what it was sent."""

    connection = {"key": "oauth2", "fields": {"rateLimit": 0}, "token": {"access_token": "token-of-the-test"}}

    def __init__(self, wire: responses.RequestsMock, clock: HeldClock, store: str) -> None:
        self.wire, self.clock = wire, clock
        self.runtime = Runtime(store, clock=clock, random=lambda: 0.0)
        self.loft = self.connected()

    def connected(self, connection: dict[str, Any] | None = None, **options: Any) -> Connected:
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
        yield Service(wire, HeldClock(), f"sqlite:///{tmp_path / 'store.db'}")


@pytest.fixture
def pages() -> Callable[[list[dict[str, Any]]], Callable[[dict[str, str]], Any]]:
    return paged


@pytest.fixture
def cursors() -> Callable[[list[dict[str, Any]]], Callable[[dict[str, str]], Any]]:
    return behind_an_id
