"""Events: what has happened, as the API tells it afterwards."""

from sales_connectors.imitation import Document, Request

from .attributes import format_moment
from .relationships import refer
from .resources import Resource

TOLD = {
    "account": "account",
    "call": "call",
    "mailing": "mailing",
    "opportunity": "opportunity",
    "prospect": "prospect",
    "sequence": "sequence",
    "sequenceState": "sequence_state",
    "task": "task",
}
"""The types whose events are told, and what these are called by (inferred: which, but for a few of them)."""
RELATED = ("account", "call", "mailing", "opportunity", "prospect", "sequence", "sequenceStep", "task", "user")


def note_creation(request: Request, resource: Resource, record: Document) -> None:
    if resource.type in TOLD:
        note_event(request, resource.type, "created", record)


def note_event(request: Request, type: str, what: str, record: Document) -> None:
    """Write down what has happened to a record."""
    now = format_moment(request.clock.today())
    related = {name: record.get(name) for name in RELATED if record.get(name)}
    itself = {type: refer(type, record["id"])} if type in RELATED else {}
    asker = refer("user", request.user_id) if request.user_id else None
    event = {"name": f"{TOLD[type]}_{what}", "eventAt": now, "createdAt": now, "payload": {}}
    request.collection("events").insert({"user": asker, **event, **related, **itself})
