"""Stages of opportunities to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_opportunity_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """Every opportunity stage."""
    return build_picklist(ctx, "opportunityStages", "opportunityStage", sort="order")
