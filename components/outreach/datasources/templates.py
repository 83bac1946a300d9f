"""Templates to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_template(ctx: Context, inputs: Inputs) -> Picklist:
    """Every template; the service lists none without a name."""
    return build_picklist(ctx, "templates", "template")
