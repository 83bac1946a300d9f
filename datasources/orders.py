"""Orders to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/orders/"""

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Record, by_id, labelled, name


def select_order(ctx: Context, inputs: Inputs) -> Picklist:
    """Every order, by the deal that it belongs to."""

    def options(orders: list[Record]) -> list[Option]:
        deals = by_id(ctx, "/v2/deals", (order.get("deal_id") for order in orders))
        return [Option(order_label(order, deals.get(order.get("deal_id"))), str(order["id"])) for order in orders]

    return labelled(ctx, "/v2/orders", options)


def order_label(order: Record, deal: Record | None) -> str:
    return f"{name(deal)} - order {order['id']}" if deal else f"Order {order['id']}"
