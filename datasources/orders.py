"""Orders to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/orders/"""

from sales_connectors.sdk import Context, Inputs, Option, Picklist, format_name

from ._lists import Record, build_batch_picklist, find_by_id


def select_order(ctx: Context, inputs: Inputs) -> Picklist:
    """Every order, by the deal that it belongs to."""

    def options(orders: list[Record]) -> list[Option]:
        deals = find_by_id(ctx, "/v2/deals", (order.get("deal_id") for order in orders))
        return [Option(label_order(order, deals.get(order.get("deal_id"))), str(order["id"])) for order in orders]

    return build_batch_picklist(ctx, "/v2/orders", options)


def label_order(order: Record, deal: Record | None) -> str:
    return f"{format_name(deal)} - order {order['id']}" if deal else f"Order {order['id']}"
