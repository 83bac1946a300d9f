"""What a handler speaks to the service with: paths, queries and JSON in, decoded JSON out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from .. import jsontext
from ..addresses import parse_origin
from ..errors import InvalidInput, InvalidResponse
from ..sdk import Repeat, Request, Response
from ..sdk.client import ABSENT, Query
from ..sdk.request import SAFE_METHODS
from .call import CallScope

if TYPE_CHECKING:
    from .session import Session

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

ABSOLUTE_URL = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*:)?//")
"""How a path begins that names a host."""

RESERVED_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect"}
)
"""Headers that say where a request goes and where it ends."""


@dataclass(frozen=True)
class Client:
    """The service as one call sees it.  Errors are raised as the tree of :mod:`sales_connectors.errors`."""

    session: "Session"
    call: CallScope

    def get(self, path: str, query: Query | None = None) -> Any:
        return self._decode(self.send("GET", path, query=query))

    def post(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any:
        return self._decode(self.send("POST", path, json=json, query=query))

    def put(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any:
        return self._decode(self.send("PUT", path, json=json, query=query))

    def patch(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any:
        return self._decode(self.send("PATCH", path, json=json, query=query))

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
    ) -> Response:
        """One exchange, whatever its body; the reply is good (2xx), anything else is raised."""
        body, content_type = encode_body(json, data, files, self.session.service.media_type)
        given = {"Content-Type": content_type} if content_type else {}
        _check_headers(headers or {})
        url = build_url(self.session.service.api_url, path, query)
        out = Request(method, url, {**given, **(headers or {})}, body, timeout, repeat)
        return self.session.exchange(out, self.call)

    def _decode(self, reply: Response) -> Any:
        """The JSON of a reply; anything else where JSON belongs is InvalidResponse."""
        if reply.status == 204 or reply.method == "HEAD":
            return None
        try:
            payload = reply.json()
        except InvalidResponse as unreadable:
            if reply.method not in SAFE_METHODS:
                unreadable.message += ". It may have done what was asked: look before repeating it"
            raise
        if (
            isinstance(payload, dict)
            and ("errors" in payload or "error" in payload)
            and not payload.keys() & self.session.envelope.members
        ):
            raise InvalidResponse(
                f"The service answered {reply.status} with an error inside",
                code="error_in_success",
                status=reply.status,
                vendor=payload,
                request_id=reply.request_id,
            )
        return payload

    def in_bulk(self) -> "Client":
        """The same client for work that can wait: it leaves room for calls that somebody waits for."""
        return Client(self.session, self.call.in_bulk())


def build_url(api_url: str, path: str, query: Query | None = None) -> str:
    """The full address; a query that the path has already goes before the other one."""
    path, text = resolve_path(path, api_url), encode_query(query)
    return api_url + path + (text.replace("?", "&", 1) if "?" in path else text)


def resolve_path(path: str, api_url: str) -> str:
    """The path on the API's own host; a token never leaves home."""
    if ABSOLUTE_URL.match(path):
        path = _strip_origin(path, api_url)
    path = path.partition("#")[0]
    path = path if path.startswith("/") else f"/{path}"
    fine = path.isascii() and path.isprintable() and " " not in path
    return path if fine else quote(path, safe="/:?[]@!$&'()*+,;=%~")


def _strip_origin(url: str, api_url: str) -> str:
    """The path and query of an address on the API's own host."""
    home = urlsplit(api_url)
    try:
        parts = urlsplit(url, scheme=home.scheme)
        is_home = parse_origin(parts.geturl()) == parse_origin(api_url)
    except ValueError:
        is_home = False
    if not is_home or "\\" in parts.netloc:
        message = f"must be a path, or an address on {api_url}: the token of this connection is sent nowhere else"
        raise InvalidInput(f"url {message}", fields=[{"path": "/url", "message": message}])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _check_headers(headers: Mapping[str, str]) -> None:
    """A header is one line of printable Latin-1; anything else could smuggle in another header, or a request."""
    for name, value in headers.items():
        if name.lower() in RESERVED_HEADERS:
            raise _header_error(name, "is set by the connection alone")
        if not (HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(value)):
            raise _header_error(name, "must be one line of plain text")


def _header_error(name: str, message: str) -> InvalidInput:
    return InvalidInput(f"header {name!r:.60} {message}", fields=[{"path": f"/headers/{name}", "message": message}])


def _check_parts(files: Any) -> None:
    """The type of a part stands in a header of its own."""
    for name, part in files.items() if isinstance(files, Mapping) else files:
        if isinstance(part, tuple) and len(part) > 2 and not HEADER_VALUE.fullmatch(part[2]):
            message = "must have a content type of one line of plain text"
            raise InvalidInput(
                f"file {name!r:.60} {message}", fields=[{"path": f"/fileData/{name}", "message": message}]
            )


def encode_query(query: Query | None) -> str:
    """``?a=1&b=true``: a list repeats its key; None is a mistake of the handler."""
    if not query:
        return ""
    pairs: list[tuple[str, str]] = []
    for key, value in query.items() if isinstance(query, Mapping) else query:
        for item in value if isinstance(value, list | tuple) else (value,):
            pairs.append((key, _format_value(item)))
    return f"?{urlencode(pairs)}"


def _format_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        raise TypeError("a query parameter cannot be null")
    return str(value)


def encode_body(
    json: Any, data: Any, files: Any, media_type: str = "application/json"
) -> tuple[bytes | None, str | None]:
    """The body and its content type; ``media_type`` is that of JSON."""
    if json is not ABSENT:
        return jsontext.dumps(json), media_type
    if files:
        from requests import PreparedRequest

        _check_parts(files)
        prepared = PreparedRequest()
        prepared.headers = {}  # type: ignore[assignment]  # only the content type is read from it
        prepared.prepare_body(data or {}, files)
        return prepared.body, prepared.headers["Content-Type"]  # type: ignore[return-value]  # bytes, with files
    if data is None:
        return None, None
    if isinstance(data, Mapping):
        return encode_query(data)[1:].encode(), "application/x-www-form-urlencoded"
    return (data.encode() if isinstance(data, str) else data), None
