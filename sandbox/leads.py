"""Leads, and their conversion into contacts and deals."""

import base64
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import BOOLEAN, CUSTOM, NUMBER, POSTAL, TAGS, TEXT, Attribute, owner, record_attributes, times
from .contacts import CONTACTS, PROFILE
from .custom_fields import BY_NAME
from .deals import DEALS
from .errors import invalid_param
from .queries import address_filters, list_records
from .resources import HANGING, Resource, hang_on
from .tags import have_tags
from .vendor import SELL, remove_hanging_on

LAST_PAGE = 50  # of the conversions that can be asked for by its number


def check(change: Change) -> Iterable[Problem]:
    record = change.record
    if not (record["last_name"] or "").strip() and not (record["organization_name"] or "").strip():
        code = "blank" if {"last_name", "organization_name"} & set(change.given) else "missing"
        yield Problem("last_name", "last_name or organization_name is required", code)
    named = Condition.match(name=record["status"])
    if "status" in change.given and change.request.collection("lead_statuses").first(named) is None:
        yield Problem("status", f"there is no lead status {record['status']}", "incorrect_value")


def settle(change: Change) -> None:
    have_tags(change.request, "lead", change.record["tags"])


def cascade(request: Request, record: Document) -> None:
    """What hangs on a lead goes with it (inferred)."""
    remove_hanging_on(request, "lead", record["id"])


LEADS = Resource(
    name="leads",
    type="lead",
    first_id=30_000_001,
    fields={
        **record_attributes(),
        "owner_id": owner(),
        "first_name": Attribute(TEXT, nullable=True),
        "last_name": Attribute(TEXT, nullable=True),
        "organization_name": Attribute(TEXT, nullable=True),
        "status": Attribute(TEXT, default="New"),
        "source_id": Attribute(NUMBER, nullable=True, links="lead_sources"),
        "unqualified_reason_id": Attribute(NUMBER, nullable=True, links="lead_unqualified_reasons"),
        **{name: Attribute(TEXT, nullable=True) for name in PROFILE},
        "address": Attribute(POSTAL, nullable=True),
        "tags": Attribute(TAGS, default=[]),
        "custom_fields": Attribute(CUSTOM, default={}),
        **times(),
    },
    filters=("creator_id", "owner_id", "source_id", "first_name", "last_name", "organization_name", "status",
             "email", "phone", "mobile"),
    special=address_filters("address"),
    sorting=("id", "first_name", "last_name", "organization_name", "status", "created_at", "updated_at"),
    order=(("updated_at", False),),
    inclusive=True,
    rules=check,
    settle=settle,
    cascade=cascade,
)  # fmt: skip


def convert(change: Change) -> None:
    """Turn a lead into a person, an organization and, if asked, a deal; the lead itself is gone then (inferred)."""
    request, record = change.request, change.record
    lead = request.collection("leads").get(record["lead_id"])
    assert lead is not None, "a reference that was checked"
    owner_id = record.get("owner_id") or lead["owner_id"]
    organization = _find_or_create_organization(request, lead, owner_id) if lead["organization_name"] else None
    person = _create_person(request, lead, owner_id, organization) if lead["last_name"] else None
    record["organization_id"] = organization and organization["id"]
    record["individual_id"] = person and person["id"]
    main = person or organization
    if record.get("create_deal") and main:
        deal = {"name": main["name"], "contact_id": main["id"], "owner_id": owner_id}
        record["deal_id"] = SELL.create(request, DEALS, deal)["id"]
    if main:
        _hand_over(request, lead, main)
    SELL.remove(request, LEADS, lead, "system")


def _find_or_create_organization(request: Request, lead: Document, owner_id: int) -> Document:
    named = Condition.match(name=lead["organization_name"], is_organization=True)
    there = request.collection("contacts").first(named)
    made = {"is_organization": True, "name": lead["organization_name"], "owner_id": owner_id}
    return there or SELL.create(request, CONTACTS, {**made, **({} if lead["last_name"] else _copy_profile(lead))})


def _create_person(request: Request, lead: Document, owner_id: int, organization: Document | None) -> Document:
    person = {"first_name": lead["first_name"], "last_name": lead["last_name"], "owner_id": owner_id}
    return SELL.create(
        request, CONTACTS, {**person, **_copy_profile(lead), "contact_id": organization and organization["id"]}
    )


def _copy_profile(lead: Document) -> dict[str, Any]:
    """What a contact takes over from a lead; of the custom fields those that both have."""
    shared = {name: value for name, value in lead["custom_fields"].items() if name in BY_NAME["contact"]}
    return {**{name: lead[name] for name in (*PROFILE, "address", "tags")}, "custom_fields": shared}


def _hand_over(request: Request, lead: Document, contact: Document) -> None:
    """What hung on the lead hangs on the contact."""
    for name in HANGING:
        for record in request.collection(name).find(hang_on("lead", lead["id"])):
            SELL.touch(request, name, record["id"], resource_type="contact", resource_id=contact["id"])


CONVERSIONS = Resource(
    name="lead_conversions",
    type="lead_conversion",
    first_id=1_500_001,
    fields={
        "id": Attribute(NUMBER, read_only=True),
        "lead_id": Attribute(NUMBER, required=True, links="leads"),
        "individual_id": Attribute(NUMBER, read_only=True),
        "organization_id": Attribute(NUMBER, read_only=True),
        "deal_id": Attribute(NUMBER, read_only=True),
        "creator_id": Attribute(NUMBER, read_only=True, default=lambda request: request.user_id),
        "created_at": times()["created_at"],
        "owner_id": Attribute(NUMBER, instruction=True, nullable=True, links="users"),
        "create_deal": Attribute(BOOLEAN, instruction=True, default=False),
    },
    filters=("lead_id", "individual_id", "organization_id", "deal_id"),
    order=(("id", True),),
    page_limit=200,
    last_page=LAST_PAGE,
    settle=convert,
)


def list_conversions(request: Request) -> Reply:
    """``GET /v2/lead_conversions``: by page up to the fiftieth, by cursor from there on."""
    arguments = request.arguments()
    cursor = arguments.pop("cursor", None)
    if cursor is None:
        return _add_cursor(list_records(request, CONVERSIONS))
    if "page" in arguments:
        raise invalid_param("page and cursor exclude one another")
    older = Condition("id < ?", (_decode_cursor(cursor),))
    return _add_cursor(list_records(replace(request, query=list(arguments.items())), CONVERSIONS, older), always=True)


def _add_cursor(reply: Reply, *, always: bool = False) -> Reply:
    """Past the last page that can be asked for by number, the next one is named by a cursor."""
    links, items = reply.body["meta"]["links"], reply.body["items"]
    if "next_page" not in links:
        return reply
    link = urlsplit(links["next_page"])
    query = dict(parse_qsl(link.query))
    if always or int(query["page"]) > LAST_PAGE:
        del query["page"]
        query["cursor"] = base64.urlsafe_b64encode(str(items[-1]["data"]["id"]).encode()).decode()
        links["next_page"] = link._replace(query=urlencode(query)).geturl()
    return reply


def _decode_cursor(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise invalid_param(f"cursor is not one of this list: {cursor}") from None


ROUTES = [
    *SELL.routes(LEADS, "upsert", *ALL),
    Route("GET", "/v2/lead_conversions", list_conversions, scope="read"),
    *SELL.routes(CONVERSIONS, "create", "retrieve"),
]
