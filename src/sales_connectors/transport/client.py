"""What a handler speaks to the service with: paths, queries and JSON in, decoded JSON out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from ..errors import InvalidInput, InvalidResponse
from . import jsontext
from .request import Call, Outgoing, Repeat, Reply

if TYPE_CHECKING:
    from .pipe import Pipe

Query = Mapping[str, Any] | Sequence[tuple[str, Any]]

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

ABSENT: Any = object()
"""No body at all; None is the JSON null."""


@dataclass(frozen=True)
class Client:
    """The service as one call sees it.  Errors are raised as the tree of :mod:`sales_connectors.errors`."""

    pipe: "Pipe"
    call: Call

    def get(self, path: str, query: Query | None = None) -> Any:
        return decoded(self.send("GET", path, query=query))

    def post(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any:
        return decoded(self.send("POST", path, json=json, query=query))

    def put(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any:
        return decoded(self.send("PUT", path, json=json, query=query))

    def patch(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any:
        return decoded(self.send("PATCH", path, json=json, query=query))

    def delete(self, path: str, query: Query | None = None) -> None:
        """Delete; whatever the service answers, the result of a delete is nothing."""
        self.send("DELETE", path, query=query)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = ABSENT,
        data: Any = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        repeat: Repeat | None = None,
    ) -> Reply:
        """One exchange, whatever its body; the reply is good (2xx), anything else is raised."""
        body, content_type = encoded(json, data, files)
        given = {"Content-Type": content_type} if content_type else {}
        _check_headers(headers or {})
        url = self.pipe.service.api_url + relative(path, self.pipe.service.api_url) + query_text(query)
        out = Outgoing(method, url, {**given, **(headers or {})}, body, timeout, repeat)
        return self.pipe.exchange(out, self.call)

    def in_bulk(self) -> "Client":
        """The same client for work that can wait: it leaves room for calls that somebody waits for."""
        return Client(self.pipe, self.call.in_bulk())


def relative(path: str, api_url: str) -> str:
    """The path on the API's own host; a token never leaves home."""
    if "://" in path or path.startswith("//"):
        parts, home = urlsplit(path), urlsplit(api_url)
        if (parts.scheme or home.scheme, parts.netloc) != (home.scheme, home.netloc):
            message = f"must be a path, or an address on {api_url}: the token of this connection is sent nowhere else"
            raise InvalidInput(f"url {message}", fields=[{"path": "/url", "message": message}])
        path = parts._replace(scheme="", netloc="").geturl()
    path = path if path.startswith("/") else f"/{path}"
    fine = path.isascii() and path.isprintable() and " " not in path
    return path if fine else quote(path, safe="/:?#[]@!$&'()*+,;=%~")


def _check_headers(headers: Mapping[str, str]) -> None:
    """A header is one line of printable Latin-1; anything else could smuggle in another header."""
    for name, value in headers.items():
        if not (HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(value)):
            message = "must be one line of plain text"
            raise InvalidInput(
                f"header {name!r:.60} {message}", fields=[{"path": f"/headers/{name}", "message": message}]
            )


def query_text(query: Query | None) -> str:
    """``?a=1&b=true``: a list repeats its key; None is a mistake of the handler."""
    if not query:
        return ""
    pairs: list[tuple[str, str]] = []
    for key, value in query.items() if isinstance(query, Mapping) else query:
        for item in value if isinstance(value, list | tuple) else (value,):
            pairs.append((key, _plain(item)))
    return f"?{urlencode(pairs)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise TypeError("a query parameter cannot be null")
    return str(value)


def encoded(json: Any, data: Any, files: Any) -> tuple[bytes | None, str | None]:
    """The body and its content type."""
    if json is not ABSENT:
        return jsontext.dumps(json), "application/json"
    if files:
        from requests import PreparedRequest

        prepared = PreparedRequest()
        prepared.headers = {}  # type: ignore[assignment]  # only the content type is read from it
        prepared.prepare_body(data or {}, files)
        return prepared.body, prepared.headers["Content-Type"]  # type: ignore[return-value]  # bytes, with files
    if data is None:
        return None, None
    if isinstance(data, Mapping):
        return query_text(data)[1:].encode(), "application/x-www-form-urlencoded"
    return (data.encode() if isinstance(data, str) else data), None


def decoded(reply: Reply) -> Any:
    """The JSON of a reply; anything else where JSON belongs is InvalidResponse."""
    if reply.status == 204 or reply.method == "HEAD":
        return None
    payload = reply.json()
    if (
        isinstance(payload, dict)
        and ("errors" in payload or "error" in payload)
        and not payload.keys() & {"data", "items"}
    ):
        raise InvalidResponse(
            f"The service answered {reply.status} with an error inside",
            code="error_in_success",
            status=reply.status,
            vendor=payload,
            request_id=reply.request_id,
        )
    return payload
