"""Account tiers to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import name, picklist


def select_account_tier(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account tier."""
    return picklist(ctx, "/v2/account_tiers", name)
