"""Mail aliases of mailboxes: https://developers.outreach.io/api/reference/tag/MailAlias/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, list_records

MAIL_ALIAS = Resource("mailAlias", "mailAliases")


def list_mail_aliases(ctx: Context, inputs: Inputs) -> Pages:
    """List mail aliases, filtered and sorted, by page or all at once."""
    return list_records(ctx, MAIL_ALIAS, inputs)
