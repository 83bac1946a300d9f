"""Prospects, the people that are worked with: https://developers.outreach.io/api/reference/tag/Prospect/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

PROSPECT = Resource(
    "prospect",
    "prospects",
    {"account": "account", "owner": "user", "persona": "persona", "stage": "stage"},
    newest="updatedAt",
)


def create_prospect(ctx: Context, inputs: Inputs) -> Any:
    """Create a prospect from the inputs that are given."""
    return create_record(ctx, PROSPECT, inputs)


def find_prospect(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the prospects that a create with these inputs can have made."""
    return find_records(ctx, PROSPECT, inputs, "emails", "firstName", "lastName")


def get_prospect(ctx: Context, inputs: Inputs) -> Any:
    """Get one prospect by its id."""
    return get_record(ctx, PROSPECT, inputs)


def list_prospects(ctx: Context, inputs: Inputs) -> Pages:
    """List prospects, filtered and sorted, by page or all at once."""
    return list_records(ctx, PROSPECT, inputs)


def update_prospect(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a prospect and leave the rest; null clears."""
    return update_record(ctx, PROSPECT, inputs)


def delete_prospect(ctx: Context, inputs: Inputs) -> None:
    """Delete a prospect."""
    delete_record(ctx, PROSPECT, inputs)
