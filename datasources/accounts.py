"""The account behind the token: https://developer.zendesk.com/api-reference/sales-crm/resources/accounts/"""

from sales_connectors.sdk import Context, Inputs, Option, Pages, Picklist, format_name


def select_account(ctx: Context, inputs: Inputs) -> Picklist:
    """The one account that the token belongs to."""
    return Picklist(
        pages=Pages.single(lambda: [ctx.client.get("/v2/accounts/self")]),
        options=lambda items: [
            Option(format_name(account), str(account["id"])) for account in ctx.envelope.records(items, "id")
        ],
    )
