"""How prospects go through sequences: from step to step, each of which is a task or a mailing."""

from datetime import timedelta
from typing import Any

from sales_connectors.imitation import Condition, Document, Request

from .attributes import format_moment
from .event_log import note_event
from .relationships import id_of, refer
from .vendor import OUTREACH

PENDING, ACTIVE, PAUSED, FINISHED = "pending", "active", "paused", "finished"
DISABLED, OPTED_OUT = "disabled", "opted_out"
UNDER_WAY = (PENDING, ACTIVE, PAUSED, DISABLED)
"""States that something can still come of."""
INCOMPLETE = "incomplete"
TASKS = {
    "call": {"action": "call", "taskType": "sequence_step_call"},
    "manual_email": {"action": "email", "taskType": "sequence_step_email"},
    "task": {"action": "action_item", "taskType": "sequence_step_task"},
}
"""What somebody has to do at a step, by its type."""
EMAILS = ("auto_email", "manual_email")


def list_steps(request: Request, sequence_id: int | None) -> list[Document]:
    where = Condition.match(**{"sequence.id": sequence_id})
    return request.collection("sequenceSteps").find(where, order=[("order", False)])


def needs_mailbox(request: Request, sequence_id: int | None) -> bool:
    return any(step["stepType"] in EMAILS for step in list_steps(request, sequence_id))


def begin(request: Request, state: Document) -> None:
    """Come to the first step, if the sequence is switched on."""
    steps = list_steps(request, id_of(state["sequence"]))
    if state["state"] == ACTIVE and steps:
        _enter_step(request, state, steps[0])


def activate(request: Request, state: Document) -> None:
    """Begin what waited for its sequence to be switched on."""
    change_state(request, state, ACTIVE, activeAt=OUTREACH.now(request))
    begin(request, _read(request, state))


def advance(request: Request, state: Document) -> None:
    """Come to the next step; behind the last one the sequence is finished."""
    steps = list_steps(request, id_of(state["sequence"]))
    current = request.collection("sequenceSteps").get(id_of(state["sequenceStep"]))
    following = [step for step in steps if current and (step["order"] or 0) > (current["order"] or 0)]
    clear_step(request, state)
    if following:
        _enter_step(request, state, following[0])
    else:
        finish(request, state)


def finish(request: Request, state: Document, **noted: Any) -> None:
    """Come to the end; what was still to do is not to be done any more."""
    clear_step(request, state)
    change_state(request, state, FINISHED, **noted)


def change_state(request: Request, state: Document, name: str, **noted: Any) -> None:
    now = OUTREACH.now(request)
    OUTREACH.touch(request, "sequenceStates", state["id"], state=name, stateChangedAt=now, **noted)
    note_event(request, "sequenceState", name, {**state, "task": None, "mailing": None})


def opt_out(request: Request, prospect: Document) -> None:
    """End whatever a prospect who wants to hear nothing any more is in."""
    theirs = Condition.match(**{"prospect.id": prospect["id"]})
    for state in request.collection("sequenceStates").find(theirs):
        sequence = request.collection("sequences").get(id_of(state["sequence"]))
        if state["state"] in UNDER_WAY and not (sequence and sequence["transactional"]):
            clear_step(request, state)
            change_state(request, state, OPTED_OUT)


def list_open_tasks(request: Request, state: Document) -> list[Document]:
    return request.collection("tasks").find(Condition.match(**{"sequenceState.id": state["id"], "state": INCOMPLETE}))


def clear_step(request: Request, state: Document) -> None:
    """Take away what was still to do."""
    for task in list_open_tasks(request, state):
        OUTREACH.remove(request, OUTREACH.resources["tasks"], task, "system")
    unsent = Condition.every(
        [Condition.match(**{"sequenceState.id": state["id"]}), Condition.among("state", ("scheduled", "drafted"))]
    )
    OUTREACH.remove_all(request, "mailings", unsent)


def _enter_step(request: Request, state: Document, step: Document) -> None:
    """Make what the step wants done; the times of a step are in seconds (inferred)."""
    OUTREACH.touch(request, "sequenceStates", state["id"], sequenceStep=refer("sequenceStep", step["id"]))
    due = format_moment(request.clock.today() + timedelta(seconds=step["interval"] or 0))
    template = request.collection("sequenceTemplates").first(Condition.match(**{"sequenceStep.id": step["id"]}))
    common = {
        "prospect": state["prospect"],
        "account": state["account"],
        "sequence": state["sequence"],
        "sequenceState": refer("sequenceState", state["id"]),
        "sequenceStep": refer("sequenceStep", step["id"]),
        "template": template["template"] if template else None,
    }
    mailing = _write_mailing(request, state, step, due, common) if step["stepType"] in EMAILS else None
    if step["stepType"] not in TASKS:
        return
    OUTREACH.enter(
        request,
        "tasks",
        {
            **common,
            **TASKS[step["stepType"]],
            "state": INCOMPLETE,
            "stateChangedAt": OUTREACH.now(request),
            "completed": False,
            "dueAt": due,
            "note": step["taskNote"],
            "owner": state["user"],
            "subject": state["prospect"],
            "creator": refer("sequenceStep", step["id"]),
            "mailing": mailing and refer("mailing", mailing["id"]),
            "taskPriority": step["taskPriority"],
            "sequenceTemplate": template and refer("sequenceTemplate", template["id"]),
        },
    )


def _write_mailing(request: Request, state: Document, step: Document, due: str, common: Document) -> Document:
    is_automatic = step["stepType"] == "auto_email"
    mailbox = request.collection("mailboxes").get(id_of(state["mailbox"]))
    template = request.collection("templates").get(id_of(common["template"]))
    told = {name: template[name] for name in ("subject", "bodyHtml", "bodyText")} if template else {}
    return OUTREACH.enter(
        request,
        "mailings",
        {
            **{name: value for name, value in common.items() if name != "account"},
            **told,
            "state": "scheduled" if is_automatic else "drafted",
            "stateChangedAt": OUTREACH.now(request),
            "scheduledAt": due if is_automatic else None,
            "mailingType": "sequence",
            "mailbox": state["mailbox"],
            "mailboxAddress": mailbox and mailbox["email"],
            "user": state["user"],
        },
    )


def _read(request: Request, state: Document) -> Document:
    return request.collection("sequenceStates").get(state["id"]) or state
