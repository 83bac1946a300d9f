"""Pipelines to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/pipelines/"""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_picklist


def select_pipeline(ctx: Context, inputs: Inputs) -> Picklist:
    """Every pipeline, in the list's own order, by id: an old reference says that it cannot be sorted."""
    return build_picklist(ctx, "/v2/pipelines", format_name, sort_by=None)
