"""Call sentiments to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import by_name


def select_call_sentiment(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call sentiment; a call carries it by its name."""
    return by_name(ctx, "/v2/call_sentiments")
