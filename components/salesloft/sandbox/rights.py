"""Who may do what: scopes of tokens, and the rights of users."""

from collections.abc import Callable, Iterable

from sales_connectors.imitation import ANY, Condition, Document, Request
from sales_connectors.imitation.kit import Change, Problem

from .errors import refused

PLAIN = ("accounts", "people", "opportunities", "cadences", "notes", "tasks", "team", "workflow")
SCOPES = (
    *(f"{resource}:{verb}" for resource in PLAIN for verb in ("read", "write", "delete")),
    *(f"{resource}:{verb}" for resource in ("activities", "calls", "emails", "meetings") for verb in ("read", "write")),
    "crm:read",
    "email_contents:read",
    "crm_id_person:write",
    "crm_id_account:write",
)


def scope_of(scope: str | None, method: str) -> str | None:
    """The scope that a request needs; not every resource has one for deleting."""
    verb = {"GET": "read", "DELETE": "delete"}.get(method, "write")
    names = [f"{scope}:{verb}", f"{scope}:write"]
    return next((name for name in names if name in SCOPES), None) if scope else None


def asker(request: Request) -> Document:
    """The user in whose name the request comes."""
    user = request.collection("users").get(request.user_id)
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
    return lambda request: ANY if is_admin(request) else Condition.equal(path, request.user_id)


def by_guid(request: Request, guid: str | None) -> Document | None:
    """The user with this guid."""
    return request.collection("users").first(Condition.match(guid=guid)) if guid else None


def named_user(change: Change) -> Iterable[Problem]:
    """The rule for records that may name their user by guid: the user exists, and only administrators name others."""
    guid = change.given.get("user_guid")
    user = by_guid(change.request, guid)
    if guid and user is None:
        yield Problem("user_guid", "does not exist")
    if user and user["id"] != change.request.user_id and not is_admin(change.request):
        raise refused(403, "Only team admins may act for other users.")


def take_user(change: Change) -> None:
    """The user whom a new record belongs to: the one named by guid or id, else the caller."""
    user = by_guid(change.request, change.record.get("user_guid"))
    change.record["user_id"] = user["id"] if user else change.record.get("user_id") or change.request.user_id
