"""Call purposes: what calls are for."""

from sales_connectors.imitation.kit import ALL

from .attributes import integer, moment, text
from .relationships import NONE, linked, server_sets
from .resources import Resource
from .vendor import build_routes

CALL_PURPOSES = Resource(
    type="callPurpose",
    fields={
        "createdAt": moment("RFS"),
        "name": text("FS", required=True),
        "order": integer("FS"),
        "updatedAt": moment("RFS"),
        "calls": linked("calls", "callPurpose"),
        "creator": server_sets("user", by=NONE),
    },
    admins_only=True,
)
ROUTES = build_routes(CALL_PURPOSES, *ALL)
