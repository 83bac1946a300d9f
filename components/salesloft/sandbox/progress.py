"""How people move along cadences: each step becomes an action, and an action that is done makes room for the next."""

from datetime import timedelta

from sales_connectors.imitation import Condition, Document, Request

from .cadences import after, steps_of
from .values import format_moment
from .vendor import SALESLOFT

COMPLETED, REMOVED = "completed", "removed"


def begin(request: Request, membership: Document, step: Document | None) -> None:
    """Set a person on a step; an action that was open for them in this cadence goes."""
    clear(request, membership)
    steps = steps_of(request, membership["cadence_id"])
    first = step or next(iter(steps), None)
    if first:
        _open(request, membership, first, days=0)


def complete(request: Request, action: Document) -> None:
    """An action is done: nobody sees it any more, and the next step is up, or the cadence is over."""
    step = request.collection("steps").get(action["step_id"])
    membership = of_pair(request, action["person_id"], action["cadence_id"])
    request.collection("actions").delete(action["id"])
    done = {"last_completed_step_id": action["step_id"], "last_completed_step_cadence_id": action["cadence_id"]}
    SALESLOFT.touch(request, "people", action["person_id"], **done)
    if step is None or membership is None:
        return
    following = after(steps_of(request, action["cadence_id"]), step)
    if following:
        _open(request, membership, following, days=following["day"] - step["day"])
    else:
        take_off(request, membership, COMPLETED)


def take_off(request: Request, membership: Document, state: str = REMOVED) -> None:
    """End a membership."""
    clear(request, membership)
    ended = {"current_state": state, "currently_on_cadence": False}
    SALESLOFT.touch(request, "cadence_memberships", membership["id"], **ended)
    person = request.collection("people").get(membership["person_id"])
    if person:
        others = [id for id in person["cadence_ids"] if id != membership["cadence_id"]]
        SALESLOFT.touch(request, "people", person["id"], cadence_ids=others)


def take_off_all(request: Request, person_id: int) -> None:
    """Take a person off every cadence."""
    on = Condition.match(person_id=person_id, currently_on_cadence=True)
    for membership in request.collection("cadence_memberships").find(on):
        take_off(request, membership)


def say_deleted(request: Request, person_id: int) -> None:
    """The memberships of a deleted person stay, and say so."""
    for membership in request.collection("cadence_memberships").find(Condition.match(person_id=person_id)):
        SALESLOFT.touch(request, "cadence_memberships", membership["id"], person_deleted=True)


def of_pair(request: Request, person_id: int, cadence_id: int) -> Document | None:
    """The one membership of a person in a cadence."""
    pair = Condition.match(person_id=person_id, cadence_id=cadence_id)
    return request.collection("cadence_memberships").first(pair)


def clear(request: Request, membership: Document) -> None:
    """Drop the actions that are open for a membership."""
    pair = Condition.match(person_id=membership["person_id"], cadence_id=membership["cadence_id"])
    for action in request.collection("actions").find(pair):
        request.collection("actions").delete(action["id"])


def _open(request: Request, membership: Document, step: Document, *, days: int) -> None:
    people = {name: membership[name] for name in ("user_id", "person_id", "cadence_id")}
    due = {"due_on": format_moment(request.clock.today() + timedelta(days=days))}
    action = SALESLOFT.enter(request, "actions", {**people, "step_id": step["id"], "type": step["type"], **due})
    state = "active" if days == 0 else "scheduled"
    SALESLOFT.touch(
        request, "cadence_memberships", membership["id"], current_state=state, latest_action_id=action["id"]
    )
