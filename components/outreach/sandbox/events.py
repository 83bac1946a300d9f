"""Events, which the API only tells."""

from sales_connectors.imitation.kit import READ

from .attributes import anything, boolean, moment, text
from .relationships import one, server_sets
from .resources import Resource
from .vendor import build_routes

EVENTS = Resource(
    type="event",
    fields={
        "body": text("", None),
        "createdAt": moment("RFS"),
        "eventAt": moment("FS"),
        "externalUrl": text("", None),
        "name": text("F"),
        "payload": anything(),
        "requestCity": text("R"),
        "requestDevice": text("R"),
        "requestHost": text("R"),
        "requestProxied": boolean("R"),
        "requestRegion": text("R"),
        "account": one("account"),
        "call": one("call"),
        "mailing": one("mailing"),
        "note": server_sets("note"),
        "opportunity": one("opportunity"),
        "plugin": one("plugin"),
        "prospect": one("prospect"),
        "sequence": server_sets("sequence"),
        "sequenceStep": server_sets("sequenceStep"),
        "task": one("task"),
        "user": one("user"),
    },
)
ROUTES = build_routes(EVENTS, *READ)
