"""Calls: https://developers.salesloft.com/docs/api/activities-calls-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_record, list_records


def create_call(ctx: Context, inputs: Inputs) -> Any:
    """Log a call, which completes the action or task that it names."""
    return ctx.client.post("/v2/activities/calls", json=build_record(inputs))


def get_call(ctx: Context, inputs: Inputs) -> Any:
    """Get one call by its id."""
    return ctx.client.get(f"/v2/activities/calls/{inputs['callId']}")


def list_calls(ctx: Context, inputs: Inputs) -> Pages:
    """List calls, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/activities/calls", inputs, callIds="ids", personIds="person_id")
