"""The product catalogue.  Only administrators write to it, and only they see what a product costs."""

from dataclasses import replace
from typing import Any

from sales_connectors.imitation import Document, Reply, Request, Route
from sales_connectors.imitation.kit import ALL

from .accounts import is_admin
from .attributes import (
    BOOLEAN,
    CODE,
    DECIMAL,
    NUMBER,
    PRICES,
    TEXT,
    Attribute,
    format_decimal,
    record_attributes,
    times,
)
from .errors import refused
from .resources import Resource
from .vendor import SELL


def show_cost(request: Request, record: Document) -> Any:
    return format_decimal(record.get("cost")) if is_admin(request) else None


def show_cost_currency(request: Request, record: Document) -> Any:
    return record.get("cost_currency") if is_admin(request) else None


PRODUCTS = Resource(
    name="products",
    type="product",
    first_id=80_000_001,
    fields={
        **record_attributes(creator=False),
        "name": Attribute(TEXT, required=True),
        "description": Attribute(TEXT, nullable=True),
        "sku": Attribute(TEXT, nullable=True),
        "active": Attribute(BOOLEAN, default=True),
        "max_discount": Attribute(NUMBER, nullable=True, minimum=0, maximum=100),
        "max_markup": Attribute(NUMBER, nullable=True, minimum=0),
        "cost": Attribute(DECIMAL, nullable=True),
        "cost_currency": Attribute(CODE, nullable=True),
        "prices": Attribute(PRICES, default=[]),
        **times(),
    },
    filters=("name", "sku", "active"),
    sorting=("id", "name", "created_at", "updated_at"),
    page_limit=500,
    pointers_under_data=True,
    derived={"cost": show_cost, "cost_currency": show_cost_currency},
)


def _restrict_to_admins(route: Route) -> Route:
    def handler(request: Request) -> Reply:
        if not is_admin(request):
            raise refused(403, "Only administrators can change products.", "insufficient_privileges")  # inferred code
        return route.handler(request)

    return route if route.method == "GET" else replace(route, handler=handler)


ROUTES = [_restrict_to_admins(route) for route in SELL.routes(PRODUCTS, *ALL)]
