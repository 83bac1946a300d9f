"""Steps of sequences: https://developers.outreach.io/api/reference/tag/SequenceStep/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, get_record, list_records

SEQUENCE_STEP = Resource("sequenceStep", "sequenceSteps")


def get_sequence_step(ctx: Context, inputs: Inputs) -> Any:
    """Get one sequence step by its id."""
    return get_record(ctx, SEQUENCE_STEP, inputs)


def list_sequence_steps(ctx: Context, inputs: Inputs) -> Pages:
    """List sequence steps, filtered and sorted, by page or all at once."""
    return list_records(ctx, SEQUENCE_STEP, inputs)
