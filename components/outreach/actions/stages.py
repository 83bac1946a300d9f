"""Stages of prospects: https://developers.outreach.io/api/reference/tag/Stage/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

STAGE = Resource("stage", "stages")


def create_stage(ctx: Context, inputs: Inputs) -> Any:
    """Create a stage from the inputs that are given."""
    return create_record(ctx, STAGE, inputs)


def find_stage(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the stages that a create with these inputs can have made."""
    return find_records(ctx, STAGE, inputs, "name")


def get_stage(ctx: Context, inputs: Inputs) -> Any:
    """Get one stage by its id."""
    return get_record(ctx, STAGE, inputs)


def list_stages(ctx: Context, inputs: Inputs) -> Pages:
    """List stages, filtered and sorted, by page or all at once."""
    return list_records(ctx, STAGE, inputs)


def update_stage(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a stage and leave the rest; null clears."""
    return update_record(ctx, STAGE, inputs)


def delete_stage(ctx: Context, inputs: Inputs) -> None:
    """Delete a stage."""
    delete_record(ctx, STAGE, inputs)
