"""Deals to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/deals/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import name, picklist, searched


def select_deal(ctx: Context, inputs: Inputs) -> Picklist:
    """Every deal."""
    return picklist(ctx, "/v2/deals", name, search=searched(ctx, "deals", ["name"]))
