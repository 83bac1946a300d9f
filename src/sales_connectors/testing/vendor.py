"""A vendor on the wire: it remembers what it was sent, and answers as it is told."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import requests
import responses

from ..lazy import cached_property

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class SentRequest:
    """One request, as it left."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query; of one that stands several times, the last."""
        return dict(self.query_pairs)

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        """The body; None where there is none, or where it is no JSON."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None

    def choose_page(self, entries: Sequence[Any], number: str, size: str) -> tuple[list[Any], bool]:
        """The entries of the page that this request asks for, and whether others follow.

        ``number`` and ``size`` are the names of the parameters; without a size the list is given out whole.
        """
        count = int(self.query.get(size, len(entries)))
        start = (int(self.query.get(number, 1)) - 1) * count
        return list(entries[start : start + count]), start + count < len(entries)


class Reply(NamedTuple):
    """What the vendor answers."""

    body: Any = None
    """As JSON; text is sent as it is, None is no body."""
    status: int = 200

    def as_triple(self) -> tuple[int, Mapping[str, str], str]:
        if self.body is None:
            return self.status if self.status != 200 else 204, {}, ""
        if isinstance(self.body, str):
            return self.status, {"Content-Type": "text/html"}, self.body
        return self.status, {"Content-Type": "application/json"}, json.dumps(self.body)


class Vendor:
    """Answers every request, wherever it goes."""

    def __init__(self, wire: responses.RequestsMock, answer: Callable[[SentRequest], Reply]) -> None:
        self.answer = answer
        self.sent: list[SentRequest] = []
        for method in METHODS:
            wire.add_callback(method, re.compile(".*", re.DOTALL), self._reply)

    def _reply(self, prepared: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        sent = SentRequest(prepared.method or "", prepared.url or "", dict(prepared.headers), body)
        self.sent.append(sent)
        return self.answer(sent).as_triple()
