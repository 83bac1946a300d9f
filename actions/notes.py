"""Notes on leads, contacts and deals: https://developer.zendesk.com/api-reference/sales-crm/resources/notes/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._candidates import find_candidates
from ._wire import build_record, list_records

FILTERS = ("resource_type", "resource_id")
"""Attributes that the list can be filtered by."""


def list_notes(ctx: Context, inputs: Inputs) -> Pages:
    """List notes, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/notes", inputs)


def get_note(ctx: Context, inputs: Inputs) -> Any:
    """Get one note by its id."""
    return ctx.client.get(f"/v2/notes/{inputs['id']}")


def create_note(ctx: Context, inputs: Inputs) -> Any:
    """Create a note from the inputs that are given."""
    return ctx.client.post("/v2/notes", json=build_record(inputs))


def find_note(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the notes that a create with these inputs can have made."""
    return find_candidates(ctx, "/v2/notes", inputs, FILTERS)


def update_note(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a note and leave the rest; null clears."""
    return ctx.client.put(f"/v2/notes/{inputs['id']}", json=build_record(inputs))


def delete_note(ctx: Context, inputs: Inputs) -> None:
    """Delete a note for good."""
    ctx.client.delete(f"/v2/notes/{inputs['id']}")
