"""Call dispositions, which are kept in the app: https://developers.salesloft.com/docs/api/call-dispositions-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_call_dispositions(ctx: Context, inputs: Inputs) -> Pages:
    """List the outcomes that a call can have."""
    return list_records(ctx, "/v2/call_dispositions", inputs)
