"""Opportunities to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_opportunity(ctx: Context, inputs: Inputs) -> Picklist:
    """Every opportunity."""
    return build_picklist(ctx, "opportunities", "opportunity")
