"""Pipelines to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/pipelines/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import name, picklist


def select_pipeline(ctx: Context, inputs: Inputs) -> Picklist:
    """Every pipeline, in the list's own order, by id: an old reference says that it cannot be sorted."""
    return picklist(ctx, "/v2/pipelines", name, sort_by=None)
