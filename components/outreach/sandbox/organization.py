"""What the API says of itself at its root: whose token a request has brought, and what it may do."""

from sales_connectors.imitation import Reply, Request, Route

from .errors import write_document
from .scopes import find_asker

ORGANIZATION = {"id": 4711, "name": "Fernhill Software"}
TOLD = ("email", "firstName", "lastName")


def introduce(request: Request) -> Reply:
    """The user, as clients read them here, and the organization (inferred: what else there is)."""
    assert request.token is not None, "a token is needed"
    user = find_asker(request)
    shown = {"id": user["id"], **{name: user[name] for name in TOLD}} if user else None
    return write_document(
        200, {"meta": {"user": shown, "org": ORGANIZATION, "token": {"scopes": sorted(request.token.scopes)}}}
    )


ROUTES = [Route("GET", "/api/v2", introduce)]
