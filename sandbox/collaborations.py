"""Collaborations: who else may work on a record."""

from .attributes import NUMBER, TEXT, Attribute, record_attributes, times
from .resources import Resource, check_attachment
from .vendor import SELL

COLLABORATIONS = Resource(
    name="collaborations",
    type="collaboration",
    first_id=1_700_001,
    fields={
        **record_attributes(),
        "resource_type": Attribute(TEXT, required=True, choices=("lead", "contact", "sales_account", "deal")),
        "resource_id": Attribute(NUMBER, required=True),
        "collaborator_id": Attribute(NUMBER, required=True, links="users"),
        **times(),
    },
    filters=("creator_id", "resource_type", "resource_id"),
    sorting=("id", "resource_type", "created_at", "updated_at"),
    includes={},
    rules=check_attachment,
)

ROUTES = SELL.routes(COLLABORATIONS, "list", "create", "retrieve", "delete")
