"""Why deals are lost, and why deals and leads are unqualified."""

from sales_connectors import Context, Inputs, Picklist

from ._lists import name, picklist, unpaged


def select_loss_reason(ctx: Context, inputs: Inputs) -> Picklist:
    """Every reason for which a deal is lost."""
    return picklist(ctx, "/v2/loss_reasons", name, query={"sort_by": "id"})


def select_unqualified_reason(ctx: Context, inputs: Inputs) -> Picklist:
    """Every reason for which a deal is unqualified."""
    return picklist(ctx, "/v2/deal_unqualified_reasons", name, query={"sort_by": "id"})


def select_lead_unqualified_reason(ctx: Context, inputs: Inputs) -> Picklist:
    """Every reason for which a lead is unqualified; the list takes no paging parameters."""
    return unpaged(ctx, "/v2/lead_unqualified_reasons", name)
