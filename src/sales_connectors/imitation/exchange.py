"""One request and its reply, as handlers see them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl

from .clock import Clock
from .store import Collection, Store


@dataclass(frozen=True)
class Token:
    """An access token, as handlers see it; no expiry is a personal token."""

    access_token: str
    user_id: int
    scopes: frozenset[str]
    expires_at: float | None = None


@dataclass(frozen=True)
class Request:
    """What a client sent, with the sandbox's own things that a handler needs."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    base_url: str
    store: Store
    clock: Clock
    params: Mapping[str, str] = field(default_factory=dict)  # the variable parts of the route's path
    token: Token | None = None
    quirks: frozenset[str] = frozenset()  # faults that only the component knows how to play

    @property
    def user_id(self) -> int:
        """Who asks."""
        assert self.token is not None, "a handler behind a token has one"
        return self.token.user_id

    def collection(self, name: str) -> Collection:
        """The records of a resource."""
        return self.store.collection(name)

    def json(self) -> Any:
        """The body as JSON; a ValueError if it is none, and if it holds what no other JSON reader takes."""
        return parse_json(self.body)

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def arguments(self) -> dict[str, str]:
        """The query, the last value of each name."""
        return dict(self.query)

    def bearer(self) -> str | None:
        """The access token that came with the request."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else None


@dataclass(frozen=True)
class Reply:
    """What goes back.  The body is JSON, or bytes as they are, or None for no body at all."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def with_headers(self, headers: Mapping[str, str]) -> "Reply":
        """The same reply; headers that it has already are kept."""
        return replace(self, headers={**headers, **self.headers})

    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


def parse_json(text: bytes | str) -> Any:
    """JSON that every reader takes: without NaN and infinities, also by way of 1e999, and half surrogate pairs."""
    try:
        read = json.loads(text, parse_constant=_refuse_constant, parse_float=_parse_float)
        json.dumps(read, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return read


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _parse_float(text: str) -> float:
    read = float(text)
    if not isfinite(read):
        raise ValueError(f"{text} is beyond all numbers")
    return read


class Refused(Exception):
    """Raised by a handler that ends a request early, with the reply to give."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"refused with status {reply.status}")
        self.reply = reply
