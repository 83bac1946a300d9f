"""CRM activities to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, moment, picklist, shortened


def select_crm_activity(ctx: Context, inputs: Inputs) -> Picklist:
    """Every CRM activity, by its subject and its time."""
    return picklist(ctx, "/v2/crm_activities", activity_label)


def activity_label(activity: Record) -> str:
    subject = shortened(activity.get("subject")) or f"CRM activity {activity['id']}"
    return f"{subject} ({moment(activity.get('created_at'))})" if activity.get("created_at") else subject
