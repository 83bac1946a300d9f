"""Actions: what a cadence asks somebody to do next: https://developers.salesloft.com/docs/api/actions-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_actions(ctx: Context, inputs: Inputs) -> Pages:
    """List actions that are still open, by page or all at once."""
    return list_records(ctx, "/v2/actions", inputs, personIds="person_id", cadenceIds="cadence_id")
