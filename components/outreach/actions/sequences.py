"""Sequences: planned steps that prospects are taken through: https://developers.outreach.io/api/reference/tag/Sequence/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

SEQUENCE = Resource("sequence", "sequences", {"owner": "user", "ruleset": "ruleset"})


def create_sequence(ctx: Context, inputs: Inputs) -> Any:
    """Create a sequence from the inputs that are given."""
    return create_record(ctx, SEQUENCE, inputs)


def find_sequence(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the sequences that a create with these inputs can have made."""
    return find_records(ctx, SEQUENCE, inputs, "name")


def get_sequence(ctx: Context, inputs: Inputs) -> Any:
    """Get one sequence by its id."""
    return get_record(ctx, SEQUENCE, inputs)


def list_sequences(ctx: Context, inputs: Inputs) -> Pages:
    """List sequences, filtered and sorted, by page or all at once."""
    return list_records(ctx, SEQUENCE, inputs)


def update_sequence(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a sequence and leave the rest; null clears."""
    return update_record(ctx, SEQUENCE, inputs)


def delete_sequence(ctx: Context, inputs: Inputs) -> None:
    """Delete a sequence."""
    delete_record(ctx, SEQUENCE, inputs)
