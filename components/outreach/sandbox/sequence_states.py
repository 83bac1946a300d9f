"""Sequence states: who is in which sequence, and how far."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import Change, Problem

from .attributes import choice, count, moment, text
from .errors import DUPLICATE, not_valid
from .progress import (
    ACTIVE,
    DISABLED,
    PAUSED,
    PENDING,
    UNDER_WAY,
    begin,
    change_state,
    clear_step,
    finish,
    needs_mailbox,
)
from .relationships import ANY, ID, NONE, id_of, linked, many, one, refer, server_sets
from .resources import Action, Parameters, Resource, sign
from .vendor import OUTREACH, build_routes

FINISHABLE = (ACTIVE, PAUSED, PENDING)  # inferred: that what is paused or pending can be ended, too


def _check(change: Change) -> Iterator[Problem]:
    """Who can be added to a sequence."""
    request, record = change.request, change.record
    sequence = request.collection("sequences").get(id_of(record["sequence"]))
    prospect = request.collection("prospects").get(id_of(record["prospect"]))
    assert sequence is not None, "relationships are checked before"
    assert prospect is not None, "relationships are checked before"
    if sequence["locked"]:
        yield Problem("sequence", "is locked, and takes no prospects")
    if prospect["optedOut"] and not sequence["transactional"]:
        yield Problem("prospect", "has opted out")
    if _find_current(request, record):
        yield Problem("prospect", "is in this sequence already", DUPLICATE)  # inferred: which ruleset a new one has
    if record["mailbox"] is None and needs_mailbox(request, sequence["id"]):
        yield Problem("mailbox", "can't be blank: the sequence sends emails")


def _find_current(request: Request, record: Document) -> Document | None:
    pair = Condition.match(**{f"{name}.id": id_of(record[name]) for name in ("prospect", "sequence")})
    under_way = Condition.every([pair, Condition.among("state", UNDER_WAY)])
    return request.collection("sequenceStates").first(under_way)


def _settle(change: Change) -> None:
    """Where a prospect begins; a sequence that is switched off holds it (inferred)."""
    sign(change)
    request, record = change.request, change.record
    sequence = request.collection("sequences").get(id_of(record["sequence"])) or {}
    prospect = request.collection("prospects").get(id_of(record["prospect"])) or {}
    mailbox = request.collection("mailboxes").get(id_of(record["mailbox"])) or {}
    now, is_on = OUTREACH.now(request), sequence.get("enabled")
    record |= {"state": ACTIVE if is_on else DISABLED, "stateChangedAt": now, "activeAt": now if is_on else None}
    asker = refer("user", request.user_id) if request.user_id else None
    record |= {"account": prospect.get("account"), "user": mailbox.get("user") or asker}


def _follow(change: Change) -> None:
    request = change.request
    OUTREACH.touch(request, "sequences", id_of(change.record["sequence"]), lastUsedAt=OUTREACH.now(request))
    begin(request, change.record)


def _pause(request: Request, state: Document, given: Parameters) -> None:
    _need(state, "pause", ACTIVE)
    change_state(request, state, PAUSED, pauseReason="Paused by a user")


def _resume(request: Request, state: Document, given: Parameters) -> None:
    _need(state, "resume", PAUSED)
    change_state(request, state, ACTIVE, pauseReason=None)


def _finish(request: Request, state: Document, given: Parameters) -> None:
    _need(state, "finish", *FINISHABLE)
    finish(request, state)


def _need(state: Document, action: str, *names: str) -> None:
    """Refuse an action that does not fit the state."""
    if state["state"] not in names:
        raise not_valid(f"Cannot {action} a sequence state that is {state['state']}.")


def _of_current_step(request: Request, state: Document) -> Condition:
    step = id_of(state["sequenceStep"]) or 0
    return Condition.match(**{"sequenceState.id": state["id"], "sequenceStep.id": step})


def _open_of_current_step(request: Request, state: Document) -> Condition:
    return Condition.every([_of_current_step(request, state), Condition.match(completed=False)])


SEQUENCE_STATES = Resource(
    type="sequenceState",
    fields={
        "activeAt": moment("R"),
        "bounceCount": count(),
        "callCompletedAt": moment("RFS"),
        "clickCount": count("RFS"),
        "createdAt": moment("RFS"),
        "deliverCount": count("RFS"),
        "errorReason": text("R"),
        "failureCount": count(),
        "negativeReplyCount": count(),
        "neutralReplyCount": count(),
        "openCount": count("RFS"),
        "optOutCount": count(),
        "pauseReason": text("RFS"),
        "positiveReplyCount": count(),
        "repliedAt": moment("RFS"),
        "replyCount": count("RFS"),
        "scheduleCount": count(),
        "state": choice("RFS", "pending", "active", "paused", "failed", "bounced", "opted_out", "disabled", "finished"),
        "stateChangedAt": moment("RFS"),
        "updatedAt": moment("RFS"),
        "account": server_sets("account"),
        "activeStepMailings": many("mailing", "sequenceState", find=_of_current_step, by=NONE),
        "activeStepTasks": many("task", "sequenceState", find=_open_of_current_step, by=NONE),
        "batchItemCreator": server_sets("batchItem"),
        "calls": linked("calls", "sequenceState", by=ID),
        "creator": server_sets("user", by=NONE),
        "mailbox": one("mailbox", by=("id", "email")),
        "mailings": linked("mailings", "sequenceState"),
        "opportunity": server_sets("opportunity"),
        "prospect": one("prospect", required=True, by=("id", "emails")),
        "sequence": one("sequence", required=True, by=ANY),
        "sequenceStateRecipients": many("sequenceStateRecipient"),
        "sequenceStep": server_sets("sequenceStep", by=ANY),
        "tasks": linked("tasks", "sequenceState", by=("id", "dueAt")),
        "user": server_sets("user"),
    },
    rules=_check,
    settle=_settle,
    follow=_follow,
    cascade=clear_step,
    actions={"finish": Action(run=_finish), "pause": Action(run=_pause), "resume": Action(run=_resume)},
)
ROUTES = build_routes(SEQUENCE_STATES, "list", "create", "retrieve", "delete")
