"""Sequences of mails and tasks, and who is enrolled in them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import Change, Problem, read_each

from .attributes import DATETIME, IDS, NUMBER, OBJECT, TEXT, Attribute, format_moment, times
from .errors import incorrect
from .resources import Resource, check_attachment
from .vendor import SELL, read_payload

SEQUENCES = Resource(
    name="sequences",
    type="sequence",
    first_id=1_800_001,
    fields={
        "id": Attribute(NUMBER),
        "name": Attribute(TEXT),
        "steps_total": Attribute(NUMBER),
        "creator_id": Attribute(NUMBER),
        "steps": Attribute(OBJECT),
        **times(),
    },
    filters=("name",),
    sorting=("id", "created_at"),
    derived={"steps": lambda request, record: _embed(record["steps"], "step")},
)


def _embed(rows: list[Document], type: str) -> Document:
    items = [{"data": row, "meta": {"type": type}} for row in rows]
    return {"items": items, "meta": {"type": "collection", "count": len(items)}}


def check(change: Change) -> Iterable[Problem]:
    yield from check_attachment(change)
    if change.before and change.moves("state"):
        move = change.before["state"], change.record["state"]
        if move not in (("active", "finished"), ("blocked", "finished"), ("blocked", "active")):
            yield Problem("state", f"an enrollment that is {move[0]} cannot become {move[1]}", "incorrect_value")


def settle(change: Change) -> None:
    record = change.record
    if record["state"] == "finished" and not record.get("finished_at"):
        ended = {"finished_at": SELL.now(change.request), "finished_reason": "manual"}
        record |= {**ended, "finished_actor_id": change.request.user_id}


def _show_sequence(request: Request, record: Document) -> Any:
    sequence = request.collection("sequences").get(record["sequence_id"])
    return sequence and SEQUENCES.envelop(request, sequence)


def _show_position(request: Request, record: Document) -> int | None:
    """The last step that was executed."""
    done = [step["position"] for step, due in _list_due_steps(request, record) if due <= _find_end(request, record)]
    return done[-1] if done else None


def _show_steps(request: Request, record: Document) -> Document:
    """The steps; each is executed when it is due, so that none is ever overdue (inferred)."""
    end = _find_end(request, record)
    steps = [
        {**step, "overdue": False, "action": _show_action(due, done=due <= end)}
        for step, due in _list_due_steps(request, record)
    ]
    return _embed(steps, "enrollment_step")


def _show_action(due: str, *, done: bool) -> dict[str, Any]:
    told = {"status": "executed", "executed_at": due} if done else {"status": "scheduled", "estimated_execute_at": due}
    return {"executed_at": None, "estimated_execute_at": None, "failure_reason": None, **told}


def _find_end(request: Request, record: Document) -> str:
    """Until when steps are executed: as long as nobody stops them."""
    return record["finished_at"] or SELL.now(request)


def _list_due_steps(request: Request, record: Document) -> list[tuple[Document, str]]:
    """The steps of an enrollment, each with when it is due."""
    sequence = request.collection("sequences").get(record["sequence_id"]) or {"steps": []}
    due, steps = datetime.fromisoformat(record["created_at"]), []
    for step in sequence["steps"]:
        due = _add_delay(due, step["delay_from_previous_step"], step["delay_from_previous_step_unit"])
        steps.append((step, format_moment(due)))
    return steps


def _add_delay(at: datetime, delay: int, unit: str) -> datetime:
    if unit == "hours":
        return at + timedelta(hours=delay)
    while delay:
        at += timedelta(days=1)
        delay -= at.isoweekday() < 6
    return at


ENROLLMENTS = Resource(
    name="sequence_enrollments",
    type="sequence_enrollment",
    first_id=1_810_001,
    fields={
        "id": Attribute(NUMBER, read_only=True),
        "sequence_id": Attribute(NUMBER, required=True, create_only=True, hidden=True, links="sequences"),
        "sequence": Attribute(OBJECT, read_only=True),
        "actor_id": Attribute(NUMBER, create_only=True, links="users", default=lambda request: request.user_id),
        "resource_type": Attribute(TEXT, required=True, create_only=True, choices=("lead", "contact")),
        "resource_id": Attribute(NUMBER, required=True, create_only=True),
        "state": Attribute(TEXT, default="active", choices=("active", "blocked", "finished")),
        "previously_executed_step_position": Attribute(NUMBER, read_only=True),
        "enrollment_steps": Attribute(OBJECT, read_only=True),
        "finished_at": Attribute(DATETIME, read_only=True),
        "finished_reason": Attribute(TEXT, read_only=True),
        "finished_actor_id": Attribute(NUMBER, read_only=True),
        "created_at": times()["created_at"],
    },
    filters=("resource_type", "resource_id", "sequence_id"),
    sorting=("id", "created_at"),
    derived={
        "sequence": _show_sequence,
        "enrollment_steps": _show_steps,
        "previously_executed_step_position": _show_position,
    },
    rules=check,
    settle=settle,
)


def finish_ongoing(request: Request) -> Reply:
    """``POST /v2/sequence_enrollments/finish_ongoing_for_resource``"""
    given = _read_finish(read_payload(request))
    wanted = [Condition.equal(name, given[name]) for name in ("resource_type", "resource_id")]
    if given.get("sequence_ids"):
        wanted.append(Condition.among("sequence_id", given["sequence_ids"]))
    ongoing = Condition.every([*wanted, Condition.match(state="finished").negated()])
    found = request.collection("sequence_enrollments").find(ongoing)
    for enrollment in found:
        SELL.update(request, ENROLLMENTS, enrollment, {"state": "finished"})
    # inferred: a client reads these two names, and nobody says what they hold
    return Reply(200, {"data": {"enrollment_action": "finish", "updated_enrollments": len(found)}})


def _read_finish(given: Mapping[str, Any]) -> Document:
    """Whose enrollments shall be finished, and of which sequences."""
    readers = {"resource_type": TEXT.read, "resource_id": NUMBER.read, "sequence_ids": IDS.read}
    told = {name: given[name] for name in readers if given.get(name) is not None}
    values, problems = read_each(told, lambda name, value: readers[name](value))
    missing = [name for name in ("resource_type", "resource_id") if name not in told]
    problems += [Problem(name, f"{name} is required", "missing") for name in missing]
    if problems:
        raise incorrect(ENROLLMENTS, problems)
    return values


ROUTES = [
    *SELL.routes(SEQUENCES, "list", "retrieve"),
    Route("POST", "/v2/sequence_enrollments/finish_ongoing_for_resource", finish_ongoing, scope="write"),
    *SELL.routes(ENROLLMENTS, "list", "create", "retrieve", "update"),
    *(replace(route, method="PATCH") for route in SELL.routes(ENROLLMENTS, "update")),  # inferred: clients send either
]
