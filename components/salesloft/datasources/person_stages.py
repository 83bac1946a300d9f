"""Person stages to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import name, picklist


def select_person_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """Every person stage."""
    return picklist(ctx, "/v2/person_stages", name)
