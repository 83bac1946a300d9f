"""The event streams against the sandbox."""

from typing import Any

import pytest

from sales_connectors import Connector
from sales_connectors.errors import InvalidInput, NotAllowed, NotFound
from sales_connectors.imitation import Box

STREAMS = {
    "getContactsStream": "contacts",
    "getCustomFieldsStream": "custom_fields",
    "getDealsStream": "deals",
    "getLeadsStream": "leads",
    "getNotesStream": "notes",
    "getOrdersStream": "orders",
    "getProductsStream": "products",
    "getStagesStream": "stages",
    "getTasksStream": "tasks",
}


@pytest.mark.parametrize(("action", "resource"), STREAMS.items())
def test_every_stream_is_read_from_its_oldest_event(
    shared_sandbox: Box, shared_sell: Connector, action: str, resource: str
) -> None:
    page = shared_sell.run(action, {"limit": 2})

    assert len(page["items"]) <= 2
    assert set(page["meta"]) == {"position", "top", "links"}
    assert page == shared_sell.getStream(resource=resource, position="tail", limit="2")
    seen = shared_sandbox.requests[-2]
    assert (seen["path"], dict(seen["query"])) == (f"/v3/{resource}/stream", {"position": "tail", "limit": "2"})


def test_a_stream_is_followed_by_its_positions(sell: Connector) -> None:
    start = sell.getContactsStream(position="top")["meta"]["position"]
    jo = sell.createContact(lastName="Doe", tags=["vip"])["data"]
    sell.updateContact(id=jo["id"], lastName="Dough")
    sell.deleteContact(id=jo["id"])

    first = sell.getContactsStream(position=start, limit=2)
    second = sell.getContactsStream(position=first["meta"]["position"], limit=2)
    third = sell.getContactsStream(position=second["meta"]["position"])

    events = [*first["items"], *second["items"]]
    assert [event["meta"]["event_type"] for event in events] == ["created", "updated", "deleted"]
    assert {event["data"]["id"] for event in events} == {jo["id"]}
    assert events[1]["meta"]["previous"]["last_name"] == "Doe"
    assert (first["meta"]["top"], second["meta"]["top"], third["meta"]["top"]) == (False, True, True)
    assert third["items"] == []


def test_an_expired_position_says_what_to_do(sandbox: Box, sell: Connector) -> None:
    start = sell.getDealsStream(limit=1)["meta"]["position"]
    sandbox.advance(80 * 3600)
    (token,) = [sandbox.token()]
    runtime = sell._runtime
    with pytest.raises(NotFound) as expired:
        runtime.invoke("zendesk-sell", "getDealsStream", {"position": start}, {**sandbox.connection, "token": token})
    assert (expired.value.code, expired.value.status) == ("position_expired", 410)
    assert "oldest position" in str(expired.value)
    assert not expired.value.retryable


def test_a_stream_is_the_root_users(sandbox: Box, connected: Any) -> None:
    sell = connected(sandbox, token=sandbox.token(user="grace@brightside.example.com"))
    with pytest.raises(NotAllowed):
        sell.getLeadsStream()


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"resource": "contacts", "limit": 101}, "/limit"),
        ({"resource": "contacts", "limit": 0}, "/limit"),
        ({"resource": "../../oauth2"}, "/resource"),
        ({"resource": "contacts/1"}, "/resource"),
    ],
)
def test_what_is_out_of_bounds_is_refused(service: Any, inputs: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        service.sell.getStream(**inputs)
    assert [fault["path"] for fault in refusal.value.fields] == [path]
    assert service.sent == []
