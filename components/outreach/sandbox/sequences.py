"""Sequences; a new one is switched off until it is activated."""

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, Change

from .attributes import boolean, choice, count, integer, moment, number, text, texts
from .progress import DISABLED, activate, list_steps
from .relationships import ID, linked, many, one, server_sets
from .resources import Action, Parameters, Resource, sign
from .vendor import OUTREACH, build_routes

DAY = 86_400


def _settle(change: Change) -> None:
    sign(change)
    if change.moves("throttlePaused"):
        paused = change.record["throttlePaused"]
        change.record["throttlePausedAt"] = OUTREACH.now(change.request) if paused else None


def _activate(request: Request, sequence: Document, given: Parameters) -> None:
    """Switch a sequence on; whoever was added meanwhile begins."""
    OUTREACH.touch(request, "sequences", sequence["id"], enabled=True, enabledAt=OUTREACH.now(request))
    waiting = Condition.match(**{"sequence.id": sequence["id"], "state": DISABLED})
    for state in request.collection("sequenceStates").find(waiting):
        activate(request, state)


def _deactivate(request: Request, sequence: Document, given: Parameters) -> None:
    OUTREACH.touch(request, "sequences", sequence["id"], enabled=False, enabledAt=None)


def _cascade(request: Request, sequence: Document) -> None:
    for plural in ("sequenceStates", "sequenceSteps"):
        OUTREACH.remove_all(request, plural, Condition.match(**{"sequence.id": sequence["id"]}))


def _count_steps(request: Request, sequence: Document) -> int:
    return len(list_steps(request, sequence["id"]))


def _show_duration(request: Request, sequence: Document) -> int:
    return sum(step["interval"] or 0 for step in list_steps(request, sequence["id"])) // DAY


def _show_automation(request: Request, sequence: Document) -> float | None:
    steps = list_steps(request, sequence["id"])
    automatic = [step for step in steps if step["stepType"] == "auto_email"]
    return round(100 * len(automatic) / len(steps), 1) if steps else None


SEQUENCES = Resource(
    type="sequence",
    fields={
        "automationPercentage": number("R"),
        "bounceCount": count(),
        "clickCount": count("RFS"),
        "createdAt": moment("RFS"),
        "deliverCount": count("RFS"),
        "description": text("", 1024),
        "durationInDays": integer("R"),
        "enabled": boolean("R", default=False),
        "enabledAt": moment("RFS"),
        "failureCount": count(),
        "finishOnReply": boolean(default=True),
        "lastUsedAt": moment("RFS"),
        "locked": boolean("R", default=False),
        "lockedAt": moment("RFS"),
        "maxActivations": integer(),
        "name": text("FS", required=True),
        "negativeReplyCount": count(),
        "neutralReplyCount": count(),
        "numContactedProspects": integer("R"),
        "numRepliedProspects": integer("R"),
        "openCount": count("RFS"),
        "optOutCount": count(),
        "positiveReplyCount": count(),
        "primaryReplyAction": choice("", "finish", "continue", "pause"),
        "primaryReplyPauseDuration": integer(),
        "replyCount": count("RFS"),
        "salesMotion": text("F"),
        "scheduleCount": count(),
        "scheduleIntervalType": choice("", "calendar", "schedule"),
        "secondaryReplyAction": choice("", "finish", "continue", "pause"),
        "secondaryReplyPauseDuration": integer(),
        "sequenceStepCount": count(),
        "sequenceType": choice("", "date", "interval", required=True),
        "shareType": choice("FS", "private", "read_only", "shared", required=True),
        "tags": texts(),
        "throttleCapacity": integer("FS"),
        "throttleMaxAddsPerDay": integer("FS"),
        "throttlePaused": boolean(default=False),
        "throttlePausedAt": moment("R"),
        "transactional": boolean(default=False),
        "updatedAt": moment("RFS"),
        "calls": linked("calls", "sequence", by=ID),
        "contentCategoryMemberships": many("contentCategoryMembership"),
        "creator": server_sets("user"),
        "mailings": linked("mailings", "sequence"),
        "owner": one("user", by=("id", "email", "firstName", "lastName")),
        "ruleset": one("ruleset"),
        "schedule": one("schedule"),
        "sequenceStates": linked("sequenceStates", "sequence", by=ID),
        "sequenceSteps": many("sequenceStep", "sequence"),
        "tasks": linked("tasks", "sequence", by=ID),
        "updater": server_sets("user"),
    },
    derived={
        "sequenceStepCount": _count_steps,
        "durationInDays": _show_duration,
        "automationPercentage": _show_automation,
    },
    settle=_settle,
    cascade=_cascade,
    actions={"activate": Action(run=_activate), "deactivate": Action(run=_deactivate)},
)
ROUTES = build_routes(SEQUENCES, *ALL)
