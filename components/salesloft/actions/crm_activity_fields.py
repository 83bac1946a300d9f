"""Fields of CRM activities: https://developers.salesloft.com/docs/api/crm-activity-fields-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_crm_activity_fields(ctx: Context, inputs: Inputs) -> Pages:
    """List the fields that a CRM activity can have."""
    return list_records(ctx, "/v2/crm_activity_fields", inputs)
