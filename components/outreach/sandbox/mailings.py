"""Mailings; one that a client makes is a single one, outside of sequences."""

from sales_connectors.imitation.kit import Change

from .attributes import boolean, choice, count, integer, moment, text, texts
from .relationships import NONE, id_of, linked, many, one, server_sets
from .resources import Resource, sign
from .vendor import OUTREACH, build_routes

SINGLE = "single"


def _settle(change: Change) -> None:
    """A mailing takes over what its template says; without a time to be sent at it is a draft (inferred)."""
    sign(change)
    request, record = change.request, change.record
    template = request.collection("templates").get(id_of(record["template"])) or {}
    mailbox = request.collection("mailboxes").get(id_of(record["mailbox"])) or {}
    for name in ("subject", "bodyHtml"):
        record[name] = template.get(name) if record[name] is None else record[name]
    state = record["state"] or ("scheduled" if record["scheduledAt"] else "drafted")
    record |= {"mailingType": SINGLE, "state": state, "stateChangedAt": OUTREACH.now(request)}
    record |= {"mailboxAddress": mailbox.get("email"), "user": mailbox.get("user")}


MAILINGS = Resource(
    type="mailing",
    fields={
        "bodyHtml": text("", None),
        "bodyText": text("R", None),
        "bouncedAt": moment("RFS"),
        "clickCount": count(),
        "clickedAt": moment("RFS"),
        "createdAt": moment("RFS"),
        "deliveredAt": moment("RFS"),
        "errorBacktrace": text("R", None),
        "errorReason": text("R"),
        "followUpTaskScheduledAt": moment(),
        "followUpTaskType": choice("", "follow_up", "no_reply"),
        "mailboxAddress": text("R", None),
        "mailingType": choice("RFS", "sequence", "single", "campaign"),
        "markedAsSpamAt": moment("R"),
        "messageId": text("RFS"),
        "notifyThreadCondition": choice("R", "always", "no_reply"),
        "notifyThreadScheduledAt": moment("RFS"),
        "notifyThreadStatus": choice("RFS", "pending", "sent", "skipped"),
        "openCount": count(),
        "openedAt": moment("RFS"),
        "overrideSafetySettings": boolean("R", default=False),
        "references": texts("R"),
        "repliedAt": moment("RFS"),
        "retryAt": moment("RFS"),
        "retryCount": count(),
        "retryInterval": integer("R"),
        "scheduledAt": moment("FS"),
        "state": choice(
            "FS",
            "bounced",
            "delivered",
            "delivering",
            "drafted",
            "failed",
            "opened",
            "placeholder",
            "queued",
            "replied",
            "scheduled",
        ),
        "stateChangedAt": moment("RFS"),
        "subject": text("", None),
        "trackLinks": boolean(),
        "trackOpens": boolean(),
        "unsubscribedAt": moment("RFS"),
        "updatedAt": moment("RFS"),
        "attachments": many("attachment"),
        "bccEntitiesId": linked("recipients", "mailing"),
        "calendar": server_sets("calendar"),
        "ccEntitiesId": linked("recipients", "mailing"),
        "followUpSequence": one("sequence"),
        "mailbox": one("mailbox"),
        "opportunity": server_sets("opportunity"),
        "prospect": one("prospect"),
        "prospectsIds": linked("prospects", "mailings"),
        "recipients": many("recipient", by=NONE),
        "schedule": one("schedule"),
        "sequence": server_sets("sequence"),
        "sequenceState": server_sets("sequenceState"),
        "sequenceStep": server_sets("sequenceStep"),
        "task": one("task"),
        "tasks": many("task", "mailing", by=NONE),
        "template": one("template"),
        "toEntitiesId": linked("recipients", "mailing"),
        "user": server_sets("user"),
    },
    settle=_settle,
)
ROUTES = build_routes(MAILINGS, "list", "create", "retrieve")
