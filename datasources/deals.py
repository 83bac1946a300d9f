"""Deals to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/deals/"""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_index_search, build_picklist


def select_deal(ctx: Context, inputs: Inputs) -> Picklist:
    """Every deal."""
    return build_picklist(ctx, "/v2/deals", format_name, search=build_index_search(ctx, "deals", ["name"]))
