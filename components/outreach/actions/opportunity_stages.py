"""Stages of opportunities: https://developers.outreach.io/api/reference/tag/OpportunityStage/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

OPPORTUNITY_STAGE = Resource("opportunityStage", "opportunityStages")


def create_opportunity_stage(ctx: Context, inputs: Inputs) -> Any:
    """Create an opportunity stage from the inputs that are given."""
    return create_record(ctx, OPPORTUNITY_STAGE, inputs)


def find_opportunity_stage(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the opportunity stages that a create with these inputs can have made."""
    return find_records(ctx, OPPORTUNITY_STAGE, inputs, "name")


def get_opportunity_stage(ctx: Context, inputs: Inputs) -> Any:
    """Get one opportunity stage by its id."""
    return get_record(ctx, OPPORTUNITY_STAGE, inputs)


def list_opportunity_stages(ctx: Context, inputs: Inputs) -> Pages:
    """List opportunity stages, filtered and sorted, by page or all at once."""
    return list_records(ctx, OPPORTUNITY_STAGE, inputs)


def update_opportunity_stage(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of an opportunity stage and leave the rest; null clears."""
    return update_record(ctx, OPPORTUNITY_STAGE, inputs)


def delete_opportunity_stage(ctx: Context, inputs: Inputs) -> None:
    """Delete an opportunity stage."""
    delete_record(ctx, OPPORTUNITY_STAGE, inputs)
