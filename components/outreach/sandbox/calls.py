"""Calls; a call may close a task, and move its prospect on in a sequence."""

from collections.abc import Iterator

from sales_connectors.imitation import Document, Request
from sales_connectors.imitation.kit import Change, Problem

from .attributes import LONG, boolean, choice, moment, text, texts
from .progress import ACTIVE, advance, finish
from .relationships import NONE, id_of, linked, one, refer, server_sets
from .resources import Resource, sign
from .task_actions import complete
from .vendor import OUTREACH, build_routes

ADVANCE, FINISH = "advance", "finish"
URL_SCHEMES = ("http://", "https://")


def _check(change: Change) -> Iterator[Problem]:
    recording = change.given.get("recordingUrl")
    if recording and not recording.startswith(URL_SCHEMES):
        yield Problem("recordingUrl", "is not a web address")
    task = change.request.collection("tasks").get(id_of(change.record["task"]))
    if task and task["completed"]:
        yield Problem("task", "is complete already")


def _settle(change: Change) -> None:
    """Whoever logs a call has made it, and it is over (inferred)."""
    sign(change)
    record, request = change.record, change.request
    record |= {"state": "completed", "stateChangedAt": OUTREACH.now(request)}
    if record["user"] is None and request.user_id:
        record["user"] = refer("user", request.user_id)
    task = request.collection("tasks").get(id_of(record["task"])) or {}
    for name in ("prospect", "sequence", "sequenceState", "sequenceStep"):
        record[name] = record[name] or task.get(name)


def _follow(change: Change) -> None:
    request, record = change.request, change.record
    prospect, now = id_of(record["prospect"]), OUTREACH.now(request)
    OUTREACH.touch(request, "prospects", prospect, touchedAt=now)
    if record["sequenceState"]:
        OUTREACH.touch(request, "sequenceStates", record["sequenceState"]["id"], callCompletedAt=now)
    task = request.collection("tasks").get(id_of(record["task"]))
    if task:
        OUTREACH.touch(request, "tasks", task["id"], call=refer("call", record["id"]))
        complete(request, task)
    _move_on(request, record)  # which takes away what is still to do


def _move_on(request: Request, call: Document) -> None:
    """What a call does to the sequence that it was made for."""
    state = request.collection("sequenceStates").get(id_of(call["sequenceState"]))
    wanted = (call["sequenceAction"] or "").lower()
    if state is None or state["state"] != ACTIVE:
        return
    if wanted == ADVANCE:
        advance(request, state)
    elif wanted.startswith(FINISH):
        replied = {"repliedAt": OUTREACH.now(request)} if wanted.endswith("- replied") else {}
        finish(request, state, **replied)


CALLS = Resource(
    type="call",
    fields={
        "answeredAt": moment(),
        "completedAt": moment(),
        "createdAt": moment("RFS"),
        "dialedAt": moment(),
        "direction": choice("", "inbound", "outbound"),
        "externalVendor": text(),
        "from": text("FS"),
        "note": text("", LONG),
        "outcome": text("FS"),
        "recordingUrl": text("FS"),
        "returnedAt": moment(),
        "sequenceAction": text(),
        "shouldRecordCall": boolean(),
        "state": text("RFS"),
        "stateChangedAt": moment("R"),
        "tags": texts(),
        "to": text("FS"),
        "uid": text("R"),
        "updatedAt": moment("RFS"),
        "userCallType": text("FS"),
        "vendorCallId": text("", 63),
        "voicemailRecordingUrl": text("R", 1024),
        "associatedId": server_sets("account", "opportunity", by=NONE),
        "batches": linked("batches", "call"),
        "callDisposition": one("callDisposition"),
        "callPurpose": one("callPurpose"),
        "kaiaCrmRecording": server_sets("kaiaCrmRecording"),
        "opportunity": one("opportunity"),
        "outboundVoicemail": one("outboundVoicemail"),
        "phone": one("phone"),
        "phoneNumber": one("phoneNumber"),
        "prospect": one("prospect"),
        "sequence": one("sequence"),
        "sequenceState": one("sequenceState"),
        "sequenceStep": one("sequenceStep"),
        "task": one("task"),
        "user": one("user"),
    },
    rules=_check,
    settle=_settle,
    follow=_follow,
)
ROUTES = build_routes(CALLS, "list", "create", "retrieve", "delete")
