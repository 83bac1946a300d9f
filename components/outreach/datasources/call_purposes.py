"""Call purposes to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_call_purpose(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call purpose."""
    return build_picklist(ctx, "callPurposes", "callPurpose", sort="order")
