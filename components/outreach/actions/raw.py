"""Any request that no action makes, over the same connection."""

from typing import Any
from urllib.parse import urlsplit

from sales_connectors.sdk import Context, Inputs, Response, add_content_type, parse_pairs

from ._jsonapi import ROOT

MEDIA_TYPE = "application/vnd.api+json"


def raw_request(ctx: Context, inputs: Inputs) -> Any:
    """Send a request to a path of the API, and return status, headers and body of the reply.

    https://developers.outreach.io/api/making-requests/
    """
    reply = ctx.client.send(
        inputs["method"],
        _locate(inputs["url"]),
        query=parse_pairs(inputs.get("queryParameters")),
        **_build_body(inputs),
    )
    return {"response": _build_response(reply, parse=inputs["parseResponse"], raw=inputs["includeRawBody"])}


def _locate(url: Any) -> str:
    """The path or the full address; one that begins below the version of the API gets it in front."""
    if isinstance(url, dict) and "full_url" in url:
        return str(url["full_url"])
    path = str(url["endpoint"] if isinstance(url, dict) else url)
    if urlsplit(path).scheme or f"{path}/".startswith(f"{ROOT}/") or path.startswith("/api/"):
        return path
    return f"{ROOT}/{path.lstrip('/')}"


def _build_body(inputs: Inputs) -> dict[str, Any]:
    """A body as JSON; text is sent as it is, and says itself by a header where it is anything but JSON."""
    body, headers = inputs.get("body"), inputs.get("headers", {})
    if isinstance(body, dict) and body.keys() == {"raw"}:
        body = body["raw"]
    if body is None or body == {"none": None}:
        return {"headers": headers}
    if isinstance(body, str):
        return {"data": body, "headers": add_content_type(MEDIA_TYPE, headers)}
    return {"json": body, "headers": headers}


def _build_response(reply: Response, *, parse: bool, raw: bool) -> dict[str, Any]:
    text = reply.text
    is_json = "json" in reply.headers.get("content-type", "") and bool(text.strip())
    body = reply.json() if parse and is_json else text or None
    found = {"status_code": reply.status, "headers": dict(reply.headers), "body": body}
    return {**found, "raw_body": text} if raw else found
