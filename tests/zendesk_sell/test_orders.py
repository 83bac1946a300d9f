"""Orders against the sandbox."""

from collections.abc import Callable
from typing import Any

import pytest

from sales_connectors import Connector
from sales_connectors.errors import InvalidInput, NotFound
from sales_connectors.imitation import Box


@pytest.fixture
def deal(sell: Connector) -> int:
    contact = sell.createContact(lastName="Doe")["data"]["id"]
    made: int = sell.createDeal(name="Bikes", contactId=contact)["data"]["id"]
    return made


def test_an_order_lives_from_create_to_delete(sell: Connector, deal: int) -> None:
    order = sell.createOrder(dealId=deal, discount="15")["data"]

    assert (order["deal_id"], order["discount"]) == (deal, 15)
    assert sell.updateOrder(id=order["id"], discount=0)["data"]["discount"] == 0
    assert [item["data"]["id"] for item in sell.listOrder(dealId=deal)["items"]] == [order["id"]]
    assert sell.getOrder(id=order["id"])["data"]["discount"] == 0
    assert sell.deleteOrder(id=order["id"]) is None
    with pytest.raises(NotFound):
        sell.getOrder(id=order["id"])


def test_a_deal_has_one_order(sell: Connector, deal: int) -> None:
    sell.createOrder(dealId=deal)
    with pytest.raises(InvalidInput) as refusal:
        sell.createOrder(dealId=deal)
    assert refusal.value.fields[0]["path"] == "/dealId"
    assert refusal.value.code == "already_exists"


def test_a_page_of_orders_may_hold_five_hundred(sandbox: Box, sell: Connector, service: Any) -> None:
    sandbox.forget()
    assert sell.listOrder(perPage=500, sortBy="value:desc")["items"]
    assert sell.listOrder(fetchAll=True)["meta"]["links"] == {}
    assert [dict(seen["query"])["per_page"] for seen in sandbox.requests] == ["500", "500"]
    with pytest.raises(InvalidInput, match="perPage"):
        service.sell.listOrder(perPage=501)


def test_an_order_is_found_again_by_its_deal(sell: Connector, find: Callable[..., list[int]], deal: int) -> None:
    assert find("createOrder", {"dealId": deal}) == []
    made = sell.createOrder(dealId=deal, discount=15)["data"]["id"]
    assert find("createOrder", {"dealId": deal, "discount": 15}) == [made]
    assert find("createOrder", {"dealId": deal, "discount": 10}) == []
