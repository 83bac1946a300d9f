"""Notes on leads, contacts and deals."""

from sales_connectors.imitation.kit import ALL

from .attributes import BOOLEAN, NAMES, NUMBER, TEXT, Attribute, record_attributes, times
from .queries import search_text
from .resources import Resource, check_attachment
from .vendor import SELL

NOTES = Resource(
    name="notes",
    type="note",
    first_id=60_000_001,
    fields={
        **record_attributes(),
        "resource_type": Attribute(TEXT, required=True, choices=("lead", "contact", "deal")),
        "resource_id": Attribute(NUMBER, required=True),
        "content": Attribute(TEXT, required=True),
        "is_important": Attribute(BOOLEAN, default=False),
        "tags": Attribute(NAMES, default=[]),
        "type": Attribute(TEXT, default="regular", choices=("regular", "restricted")),
        **times(),
    },
    filters=("creator_id", "resource_type", "resource_id"),
    special={"q": search_text("content")},
    sorting=("id", "resource_type", "created_at", "updated_at"),
    order=(("updated_at", False),),
    includes={},
    rules=check_attachment,
)

ROUTES = SELL.routes(NOTES, *ALL)
