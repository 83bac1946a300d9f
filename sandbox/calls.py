"""Calls and their outcomes, and text messages."""

from sales_connectors.imitation import Condition, Reply, Request, Route
from sales_connectors.imitation.kit import ALL

from .attributes import BOOLEAN, DATETIME, IDS, NUMBER, TEXT, Attribute, record_attributes, times
from .queries import check_together, list_records
from .resources import Resource, check_attachment
from .vendor import SELL


def match_deal(request: Request, text: str) -> Condition:
    return Condition.holds("associated_deal_ids", NUMBER.query(text))


CALLS = Resource(
    name="calls",
    type="call",
    first_id=97_000_001,
    fields={
        "id": Attribute(NUMBER, read_only=True),
        "user_id": Attribute(NUMBER, links="users", default=lambda request: request.user_id),
        "summary": Attribute(TEXT, nullable=True),
        "recording_url": Attribute(TEXT, nullable=True),
        "outcome_id": Attribute(NUMBER, nullable=True, links="call_outcomes"),
        "duration": Attribute(NUMBER, required=True, minimum=0),
        "phone_number": Attribute(TEXT),
        "incoming": Attribute(BOOLEAN, default=False),
        "missed": Attribute(BOOLEAN, default=False),
        "resource_type": Attribute(TEXT, nullable=True, choices=("lead", "contact")),
        "resource_id": Attribute(NUMBER, nullable=True),
        "associated_deal_ids": Attribute(IDS, links="deals", default=[]),
        "made_at": Attribute(DATETIME, default=SELL.now),
        "updated_at": times()["updated_at"],
        "external_id": Attribute(TEXT, nullable=True),
    },
    filters=("resource_type", "resource_id"),
    special={"associated_deal_id": match_deal},
    order=(("made_at", True),),
    rules=check_attachment,
)

CALL_OUTCOMES = Resource(
    name="call_outcomes",
    type="call_outcome",
    first_id=1_600_001,
    fields={**record_attributes(), "name": Attribute(TEXT), **times()},
)

TEXT_MESSAGES = Resource(
    name="text_messages",
    type="text_message",
    first_id=98_000_001,
    fields={
        "id": Attribute(NUMBER),
        "user_id": Attribute(NUMBER),
        "user_phone_number": Attribute(TEXT),
        "content": Attribute(TEXT),
        "incoming": Attribute(BOOLEAN),
        "resource_phone_number": Attribute(TEXT),
        "resource_type": Attribute(TEXT),
        "resource_id": Attribute(NUMBER),
        "associated_deal_ids": Attribute(IDS, default=[]),
        "sent_at": Attribute(DATETIME),
        **times(),
    },
    filters=("resource_type", "resource_id"),
    sorting=("id",),
    order=(("id", True),),
    many_keys=True,
)


def list_messages(request: Request) -> Reply:
    """``GET /v2/text_messages``"""
    check_together(request, "resource_type", "resource_id")
    return list_records(request, TEXT_MESSAGES)


ROUTES = [
    *SELL.routes(CALLS, *ALL),
    *SELL.routes(CALL_OUTCOMES, "list"),
    Route("GET", "/v2/text_messages", list_messages, scope="read"),
    *SELL.routes(TEXT_MESSAGES, "retrieve"),
]
