"""Any request that no action makes, over the same connection."""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Response, add_content_type, parse_pairs


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
    """A body as JSON; text is sent as it is, and says itself by a header where it is anything but JSON."""
    body, headers = inputs.get("body"), inputs.get("headers", {})
    if body is None or body == {"none": None}:
        return {"headers": headers}
    if isinstance(body, str):
        return {"data": body, "headers": add_content_type("application/json", headers)}
    return {"json": body, "headers": headers}


def _build_response(reply: Response, *, parse: bool, raw: bool) -> dict[str, Any]:
    text = reply.text
    is_json = "json" in reply.headers.get("content-type", "") and bool(text.strip())
    body = reply.json() if parse and is_json else text or None
    found = {"status_code": reply.status, "headers": dict(reply.headers), "body": body}
    return {**found, "raw_body": text} if raw else found
