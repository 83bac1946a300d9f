"""What people and accounts are sorted into: stages and tiers."""

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, BOTH, READ, Change

from .filters import match_ids, match_some, match_span
from .resources import BY_TIME, Field, Resource, times, writable
from .values import text
from .vendor import SALESLOFT

BY_ORDER = {**BY_TIME, "order": "order"}


def _put_at_the_end(change: Change) -> None:
    if change.is_new:
        last = change.request.collection("person_stages").find(order=[("order", True)], limit=1)
        change.record["order"] = last[0]["order"] + 1 if last else 1


def _leave(request: Request, stage: Document) -> None:
    for person in request.collection("people").find(Condition.match(person_stage_id=stage["id"])):
        SALESLOFT.touch(request, "people", person["id"], person_stage_id=None)


ACCOUNT_STAGES = Resource(
    name="account_stages",
    scope="accounts",
    first_id=11,
    fields={"id": Field(), "name": Field(), "order": Field(), **times()},
    filters={"ids": match_ids(), "updated_at": match_span("updated_at")},
    sorting=BY_ORDER,
)
ACCOUNT_TIERS = Resource(
    name="account_tiers",
    scope="accounts",
    first_id=31,
    fields={"id": Field(), "name": Field(), "order": Field(), **times()},
    filters={"ids": match_ids(), "name": match_some("name")},
    sorting=BY_ORDER,
)
PERSON_STAGES = Resource(
    name="person_stages",
    scope="people",
    first_id=111,
    fields={"id": Field(), "name": writable(text, required=BOTH), "order": Field(), **times()},
    filters={"ids": match_ids()},
    repeatable=True,
    settle=_put_at_the_end,
    cascade=_leave,
)
ROUTES = [
    *SALESLOFT.routes(ACCOUNT_STAGES, *READ),
    *SALESLOFT.routes(ACCOUNT_TIERS, *READ),
    *SALESLOFT.routes(PERSON_STAGES, *ALL),
]
