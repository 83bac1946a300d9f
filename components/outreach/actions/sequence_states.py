"""Sequence states: a prospect in a sequence: https://developers.outreach.io/api/reference/tag/SequenceState/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, run_action

SEQUENCE_STATE = Resource(
    "sequenceState", "sequenceStates", {"prospect": "prospect", "sequence": "sequence", "mailbox": "mailbox"}
)


def create_sequence_state(ctx: Context, inputs: Inputs) -> Any:
    """Create a sequence state from the inputs that are given."""
    return create_record(ctx, SEQUENCE_STATE, inputs)


def find_sequence_state(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the sequence states that a create with these inputs can have made."""
    return find_records(ctx, SEQUENCE_STATE, inputs, "prospectId", "sequenceId")


def add_prospect_to_sequence(ctx: Context, inputs: Inputs) -> Any:
    """Put a prospect into a sequence, which makes a sequence state."""
    return create_record(ctx, SEQUENCE_STATE, inputs)


def get_sequence_state(ctx: Context, inputs: Inputs) -> Any:
    """Get one sequence state by its id."""
    return get_record(ctx, SEQUENCE_STATE, inputs)


def list_sequence_states(ctx: Context, inputs: Inputs) -> Pages:
    """List sequence states, filtered and sorted, by page or all at once."""
    return list_records(ctx, SEQUENCE_STATE, inputs)


def delete_sequence_state(ctx: Context, inputs: Inputs) -> None:
    """Delete a sequence state."""
    delete_record(ctx, SEQUENCE_STATE, inputs)


def set_sequence_state_action(ctx: Context, inputs: Inputs) -> Any:
    """Pause, resume or finish a prospect's way through a sequence."""
    return run_action(ctx, SEQUENCE_STATE, inputs)
