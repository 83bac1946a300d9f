"""Cadence memberships: who is on which cadence; one for each person and cadence."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import BOTH, READ, Change, Problem, Wrong

from . import progress, tasks
from .cadences import ADMIN_OF_PERSONAL, CADENCES, addable
from .errors import not_found
from .filters import is_true, match_ids, match_one, match_span
from .parameters import Given, parameters
from .resources import Field, Resource, link, times
from .rights import scope_of
from .values import integer
from .vendor import SALESLOFT, wrap

COUNTS = ("views", "clicks", "replies", "calls", "sent_emails", "bounces")


def put_on_cadence(request: Request) -> Reply:
    """Put a person on a cadence; whoever was on it before is put on it again."""
    given = parameters(request)
    before = _find_former(request, given)
    if before is None:
        membership = SALESLOFT.create(request, MEMBERSHIPS, given)
    else:
        membership = SALESLOFT.update(request, MEMBERSHIPS, before, {"user_id": None, **given})
    return wrap(MEMBERSHIPS.show(request, membership))


def take_off_cadence(request: Request) -> Reply:
    """Take a person off; where nobody is on it any more there is nothing to delete (inferred)."""
    membership = SALESLOFT.find(request, MEMBERSHIPS)
    if not membership["currently_on_cadence"]:
        raise not_found()
    progress.take_off(request, membership)
    return Reply(204)


def _find_former(request: Request, given: Given) -> Document | None:
    try:
        return progress.of_pair(request, integer(given.get("person_id")), integer(given.get("cadence_id")))
    except Wrong:
        return None  # told with whatever else is wrong


def _check(change: Change) -> Iterator[Problem]:
    request, record = change.request, change.record
    person = request.collection("people").get(record["person_id"])
    if person and person["do_not_contact"]:
        yield Problem("person_id", "is not to be contacted")
    yield from _check_cadence(request, record)
    step = request.collection("steps").get(change.given.get("step_id"))
    if step and step["cadence_id"] != record["cadence_id"]:
        yield Problem("step_id", "is no step of this cadence")
    task = request.collection("tasks").get(change.given.get("task_id"))
    if task and (task["person_id"] != record["person_id"] or task["current_state"] != "scheduled"):
        yield Problem("task_id", "is no open task for this person")


def _check_cadence(request: Request, record: Document) -> Iterator[Problem]:
    here = Condition.match(id=record["cadence_id"])
    cadences = request.collection("cadences")
    if not cadences.first(Condition.every([here, CADENCES.visible(request)])):
        yield Problem("cadence_id", "does not exist")
        return
    user = request.collection("users").get(record["user_id"] or request.user_id)
    assert user is not None, "links are checked before"
    if cadences.first(Condition.every([here, addable(user)])):
        return
    if cadences.first(Condition.every([here, addable({**user, ADMIN_OF_PERSONAL: True})])):
        yield Problem("user_id", "may not have people on this cadence: it is neither a team cadence nor their own")
    else:
        yield Problem("cadence_id", "is archived or a draft, and takes no people")


def _settle(change: Change) -> None:
    record = change.record
    record["user_id"] = record["user_id"] or change.request.user_id
    record |= {"added_at": SALESLOFT.now(change.request), "current_state": "active", "currently_on_cadence": True}


def _follow(change: Change) -> None:
    request, record = change.request, change.record
    person = request.collection("people").get(record["person_id"])
    assert person is not None, "links are checked before"
    on = list(dict.fromkeys([*person["cadence_ids"], record["cadence_id"]]))
    values = {"cadence_ids": on, "most_recent_cadence_id": record["cadence_id"], "untouched": False}
    SALESLOFT.touch(request, "people", person["id"], **values)
    progress.begin(request, record, request.collection("steps").get(change.given.get("step_id")))
    task = request.collection("tasks").get(change.given.get("task_id"))
    if task:
        tasks.complete(request, task)


MEMBERSHIPS = Resource(
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
        "step": link("steps", BOTH, instruction=True),
        "task": link("tasks", BOTH, instruction=True),
    },
    filters={
        "ids": match_ids(),
        "person_id": match_one("person_id", integer),
        "cadence_id": match_one("cadence_id", integer),
        "updated_at": match_span("updated_at"),
        "currently_on_cadence": is_true("currently_on_cadence"),
    },
    sorting={"updated_at": "updated_at", "added_at": "added_at"},
    rules=_check,
    settle=_settle,
    follow=_follow,
)
ROUTES = [
    *SALESLOFT.routes(MEMBERSHIPS, *READ),
    Route("POST", MEMBERSHIPS.route, put_on_cadence, scope_of("cadences", "POST")),
    Route("DELETE", MEMBERSHIPS.route + "/{id}", take_off_cadence, scope_of("cadences", "DELETE")),
]
