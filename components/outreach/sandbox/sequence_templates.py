"""Sequence templates: which template a step sends."""

from sales_connectors.imitation import Document, Request
from sales_connectors.imitation.kit import ALL

from .attributes import boolean, count, moment
from .relationships import ANY, one, server_sets
from .resources import Action, Parameters, Resource
from .vendor import OUTREACH, build_routes


def _activate(request: Request, record: Document, given: Parameters) -> None:
    OUTREACH.touch(request, "sequenceTemplates", record["id"], enabled=True, enabledAt=OUTREACH.now(request))


def _deactivate(request: Request, record: Document, given: Parameters) -> None:
    OUTREACH.touch(request, "sequenceTemplates", record["id"], enabled=False, enabledAt=None)


SEQUENCE_TEMPLATES = Resource(
    type="sequenceTemplate",
    fields={
        "bounceCount": count(),
        "clickCount": count(),
        "createdAt": moment("R"),
        "deliverCount": count(),
        "enabled": boolean("R", default=False),
        "enabledAt": moment("R"),
        "failureCount": count(),
        "isReply": boolean(),
        "negativeReplyCount": count(),
        "neutralReplyCount": count(),
        "openCount": count(),
        "optOutCount": count(),
        "positiveReplyCount": count(),
        "replyCount": count(),
        "scheduleCount": count(),
        "updatedAt": moment("R"),
        "creator": server_sets("user"),
        "sequenceStep": one("sequenceStep", by=ANY),
        "template": one("template"),
        "updater": server_sets("user"),
    },
    actions={"activate": Action(run=_activate), "deactivate": Action(run=_deactivate)},
)
ROUTES = build_routes(SEQUENCE_TEMPLATES, *ALL)
