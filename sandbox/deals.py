"""Deals, and the contacts associated with them."""

import hashlib
from collections.abc import Iterable

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import (
    BOOLEAN,
    CODE,
    CUSTOM,
    DATE,
    DATETIME,
    MONEY,
    NUMBER,
    TAGS,
    TEXT,
    Attribute,
    owner,
    record_attributes,
    times,
)  # fmt: skip
from .errors import not_found
from .pipelines import first_stage
from .queries import list_records
from .resources import Resource
from .tags import have_tags
from .vendor import SELL, read_payload, remove_hanging_on


def check(change: Change) -> Iterable[Problem]:
    """A deal cannot be put into a pipeline that is disabled."""
    id = change.given.get("stage_id")
    stage = id and change.request.collection("stages").get(id)
    pipeline = stage and change.request.collection("pipelines").get(stage["pipeline_id"])
    if pipeline and pipeline["disabled"]:
        yield Problem("stage_id", "the pipeline of this stage is disabled", "incorrect_value")


def settle(change: Change) -> None:
    request, record = change.request, change.record
    have_tags(request, "deal", record["tags"])
    record["value"] = record["value"] or 0  # null is taken, and is none
    if change.moves("contact_id"):
        record["organization_id"] = _find_organization(request, record["contact_id"])
    if change.moves("stage_id"):
        record["last_stage_change_by_id"] = request.user_id
        if "last_stage_change_at" not in change.given:
            record["last_stage_change_at"] = SELL.now(request)
    record["last_activity_at"] = SELL.now(request)


def _find_organization(request: Request, contact_id: int) -> int | None:
    """The organization of the primary contact, which may be one itself (inferred)."""
    contact = request.collection("contacts").get(contact_id) or {"is_organization": False, "contact_id": None}
    organization_id: int | None = contact["id"] if contact["is_organization"] else contact["contact_id"]
    return organization_id


def follow(change: Change) -> None:
    """The primary contact stands among the associated ones, in a role of its own (inferred)."""
    if not change.moves("contact_id"):
        return
    request, deal = change.request, change.record
    for former in _find_associated(request, deal, Condition.match(role="primary")):
        SELL.remove(request, ASSOCIATED_CONTACTS, former, "system")
    for same in _find_associated(request, deal, Condition.match(contact_id=deal["contact_id"])):
        SELL.remove(request, ASSOCIATED_CONTACTS, same, "system")
    primary = {"deal_id": deal["id"], "contact_id": deal["contact_id"], "role": "primary"}
    SELL.enter(request, "associated_contacts", primary)


def _find_associated(request: Request, deal: Document, *conditions: Condition) -> list[Document]:
    with_it = Condition.every([Condition.match(deal_id=deal["id"]), *conditions])
    return request.collection("associated_contacts").find(with_it)


def cascade(request: Request, record: Document) -> None:
    """A deal takes its associated contacts with it; so its order and what hangs on it (inferred)."""
    of_it = Condition.match(deal_id=record["id"])
    SELL.remove_all(request, "associated_contacts", of_it)
    SELL.remove_all(request, "orders", of_it)
    remove_hanging_on(request, "deal", record["id"])


def include_associated_contacts(request: Request, record: Document) -> Document:
    """``includes=associated_contacts``"""
    items = [ASSOCIATED_CONTACTS.envelop(request, found) for found in _find_associated(request, record)]
    return {"items": items, "meta": {"type": "collection", "count": len(items)}}


def _make_dropbox(request: Request) -> str:
    """An address of the deal's own, for mail that shall be filed with it."""
    latest = request.collection("deals").find(order=[("id", True)], limit=1)
    number = latest[0]["id"] if latest else 0
    return f"dropbox@{hashlib.sha256(str(number).encode()).hexdigest()[:8]}.deals.futuresimple.com"


def _find_currency(request: Request) -> str:
    account = request.collection("accounts").find(limit=1)[0]
    return str(account["currency"])


DEALS = Resource(
    name="deals",
    type="deal",
    first_id=40_000_001,
    fields={
        **record_attributes(),
        "owner_id": owner(),
        "name": Attribute(TEXT, required=True),
        "contact_id": Attribute(NUMBER, required=True, links="contacts"),
        "organization_id": Attribute(NUMBER, read_only=True),
        "value": Attribute(MONEY, default=0, nullable=True),
        "currency": Attribute(CODE, default=_find_currency),
        "hot": Attribute(BOOLEAN, default=False),
        "stage_id": Attribute(NUMBER, links="stages", default=lambda request: first_stage(request.store)["id"]),
        "last_stage_change_at": Attribute(DATETIME),
        "last_stage_change_by_id": Attribute(NUMBER, read_only=True),
        "last_activity_at": Attribute(DATETIME, read_only=True),
        "source_id": Attribute(NUMBER, nullable=True, links="deal_sources"),
        "loss_reason_id": Attribute(NUMBER, nullable=True, links="loss_reasons"),
        "unqualified_reason_id": Attribute(NUMBER, nullable=True, links="deal_unqualified_reasons"),
        "dropbox_email": Attribute(TEXT, read_only=True, default=_make_dropbox),
        "estimated_close_date": Attribute(DATE, nullable=True),
        "customized_win_likelihood": Attribute(NUMBER, nullable=True, minimum=0, maximum=100),
        "tags": Attribute(TAGS, default=[]),
        "custom_fields": Attribute(CUSTOM, default={}),
        "added_at": Attribute(DATETIME, default=SELL.now),
        **times(),
    },
    filters=("creator_id", "owner_id", "contact_id", "organization_id", "hot", "source_id", "stage_id", "name",
             "value", "estimated_close_date"),
    sorting=("id", "name", "value", "created_at", "updated_at", "last_stage_change_at"),
    includes={"associated_contacts": include_associated_contacts},
    inclusive=True,
    rules=check,
    settle=settle,
    follow=follow,
    cascade=cascade,
)  # fmt: skip

ASSOCIATED_CONTACTS = Resource(
    name="associated_contacts",
    type="associated_contact",
    first_id=50_000_001,
    fields={
        "id": Attribute(NUMBER, read_only=True, hidden=True),
        "deal_id": Attribute(NUMBER, read_only=True, hidden=True),
        "contact_id": Attribute(NUMBER, required=True, links="contacts"),
        "role": Attribute(TEXT, required=True, choices=("involved",)),
        **times(),
    },
    unique=("contact_id", "deal_id"),
    untold=("role", "updated_at"),
)


def list_associated(request: Request) -> Reply:
    """``GET /v2/deals/{deal_id}/associated_contacts``"""
    deal = SELL.find(request, DEALS, "deal_id")
    return list_records(request, ASSOCIATED_CONTACTS, Condition.match(deal_id=deal["id"]))


def associate(request: Request) -> Reply:
    """``POST /v2/deals/{deal_id}/associated_contacts``"""
    deal = SELL.find(request, DEALS, "deal_id")
    made = SELL.create(request, ASSOCIATED_CONTACTS, read_payload(request), {"deal_id": deal["id"]})
    return Reply(200, ASSOCIATED_CONTACTS.envelop(request, made))


def dissociate(request: Request) -> Reply:
    """``DELETE /v2/deals/{deal_id}/associated_contacts/{contact_id}``"""
    deal = SELL.find(request, DEALS, "deal_id")
    contact_id = SELL.parse_id(request.params["contact_id"], "contact_id")
    found = _find_associated(request, deal, Condition.match(contact_id=contact_id))
    if not found:
        raise not_found("This contact is not associated with the deal.")
    SELL.remove(request, ASSOCIATED_CONTACTS, found[0])
    return Reply(204)


ROUTES = [
    *SELL.routes(DEALS, "upsert", *ALL),
    Route("GET", "/v2/deals/{deal_id}/associated_contacts", list_associated, scope="read"),
    Route("POST", "/v2/deals/{deal_id}/associated_contacts", associate, scope="write"),
    Route("DELETE", "/v2/deals/{deal_id}/associated_contacts/{contact_id}", dissociate, scope="write"),
]
