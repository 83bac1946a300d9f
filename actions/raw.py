"""Any request that no action makes, over the same connection.

https://developer.zendesk.com/api-reference/sales-crm/requests/
"""

import re
from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import parse_qsl

from sales_connectors.sdk import Context, Inputs, InvalidInput, Repeat, Response, add_content_type, parse_pairs

VERSIONED_PATH = re.compile(r"/v\d+/|//|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
"""A path that names its version, or a whole address."""
RESERVED_HEADERS = frozenset({"authorization", "host", "content-length", "transfer-encoding"})
"""Headers that the connection writes: who is calling, where to, and how long the body is."""

Pairs = list[tuple[str, Any]]


def raw_request(ctx: Context, inputs: Inputs) -> Any:
    """Send a request to a path of the API and return the body of the reply."""
    path, pairs = _parse_url(inputs["url"], inputs["version"])
    reply = ctx.client.send(
        inputs["method"],
        path,
        query=[*pairs, *parse_pairs(inputs.get("queryParams"))],
        timeout=inputs["timeout"] / 1000 if inputs.get("timeout") else None,
        repeat=_build_repeat(inputs),
        **_build_body(inputs),
    )
    return _read_content(reply, inputs["responseType"])


def _parse_url(url: str, version: str) -> tuple[str, Pairs]:
    """The path, and the query that stands behind it; without a version the path belongs to the chosen one."""
    address, _, query = url.partition("#")[0].partition("?")
    if not VERSIONED_PATH.match(address):
        bare = address.lstrip("/")
        address = f"/{bare}" if VERSIONED_PATH.match(f"/{bare}") else f"/{version}/{bare}"
    return address, [*parse_qsl(query, keep_blank_values=True)]


def _build_repeat(inputs: Inputs) -> Repeat:
    """The caller's own rule for trying again takes the place of the connection's."""
    return Repeat(
        times=inputs["maxRetries"],
        delay=inputs["retryDelayMS"] / 1000,
        exponential=inputs["useExponentialBackoff"],
        all_errors=inputs["retryAllErrors"],
    )


def _build_body(inputs: Inputs) -> dict[str, Any]:
    """The body in the form that its inputs ask for; headers that the caller gives win over its content type."""
    data, given = inputs.get("data"), _select_headers(inputs)
    if inputs.get("fileData") or inputs.get("formData"):
        return {"files": _build_form(inputs), "headers": given}
    if data is None:
        return {"headers": given}
    if _is_binary(data):
        return {"data": _encode_value(data, "/data"), "headers": add_content_type(_find_content_type(data), given)}
    if isinstance(data, str):
        return {"data": data, "headers": add_content_type("application/x-www-form-urlencoded", given)}
    return {"json": data, "headers": given}


def _select_headers(inputs: Inputs) -> dict[str, str]:
    """The caller's headers, as far as they are the caller's to choose."""
    given = inputs.get("headers", {})
    return {name: value for name, value in given.items() if name.lower() not in RESERVED_HEADERS}


def _build_form(inputs: Inputs) -> list[tuple[str, tuple[Any, ...]]]:
    """Fields and files of a multipart form; a file without a name of its own is called as its field."""
    names = inputs.get("fileDataFileNames", {})
    fields = [
        (key, (None, _encode_value(value, f"/formData/{key}"))) for key, value in inputs.get("formData", {}).items()
    ]
    files = [
        (key, (names.get(key, key), _encode_value(value, f"/fileData/{key}"), _find_content_type(value)))
        for key, value in inputs.get("fileData", {}).items()
    ]
    return [*fields, *files]


def _encode_value(value: Any, path: str) -> bytes:
    """Text and numbers as they are written, and the bytes that base64 stands for."""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if not _is_binary(value):
        return str(value).encode()
    try:
        return b64decode(value["base64"], validate=True)
    except (ValueError, TypeError) as broken:
        raise InvalidInput(f"{path[1:]} is not base64", fields=[{"path": path, "message": "is not base64"}]) from broken


def _is_binary(value: Any) -> bool:
    return isinstance(value, dict) and "base64" in value and value.keys() <= {"base64", "contentType"}


def _find_content_type(value: Any) -> str:
    """The content type that bytes come with; text in a file is plain text (inferred)."""
    if not _is_binary(value):
        return "text/plain; charset=utf-8"
    return str(value.get("contentType") or "application/octet-stream")


def _read_content(reply: Response, kind: str) -> Any:
    """The body of the reply as the caller wants it; where there is none there is nothing to read as JSON."""
    if kind in ("arraybuffer", "binary"):
        content_type = reply.headers.get("content-type", "application/octet-stream")
        return {"base64": b64encode(reply.content).decode(), "contentType": content_type}
    if kind in ("text", "document"):
        return reply.text
    return reply.json() if reply.content else None
