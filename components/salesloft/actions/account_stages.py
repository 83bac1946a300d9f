"""Account stages, which are kept in the app: https://developers.salesloft.com/docs/api/account-stages-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_account_stages(ctx: Context, inputs: Inputs) -> Pages:
    """List the stages that accounts go through."""
    return list_records(ctx, "/v2/account_stages", inputs)
