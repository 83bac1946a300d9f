"""Opportunity stages."""

from sales_connectors.imitation.kit import ALL

from .attributes import boolean, integer, moment, text
from .relationships import NONE, linked, server_sets
from .resources import Resource
from .vendor import build_routes

OPPORTUNITY_STAGES = Resource(
    type="opportunityStage",
    fields={
        "color": text(),
        "createdAt": moment("RFS"),
        "isClosed": boolean("FS"),
        "name": text("FS", required=True),
        "order": integer("FS"),
        "updatedAt": moment("RFS"),
        "creator": server_sets("user", by=NONE),
        "opportunities": linked("opportunities", "opportunityStage"),
    },
    admins_only=True,
)
ROUTES = build_routes(OPPORTUNITY_STAGES, *ALL)
