"""Contacts: people and organizations."""

from collections.abc import Iterable

from sales_connectors.imitation import Condition, Document, Request

from . import records
from .attributes import BOOLEAN, CUSTOM, NUMBER, POSTAL, TAGS, TEXT, Attribute, owner, record_attributes, times
from .errors import Problem
from .handlers import ALL, routes
from .queries import address_filters
from .resources import CATALOGUE, Change, Resource, known
from .tags import have_tags

PROFILE = ("title", "description", "industry", "website", "email", "phone", "mobile", "fax", "twitter", "facebook",
           "linkedin", "skype")  # fmt: skip


def rules(change: Change) -> Iterable[Problem]:
    record = change.record
    needed = "name" if record["is_organization"] else "last_name"
    if not (record[needed] or "").strip():
        yield Problem(f"/{needed}", "blank" if needed in change.given else "missing", f"{needed} is required")
    foreign = ("contact_id", "first_name", "last_name") if record["is_organization"] else ("parent_organization_id",)
    for name in foreign:
        if change.given.get(name):
            yield Problem(f"/{name}", "incorrect_value", f"{name} is not for this kind of contact")
    yield from _organization_rules(change)


def _organization_rules(change: Change) -> Iterable[Problem]:
    """What a contact belongs to is an organization, and not the contact itself."""
    for name in ("contact_id", "parent_organization_id"):
        id = change.given.get(name)
        if id is None:
            continue
        organization = CONTACTS.kept(change.request.store).get(id)
        if organization is None or not organization["is_organization"] or id == change.record.get("id"):
            yield Problem(f"/{name}", "incorrect_value", f"contact {id} is not an organization that this can belong to")


def settle(change: Change) -> None:
    record = change.record
    have_tags(change.request, "contact", record["tags"])
    if not record["is_organization"]:  # a person's name follows from its parts, whatever was sent
        record["name"] = " ".join(part for part in (record["first_name"], record["last_name"]) if part)


def follow(change: Change) -> None:
    """The deals of a contact are the deals of the organization that it belongs to."""
    if not change.moves("contact_id"):
        return
    deals = CATALOGUE["deals"]
    for deal in deals.kept(change.request.store).find(Condition.equal("contact_id", change.record["id"])):
        moved = {**deal, "organization_id": change.record["contact_id"]}
        records.save(change.request, deals, deal, moved, "system")


def cascade(request: Request, record: Document) -> None:
    """What hangs on a contact goes with it; who belonged to it stays, and belongs to nobody (inferred)."""
    on_it = Condition.every([Condition.equal("resource_type", "contact"), Condition.equal("resource_id", record["id"])])
    for name in ("notes", "tasks", "collaborations"):
        records.remove_all(request, name, on_it)
    records.remove_all(request, "associated_contacts", Condition.equal("contact_id", record["id"]))
    for name in ("contact_id", "parent_organization_id"):
        for member in CONTACTS.kept(request.store).find(Condition.equal(name, record["id"])):
            records.save(request, CONTACTS, member, {**member, name: None}, "system")


def organization(request: Request, record: Document) -> Document | None:
    """``includes=organization``"""
    kept = record["contact_id"] and CONTACTS.kept(request.store).get(record["contact_id"])
    return CONTACTS.wrapped(request, kept) if kept else None


CONTACTS = known(
    Resource(
        name="contacts",
        type="contact",
        first_id=20_000_001,
        attributes={
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
            "billing_address": Attribute(POSTAL, nullable=True),
            "shipping_address": Attribute(POSTAL, nullable=True),
            "tags": Attribute(TAGS, default=[]),
            "custom_fields": Attribute(CUSTOM, default=lambda request: {}),
            **times(),
        },
        filters=("creator_id", "owner_id", "is_organization", "contact_id", "parent_organization_id", "name",
                 "first_name", "last_name", "email", "phone", "mobile", "customer_status", "prospect_status"),
        special=address_filters("address", "billing_address", "shipping_address"),
        sorting=("id", "name", "first_name", "last_name", "created_at", "updated_at"),
        includes={"organization": organization},
        inclusive=True,
        rules=rules,
        settle=settle,
        follow=follow,
        cascade=cascade,
    )
)  # fmt: skip

ROUTES = routes(CONTACTS, "upsert", *ALL)
