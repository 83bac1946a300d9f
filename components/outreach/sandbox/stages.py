"""Stages of prospects."""

from sales_connectors.imitation.kit import ALL

from .attributes import integer, moment, text
from .relationships import ID, NONE, linked, server_sets
from .resources import Resource
from .vendor import build_routes

STAGES = Resource(
    type="stage",
    fields={
        "color": text(),
        "createdAt": moment("RFS"),
        "name": text("FS", required=True),
        "order": integer("FS"),
        "updatedAt": moment("RFS"),
        "creator": server_sets("user", by=NONE),
        "prospects": linked("prospects", "stage", by=ID),
        "updater": server_sets("user", by=NONE),
    },
    admins_only=True,
)
ROUTES = build_routes(STAGES, *ALL)
