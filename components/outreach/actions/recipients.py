"""Recipients of mailings: https://developers.outreach.io/api/reference/tag/Recipient/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, list_records

RECIPIENT = Resource("recipient", "recipients")


def list_recipients(ctx: Context, inputs: Inputs) -> Pages:
    """List recipients, filtered and sorted, by page or all at once."""
    return list_records(ctx, RECIPIENT, inputs)
