"""Contacts to choose from, persons and organizations: https://developer.zendesk.com/api-reference/sales-crm/resources/contacts/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, picklist, searched, with_email

SEARCHED = ["display_name", "email"]


def select_contact(ctx: Context, inputs: Inputs) -> Picklist:
    """Every contact."""
    return picklist(ctx, "/v2/contacts", contact_label, search=searched(ctx, "contacts", SEARCHED))


def select_organization(ctx: Context, inputs: Inputs) -> Picklist:
    """The contacts that are organizations."""
    search = searched(ctx, "contacts", SEARCHED, {"is_organisation": True})
    return picklist(ctx, "/v2/contacts", contact_label, query={"is_organization": True}, search=search)


def contact_label(contact: Record) -> str:
    """The name, with the address that tells it from another of the same name; the index calls it display name."""
    name = contact.get("name") or contact.get("display_name") or f"Contact {contact['id']}"
    return with_email(name, contact)
