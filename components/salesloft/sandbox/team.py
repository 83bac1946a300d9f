"""The team, of which there is one; the app keeps it, the API only reads it."""

from sales_connectors.imitation import Reply, Request, Route

from .resources import Field, Resource, times
from .rights import scope_of
from .vendor import wrap

TEAM_ID = 1
FLAGS = (
    "local_dial_enabled", "record_by_default", "call_recording_disabled", "dispositions_required",
    "sentiments_required", "deactivated",
)  # fmt: skip


def retrieve_team(request: Request) -> Reply:
    """``GET /v2/team``, which takes no id."""
    team = request.collection("team").get(TEAM_ID)
    assert team is not None, "a sandbox begins with a team"
    return wrap(TEAM.show(request, team))


TEAM = Resource(
    name="team",
    scope="team",
    first_id=TEAM_ID,
    fields={
        "id": Field(),
        "name": Field(),
        "plan": Field(default="enterprise"),
        "plan_features": Field(default={}),
        "license_limit": Field(),
        "group_privacy_setting": Field(default="group_public"),
        "team_visibility_default": Field(default="public"),
        "email_daily_limit": Field(default=1000),
        "click_tracking_default": Field(default=True),
        "allow_automated_email_steps": Field(default=True),
        "custom_tracking_domain": Field(),
        **{name: Field(default=False) for name in FLAGS},
        **times(),
    },
)
ROUTES = [Route("GET", TEAM.route, retrieve_team, scope_of("team", "GET"))]
