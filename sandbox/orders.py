"""Orders, one for a deal at most, and their line items."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route

from . import records
from .attributes import CODE, DECIMAL, NUMBER, TEXT, Attribute, record_attributes, times
from .errors import Problem, not_found
from .handlers import ALL, existing, payload, routes
from .products import PRODUCTS
from .queries import check_known, listed, record_id
from .resources import Change, Resource, known


def cascade(request: Request, record: Document) -> None:
    records.remove_all(request, "line_items", Condition.equal("order_id", record["id"]))


ORDERS = known(
    Resource(
        name="orders",
        type="order",
        first_id=90_000_001,
        attributes={
            **record_attributes(creator=False),
            "deal_id": Attribute(NUMBER, required=True, create_only=True, refers_to="deals"),
            "discount": Attribute(NUMBER, default=0, minimum=0, maximum=100),
            **times(),
        },
        filters=("deal_id",),
        sorting=("id", "created_at", "updated_at"),
        page_limit=500,
        unique=("deal_id",),
        cascade=cascade,
    )
)


def item_rules(change: Change) -> Iterable[Problem]:
    """A line item sells an active product, at one of its prices, within the bounds that the product sets."""
    product = PRODUCTS.kept(change.request.store).get(change.record["product_id"])
    assert product is not None, "a reference that was checked"
    if not product["active"]:
        yield Problem("/product_id", "incorrect_value", "the product is not active")
    elif _price(product, change.record["currency"]) is None:
        yield Problem("/currency", "incorrect_value", "the product has no price in this currency")
    variation = change.record["variation"]
    if product["max_discount"] is not None and variation < -100 * product["max_discount"]:
        yield Problem("/variation", "incorrect_value", "the discount is more than the product allows")
    if product["max_markup"] is not None and variation > 100 * product["max_markup"]:
        yield Problem("/variation", "incorrect_value", "the markup is more than the product allows")


def settle_item(change: Change) -> None:
    """The product is copied, so that it may go without taking its line items along."""
    record = change.record
    product = PRODUCTS.kept(change.request.store).get(record["product_id"])
    assert product is not None, "a reference that was checked"
    price = _price(product, record["currency"]) or 0
    record |= {"price": price, **{name: product[name] for name in ("name", "sku", "description")}}
    record["deal_id"] = (ORDERS.kept(change.request.store).get(record["order_id"]) or {}).get("deal_id")
    if record["value"] is None:
        marked_up = Decimal(price) * (10_000 + record["variation"]) / 10_000
        record["value"] = int(marked_up.to_integral_value(ROUND_HALF_UP))


def _price(product: Document, currency: str) -> Any:
    amounts = [price["amount"] for price in product["prices"] if price["currency"] == currency]
    return amounts[0] if amounts else None


LINE_ITEMS = known(
    Resource(
        name="line_items",
        type="line_item",
        first_id=95_000_001,
        attributes={
            **record_attributes(creator=False),
            "order_id": Attribute(NUMBER, read_only=True, hidden=True),
            "deal_id": Attribute(NUMBER, read_only=True, hidden=True),
            "product_id": Attribute(NUMBER, required=True, hidden=True, refers_to="products"),
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
        rules=item_rules,
        settle=settle_item,
    )
)


def list_items(request: Request) -> Reply:
    """``GET /v2/orders/{order_id}/line_items``"""
    order = existing(request, ORDERS, "order_id")
    return listed(request, LINE_ITEMS, Condition.equal("order_id", order["id"]))


def create_item(request: Request) -> Reply:
    """``POST /v2/orders/{order_id}/line_items``"""
    order = existing(request, ORDERS, "order_id")
    item = records.create(request, LINE_ITEMS, payload(request), {"order_id": order["id"]})
    return Reply(200, LINE_ITEMS.wrapped(request, item))


def retrieve_item(request: Request) -> Reply:
    """``GET /v2/orders/{order_id}/line_items/{id}``"""
    check_known(request, [])
    return Reply(200, LINE_ITEMS.wrapped(request, _item(request)))


def delete_item(request: Request) -> Reply:
    """``DELETE /v2/orders/{order_id}/line_items/{id}``"""
    records.remove(request, LINE_ITEMS, _item(request))
    return Reply(204)


def _item(request: Request) -> Document:
    order = existing(request, ORDERS, "order_id")
    item = LINE_ITEMS.kept(request.store).get(record_id(request))
    if item is None or item["order_id"] != order["id"]:
        raise not_found(f"The order has no line item {request.params['id']}.")
    return item


ROUTES = [
    *routes(ORDERS, *ALL),
    Route("GET", "/v2/orders/{order_id}/line_items", list_items, scope="read"),
    Route("POST", "/v2/orders/{order_id}/line_items", create_item, scope="write"),
    Route("GET", "/v2/orders/{order_id}/line_items/{id}", retrieve_item, scope="read"),
    Route("DELETE", "/v2/orders/{order_id}/line_items/{id}", delete_item, scope="write"),
]
