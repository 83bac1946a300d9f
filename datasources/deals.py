"""Deals to choose from."""

from sales_connectors import Context, Inputs, Picklist

from ._lists import name, picklist, searched


def select_deal(ctx: Context, inputs: Inputs) -> Picklist:
    """Every deal."""
    return picklist(ctx, "/v2/deals", name, query={"sort_by": "id"}, search=searched(ctx, "deals", ["name"]))
