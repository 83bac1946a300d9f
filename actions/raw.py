"""Any request that no action makes, over the same connection."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any

from sales_connectors import Context, Inputs, Repeat, Reply
from sales_connectors.errors import InvalidInput

VERSIONS = ("/v2/", "/v3/")


def raw_request(ctx: Context, inputs: Inputs) -> Any:
    """Send a request to a path of the API and return the body of the reply.

    https://developer.zendesk.com/api-reference/sales-crm/requests/
    """
    reply = ctx.client.send(
        inputs["method"],
        _path(inputs["url"], inputs["version"]),
        query=_pairs(inputs.get("queryParams")),
        timeout=inputs["timeout"] / 1000 if inputs.get("timeout") else None,
        repeat=Repeat(
            inputs["maxRetries"],
            inputs["retryDelayMS"] / 1000,
            inputs["useExponentialBackoff"],
            inputs["retryAllErrors"],
        ),
        **_body(inputs),
    )
    return _content(reply, inputs["responseType"])


def _path(url: str, version: str) -> str:
    """A path without a version belongs to the one that was chosen; an address names its own."""
    if "://" in url or url.startswith(("//", *VERSIONS)):
        return url
    return f"/{version}/{url.lstrip('/')}"


def _pairs(given: Any) -> list[tuple[str, Any]]:
    """Query parameters as pairs, so that a key may stand twice."""
    if isinstance(given, list):
        return [(pair["key"], pair.get("value", "")) for pair in given]
    return list((given or {}).items())


def _body(inputs: Inputs) -> dict[str, Any]:
    """The body in the form that its inputs ask for; headers that the caller gives win over its content type."""
    data, given = inputs.get("data"), _headers(inputs)
    if inputs.get("fileData") or inputs.get("formData"):
        return {"files": _form(inputs), "headers": given}
    if _is_binary(data):
        return {"data": _bytes(data, "/data"), "headers": {"Content-Type": _kind(data), **given}}
    if isinstance(data, str):
        return {"data": data, "headers": {"Content-Type": "application/x-www-form-urlencoded", **given}}
    return {"headers": given} if data is None else {"json": data, "headers": given}


def _headers(inputs: Inputs) -> dict[str, str]:
    """The caller's headers; the connection alone says who is calling."""
    given = inputs.get("headers", {})
    return {name: str(value) for name, value in given.items() if name.lower() != "authorization"}


def _form(inputs: Inputs) -> list[tuple[str, tuple[Any, ...]]]:
    """Fields and files of a multipart form; a file without a name of its own is called as its key."""
    names = inputs.get("fileDataFileNames", {})
    fields = [(key, (None, _bytes(value, f"/formData/{key}"))) for key, value in inputs.get("formData", {}).items()]
    files = [
        (key, (str(names.get(key, key)), _bytes(value, f"/fileData/{key}"), _kind(value)))
        for key, value in inputs.get("fileData", {}).items()
    ]
    return [*fields, *files]


def _bytes(value: Any, path: str) -> bytes:
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if not _is_binary(value):
        return str(value).encode()
    try:
        return b64decode(value["base64"], validate=True)
    except (NotBase64, ValueError, TypeError) as broken:
        raise InvalidInput(f"{path[1:]} is not base64", fields=[{"path": path, "message": "is not base64"}]) from broken


def _is_binary(value: Any) -> bool:
    return isinstance(value, dict) and "base64" in value and value.keys() <= {"base64", "contentType"}


def _kind(value: Any) -> str:
    kind = value.get("contentType") if _is_binary(value) else None
    return str(kind or "application/octet-stream")


def _content(reply: Reply, kind: str) -> Any:
    if kind == "arraybuffer":
        content_type = reply.headers.get("content-type", "application/octet-stream")
        return {"base64": b64encode(reply.content).decode(), "contentType": content_type}
    if kind in ("text", "document"):
        return reply.content.decode("utf-8", "replace")
    return reply.json() if reply.content else None
