"""Stages of prospects to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """Every stage."""
    return build_picklist(ctx, "stages", "stage", sort="order")
