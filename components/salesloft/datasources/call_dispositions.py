"""Call dispositions to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_name_picklist


def select_call_disposition(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call disposition; a call carries it by its name."""
    return build_name_picklist(ctx, "/v2/call_dispositions")
