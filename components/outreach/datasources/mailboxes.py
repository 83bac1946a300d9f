"""Mailboxes to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_picklist, name_record


def select_mailbox(ctx: Context, inputs: Inputs) -> Picklist:
    """Every mailbox, by its address."""
    return build_picklist(ctx, "mailboxes", "mailbox", label_mailbox, fields="email", sort="email")


def label_mailbox(mailbox: Record) -> str:
    return name_record(mailbox, "email")
