"""Pipelines to choose from."""

from sales_connectors import Context, Inputs, Picklist

from ._lists import name, picklist


def select_pipeline(ctx: Context, inputs: Inputs) -> Picklist:
    """Every pipeline."""
    return picklist(ctx, "/v2/pipelines", name)
