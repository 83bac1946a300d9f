"""Account tiers, which are kept in the app: https://developers.salesloft.com/docs/api/account-tiers-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_account_tiers(ctx: Context, inputs: Inputs) -> Pages:
    """List the tiers by which accounts are ranked."""
    return list_records(ctx, "/v2/account_tiers", inputs)
