"""Account tiers to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_picklist


def select_account_tier(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account tier."""
    return build_picklist(ctx, "/v2/account_tiers", format_name)
