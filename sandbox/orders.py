"""Orders, one for a deal at most, and their line items."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sales_connectors.imitation import Condition, Document, Expression, Reply, Request, Route, field
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import CODE, DECIMAL, NUMBER, TEXT, Attribute, record_attributes, times
from .errors import not_found
from .queries import check_parameters, list_records
from .resources import Resource
from .vendor import SELL, read_payload


def cascade(request: Request, record: Document) -> None:
    SELL.remove_all(request, "line_items", Condition.match(order_id=record["id"]))


VALUE = f"""(select coalesce(sum({field("value")} * {field("quantity")}), 0) from line_items
 where {field("order_id")} = "orders".id) * (100 - {field("discount")})"""

ORDERS = Resource(
    name="orders",
    type="order",
    first_id=90_000_001,
    fields={
        **record_attributes(creator=False),
        "deal_id": Attribute(NUMBER, required=True, create_only=True, links="deals"),
        "discount": Attribute(NUMBER, default=0, minimum=0, maximum=100),
        **times(),
    },
    filters=("deal_id",),
    sorting=("id", "created_at", "updated_at"),
    worked_out={"value": Expression(VALUE)},  # inferred
    page_limit=500,
    unique=("deal_id",),
    cascade=cascade,
)


def check_item(change: Change) -> Iterable[Problem]:
    """A line item sells an active product, at one of its prices, within the bounds that the product sets."""
    product = change.request.collection("products").get(change.record["product_id"])
    assert product is not None, "a reference that was checked"
    if not product["active"]:
        yield Problem("product_id", "the product is not active", "incorrect_value")
    elif _find_price(product, change.record["currency"]) is None:
        yield Problem("currency", "the product has no price in this currency", "incorrect_value")
    variation = change.record["variation"]
    if product["max_discount"] is not None and variation < -100 * product["max_discount"]:
        yield Problem("variation", "the discount is more than the product allows", "incorrect_value")
    if product["max_markup"] is not None and variation > 100 * product["max_markup"]:
        yield Problem("variation", "the markup is more than the product allows", "incorrect_value")


def settle_item(change: Change) -> None:
    """The product is copied, so that it may go without taking its line items along."""
    record = change.record
    product = change.request.collection("products").get(record["product_id"])
    assert product is not None, "a reference that was checked"
    price = _find_price(product, record["currency"]) or 0
    record |= {"price": price, **{name: product[name] for name in ("name", "sku", "description")}}
    record["deal_id"] = (change.request.collection("orders").get(record["order_id"]) or {}).get("deal_id")
    if record["value"] is None:
        marked_up = Decimal(price) * (10_000 + record["variation"]) / 10_000
        record["value"] = int(marked_up.to_integral_value(ROUND_HALF_UP))


def _find_price(product: Document, currency: str) -> Any:
    amounts = [price["amount"] for price in product["prices"] if price["currency"] == currency]
    return amounts[0] if amounts else None


LINE_ITEMS = Resource(
    name="line_items",
    type="line_item",
    first_id=95_000_001,
    fields={
        **record_attributes(creator=False),
        "order_id": Attribute(NUMBER, read_only=True, hidden=True),
        "deal_id": Attribute(NUMBER, read_only=True, hidden=True),
        "product_id": Attribute(NUMBER, required=True, hidden=True, links="products"),
        "value": Attribute(DECIMAL),
        "variation": Attribute(DECIMAL, default=0),
        "currency": Attribute(CODE, required=True),
        "quantity": Attribute(NUMBER, default=1, minimum=1),
        "price": Attribute(DECIMAL, read_only=True),
        "name": Attribute(TEXT, read_only=True),
        "sku": Attribute(TEXT, read_only=True),
        "description": Attribute(TEXT, read_only=True),
        **times(),
    },
    filters=("quantity", "value"),
    sorting=("id", "value", "quantity", "created_at", "updated_at"),
    rules=check_item,
    settle=settle_item,
)


def list_items(request: Request) -> Reply:
    """``GET /v2/orders/{order_id}/line_items``"""
    order = SELL.find(request, ORDERS, "order_id")
    return list_records(request, LINE_ITEMS, Condition.match(order_id=order["id"]))


def create_item(request: Request) -> Reply:
    """``POST /v2/orders/{order_id}/line_items``"""
    order = SELL.find(request, ORDERS, "order_id")
    item = SELL.create(request, LINE_ITEMS, read_payload(request), {"order_id": order["id"]})
    return Reply(200, LINE_ITEMS.envelop(request, item))


def retrieve_item(request: Request) -> Reply:
    """``GET /v2/orders/{order_id}/line_items/{id}``"""
    check_parameters(request, [])
    return Reply(200, LINE_ITEMS.envelop(request, _find_item(request)))


def delete_item(request: Request) -> Reply:
    """``DELETE /v2/orders/{order_id}/line_items/{id}``"""
    SELL.remove(request, LINE_ITEMS, _find_item(request))
    return Reply(204)


def _find_item(request: Request) -> Document:
    order = SELL.find(request, ORDERS, "order_id")
    item = request.collection("line_items").get(SELL.parse_id(request.params["id"], "id"))
    if item is None or item["order_id"] != order["id"]:
        raise not_found(f"The order has no line item {request.params['id']}.")
    return item


ROUTES = [
    *SELL.routes(ORDERS, *ALL),
    Route("GET", "/v2/orders/{order_id}/line_items", list_items, scope="read"),
    Route("POST", "/v2/orders/{order_id}/line_items", create_item, scope="write"),
    Route("GET", "/v2/orders/{order_id}/line_items/{id}", retrieve_item, scope="read"),
    Route("DELETE", "/v2/orders/{order_id}/line_items/{id}", delete_item, scope="write"),
]
