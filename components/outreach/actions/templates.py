"""Templates of emails: https://developers.outreach.io/api/reference/tag/Template/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, list_records

TEMPLATE = Resource("template", "templates")


def list_templates(ctx: Context, inputs: Inputs) -> Pages:
    """List templates, filtered and sorted, by page or all at once."""
    return list_records(ctx, TEMPLATE, inputs)
