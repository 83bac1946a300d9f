"""Rulesets of sequences to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist


def select_ruleset(ctx: Context, inputs: Inputs) -> Picklist:
    """Every ruleset."""
    return build_picklist(ctx, "rulesets", "ruleset", sort=None)
