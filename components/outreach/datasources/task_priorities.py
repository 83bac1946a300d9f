"""Task priorities to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_task_priority(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task priority."""
    return build_picklist(ctx, "taskPriorities", "taskPriority", sort="weight")
