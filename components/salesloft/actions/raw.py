"""Any request that no action makes, over the same connection."""

from typing import Any

from sales_connectors.sdk import Context, Inputs, send_raw_request, tell_raw_response

TEXT_TYPE = "application/json"


def raw_request(ctx: Context, inputs: Inputs) -> Any:
    """Send a request to a path of the API, and return status, headers and body of the reply.

    https://developers.salesloft.com/docs/api/
    """
    return tell_raw_response(send_raw_request(ctx, inputs, str, TEXT_TYPE), inputs)
