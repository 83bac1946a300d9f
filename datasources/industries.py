"""Industries to choose from; the account keeps a list for contacts and one for leads, of names without ids."""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_unpaged_picklist


def select_industry(ctx: Context, inputs: Inputs) -> Picklist:
    """The industries of contacts or of leads; a record carries an industry by its name."""
    return build_unpaged_picklist(ctx, f"/v2/{inputs['resourceType']}/industries", format_name, key="name")
