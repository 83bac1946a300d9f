"""Stages of the pipelines: https://developer.zendesk.com/api-reference/sales-crm/resources/stages/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_stages(ctx: Context, inputs: Inputs) -> Pages:
    """List the stages of one pipeline or of all, by page or all at once."""
    return list_records(ctx, "/v2/stages", inputs)
