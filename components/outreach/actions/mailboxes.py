"""Mailboxes that mailings are sent from: https://developers.outreach.io/api/reference/tag/Mailbox/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, get_record, list_records

MAILBOX = Resource("mailbox", "mailboxes")


def get_mailbox(ctx: Context, inputs: Inputs) -> Any:
    """Get one mailbox by its id."""
    return get_record(ctx, MAILBOX, inputs)


def list_mailboxes(ctx: Context, inputs: Inputs) -> Pages:
    """List mailboxes, filtered and sorted, by page or all at once."""
    return list_records(ctx, MAILBOX, inputs)
