"""Where leads and deals come from.

https://developer.zendesk.com/api-reference/sales-crm/resources/lead-sources/
https://developer.zendesk.com/api-reference/sales-crm/resources/deal-sources/
"""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_picklist


def select_lead_source(ctx: Context, inputs: Inputs) -> Picklist:
    """Every source of leads."""
    return build_picklist(ctx, "/v2/lead_sources", format_name)


def select_deal_source(ctx: Context, inputs: Inputs) -> Picklist:
    """Every source of deals."""
    return build_picklist(ctx, "/v2/deal_sources", format_name)
