"""Teams to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_team(ctx: Context, inputs: Inputs) -> Picklist:
    """Every team."""
    return build_picklist(ctx, "teams", "team", sort=None)
