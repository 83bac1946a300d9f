"""Person stages to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_picklist


def select_person_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """Every person stage."""
    return build_picklist(ctx, "/v2/person_stages", format_name)
