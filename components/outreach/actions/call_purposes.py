"""Call purposes: what a call was for: https://developers.outreach.io/api/reference/tag/CallPurpose/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

CALL_PURPOSE = Resource("callPurpose", "callPurposes")


def create_call_purpose(ctx: Context, inputs: Inputs) -> Any:
    """Create a call purpose from the inputs that are given."""
    return create_record(ctx, CALL_PURPOSE, inputs)


def find_call_purpose(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the call purposes that a create with these inputs can have made."""
    return find_records(ctx, CALL_PURPOSE, inputs, "name")


def get_call_purpose(ctx: Context, inputs: Inputs) -> Any:
    """Get one call purpose by its id."""
    return get_record(ctx, CALL_PURPOSE, inputs)


def list_call_purposes(ctx: Context, inputs: Inputs) -> Pages:
    """List call purposes, filtered and sorted, by page or all at once."""
    return list_records(ctx, CALL_PURPOSE, inputs)


def update_call_purpose(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a call purpose and leave the rest; null clears."""
    return update_record(ctx, CALL_PURPOSE, inputs)


def delete_call_purpose(ctx: Context, inputs: Inputs) -> None:
    """Delete a call purpose."""
    delete_record(ctx, CALL_PURPOSE, inputs)
