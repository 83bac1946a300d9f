"""Contacts: people and organizations."""

from collections.abc import Iterable

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import BOOLEAN, CUSTOM, NUMBER, POSTAL, TAGS, TEXT, Attribute, owner, record_attributes, times
from .queries import address_filters
from .resources import Resource
from .tags import have_tags
from .vendor import SELL, remove_hanging_on

PROFILE = ("title", "description", "industry", "website", "email", "phone", "mobile", "fax", "twitter", "facebook",
           "linkedin", "skype")  # fmt: skip
TRADED = ("billing_address", "shipping_address")


def check(change: Change) -> Iterable[Problem]:
    record = change.record
    needed = "name" if record["is_organization"] else "last_name"
    if not (record[needed] or "").strip():
        yield Problem(needed, f"{needed} is required", "blank" if needed in change.given else "missing")
    foreign = ("contact_id", "first_name", "last_name") if record["is_organization"] else ("parent_organization_id",)
    for name in foreign:
        if change.given.get(name):
            yield Problem(name, f"{name} is not for this kind of contact", "incorrect_value")
    yield from _check_organizations(change)


def _check_organizations(change: Change) -> Iterable[Problem]:
    """What a contact belongs to is an organization, and not the contact itself."""
    for name in ("contact_id", "parent_organization_id"):
        id = change.given.get(name)
        if id is None:
            continue
        organization = change.request.collection("contacts").get(id)
        if organization is None or not organization["is_organization"] or id == change.record.get("id"):
            yield Problem(name, f"contact {id} is not an organization that this can belong to", "incorrect_value")


def settle(change: Change) -> None:
    record = change.record
    have_tags(change.request, "contact", record["tags"])
    if not record["is_organization"]:  # a person's name follows from its parts, whatever was sent
        record["name"] = " ".join(part for part in (record["first_name"], record["last_name"]) if part)
    if record["customer_status"] == record["prospect_status"] == "none":  # nobody to bill or to ship to
        record |= dict.fromkeys(TRADED)


def follow(change: Change) -> None:
    """The deals of a contact are the deals of the organization that it belongs to."""
    if change.is_new or not change.moves("contact_id"):
        return
    for deal in change.request.collection("deals").find(Condition.match(contact_id=change.record["id"])):
        SELL.touch(change.request, "deals", deal["id"], organization_id=change.record["contact_id"])


def cascade(request: Request, record: Document) -> None:
    """What hangs on a contact goes with it; who belonged to it stays, as do its deals, with nobody (inferred)."""
    for kind in ("contact", "sales_account"):
        remove_hanging_on(request, kind, record["id"])
    SELL.remove_all(request, "associated_contacts", Condition.match(contact_id=record["id"]))
    for name in ("contact_id", "parent_organization_id"):
        for member in request.collection("contacts").find(Condition.equal(name, record["id"])):
            SELL.touch(request, "contacts", member["id"], **{name: None})
    for deal in request.collection("deals").find(Condition.match(organization_id=record["id"])):
        SELL.touch(request, "deals", deal["id"], organization_id=None)


def include_organization(request: Request, record: Document) -> Document | None:
    """``includes=organization``"""
    kept = request.collection("contacts").get(record["contact_id"])
    return CONTACTS.envelop(request, kept) if kept else None


CONTACTS = Resource(
    name="contacts",
    type="contact",
    first_id=20_000_001,
    fields={
        **record_attributes(),
        "owner_id": owner(),
        "is_organization": Attribute(BOOLEAN, create_only=True, default=False),
        "contact_id": Attribute(NUMBER, nullable=True),
        "parent_organization_id": Attribute(NUMBER, nullable=True),
        "name": Attribute(TEXT, default=""),
        "first_name": Attribute(TEXT, nullable=True),
        "last_name": Attribute(TEXT),
        "customer_status": Attribute(TEXT, default="none", choices=("none", "current", "past")),
        "prospect_status": Attribute(TEXT, default="none", choices=("none", "current", "lost")),
        **{name: Attribute(TEXT, nullable=True) for name in PROFILE},
        "address": Attribute(POSTAL, nullable=True),
        **{name: Attribute(POSTAL, nullable=True) for name in TRADED},
        "tags": Attribute(TAGS, default=[]),
        "custom_fields": Attribute(CUSTOM, default={}),
        **times(),
    },
    filters=("creator_id", "owner_id", "is_organization", "contact_id", "parent_organization_id", "name",
             "first_name", "last_name", "email", "phone", "mobile", "customer_status", "prospect_status"),
    special=address_filters("address", *TRADED),
    sorting=("id", "name", "first_name", "last_name", "created_at", "updated_at"),
    includes={"organization": include_organization},
    inclusive=True,
    rules=check,
    settle=settle,
    follow=follow,
    cascade=cascade,
)  # fmt: skip

ROUTES = SELL.routes(CONTACTS, "upsert", *ALL)
