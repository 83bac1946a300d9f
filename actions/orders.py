"""Orders, at most one for each deal: https://developer.zendesk.com/api-reference/sales-crm/resources/orders/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._candidates import find_candidates
from ._wire import build_record, list_records

FILTERS = ("deal_id",)
"""Attributes that the list can be filtered by."""


def list_order(ctx: Context, inputs: Inputs) -> Pages:
    """List orders, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/orders", inputs, size=500)


def get_order(ctx: Context, inputs: Inputs) -> Any:
    """Get one order by its id."""
    return ctx.client.get(f"/v2/orders/{inputs['id']}")


def create_order(ctx: Context, inputs: Inputs) -> Any:
    """Create an order from the inputs that are given."""
    return ctx.client.post("/v2/orders", json=build_record(inputs))


def find_order(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the orders that a create with these inputs can have made."""
    return find_candidates(ctx, "/v2/orders", inputs, FILTERS)


def update_order(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of an order and leave the rest; null clears."""
    return ctx.client.put(f"/v2/orders/{inputs['id']}", json=build_record(inputs))


def delete_order(ctx: Context, inputs: Inputs) -> None:
    """Delete an order for good."""
    ctx.client.delete(f"/v2/orders/{inputs['id']}")
