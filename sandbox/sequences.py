"""Sequences of mails and tasks, and who is enrolled in them."""

from collections.abc import Iterable
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import Change, Problem

from .attributes import DATETIME, NUMBER, OBJECT, TEXT, Attribute, now, times
from .errors import incorrect
from .resources import Resource, check_attachment
from .vendor import SELL

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
        ended = {"finished_at": now(change.request), "finished_reason": "manual"}
        record |= {**ended, "finished_actor_id": change.request.user_id}


def _show_sequence(request: Request, record: Document) -> Any:
    sequence = request.collection("sequences").get(record["sequence_id"])
    return sequence and SEQUENCES.envelop(request, sequence)


def _show_steps(request: Request, record: Document) -> Document:
    sequence = request.collection("sequences").get(record["sequence_id"]) or {"steps": []}
    done = record.get("previously_executed_step_position") or 0
    steps = [{**step, "overdue": False, "action": _show_action(step["position"] <= done)} for step in sequence["steps"]]
    return _embed(steps, "enrollment_step")


def _show_action(done: bool) -> dict[str, Any]:
    status = "executed" if done else "scheduled"
    return {"status": status, "executed_at": None, "estimated_execute_at": None, "failure_reason": None}


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
    derived={"sequence": _show_sequence, "enrollment_steps": _show_steps},
    rules=check,
    settle=settle,
)


def finish_ongoing(request: Request) -> Reply:
    """``POST /v2/sequence_enrollments/finish_ongoing_for_resource``"""
    given = SELL.payload(request)
    missing = [name for name in ("resource_type", "resource_id") if given.get(name) is None]
    if missing:
        raise incorrect(ENROLLMENTS, [Problem(name, f"{name} is required", "missing") for name in missing])
    wanted = [Condition.equal(name, given[name]) for name in ("resource_type", "resource_id")]
    if given.get("sequence_ids"):
        wanted.append(Condition.among("sequence_id", given["sequence_ids"]))
    ongoing = Condition.every([*wanted, Condition.match(state="finished").negated()])
    for enrollment in request.collection("sequence_enrollments").find(ongoing):
        SELL.update(request, ENROLLMENTS, enrollment, {"state": "finished"})
    return Reply(204)  # inferred


ROUTES = [
    *SELL.routes(SEQUENCES, "list", "retrieve"),
    Route("POST", "/v2/sequence_enrollments/finish_ongoing_for_resource", finish_ongoing, scope="write"),
    *SELL.routes(ENROLLMENTS, "list", "create", "retrieve"),
    Route(
        "PATCH", "/v2/sequence_enrollments/{id}", lambda request: SELL.update_one(request, ENROLLMENTS), scope="write"
    ),  # inferred: no other resource knows PATCH
]
