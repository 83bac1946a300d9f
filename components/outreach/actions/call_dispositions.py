"""Call dispositions: how a call ended: https://developers.outreach.io/api/reference/tag/CallDisposition/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

CALL_DISPOSITION = Resource("callDisposition", "callDispositions")


def create_call_disposition(ctx: Context, inputs: Inputs) -> Any:
    """Create a call disposition from the inputs that are given."""
    return create_record(ctx, CALL_DISPOSITION, inputs)


def find_call_disposition(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the call dispositions that a create with these inputs can have made."""
    return find_records(ctx, CALL_DISPOSITION, inputs, "name")


def get_call_disposition(ctx: Context, inputs: Inputs) -> Any:
    """Get one call disposition by its id."""
    return get_record(ctx, CALL_DISPOSITION, inputs)


def list_call_dispositions(ctx: Context, inputs: Inputs) -> Pages:
    """List call dispositions, filtered and sorted, by page or all at once."""
    return list_records(ctx, CALL_DISPOSITION, inputs)


def update_call_disposition(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a call disposition and leave the rest; null clears."""
    return update_record(ctx, CALL_DISPOSITION, inputs)


def delete_call_disposition(ctx: Context, inputs: Inputs) -> None:
    """Delete a call disposition."""
    delete_record(ctx, CALL_DISPOSITION, inputs)
