"""Call dispositions to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import by_name


def select_call_disposition(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call disposition; a call carries it by its name."""
    return by_name(ctx, "/v2/call_dispositions")
