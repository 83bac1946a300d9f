"""Templates of emails."""

from sales_connectors.imitation.kit import ALL

from .attributes import boolean, choice, count, moment, text, texts
from .relationships import NONE, many, one, server_sets
from .resources import Resource
from .vendor import build_routes

TEMPLATES = Resource(
    type="template",
    fields={
        "archived": boolean(),
        "archivedAt": moment("RFS"),
        "bccRecipients": texts(),
        "bodyHtml": text("", 16777215),
        "bodyText": text("R", 16777215),
        "bounceCount": count(),
        "ccRecipients": texts(),
        "clickCount": count("RFS"),
        "createdAt": moment("RFS"),
        "deliverCount": count("RFS"),
        "failureCount": count(),
        "lastUsedAt": moment("RFS"),
        "name": text("FS", 225),
        "negativeReplyCount": count(),
        "neutralReplyCount": count(),
        "openCount": count("RFS"),
        "optOutCount": count(),
        "positiveReplyCount": count(),
        "replyCount": count("RFS"),
        "scheduleCount": count(),
        "shareType": choice("FS", "read_only", "private", "shared"),
        "subject": text("", None),
        "tags": texts(),
        "toRecipients": texts(),
        "trackLinks": boolean(),
        "trackOpens": boolean(),
        "updatedAt": moment("RFS"),
        "attachments": many("attachment"),
        "contentCategoryMemberships": many("contentCategoryMembership", by=NONE),
        "creator": server_sets("user"),
        "favorites": many("favorite"),
        "owner": one("user"),
        "recipients": many("recipient"),
        "sequenceTemplates": many("sequenceTemplate", "template", by=NONE),
        "statsTarget": one("template"),
        "updater": server_sets("user"),
    },
)
ROUTES = build_routes(TEMPLATES, *ALL)
