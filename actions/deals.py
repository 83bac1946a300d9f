"""Deals: https://developer.zendesk.com/api-reference/sales-crm/resources/deals/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._candidates import find_candidates
from ._wire import build_query, build_record, list_records

FILTERS = ("owner_id", "contact_id", "hot", "source_id", "stage_id", "name", "estimated_close_date")
"""Attributes that the list can be filtered by."""


def list_deals(ctx: Context, inputs: Inputs) -> Pages:
    """List deals, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/deals", inputs)


def get_deal(ctx: Context, inputs: Inputs) -> Any:
    """Get one deal by its id, with the related records that are asked for."""
    return ctx.client.get(f"/v2/deals/{inputs['id']}", build_query(inputs))


def create_deal(ctx: Context, inputs: Inputs) -> Any:
    """Create a deal from the inputs that are given."""
    return ctx.client.post("/v2/deals", json=build_record(inputs))


def find_deal(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the deals that a create with these inputs can have made."""
    return find_candidates(ctx, "/v2/deals", inputs, FILTERS)


def update_deal(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a deal and leave the rest; null clears."""
    return ctx.client.put(f"/v2/deals/{inputs['id']}", json=build_record(inputs))


def delete_deal(ctx: Context, inputs: Inputs) -> None:
    """Delete a deal for good."""
    ctx.client.delete(f"/v2/deals/{inputs['id']}")
