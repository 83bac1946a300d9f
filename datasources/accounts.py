"""The account behind the token: https://developer.zendesk.com/api-reference/sales-crm/resources/accounts/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Option, Pages, Picklist


def select_account(ctx: Context, inputs: Inputs) -> Picklist:
    """The one account that the token belongs to."""

    def account(cursor: int = 1) -> Any:
        return ctx.client.get("/v2/accounts/self")

    return Picklist(
        pages=Pages(
            fetch=account,
            first=1,
            items=lambda page: [page],
            after=lambda page, cursor: None,
            whole=lambda items: {"items": items},
            asked=account,
        ),
        options=lambda items: [Option(str(item["data"]["name"]), str(item["data"]["id"])) for item in items],
    )
