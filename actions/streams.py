"""The event streams (Firehose): https://developer.zendesk.com/api-reference/sales-crm/firehose/introduction/

Each action reads one page of events from a position and returns it as the service sent it: ``meta.position`` is where
the next page starts, ``meta.top`` says that the end is reached.  Events are kept for 72 hours.
"""

from typing import Any

from sales_connectors.sdk import Context, Inputs

from ._wire import build_query


def get_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of any resource that has a stream."""
    return _read_events(ctx, inputs["resource"], inputs)


def get_contacts_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of contacts."""
    return _read_events(ctx, "contacts", inputs)


def get_custom_fields_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of custom fields."""
    return _read_events(ctx, "custom_fields", inputs)


def get_deals_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of deals."""
    return _read_events(ctx, "deals", inputs)


def get_leads_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of leads."""
    return _read_events(ctx, "leads", inputs)


def get_notes_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of notes."""
    return _read_events(ctx, "notes", inputs)


def get_orders_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of orders."""
    return _read_events(ctx, "orders", inputs)


def get_products_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of products."""
    return _read_events(ctx, "products", inputs)


def get_stages_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of stages."""
    return _read_events(ctx, "stages", inputs)


def get_tasks_stream(ctx: Context, inputs: Inputs) -> Any:
    """Read events of tasks."""
    return _read_events(ctx, "tasks", inputs)


def _read_events(ctx: Context, resource: str, inputs: Inputs) -> Any:
    position = {key: inputs[key] for key in ("position", "limit") if key in inputs}
    return ctx.client.get(f"/v3/{resource}/stream", build_query(position))
