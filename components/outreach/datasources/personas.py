"""Personas of prospects to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_persona(ctx: Context, inputs: Inputs) -> Picklist:
    """Every persona."""
    return build_picklist(ctx, "personas", "persona", sort=None)
