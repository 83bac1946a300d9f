"""Account stages to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_picklist, prepend_options


def select_account_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account stage."""
    return build_picklist(ctx, "/v2/account_stages", format_name)


def select_account_stage_filter(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account stage, and the choice of accounts without one."""
    return prepend_options(select_account_stage(ctx, inputs), [{"id": "_is_null", "name": "No stage"}])
