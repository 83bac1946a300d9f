"""Events: what happened, from prospects being created to links being clicked: https://developers.outreach.io/api/reference/tag/Event/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, get_record, list_records

EVENT = Resource("event", "events")


def get_event(ctx: Context, inputs: Inputs) -> Any:
    """Get one event by its id."""
    return get_record(ctx, EVENT, inputs)


def list_events(ctx: Context, inputs: Inputs) -> Pages:
    """List events, filtered and sorted, by page or all at once."""
    return list_records(ctx, EVENT, inputs)
