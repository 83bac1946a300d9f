"""Leads, which become contacts and deals once they are converted: https://developer.zendesk.com/api-reference/sales-crm/resources/leads/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._candidates import find_candidates
from ._wire import build_record, list_records, upsert_record

FILTERS = (
    "owner_id",
    "source_id",
    "first_name",
    "last_name",
    "organization_name",
    "status",
    "email",
    "phone",
    "mobile",
)
"""Attributes that the list can be filtered by."""


def list_leads(ctx: Context, inputs: Inputs) -> Pages:
    """List leads, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/leads", inputs)


def get_lead(ctx: Context, inputs: Inputs) -> Any:
    """Get one lead by its id."""
    return ctx.client.get(f"/v2/leads/{inputs['id']}")


def create_lead(ctx: Context, inputs: Inputs) -> Any:
    """Create a lead from the inputs that are given."""
    return ctx.client.post("/v2/leads", json=build_record(inputs))


def find_lead(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the leads that a create with these inputs can have made."""
    return find_candidates(ctx, "/v2/leads", inputs, FILTERS)


def update_lead(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a lead and leave the rest; null clears."""
    return ctx.client.put(f"/v2/leads/{inputs['id']}", json=build_record(inputs))


def upsert_lead(ctx: Context, inputs: Inputs) -> Any:
    """Update the lead that the filters match, or create one."""
    return upsert_record(ctx, "/v2/leads", inputs)


def delete_lead(ctx: Context, inputs: Inputs) -> None:
    """Delete a lead for good."""
    ctx.client.delete(f"/v2/leads/{inputs['id']}")
