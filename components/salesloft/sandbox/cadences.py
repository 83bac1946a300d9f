"""Cadences, their steps, and the actions that are open in them; the app keeps the first two, the API only reads."""

import json
from collections.abc import Iterable
from typing import Any

from sales_connectors.imitation import ANY, Condition, Document, Request, field
from sales_connectors.imitation.kit import READ, Wrong

from .filters import (
    IS_NULL,
    holds_any,
    is_there,
    is_true,
    match_flag,
    match_guid,
    match_ids,
    match_one,
    match_some,
    match_span,
)
from .resources import BY_TIME, Field, Resource, link, link_to, times
from .rights import asker, is_admin, own_or_admin
from .values import integer
from .vendor import SALESLOFT

ADMIN_OF_PERSONAL = "personal_cadence_admin"


def _see_cadences(request: Request) -> Condition:
    """An administrator sees all of them, others those of the team, shared ones, and their own."""
    if is_admin(request):
        return ANY
    own = Condition.match(owner_id=request.user_id)
    return Condition.some([own, *(Condition.equal(path, True) for path in ("team_cadence", "shared"))])


def addable(user: Document) -> Condition:
    """Cadences to which people can be added in the name of this user.

    The vendor says so of other users than the caller; that it holds for the caller too is inferred.
    """
    takes_people = [Condition.missing("archived_at"), Condition.match(draft=False)]
    if user[ADMIN_OF_PERSONAL]:
        return Condition.every(takes_people)
    mine = Condition.some([Condition.match(team_cadence=True), Condition.match(owner_id=user["id"])])
    return Condition.every([*takes_people, mine])


def _match_groups(request: Request, value: Any) -> Condition:
    """One id, or a list of them written as JSON (inferred from the 2019 definition)."""
    if value == IS_NULL:
        return holds_any("group_ids", null=True)(request, value)
    try:
        chosen = json.loads(value)
    except (ValueError, TypeError):
        raise Wrong("is not an id, nor a list of ids") from None
    return holds_any("group_ids", integer)(request, chosen)


def _show_groups(request: Request, cadence: Document) -> list[Document | None]:
    return [link_to(request, "groups", id) for id in cadence["group_ids"]]


def _show_counts(request: Request, cadence: Document) -> dict[str, int]:
    on_it = Condition.match(cadence_id=cadence["id"], currently_on_cadence=True)
    return {**cadence["counts"], "cadence_people": request.collection("cadence_memberships").count(on_it)}


def _have_due_actions(request: Request) -> Condition:
    return Condition.among(
        "id", {action["step_id"] for action in request.collection("actions").find(_are_due(request))}
    )


def _are_due(request: Request) -> Condition:
    return Condition(f"{field('due_on')} <= ?", (SALESLOFT.now(request),))


def _is_due(request: Request, action: Document) -> bool:
    return bool(action["due_on"] <= SALESLOFT.now(request))


def _show_unserved(name: str) -> Any:
    """A related record whose own address the API does not serve here."""
    return lambda request, record: link_to(request, "", record.get(name))


CADENCES = Resource(
    name="cadences",
    scope="cadences",
    first_id=12001,
    fields={
        "id": Field(),
        "name": Field(),
        "team_cadence": Field(default=False),
        "shared": Field(default=False),
        "draft": Field(default=False),
        "cadence_framework_id": Field(),
        "cadence_function": Field(default="outbound"),
        "cadence_priority": Field(),
        "external_identifier": Field(),
        "tags": Field(default=[]),
        "opt_out_link_included": Field(default=False),
        "remove_bounces_enabled": Field(default=True),
        "remove_replies_enabled": Field(default=True),
        "owner": link("users"),
        "creator": link("users"),
        "groups": Field(),
        "added_stage": link("person_stages"),
        "replied_stage": link("person_stages"),
        "bounced_stage": link("person_stages"),
        "finished_stage": link("person_stages"),
        "counts": Field(),
        "archived_at": Field(),
        **times(),
        "group_ids": Field(default=[], hidden=True),
    },
    derived={"groups": _show_groups, "counts": _show_counts, "cadence_priority": _show_unserved("cadence_priority")},
    visible=_see_cadences,
    filters={
        "ids": match_ids(),
        "updated_at": match_span("updated_at"),
        "team_cadence": is_true("team_cadence"),
        "shared": is_true("shared"),
        "owned_by_guid": match_guid("owner_id"),
        "people_addable": match_flag(lambda request: addable(asker(request))),
        "name": match_some("name"),
        "group_ids": _match_groups,
        "archived": is_there("archived_at"),
    },
    sorting={**BY_TIME, "name": "name"},
)
STEPS = Resource(
    name="steps",
    scope="cadences",
    first_id=45001,
    fields={
        "id": Field(),
        "name": Field(),
        "display_name": Field(),
        "type": Field(),
        "day": Field(),
        "step_number": Field(),
        "disabled": Field(default=False),
        "multitouch_enabled": Field(default=False),
        "details": Field(),
        "cadence": link("cadences"),
        **times(),
    },
    derived={"details": _show_unserved("details")},
    filters={
        "ids": match_ids(),
        "cadence_id": match_one("cadence_id", integer),
        "type": match_one("type"),
        "has_due_actions": match_flag(_have_due_actions),
        "updated_at": match_span("updated_at"),
    },
)
ACTIONS = Resource(
    name="actions",
    scope="activities",
    first_id=330101,
    fields={
        "id": Field(),
        "type": Field(),
        "status": Field(default="in_progress"),
        "due": Field(),
        "due_on": Field(),
        "multitouch_group_id": Field(),
        "action_details": Field(),
        "user": link("users"),
        "person": link("people"),
        "cadence": link("cadences"),
        "step": link("steps"),
        **times(),
    },
    derived={"due": _is_due, "action_details": _show_unserved("step_id")},
    visible=own_or_admin("user_id"),
    filters={
        "ids": match_ids(),
        "step_id": match_one("step_id", integer),
        "type": match_one("type"),
        "due_on": match_span("due_on"),
        "user_guid": match_guid("user_id"),
        "person_id": match_some("person_id", integer),
        "cadence_id": match_some("cadence_id", integer),
        "multitouch_group_id": match_some("multitouch_group_id", integer),
        "updated_at": match_span("updated_at"),
    },
)
ROUTES = [*SALESLOFT.routes(CADENCES, *READ), *SALESLOFT.routes(STEPS, *READ), *SALESLOFT.routes(ACTIONS, *READ)]


def steps_of(request: Request, cadence_id: int) -> list[Document]:
    """The steps of a cadence, in their order."""
    usable = Condition.match(cadence_id=cadence_id, disabled=False)
    return request.collection("steps").find(usable, order=[("step_number", False)])


def after(steps: Iterable[Document], step: Document) -> Document | None:
    """The step that follows, if there is one."""
    return next((later for later in steps if later["step_number"] > step["step_number"]), None)
