"""The account behind the token: https://developer.zendesk.com/api-reference/sales-crm/resources/accounts/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs


def list_account_details(ctx: Context, inputs: Inputs) -> Any:
    """The account's name, currency, time zone and subdomain."""
    return ctx.client.get("/v2/accounts/self")
