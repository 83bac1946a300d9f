"""Emails to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_picklist, format_time


def select_email(ctx: Context, inputs: Inputs) -> Picklist:
    """Every email, by its recipient and its time."""
    return build_picklist(ctx, "/v2/activities/emails", label_email)


def label_email(email: Record) -> str:
    """The recipient and the time; one that is not sent has none, and is told by its id."""
    sent = f"sent {format_time(email['sent_at'])}" if email.get("sent_at") else f"{email.get('status')} ({email['id']})"
    return f"{email.get('recipient_email_address') or 'Unknown recipient'}, {sent}"
