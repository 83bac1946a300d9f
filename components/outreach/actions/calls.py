"""Calls: https://developers.outreach.io/api/reference/tag/Call/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records

CALL = Resource(
    "call",
    "calls",
    {
        "callDisposition": "callDisposition",
        "callPurpose": "callPurpose",
        "opportunity": "opportunity",
        "phoneNumber": "phoneNumber",
        "prospect": "prospect",
        "sequence": "sequence",
        "sequenceState": "sequenceState",
        "sequenceStep": "sequenceStep",
        "task": "task",
        "user": "user",
    },
)


def create_call(ctx: Context, inputs: Inputs) -> Any:
    """Create a call from the inputs that are given."""
    return create_record(ctx, CALL, inputs)


def find_call(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the calls that a create with these inputs can have made."""
    return find_records(ctx, CALL, inputs, "prospectId", "from", "to")


def get_call(ctx: Context, inputs: Inputs) -> Any:
    """Get one call by its id."""
    return get_record(ctx, CALL, inputs)


def list_calls(ctx: Context, inputs: Inputs) -> Pages:
    """List calls, filtered and sorted, by page or all at once."""
    return list_records(ctx, CALL, inputs)


def delete_call(ctx: Context, inputs: Inputs) -> None:
    """Delete a call."""
    delete_record(ctx, CALL, inputs)
