"""Sequence steps; the API deletes none."""

from sales_connectors.imitation import Document, Request

from .attributes import LONG, choice, count, date, integer, moment, text
from .relationships import ANY, ID, linked, many, one, server_sets
from .resources import Resource
from .vendor import build_routes

NAMES = {"auto_email": "Auto email", "manual_email": "Manual email", "call": "Phone call", "task": "Generic task"}


def _show_name(request: Request, step: Document) -> str:
    """The type of a step and its place, in words."""
    name = NAMES.get(step["stepType"] or "", "Step")
    return f"Step #{step['order']} ({name})" if step["order"] else name


SEQUENCE_STEPS = Resource(
    type="sequenceStep",
    fields={
        "bounceCount": count(),
        "clickCount": count(),
        "createdAt": moment("RFS"),
        "date": date("FS"),
        "deliverCount": count(),
        "displayName": text("R", None),
        "failureCount": count(),
        "interval": integer(),
        "negativeReplyCount": count(),
        "neutralReplyCount": count(),
        "openCount": count(),
        "optOutCount": count(),
        "order": integer("FS"),
        "positiveReplyCount": count(),
        "replyCount": count(),
        "scheduleCount": count(),
        "stepType": choice("FS", "auto_email", "manual_email", "call", "task"),
        "taskAutoskipDelay": integer(),
        "taskNote": text("", LONG),
        "updatedAt": moment("RFS"),
        "callPurpose": one("callPurpose"),
        "calls": linked("calls", "sequenceStep", by=ID),
        "creator": server_sets("user"),
        "mailings": linked("mailings", "sequenceStep"),
        "schedule": one("schedule"),
        "sequence": one("sequence", by=("id", "enabledAt", "name")),
        "sequenceTemplates": many("sequenceTemplate", "sequenceStep", by=ANY),
        "taskPriority": one("taskPriority"),
        "tasks": linked("tasks", "sequenceStep", by=ID),
        "updater": server_sets("user"),
    },
    derived={"displayName": _show_name},
)
ROUTES = build_routes(SEQUENCE_STEPS, "list", "create", "retrieve", "update")
