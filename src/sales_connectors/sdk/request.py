"""One request and its reply."""

import re
from codecs import lookup
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from ..errors import InvalidResponse, decode_vendor_text

CHARSET = re.compile(r"charset=\"?([\w.:-]+)", re.IGNORECASE)
NO_CHARSETS = ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")
"""Codecs of Python that turn bytes into text and are no charsets; one takes hours over a megabyte."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Repeat:
    """A caller's own rule for repeating a request, where it replaces ours."""

    times: int
    delay: float = 0.0
    """Seconds between two attempts."""
    exponential: bool = False
    all_errors: bool = False


@dataclass(frozen=True)
class Request:
    """A request on its way to the service."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float | None = None
    """Seconds for one attempt, where the caller of a raw request says so."""
    repeat: Repeat | None = None

    def with_headers(self, **headers: str) -> "Request":
        """With these headers over its own; ``_`` in a name stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    def with_query(self, **parameters: str) -> "Request":
        """With these parameters behind those of its query."""
        return replace(self, url=f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(parameters)}")


def add_content_type(kind: str, headers: Mapping[str, str]) -> dict[str, str]:
    """These headers, and what the body is where none of them says so."""
    return dict(headers) if "content-type" in map(str.lower, headers) else {"Content-Type": kind, **headers}


def sign_with_bearer(request: Request, token: Mapping[str, Any]) -> Request:
    """The access token in the ``Authorization`` header (RFC 6750)."""
    return request.with_headers(Authorization=f"Bearer {token['access_token']}")


@dataclass(frozen=True)
class Response:
    """What came back, read to the end."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-request-id")

    @property
    def text(self) -> str:
        """The body as text, in the charset that it declares, else UTF-8; what is no such text shows as U+FFFD."""
        try:
            return self.content.decode(self._charset, "replace")
        except LookupError:
            return self.content.decode("utf-8-sig", "replace")

    @property
    def _charset(self) -> str:
        """The charset that the reply declares, as Python calls it; UTF-8 where that is none."""
        declared = CHARSET.search(self.headers.get("content-type", ""))
        with suppress(LookupError):
            found = lookup(declared[1]).name if declared else ""
            return "utf-8-sig" if found in ("", "utf-8", *NO_CHARSETS) else found
        return "utf-8-sig"

    def json(self) -> Any:
        from .. import jsontext

        try:
            return jsontext.loads(self.content)
        except ValueError as broken:
            with suppress(LookupError, ValueError):
                return jsontext.loads(self.content.decode(self._charset).encode())
            raise InvalidResponse(
                f"The service answered {self.status} with {self._kind()} where JSON belongs",
                status=self.status,
                vendor=decode_vendor_text(self.content),
                request_id=self.request_id,
            ) from broken

    def _kind(self) -> str:
        if not self.content.strip():
            return "an empty body"
        return "a web page" if self.content.lstrip()[:1] == b"<" else "broken JSON"
