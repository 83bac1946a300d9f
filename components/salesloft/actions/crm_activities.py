"""CRM activities: what was logged to the CRM: https://developers.salesloft.com/docs/api/crm-activities-index/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import list_records


def list_crm_activities(ctx: Context, inputs: Inputs) -> Pages:
    """List CRM activities, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/crm_activities", inputs, crmActivityIds="ids")
