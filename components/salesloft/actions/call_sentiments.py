"""Call sentiments, which are kept in the app: https://developers.salesloft.com/docs/api/call-sentiments-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_call_sentiments(ctx: Context, inputs: Inputs) -> Pages:
    """List the moods that a call can have."""
    return list_records(ctx, "/v2/call_sentiments", inputs)
