"""Accounts to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_picklist, label_account


def select_account(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account."""
    return build_picklist(ctx, "/v2/accounts", label_account)
