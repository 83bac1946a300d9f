"""Pipelines: https://developer.zendesk.com/api-reference/sales-crm/resources/pipelines/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_pipelines(ctx: Context, inputs: Inputs) -> Pages:
    """List the pipelines, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/pipelines", inputs)
