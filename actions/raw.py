"""Any request that no action makes, over the same connection.

https://developer.zendesk.com/api-reference/sales-crm/requests/
"""

import re
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sales_connectors.sdk import Context, Inputs, read_raw_body, send_raw_request

VERSIONED_PATH = re.compile(r"/v\d+/|//|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
"""A path that names its version, or a whole address."""
RESERVED_HEADERS = frozenset({"authorization", "host", "content-length", "transfer-encoding"})
"""Headers that the connection writes: who is calling, where to, and how long the body is."""
TEXT_TYPE = "application/x-www-form-urlencoded"


def raw_request(ctx: Context, inputs: Inputs) -> Any:
    """Send a request to a path of the API and return the body of the reply."""
    given = {**inputs, "headers": _select_headers(inputs)}
    reply = send_raw_request(ctx, given, partial(_locate, version=inputs["version"]), TEXT_TYPE)
    return read_raw_body(reply, inputs["responseType"])


def _locate(url: str, version: str) -> str:
    """The path, with the chosen version where it names none, and the query that stands behind it."""
    address, mark, query = url.partition("#")[0].partition("?")
    if not VERSIONED_PATH.match(address):
        bare = address.lstrip("/")
        address = f"/{bare}" if VERSIONED_PATH.match(f"/{bare}") else f"/{version}/{bare}"
    return f"{address}{mark}{urlencode(parse_qsl(query, keep_blank_values=True))}"


def _select_headers(inputs: Inputs) -> dict[str, str]:
    """The caller's headers, as far as they are the caller's to choose."""
    given = inputs.get("headers", {})
    return {name: value for name, value in given.items() if name.lower() not in RESERVED_HEADERS}
