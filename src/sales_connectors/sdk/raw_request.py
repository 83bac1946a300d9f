"""The raw request: any request that no action makes, with the same inputs in every component.

Its form stands beside this module, in ``raw_request.json``; forms refer to ``urn:sales-connectors:raw-request``.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from ..errors import InvalidInput
from .client import parse_pairs
from .context import Context, Inputs
from .request import Repeat, Response, add_content_type

URLENCODED = "application/x-www-form-urlencoded"
FORMS = ("form_urlencoded", "form_data")
"""The tags of bodies that are forms, of names and values."""
BYTES = ("arraybuffer", "binary")
TEXTS = ("text", "document")
"""Response types that are bytes, and those that are text."""

Part = tuple[str, tuple[Any, ...]]


def send_raw_request(ctx: Context, inputs: Inputs, locate: Callable[[str], str], text_type: str) -> Response:
    """Send it; ``locate`` finds the path that a caller means, ``text_type`` is what a body of text is sent as."""
    return ctx.client.send(
        inputs["method"],
        _find_path(inputs["url"], locate),
        query=parse_pairs(inputs.get("queryParams")),
        timeout=inputs["timeout"] / 1000 if inputs.get("timeout") else None,
        repeat=_build_repeat(inputs),
        **_build_body(inputs, text_type),
    )


def read_raw_body(reply: Response, kind: str) -> Any:
    """The body of the reply as the caller wants it; where there is none there is nothing to read as JSON."""
    if kind in BYTES:
        content_type = reply.headers.get("content-type", "application/octet-stream")
        return {"base64": b64encode(reply.content).decode(), "contentType": content_type}
    if kind in TEXTS:
        return reply.text
    return reply.json() if reply.content else None


def tell_raw_response(reply: Response, inputs: Inputs) -> dict[str, Any]:
    """Status, headers and body of the reply; what is no JSON by its own word stays text."""
    kind = inputs["responseType"]
    is_json = "json" in reply.headers.get("content-type", "") and bool(reply.text.strip())
    body = read_raw_body(reply, kind if kind in BYTES or (kind == "json" and is_json) else "text")
    found = {"status_code": reply.status, "headers": dict(reply.headers), "body": None if body == "" else body}
    return {"response": {**found, "raw_body": reply.text} if inputs["includeRawBody"] else found}


def _find_path(url: Any, locate: Callable[[str], str]) -> str:
    """The path that is meant: the component finds it, and a full URL says itself."""
    if isinstance(url, dict):
        return str(url["full_url"]) if "full_url" in url else locate(url["endpoint"])
    return locate(url)


def _build_repeat(inputs: Inputs) -> Repeat | None:
    """The caller's own rule for trying again takes the place of the connection's, where there is one."""
    if "maxRetries" not in inputs:
        return None
    return Repeat(
        times=inputs["maxRetries"],
        delay=inputs.get("retryDelayMS", 0) / 1000,
        exponential=inputs.get("useExponentialBackoff", False),
        all_errors=inputs.get("retryAllErrors", False),
    )


# --- bodies -----------------------------------------------------------------------------------------


def _build_body(inputs: Inputs, text_type: str) -> dict[str, Any]:
    """The body in the form that its inputs ask for; headers that the caller gives win over its content type."""
    headers = inputs.get("headers", {})
    if inputs.get("fileData") or inputs.get("formData"):
        return {"files": _build_form(inputs), "headers": headers}
    tag, data = _parse_tag(inputs.get("data"))
    if data is None:
        return {"headers": headers}
    if tag == "form_data":
        return {"files": [(name, (None, value)) for name, value in _list_pairs(tag, data)], "headers": headers}
    if tag == "form_urlencoded":
        return {"data": urlencode(_list_pairs(tag, data)), "headers": add_content_type(URLENCODED, headers)}
    if _is_binary(data):
        return {"data": _encode_value(data, "/data"), "headers": add_content_type(_find_content_type(data), headers)}
    if isinstance(data, str):
        return {"data": data, "headers": add_content_type(text_type, headers)}
    return {"json": data, "headers": headers}


def _parse_tag(data: Any) -> tuple[str, Any]:
    """The kind of a body and what it holds: an object of one tag alone says so, anything else is the body itself."""
    if not isinstance(data, dict) or len(data) != 1:
        return "raw", data
    ((tag, content),) = data.items()
    if tag == "none" and content is None:
        return "none", None
    if tag == "raw":
        return "raw", content
    return (tag, content) if tag in FORMS and isinstance(content, dict) else ("raw", data)


def _list_pairs(tag: str, fields: dict[str, Any]) -> list[tuple[str, str]]:
    """The names and values of a form, a name once for each value of a list."""
    return [
        (name, _write_value(f"/data/{tag}/{name}", value))
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _write_value(path: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, dict | list):
        message = "must be text, a number, true or false, or a list of these"
        raise InvalidInput(f"{path[1:]} {message}", fields=[{"path": path, "message": message}])
    return str(value)


def _build_form(inputs: Inputs) -> list[Part]:
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
    if not _is_binary(value):
        return _write_value(path, value).encode()
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
