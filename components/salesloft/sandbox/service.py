"""An imitation of the Salesloft API (v2) and its OAuth."""

from collections.abc import Mapping, Sequence

from sales_connectors.imitation import Budget, OAuth, Rate, Reply, Request, Service, Store, User
from sales_connectors.imitation.kit import Wrong

from . import (
    accounts,
    bulk_jobs,
    cadences,
    calls,
    crm,
    customs,
    emails,
    imports,
    meetings,
    memberships,
    notes,
    people,
    stages,
    successes,
    tags,
    tasks,
    team,
    templates,
    upserts,
    users,
    webhooks,
)  # fmt: skip
from .errors import refuse
from .parameters import nested
from .rights import SCOPES
from .seed import seed
from .values import integer

PARTS = (
    accounts, bulk_jobs, cadences, calls, crm, customs, emails, imports, meetings, memberships, notes, people,
    stages, successes, tags, tasks, team, templates, upserts, users, webhooks,
)  # fmt: skip
OAUTH = OAuth(
    authorize="/oauth/authorize",
    token="/oauth/token",
    revoke=None,
    info=None,
    scopes=SCOPES,
    grants=("authorization_code", "refresh_token", "client_credentials"),
    access_life=7200,
    token_alphabet="0123456789abcdef",
    personal_prefix="ak_",
    connection="oauth2",
)
COSTS = ((100, 1), (150, 3), (250, 8), (500, 10))
DEEPEST = 30


def service() -> Service:
    """The imitation, as the engine serves it."""
    return Service(
        name="Salesloft",
        routes=[route for part in PARTS for route in part.ROUTES],
        refuse=refuse,
        seed=seed,
        users=list_users,
        oauth=OAUTH,
        rate=Rate(600, period=60, window="fixed", payer="everybody", cost=count_points, headers=write_rate_headers),
        finish=finish,
        suffix=".json",
    )


def list_users(store: Store) -> Sequence[User]:
    """Who can sign in; the administrator who set the team up comes first."""
    active = [user for user in store.collection("users").find() if user["active"]]
    return [User(user["id"], user["name"], user["email"]) for user in active]


def count_points(request: Request) -> float:
    """The points that a request takes: deep pages are dear."""
    try:
        page = integer(nested(request.query).get("page", 1))
    except Wrong:
        page = 1
    return next((points for last, points in COSTS if page <= last), DEEPEST)


def write_rate_headers(budget: Budget) -> Mapping[str, str]:
    return {"x-ratelimit-remaining-minute": str(int(budget.left))}


def finish(request: Request, reply: Reply) -> Reply:
    """What every reply of the API carries."""
    if not request.path.startswith("/v2/"):
        return reply
    return reply.with_headers({"x-ratelimit-endpoint-cost": str(int(count_points(request)))})
