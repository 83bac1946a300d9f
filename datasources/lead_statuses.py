"""Statuses of leads to choose from.  The list is in no reference; the vendor's own Zapier app reads it."""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_unpaged_picklist


def select_lead_status(ctx: Context, inputs: Inputs) -> Picklist:
    """The statuses of the account; a lead carries a status by its name."""
    return build_unpaged_picklist(ctx, "/v2/lead_statuses", format_name, key="name")
