"""Mail aliases: other addresses of mailboxes."""

from sales_connectors.imitation.kit import READ

from .attributes import boolean, moment, text
from .relationships import one
from .resources import Resource
from .vendor import build_routes

MAIL_ALIASES = Resource(
    type="mailAlias",
    fields={
        "canSend": boolean(),
        "createdAt": moment("RFS"),
        "email": text(),
        "emailHash": text(),
        "updatedAt": moment("RFS"),
        "mailbox": one("mailbox"),
    },
)
ROUTES = build_routes(MAIL_ALIASES, *READ)
