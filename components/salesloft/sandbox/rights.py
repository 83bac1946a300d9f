"""Who may do what: scopes of tokens, and the rights of users."""

from collections.abc import Callable, Iterable

from sales_connectors.imitation import Condition, Document, Request

from .errors import Problem, refused
from .resources import Change, kept, one
from .values import text

PLAIN = ("accounts", "people", "opportunities", "cadences", "notes", "tasks", "team", "workflow")
SCOPES = (
    *(f"{resource}:{verb}" for resource in PLAIN for verb in ("read", "write", "delete")),
    *(f"{resource}:{verb}" for resource in ("activities", "calls", "emails") for verb in ("read", "write")),
    "crm:read",
    "email_contents:read",
    "crm_id_person:write",
    "crm_id_account:write",
)


def asker(request: Request) -> Document:
    """The user in whose name the request comes."""
    user = one(request, "users", request.user_id)
    assert user is not None, "tokens are given to users"
    return user


def is_admin(request: Request) -> bool:
    return bool(asker(request)["team_admin"])


def need_scope(request: Request, scope: str) -> None:
    """Refuse a token without a scope that only part of an endpoint needs."""
    if request.token is None or scope not in request.token.scopes:
        raise refused(403, f"This token lacks the scope {scope}.")


def own_or_admin(path: str) -> Callable[[Request], Condition]:
    """Records of the caller; an administrator sees those of the team."""
    return lambda request: Condition("1") if is_admin(request) else Condition.equal(path, request.user_id)


def by_guid(request: Request, guid: str | None) -> Document | None:
    """The user with this guid."""
    return kept(request, "users").first(Condition.equal("guid", guid)) if guid else None


def named_user(change: Change) -> Iterable[Problem]:
    """The rule for records that may name their user by guid: the user exists, and only administrators name others."""
    guid = change.given.get("user_guid")
    user = by_guid(change.request, text(guid)) if guid else None
    if guid and user is None:
        yield "user_guid", "does not exist"
    if user and user["id"] != change.request.user_id and not is_admin(change.request):
        raise refused(403, "Only team admins may act for other users.")


def take_user(change: Change) -> None:
    """The user whom a new record belongs to: the one named by guid or id, else the caller."""
    user = by_guid(change.request, change.record.pop("user_guid", None))
    change.record["user_id"] = user["id"] if user else change.record.get("user_id") or change.request.user_id
