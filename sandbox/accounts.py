"""The account and its users; both can only be read."""

from sales_connectors.imitation import Reply, Request, Route

from .attributes import BOOLEAN, DATETIME, NAMES, NUMBER, OBJECT, TEXT, Attribute, times
from .queries import check_parameters, match_some
from .resources import Resource
from .vendor import SELL

ACCOUNTS = Resource(
    name="accounts",
    type="account",
    first_id=1_000_001,
    fields={
        "id": Attribute(NUMBER),
        "name": Attribute(TEXT),
        "currency": Attribute(TEXT),
        "time_format": Attribute(TEXT),
        "timezone": Attribute(TEXT),
        "phone": Attribute(TEXT),
        "subdomain": Attribute(TEXT),
        **times(),
    },
    reads="profile",
)

USERS = Resource(
    name="users",
    type="user",
    first_id=1_100_001,
    fields={
        "id": Attribute(NUMBER),
        "name": Attribute(TEXT),
        "email": Attribute(TEXT),
        "status": Attribute(TEXT),
        "invited": Attribute(BOOLEAN),
        "confirmed": Attribute(BOOLEAN),
        "phone_number": Attribute(TEXT),
        "role": Attribute(TEXT),
        "roles": Attribute(OBJECT),
        "team_name": Attribute(TEXT),
        "group": Attribute(OBJECT),
        "reports_to": Attribute(NUMBER),
        "timezone": Attribute(TEXT),
        "deleted_at": Attribute(DATETIME),
        "zendesk_user_id": Attribute(NUMBER),
        "identity_type": Attribute(TEXT),
        "system_tags": Attribute(NAMES),
        "detached": Attribute(BOOLEAN),
        "sell_login_disabled": Attribute(BOOLEAN),
        **times(),
    },
    filters=("name", "email", "role", "status", "confirmed"),
    special={"zendesk_user_ids": match_some("zendesk_user_id", NUMBER)},
    sorting=("id", "name", "updated_at"),
    reads="profile",
)


def retrieve_own_account(request: Request) -> Reply:
    """``GET /v2/accounts/self``"""
    check_parameters(request, [])
    return Reply(200, ACCOUNTS.envelop(request, request.collection("accounts").find(limit=1)[0]))


def retrieve_own_user(request: Request) -> Reply:
    """``GET /v2/users/self``"""
    check_parameters(request, [])
    user = request.collection("users").get(request.user_id)
    assert user is not None, "tokens belong to users that are there"
    return Reply(200, USERS.envelop(request, user))


def is_admin(request: Request) -> bool:
    user = request.collection("users").get(request.user_id)
    return user is not None and user["role"] == "admin"


ROUTES = [
    Route("GET", "/v2/accounts/self", retrieve_own_account, scope="profile"),
    Route("GET", "/v2/users/self", retrieve_own_user, scope="profile"),
    *SELL.routes(USERS, "list", "retrieve"),
]
