"""What the tests of components share about their sandboxes: a plain HTTP client, connections, time, and a listener."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from sales_connectors import Connector, Runtime, connect
from sales_connectors.imitation import Box
from sales_connectors.testing import FakeClock


class PassingClock(FakeClock):
    """The real time, to which sleeping adds at once: for a sandbox, whose tokens know the real time.

    Where it is given the sandbox, time passes there too.
    """

    def __init__(self, box: Box | None = None) -> None:
        super().__init__()
        self.box = box

    def now(self) -> float:
        return time.time() + self.ticks

    def pass_by(self, seconds: float) -> None:
        super().pass_by(seconds)
        if self.box:
            self.box.advance(seconds)


class Told(list[tuple[str, Any]]):
    """Listens to the story of a demo."""

    def __call__(self, title: str, value: Any = None) -> None:
        self.append((title, value))


class Caller:
    """Calls a sandbox as any HTTP client would."""

    def __init__(self, box: Box, token: str | None = None, **headers: str) -> None:
        self.box = box
        self.session = requests.Session()
        access = token or box.connection["token"]["access_token"]
        self.session.headers.update({"Authorization": f"Bearer {access}", **headers})

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.session.request(method, self.box.url + path, **{"json": json, "timeout": 10, **options})

    def get(self, path: str, query: Any = None, /, **more: Any) -> Any:
        """What a path holds, in its envelope; names that are no Python names go in ``query``."""
        reply = self("GET", path, params={**(query or {}), **more})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def post(self, path: str, /, **fields: Any) -> dict[str, Any]:
        return self._write("POST", path, fields)

    def put(self, path: str, /, **fields: Any) -> dict[str, Any]:
        return self._write("PUT", path, fields)

    def _write(self, method: str, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        reply = self(method, path, fields)
        assert reply.status_code == 200, reply.text
        written: dict[str, Any] = reply.json()["data"]
        return written

    def close(self) -> None:
        self.session.close()


def _ignore(token: Any) -> None:
    """New tokens matter to few tests."""


@contextmanager
def connecting(component: str, usual: Runtime, **named: Any) -> Iterator[Callable[..., Connector]]:
    """Connects to sandboxes: over their own connection, with some fields or the token changed."""
    made: list[Connector] = []

    def to(
        box: Box, *, token: Any = None, on_token: Any = _ignore, runtime: Runtime | None = None, **fields: Any
    ) -> Connector:
        given = box.connection
        changed = {"fields": {**given["fields"], "rateLimit": 0, **fields}, "token": token or given["token"]}
        connector: Any = connect(component, {**given, **named, **changed}, runtime=runtime or usual, on_token=on_token)
        made.append(connector)
        return made[-1]

    yield to
    for connector in made:
        connector.close()
