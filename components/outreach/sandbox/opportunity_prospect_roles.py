"""Opportunity prospect roles: who plays which part in an opportunity."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import boolean, moment, text
from .errors import DUPLICATE
from .relationships import id_of, one
from .resources import Resource
from .vendor import build_routes


def _check(change: Change) -> Iterator[Problem]:
    """A prospect has one role in an opportunity (inferred)."""
    record = change.record
    same = Condition.match(**{f"{name}.id": id_of(record[name]) for name in ("prospect", "opportunity")})
    others = change.request.collection("opportunityProspectRoles").find(same)
    if any(other["id"] != record.get("id") for other in others):
        yield Problem("prospect", "has already been taken", DUPLICATE)


OPPORTUNITY_PROSPECT_ROLES = Resource(
    type="opportunityProspectRole",
    fields={
        "createdAt": moment("RFS"),
        "primary": boolean(),
        "role": text("FS"),
        "updatedAt": moment("RFS"),
        "opportunity": one("opportunity", required=True),
        "prospect": one("prospect", required=True),
    },
    rules=_check,
)
ROUTES = build_routes(OPPORTUNITY_PROSPECT_ROLES, *ALL)
