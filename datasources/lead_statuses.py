"""Statuses of leads to choose from.  The list is in no reference; the vendor's own Zapier app reads it."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import name, unpaged


def select_lead_status(ctx: Context, inputs: Inputs) -> Picklist:
    """The statuses of the account; a lead carries a status by its name."""
    return unpaged(ctx, "/v2/lead_statuses", name, key=name)
