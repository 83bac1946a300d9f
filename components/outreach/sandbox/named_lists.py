"""Lists that the vendor's description names and does not describe: named, and only read (inferred throughout)."""

from sales_connectors.imitation.kit import READ

from .attributes import moment, text
from .resources import Resource
from .vendor import build_routes

TYPES = ("persona", "ruleset", "taskDisposition", "taskPurpose", "team")


def _define(type: str) -> Resource:
    return Resource(
        type=type,
        fields={"name": text("FS"), "createdAt": moment("RFS"), "updatedAt": moment("RFS")},
    )


ROUTES = [route for type in TYPES for route in build_routes(_define(type), *READ)]
