"""Accounts to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import account_label, picklist


def select_account(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account."""
    return picklist(ctx, "/v2/accounts", account_label)
