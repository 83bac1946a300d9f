"""An imitation of the Zendesk Sell API: core (v2), Firehose, search (v3) and OAuth."""

from collections.abc import Sequence

from sales_connectors.imitation import OAuth, Rate, Reply, Request, Service, Store, User

from . import (
    accounts,
    calls,
    collaborations,
    contacts,
    deals,
    definitions,
    documents,
    firehose,
    leads,
    notes,
    orders,
    pipelines,
    products,
    reasons,
    search,
    sequences,
    tags,
    tasks,
    visits,
)  # fmt: skip
from .errors import refuse, refused, request_id
from .seed import seed

OAUTH = OAuth(
    revoke="/oauth2/revoke",
    info="/oauth2/token/info",
    scopes=("read", "write", "profile", "sync"),
    grants=("authorization_code", "refresh_token", "password"),
    implicit=True,
)
JSON = ("*/*", "application/*", "application/json")


def service() -> Service:
    """The imitation, as the engine serves it."""
    parts = (
        accounts, calls, collaborations, contacts, deals, documents, leads, notes, orders, pipelines, products, reasons,
        sequences, tags, tasks, visits, definitions, firehose, search,
    )  # fmt: skip
    return Service(
        name="Zendesk Sell",
        routes=[route for part in parts for route in part.ROUTES],
        refuse=refuse,
        seed=seed,
        users=list_users,
        oauth=OAUTH,
        rate=Rate(10),
        check=check,
        finish=finish,
        suffix=".json",
        quirks=firehose.QUIRKS,
    )


def list_users(store: Store) -> Sequence[User]:
    """Who can sign in; the administrator who set the account up comes first."""
    active = [user for user in store.collection("users").find() if user["status"] == "active"]
    return [User(user["id"], user["name"], user["email"]) for user in active]


def check(request: Request) -> None:
    """The headers that every request needs."""
    if not request.headers.get("user-agent", "").strip():
        raise refused(400, "The User-Agent header is missing.", "invalid_user_agent")
    accepted = [kind.partition(";")[0].strip().lower() for kind in request.headers.get("accept", "*/*").split(",")]
    if not set(accepted) & set(JSON):
        raise refused(406, "This API speaks application/json only.")


def finish(request: Request, reply: Reply) -> Reply:
    """What every reply carries."""
    return reply.with_headers({"X-Request-Id": request_id(), "Content-Language": "en", "Vary": "Accept-Language"})
