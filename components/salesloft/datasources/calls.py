"""Calls to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_picklist, format_time


def select_call(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call, by its time, the number that was called, and how it went."""
    return build_picklist(ctx, "/v2/activities/calls", label_call)


def label_call(call: Record) -> str:
    label = f"{format_time(call.get('created_at'))} to {call.get('to') or 'an unknown number'}"
    return f"{label} ({call['disposition']})" if call.get("disposition") else label
