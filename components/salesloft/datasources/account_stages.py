"""Account stages to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import name, picklist, with_fixed


def select_account_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account stage."""
    return picklist(ctx, "/v2/account_stages", name)


def select_account_stage_filter(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account stage, and the choice of accounts without one."""
    return with_fixed(select_account_stage(ctx, inputs), [{"id": "_is_null", "name": "No stage"}])
