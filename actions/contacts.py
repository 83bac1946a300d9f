"""Contacts, which are persons or organizations: https://developer.zendesk.com/api-reference/sales-crm/resources/contacts/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._candidates import find_candidates
from ._wire import build_record, list_records, upsert_record

FILTERS = (
    "owner_id",
    "is_organization",
    "contact_id",
    "parent_organization_id",
    "name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "mobile",
    "customer_status",
    "prospect_status",
)
"""Attributes that the list can be filtered by."""


def list_contacts(ctx: Context, inputs: Inputs) -> Pages:
    """List contacts, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/contacts", inputs)


def get_contact(ctx: Context, inputs: Inputs) -> Any:
    """Get one contact by its id."""
    return ctx.client.get(f"/v2/contacts/{inputs['id']}")


def create_contact(ctx: Context, inputs: Inputs) -> Any:
    """Create a contact from the inputs that are given."""
    return ctx.client.post("/v2/contacts", json=build_record(inputs))


def find_contact(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the contacts that a create with these inputs can have made."""
    return find_candidates(ctx, "/v2/contacts", inputs, FILTERS)


def update_contact(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a contact and leave the rest; null clears."""
    return ctx.client.put(f"/v2/contacts/{inputs['id']}", json=build_record(inputs))


def upsert_contact(ctx: Context, inputs: Inputs) -> Any:
    """Update the contact that the filters match, or create one."""
    return upsert_record(ctx, "/v2/contacts", inputs)


def delete_contact(ctx: Context, inputs: Inputs) -> None:
    """Delete a contact for good."""
    ctx.client.delete(f"/v2/contacts/{inputs['id']}")
