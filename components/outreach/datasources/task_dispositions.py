"""Task dispositions to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_task_disposition(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task disposition."""
    return build_picklist(ctx, "taskDispositions", "taskDisposition", sort=None)
