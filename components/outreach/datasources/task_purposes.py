"""Task purposes to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_task_purpose(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task purpose."""
    return build_picklist(ctx, "taskPurposes", "taskPurpose", sort=None)
