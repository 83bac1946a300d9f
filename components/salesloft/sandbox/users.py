"""Users, their groups and roles; the app keeps them, the API only reads."""

import re
from typing import Any

from sales_connectors.imitation import ANY, Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import READ

from .filters import IS_NULL, is_true, match_guid, match_ids, match_one, match_some
from .queries import sort_through
from .resources import BY_TIME, Field, Resource, link, link_to, times
from .rights import asker, is_admin
from .team import TEAM, TEAM_ID
from .values import flag, integer, text
from .vendor import SALESLOFT, wrap

TEXTS = (
    "sending_email_address", "from_address", "full_email_address", "bcc_email_address", "email_signature",
    "email_signature_type", "email_client_email_address", "slack_username", "twitter_handle",
)  # fmt: skip
FLAGS = (
    "email_signature_click_tracking_disabled", "email_client_configured", "click_to_call_enabled",
    "local_dial_enabled", "crm_connected",
)  # fmt: skip


ROLE_ID = re.compile("[0-9]{1,15}")


def retrieve_me(request: Request) -> Reply:
    """Whose token it is."""
    return wrap(USERS.show(request, asker(request)))


def _see_users(request: Request) -> Condition:
    """An administrator sees the team; others see the users of the groups that theirs may see, and themselves."""
    if is_admin(request):
        return ANY
    group = request.collection("groups").get(asker(request)["group_id"])
    own = Condition.match(id=request.user_id)
    return Condition.some([own, Condition.among("group_id", group["accessible_group_ids"] if group else [])])


def _match_search(request: Request, value: Any) -> Condition:
    """Every word occurs in the name or in the email address."""
    return Condition.every(
        Condition.some(Condition.contains(path, word) for path in ("name", "email")) for word in str(value).split()
    )


def _match_visible(request: Request, value: Any) -> Condition:
    return Condition.match(active=True) if flag(value) else ANY


def _show_role(request: Request, user: Document) -> Document:
    """The two built-in roles have a name for an id."""
    return {"id": user["role_id"]}


def _show_team(request: Request, user: Document) -> Document:
    """The team has an address of its own, without an id."""
    return {"id": TEAM_ID, "_href": f"{request.base_url}{TEAM.route}"}


def _show_accessible(request: Request, group: Document) -> list[Document | None]:
    return [link_to(request, "groups", id) for id in group["accessible_group_ids"]]


def _show_id(request: Request, role: Document) -> str:
    return str(role["id"])


def _match_role_ids(request: Request, value: Any) -> Condition:
    """Ids of roles are text; one that no role has finds nothing."""
    chosen = value if isinstance(value, list) else [value]
    return Condition.among("id", [int(id) for id in map(str, chosen) if ROLE_ID.fullmatch(id)])


USERS = Resource(
    name="users",
    scope="team",
    first_id=40211,
    fields={
        "id": Field(),
        "guid": Field(),
        "name": Field(),
        "first_name": Field(),
        "last_name": Field(),
        "email": Field(),
        "active": Field(default=True),
        "job_role": Field(),
        "team_admin": Field(default=False),
        "time_zone": Field(),
        "work_country": Field(),
        "role": Field(),
        "group": link("groups"),
        "team": Field(),
        **{name: Field() for name in TEXTS},
        **{name: Field(default=False) for name in FLAGS},
        "phone_client": link("phone_clients"),
        "phone_number_assignment": link("phone_number_assignments"),
        "external_feature_flags": Field(default={}),
        **times(),
    },
    derived={"role": _show_role, "team": _show_team},
    visible=_see_users,
    whole=True,
    filters={
        "ids": match_ids(),
        "guid": match_some("guid"),
        "group_id": match_some("group_id", integer, null=IS_NULL),
        "role_id": match_some("role_id", text),
        "search": _match_search,
        "active": is_true("active"),
        "visible_only": _match_visible,
        "has_crm_user": is_true("crm_connected"),
        "work_country": match_some("work_country"),
        "seat_package": match_one("seat_package"),
        "manager_user_guid": match_guid("manager_id"),
    },
    usual={"visible_only": "true"},
    sorting={
        "id": "id",
        "email": "email",
        "name": "name",
        "group": sort_through("users", "group_id", "groups"),
        "role": "role_id",
    },
)
GROUPS = Resource(
    name="groups",
    scope="team",
    first_id=81,
    fields={"id": Field(), "name": Field(), "parent_id": Field(), "accessible_groups": Field(), **times(hidden=True)},
    derived={"accessible_groups": _show_accessible},
    paged=False,
    filters={"ids": match_ids()},
    sorting=BY_TIME,
)
CUSTOM_ROLES = Resource(
    name="custom_roles",
    scope="team",
    first_id=51,
    fields={"id": Field(), "name": Field()},
    derived={"id": _show_id},
    filters={"ids": _match_role_ids},
    sorting={"id": "id", "name": "name"},
)
ROUTES = [
    Route("GET", "/v2/me", retrieve_me),
    *SALESLOFT.routes(USERS, *READ),
    *SALESLOFT.routes(GROUPS, *READ),
    *SALESLOFT.routes(CUSTOM_ROLES, "list"),
]
