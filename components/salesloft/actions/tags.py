"""Tags, which come to be where a record is given them: https://developers.salesloft.com/docs/api/tags-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_tags(ctx: Context, inputs: Inputs) -> Pages:
    """List the tags of the team."""
    return list_records(ctx, "/v2/tags", inputs)
