"""Tasks; a second one with the same idempotency key is the first one again."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import BOTH, CREATE, READ, UPDATE, Change, Problem

from .filters import match_ids, match_one, match_some, match_span, match_through
from .parameters import parameters
from .resources import Field, Resource, link, times, writable
from .rights import named_user, scope_of, take_user
from .values import day, flag, integer, moment, one_of, text
from .vendor import SALESLOFT, wrap

KINDS = ("call", "email", "general")
SCHEDULED, COMPLETED = "scheduled", "completed"
INTERVALS = ("overdue", "today", "tomorrow", "this_week", "next_week")
PAST = ("today", "yesterday", "this_week", "last_week")  # inferred


def create(request: Request) -> Reply:
    """Make a task, unless there is one with this idempotency key, which is what comes back then (inferred)."""
    key = parameters(request).get("idempotency_key")
    known_by_it = request.collection("tasks").first(Condition.equal("idempotency_key", str(key))) if key else None
    return wrap(TASKS.show(request, known_by_it)) if known_by_it else SALESLOFT.create_one(request, TASKS)


def complete(request: Request, task: Document) -> None:
    SALESLOFT.touch(request, "tasks", task["id"], **_complete_fields(request))


def _complete_fields(request: Request) -> dict[str, Any]:
    return {"current_state": COMPLETED, "completed_at": SALESLOFT.now(request), "completed_by_id": request.user_id}


def _check(change: Change) -> Iterator[Problem]:
    if change.is_new and change.record["current_state"] not in (None, SCHEDULED):
        yield Problem("current_state", f"has to be {SCHEDULED}")
    if change.before and change.before["current_state"] == COMPLETED and change.moves("current_state"):
        yield Problem("current_state", f"stays {COMPLETED}")
    yield from named_user(change)  # inferred: that the rule for calls and notes holds for tasks too


def _settle(change: Change) -> None:
    record, request = change.record, change.request
    take_user(change)
    if change.is_new:
        record |= {"current_state": SCHEDULED, "created_by_user_id": request.user_id}
    elif change.moves("current_state"):
        record |= _complete_fields(request)


def _match_due(request: Request, value: Any) -> Condition:
    """Tasks that are due in a stretch of days; weeks begin on Monday (inferred)."""
    interval = one_of(*INTERVALS)(value)
    today = request.clock.today().date()
    if interval == "overdue":
        late = [Condition.below("due_date", today.isoformat()), Condition.match(current_state=SCHEDULED)]
        return Condition.every(late)
    return _match_between("due_date", *_find_days(interval, today))


def _match_completed(request: Request, value: Any) -> Condition:
    return _match_between("completed_at", *_find_days(one_of(*PAST)(value), request.clock.today().date()))


def _find_days(interval: str, today: date) -> tuple[date, int]:
    """The first day of an interval, and how many it has."""
    monday = today - timedelta(days=today.weekday())
    return {
        "yesterday": (today - timedelta(days=1), 1),
        "today": (today, 1),
        "tomorrow": (today + timedelta(days=1), 1),
        "last_week": (monday - timedelta(days=7), 7),
        "this_week": (monday, 7),
        "next_week": (monday + timedelta(days=7), 7),
    }[interval]


def _match_between(path: str, first: date, days: int) -> Condition:
    end = Condition.below(path, (first + timedelta(days=days)).isoformat())
    return Condition.every([end, Condition.below(path, first.isoformat()).negated(), Condition.missing(path, False)])


TASKS = Resource(
    name="tasks",
    scope="tasks",
    first_id=550801,
    fields={
        "id": Field(),
        "subject": writable(text, required=(CREATE,)),
        "description": writable(text),
        "task_type": writable(one_of(*KINDS), required=(CREATE,)),
        "current_state": writable(one_of(SCHEDULED, COMPLETED)),
        "due_date": writable(day, required=(CREATE,)),
        "due_at": writable(moment, (UPDATE,)),
        "remind_at": writable(moment),
        "completed_at": Field(),
        "expires_after": Field(),
        "person": link("people", BOTH, required=(CREATE,)),
        "user": link("users", BOTH),
        "created_by_user": link("users"),
        "completed_by": link("users"),
        "opportunity": link("opportunities"),
        **times(),
        "user_guid": writable(text, instruction=True),
        "is_logged": writable(flag, (UPDATE,), instruction=True),
        "idempotency_key": writable(text, (CREATE,), hidden=True),
        "source": Field(default="api", hidden=True),
    },
    filters={
        "ids": match_ids(),
        "user_id": match_some("user_id", integer),
        "person_id": match_some("person_id", integer),
        "account_id": match_through("person_id", "people", match_some("account_id", integer)),
        "current_state": match_some("current_state", one_of(SCHEDULED, COMPLETED)),
        "task_type": match_some("task_type", one_of(*KINDS)),
        "time_interval_filter": _match_due,
        "completed_time_interval": _match_completed,
        "idempotency_key": match_one("idempotency_key"),
        "locale": match_through("person_id", "people", match_some("locale")),
        "source": match_some("source"),
        "updated_at": match_span("updated_at"),
        "completed_at": match_span("completed_at"),
    },
    sorting={"due_date": "due_date", "due_at": "due_at", "updated_at": "updated_at"},
    ascending=True,
    rules=_check,
    settle=_settle,
)
ROUTES = [
    Route("POST", TASKS.route, create, scope_of("tasks", "POST")),
    *SALESLOFT.routes(TASKS, *READ, "update"),
]
