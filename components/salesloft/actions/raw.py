"""Any request that no action makes, over the same connection."""

from typing import Any
from urllib.parse import urlencode

from sales_connectors.sdk import Context, Inputs, InvalidInput, Response, add_content_type, parse_pairs

FORMS = ("form_urlencoded", "form_data")
"""The tags of bodies that are forms, of names and values."""


def raw_request(ctx: Context, inputs: Inputs) -> Any:
    """Send a request to a path of the API, and return status, headers and body of the reply.

    https://developers.salesloft.com/docs/api/
    """
    url = inputs["url"]
    reply = ctx.client.send(
        inputs["method"],
        url if isinstance(url, str) else url["endpoint"],
        query=parse_pairs(inputs.get("queryParameters")),
        **_build_body(inputs),
    )
    return {"response": _build_response(reply, parse=inputs["parseResponse"], raw=inputs["includeRawBody"])}


def _build_body(inputs: Inputs) -> dict[str, Any]:
    """A body as JSON, or as its tag says; text is sent as it is, and says itself by a header where it is anything but
    JSON."""
    tag, body = _parse_tag(inputs.get("body"))
    headers = inputs.get("headers", {})
    if body is None:
        return {"headers": headers}
    if tag == "form_data":
        return {"files": [(name, (None, value)) for name, value in _list_pairs(tag, body)], "headers": headers}
    if tag == "form_urlencoded":
        written = urlencode(_list_pairs(tag, body))
        return {"data": written, "headers": add_content_type("application/x-www-form-urlencoded", headers)}
    if isinstance(body, str):
        return {"data": body, "headers": add_content_type("application/json", headers)}
    return {"json": body, "headers": headers}


def _parse_tag(body: Any) -> tuple[str, Any]:
    """The kind of a body and what it holds: an object of one tag alone says so, anything else is the body itself."""
    if not isinstance(body, dict) or len(body) != 1:
        return "raw", body
    ((tag, content),) = body.items()
    if tag == "none" and content is None:
        return "none", None
    if tag == "raw":
        return "raw", content
    return (tag, content) if tag in FORMS and isinstance(content, dict) else ("raw", body)


def _list_pairs(tag: str, fields: dict[str, Any]) -> list[tuple[str, str]]:
    """The names and values of a form, a name once for each value of a list."""
    return [
        (name, _write_value(f"/body/{tag}/{name}", value))
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


def _build_response(reply: Response, *, parse: bool, raw: bool) -> dict[str, Any]:
    text = reply.text
    is_json = "json" in reply.headers.get("content-type", "") and bool(text.strip())
    body = reply.json() if parse and is_json else text or None
    found = {"status_code": reply.status, "headers": dict(reply.headers), "body": body}
    return {**found, "raw_body": text} if raw else found
