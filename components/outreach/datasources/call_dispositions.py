"""Call dispositions to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_call_disposition(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call disposition."""
    return build_picklist(ctx, "callDispositions", "callDisposition", sort="order")
