"""Sequences to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_sequence(ctx: Context, inputs: Inputs) -> Picklist:
    """Every sequence."""
    return build_picklist(ctx, "sequences", "sequence")
