"""Any request that no action makes, over the same connection."""

from typing import Any
from urllib.parse import urlsplit

from sales_connectors.sdk import Context, Inputs, send_raw_request, tell_raw_response

from ._jsonapi import ROOT

MEDIA_TYPE = "application/vnd.api+json"


def raw_request(ctx: Context, inputs: Inputs) -> Any:
    """Send a request to a path of the API, and return status, headers and body of the reply.

    https://developers.outreach.io/api/making-requests/
    """
    return tell_raw_response(send_raw_request(ctx, inputs, _locate, MEDIA_TYPE), inputs)


def _locate(path: str) -> str:
    """The path or the full address; one that begins below the version of the API gets it in front."""
    if urlsplit(path).scheme or f"{path}/".startswith(f"{ROOT}/") or path.startswith("/api/"):
        return path
    return f"{ROOT}/{path.lstrip('/')}"
