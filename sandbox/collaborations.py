"""Collaborations: who else may work on a record."""

from .attributes import NUMBER, TEXT, Attribute, record_attributes, times
from .handlers import routes
from .resources import Resource, attached, known

COLLABORATIONS = known(
    Resource(
        name="collaborations",
        type="collaboration",
        first_id=1_700_001,
        attributes={
            **record_attributes(),
            "resource_type": Attribute(TEXT, required=True, choices=("lead", "contact", "sales_account", "deal")),
            "resource_id": Attribute(NUMBER, required=True),
            "collaborator_id": Attribute(NUMBER, required=True, refers_to="users"),
            **times(),
        },
        filters=("creator_id", "resource_type", "resource_id"),
        sorting=("id", "resource_type", "created_at", "updated_at"),
        includes={},
        rules=attached,
    )
)

ROUTES = routes(COLLABORATIONS, "list", "create", "retrieve", "delete")
