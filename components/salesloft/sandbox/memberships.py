"""Cadence memberships: who is on which cadence; one for each person and cadence."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Reply, Request, Route

from . import progress, records, tasks
from .cadences import ADMIN_OF_PERSONAL, CADENCES, addable
from .errors import Problem, Wrong, not_found
from .filters import ids, is_true, one, span
from .handlers import READ, existing, routes, scope_of, wrapped
from .parameters import Given, parameters
from .resources import BOTH, Change, Field, Resource, kept, known, link, now, times
from .resources import one as record_of
from .values import integer

COUNTS = ("views", "clicks", "replies", "calls", "sent_emails", "bounces")


def add(request: Request) -> Reply:
    """Put a person on a cadence; whoever was on it before is put on it again."""
    given = parameters(request)
    before = _before(request, given)
    if before is None:
        membership = records.create(request, MEMBERSHIPS, given)
    else:
        membership = records.update(request, MEMBERSHIPS, before, {"user_id": None, **given})
    stored = MEMBERSHIPS.kept(request.store).get(membership["id"]) or membership
    return wrapped(MEMBERSHIPS.shown(request, stored))


def take_off(request: Request) -> Reply:
    """Take a person off; where nobody is on it any more there is nothing to delete (inferred)."""
    membership = existing(request, MEMBERSHIPS)
    if not membership["currently_on_cadence"]:
        raise not_found()
    progress.take_off(request, membership)
    return Reply(204)


def _before(request: Request, given: Given) -> Document | None:
    try:
        return progress.of_pair(request, integer(given.get("person_id")), integer(given.get("cadence_id")))
    except Wrong:
        return None  # told with whatever else is wrong


def _rules(change: Change) -> Iterator[Problem]:
    request, record = change.request, change.record
    person = record_of(request, "people", record["person_id"])
    if person and person["do_not_contact"]:
        yield "person_id", "is not to be contacted"
    yield from _cadence_problems(request, record)
    step = record_of(request, "steps", change.given.get("step_id"))
    if step and step["cadence_id"] != record["cadence_id"]:
        yield "step_id", "is no step of this cadence"
    task = record_of(request, "tasks", change.given.get("task_id"))
    if task and (task["person_id"] != record["person_id"] or task["current_state"] != "scheduled"):
        yield "task_id", "is no open task for this person"


def _cadence_problems(request: Request, record: Document) -> Iterator[Problem]:
    here = Condition.equal("id", record["cadence_id"])
    cadences = CADENCES.kept(request.store)
    if not cadences.first(Condition.every([here, CADENCES.visible(request)])):
        yield "cadence_id", "does not exist"
        return
    user = kept(request, "users").get(record["user_id"] or request.user_id)
    assert user is not None, "links are checked before"
    if cadences.first(Condition.every([here, addable(user)])):
        return
    if cadences.first(Condition.every([here, addable({**user, ADMIN_OF_PERSONAL: True})])):
        yield "user_id", "may not have people on this cadence: it is neither a team cadence nor their own"
    else:
        yield "cadence_id", "is archived or a draft, and takes no people"


def _settle(change: Change) -> None:
    record = change.record
    record["user_id"] = record["user_id"] or change.request.user_id
    record |= {"added_at": now(change.request), "current_state": "active", "currently_on_cadence": True}
    for instruction in ("step_id", "task_id"):
        record.pop(instruction, None)


def _follow(change: Change) -> None:
    request, record = change.request, change.record
    person = record_of(request, "people", record["person_id"])
    assert person is not None, "links are checked before"
    on = list(dict.fromkeys([*person["cadence_ids"], record["cadence_id"]]))
    values = {"cadence_ids": on, "most_recent_cadence_id": record["cadence_id"], "untouched": False}
    records.touch(request, "people", person["id"], **values)
    progress.begin(request, record, record_of(request, "steps", change.given.get("step_id")))
    task = record_of(request, "tasks", change.given.get("task_id"))
    if task:
        tasks.complete(request, task)


MEMBERSHIPS = known(
    Resource(
        name="cadence_memberships",
        scope="cadences",
        first_id=660101,
        fields={
            "id": Field(),
            "current_state": Field(),
            "currently_on_cadence": Field(),
            "person_deleted": Field(default=False),
            "added_at": Field(),
            "person": link("people", BOTH, required=BOTH),
            "cadence": link("cadences", BOTH, required=BOTH),
            "user": link("users", BOTH),
            "latest_action": link("actions"),
            "counts": Field(default=dict.fromkeys(COUNTS, 0)),
            **times(),
            "step": link("steps", BOTH, hidden=True),
            "task": link("tasks", BOTH, hidden=True),
        },
        filters={
            "ids": ids(),
            "person_id": one("person_id", integer),
            "cadence_id": one("cadence_id", integer),
            "updated_at": span("updated_at"),
            "currently_on_cadence": is_true("currently_on_cadence"),
        },
        sorting={"updated_at": "updated_at", "added_at": "added_at"},
        rules=_rules,
        settle=_settle,
        follow=_follow,
    )
)
ROUTES = [
    *routes(MEMBERSHIPS, *READ),
    Route("POST", MEMBERSHIPS.route, add, scope_of("cadences", "POST")),
    Route("DELETE", MEMBERSHIPS.route + "/{id}", take_off, scope_of("cadences", "DELETE")),
]
