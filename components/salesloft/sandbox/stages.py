"""What people and accounts are sorted into: stages and tiers."""

from sales_connectors.imitation import Condition, Document, Request

from . import records
from .filters import ids, some, span
from .handlers import ALL, READ, routes
from .resources import BOTH, BY_TIME, Change, Field, Resource, kept, known, times, writable
from .values import text

BY_ORDER = {**BY_TIME, "order": "order"}


def _at_the_end(change: Change) -> None:
    if change.is_new:
        change.record["order"] = kept(change.request, "person_stages").count() + 1


def _leave(request: Request, stage: Document) -> None:
    for person in kept(request, "people").find(Condition.equal("person_stage_id", stage["id"])):
        records.touch(request, "people", person["id"], person_stage_id=None)


ACCOUNT_STAGES = known(
    Resource(
        name="account_stages",
        scope="accounts",
        first_id=11,
        fields={"id": Field(), "name": Field(), "order": Field(), **times()},
        filters={"ids": ids(), "updated_at": span("updated_at")},
        sorting=BY_ORDER,
    )
)
ACCOUNT_TIERS = known(
    Resource(
        name="account_tiers",
        scope="accounts",
        first_id=31,
        fields={"id": Field(), "name": Field(), "order": Field(), **times()},
        filters={"ids": ids(), "name": some("name")},
        sorting=BY_ORDER,
    )
)
PERSON_STAGES = known(
    Resource(
        name="person_stages",
        scope="people",
        first_id=111,
        fields={"id": Field(), "name": writable(text, required=BOTH), "order": Field(), **times()},
        filters={"ids": ids()},
        repeatable=True,
        settle=_at_the_end,
        cascade=_leave,
    )
)
ROUTES = [*routes(ACCOUNT_STAGES, *READ), *routes(ACCOUNT_TIERS, *READ), *routes(PERSON_STAGES, *ALL)]
