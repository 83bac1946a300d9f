"""Why deals are lost, and why deals and leads are unqualified.

https://developer.zendesk.com/api-reference/sales-crm/resources/loss-reasons/
https://developer.zendesk.com/api-reference/sales-crm/resources/deal-unqualified-reasons/
https://developer.zendesk.com/api-reference/sales-crm/resources/lead-unqualified-reasons/
"""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_picklist, build_unpaged_picklist


def select_loss_reason(ctx: Context, inputs: Inputs) -> Picklist:
    """Every reason for which a deal is lost."""
    return build_picklist(ctx, "/v2/loss_reasons", format_name)


def select_unqualified_reason(ctx: Context, inputs: Inputs) -> Picklist:
    """Every reason for which a deal is unqualified."""
    return build_picklist(ctx, "/v2/deal_unqualified_reasons", format_name)


def select_lead_unqualified_reason(ctx: Context, inputs: Inputs) -> Picklist:
    """Every reason for which a lead is unqualified; the list has no documented paging."""
    return build_unpaged_picklist(ctx, "/v2/lead_unqualified_reasons", format_name)
