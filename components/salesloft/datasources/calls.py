"""Calls to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, moment, picklist


def select_call(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call, by its time, the number that was called, and how it went."""
    return picklist(ctx, "/v2/activities/calls", call_label)


def call_label(call: Record) -> str:
    label = f"{moment(call.get('created_at'))} to {call.get('to') or 'an unknown number'}"
    return f"{label} ({call['disposition']})" if call.get("disposition") else label
