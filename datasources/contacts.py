"""Contacts to choose from, persons and organizations: https://developer.zendesk.com/api-reference/sales-crm/resources/contacts/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_email, build_index_search, build_picklist

SEARCHED_ATTRIBUTES = ["display_name", "email"]


def select_contact(ctx: Context, inputs: Inputs) -> Picklist:
    """Every contact."""
    return build_picklist(
        ctx, "/v2/contacts", label_contact, search=build_index_search(ctx, "contacts", SEARCHED_ATTRIBUTES)
    )


def select_organization(ctx: Context, inputs: Inputs) -> Picklist:
    """The contacts that are organizations."""
    search = build_index_search(ctx, "contacts", SEARCHED_ATTRIBUTES, {"is_organisation": True})
    return build_picklist(ctx, "/v2/contacts", label_contact, query={"is_organization": True}, search=search)


def label_contact(contact: Record) -> str:
    """The name, with the address that tells it from another of the same name; the index calls it display name."""
    name = contact.get("name") or contact.get("display_name") or f"Contact {contact['id']}"
    return append_email(name, contact)
