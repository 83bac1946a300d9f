"""What can be done to a task (``POST /tasks/{id}/actions/{action}``), and what follows from it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sales_connectors.imitation import Document, Request

from .attributes import LONG, boolean, choice, format_moment, moment, text
from .errors import not_valid
from .progress import ACTIVE, advance, finish
from .relationships import id_of, one, refer
from .resources import Action, Parameters
from .vendor import OUTREACH

COMPLETE, INCOMPLETE = "complete", "incomplete"
RULES = ("recent_created", "recent_updated", "noop")
FINISHES = {"finish_no_reply": {}, "finish_replied": {"repliedAt": True}}
OF_SEQUENCES = "sequence_step_"
URGENT = "Urgent"

Run = Callable[[Request, Document, Parameters], None]


def complete(request: Request, task: Document, **noted: Any) -> None:
    """Close a task."""
    now = OUTREACH.now(request)
    closed = {"state": COMPLETE, "stateChangedAt": now, "completed": True, "completedAt": now}
    completer = refer("user", request.user_id) if request.user_id else None
    OUTREACH.touch(request, "tasks", task["id"], **closed, completer=completer, **noted)


def pick_opportunity(request: Request, task: Document) -> Document | None:
    """The opportunity that a task belongs to by its rule: the last one of its subject that was made, or changed."""
    by = {"recent_created": "createdAt", "recent_updated": "updatedAt"}.get(task["opportunityAssociation"] or "")
    if by is None:
        current: Document | None = task["opportunity"]
        return current
    theirs = [one for one in request.collection("opportunities").find() if _concerns(request, task, one)]
    latest = max(theirs, key=lambda one: (one[by], one["id"]), default=None)
    return refer("opportunity", latest["id"]) if latest else None


def _concerns(request: Request, task: Document, opportunity: Document) -> bool:
    same_account = task["account"] and id_of(task["account"]) == id_of(opportunity["account"])
    return bool(same_account or (task["prospect"] and task["prospect"] == opportunity["primaryProspect"]))


def _while_open(run: Run) -> Run:
    """Refuse what is done to a task that is complete already."""

    def run_if_open(request: Request, task: Document, given: Parameters) -> None:
        if task["state"] == COMPLETE:
            raise not_valid("The task is complete already.")
        run(request, task, given)

    return run_if_open


def _advance(request: Request, task: Document, given: Parameters) -> None:
    if not (task["taskType"] or "").startswith(OF_SEQUENCES):
        raise not_valid("Only a task of a sequence can be advanced.")
    complete(request, task)
    _move_on(request, task)


def _deliver(request: Request, task: Document, given: Parameters) -> None:
    mailing = request.collection("mailings").get(id_of(task["mailing"]))
    if mailing is None:
        raise not_valid("The task has no mailing.")
    now = OUTREACH.now(request)
    OUTREACH.touch(request, "mailings", mailing["id"], state="queued", stateChangedAt=now, scheduledAt=now)


def _log_meeting(request: Request, task: Document, given: Parameters) -> None:
    if task["action"] != "in_person":
        raise not_valid("Only an in_person task can be logged as a meeting.")
    named = {name: given[name] for name in ("taskDispositionId", "taskPurposeId") if name in given}
    kept = {name.removesuffix("Id"): reference for name, reference in named.items()}
    complete(request, task, **kept, **_note_completion(task, given))
    _move_on(request, task)


def _mark_complete(request: Request, task: Document, given: Parameters) -> None:
    complete(request, task, **_note_completion(task, given))
    state = _find_state(request, task)
    ending = FINISHES.get(given.get("completionAction", ""))
    if state and ending is not None:
        finish(request, state, **dict.fromkeys(ending, OUTREACH.now(request)))
    else:
        _move_on(request, task)


def _note_completion(task: Document, given: Parameters) -> Document:
    """The note of whoever closes a task is added to the task's own (inferred)."""
    note = given.get("completionNote")
    return {"note": "\n".join(filter(None, (task["note"], note)))} if note else {}


def _move_on(request: Request, task: Document) -> None:
    """The sequence goes on, if the task is of its current step."""
    state = _find_state(request, task)
    if state and task["sequenceStep"] == state["sequenceStep"]:
        advance(request, state)


def _find_state(request: Request, task: Document) -> Document | None:
    state = request.collection("sequenceStates").get(id_of(task["sequenceState"]))
    return state if state and state["state"] == ACTIVE else None


def _reassign_owner(request: Request, task: Document, given: Parameters) -> None:
    OUTREACH.touch(request, "tasks", task["id"], owner=given["ownerId"])


def _reschedule(request: Request, task: Document, given: Parameters) -> None:
    OUTREACH.touch(request, "tasks", task["id"], dueAt=given["dueAt"])


def _snooze(request: Request, task: Document, given: Parameters) -> None:
    """Put off to a day after now, or after the task was due, whichever is later."""
    later = max(OUTREACH.now(request), task["dueAt"] or "")
    due = given.get("dueAt") or format_moment(datetime.fromisoformat(later) + timedelta(days=1))
    urgent = {"taskPriority": _find_urgent(request)} if given.get("markAsUrgent") else {}
    OUTREACH.touch(request, "tasks", task["id"], dueAt=due, **urgent)


def _find_urgent(request: Request) -> Document | None:
    named = [one["id"] for one in request.collection("taskPriorities").find() if one["name"] == URGENT]
    return refer("taskPriority", named[0]) if named else None


def _update_note(request: Request, task: Document, given: Parameters) -> None:
    OUTREACH.touch(request, "tasks", task["id"], note=given["note"])


def _update_association(request: Request, task: Document, given: Parameters) -> None:
    ruled = {**task, "opportunityAssociation": given["opportunityAssociation"]}
    rule, opportunity = ruled["opportunityAssociation"], pick_opportunity(request, ruled)
    OUTREACH.touch(request, "tasks", task["id"], opportunityAssociation=rule, opportunity=opportunity)


TASK_ACTIONS = {
    "advance": Action(run=_while_open(_advance)),
    "deliver": Action(run=_while_open(_deliver)),
    "logMeetInPerson": Action(
        run=_while_open(_log_meeting),
        parameters={
            "taskDispositionId": one("taskDisposition", required=True),
            "taskPurposeId": one("taskPurpose"),
            "completionNote": text("", LONG),
        },
    ),
    "markComplete": Action(
        run=_while_open(_mark_complete),
        parameters={"completionNote": text("", LONG), "completionAction": text()},
    ),
    "reassignOwner": Action(run=_while_open(_reassign_owner), parameters={"ownerId": one("user", required=True)}),
    "reschedule": Action(run=_while_open(_reschedule), parameters={"dueAt": moment(required=True)}),
    "snooze": Action(run=_while_open(_snooze), parameters={"dueAt": moment(), "markAsUrgent": boolean()}),
    "updateNote": Action(run=_update_note, parameters={"note": text("", LONG, required=True)}),
    "updateOpportunityAssociation": Action(
        run=_while_open(_update_association),
        parameters={"opportunityAssociation": choice("", *RULES, required=True)},
    ),
}
"""The actions of a task, each with its parameters (``actionParams[name]``)."""
