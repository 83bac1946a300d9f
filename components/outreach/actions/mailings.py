"""Mailings: emails to one prospect each: https://developers.outreach.io/api/reference/tag/Mailing/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, find_records, get_record, list_records

MAILING = Resource(
    "mailing",
    "mailings",
    {
        "followUpSequence": "sequence",
        "mailbox": "mailbox",
        "prospect": "prospect",
        "task": "task",
        "template": "template",
    },
)


def create_mailing(ctx: Context, inputs: Inputs) -> Any:
    """Create a mailing from the inputs that are given."""
    return create_record(ctx, MAILING, inputs)


def find_mailing(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the mailings that a create with these inputs can have made."""
    return find_records(ctx, MAILING, inputs, "prospectId", "mailboxId")


def get_mailing(ctx: Context, inputs: Inputs) -> Any:
    """Get one mailing by its id."""
    return get_record(ctx, MAILING, inputs)


def list_mailings(ctx: Context, inputs: Inputs) -> Pages:
    """List mailings, filtered and sorted, by page or all at once."""
    return list_records(ctx, MAILING, inputs)
