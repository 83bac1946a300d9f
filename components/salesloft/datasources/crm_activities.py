"""CRM activities to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist, shorten

from ._lists import Record, build_picklist, format_time


def select_crm_activity(ctx: Context, inputs: Inputs) -> Picklist:
    """Every CRM activity, by its subject and its time."""
    return build_picklist(ctx, "/v2/crm_activities", label_activity)


def label_activity(activity: Record) -> str:
    subject = shorten(activity.get("subject")) or f"CRM activity {activity['id']}"
    return f"{subject} ({format_time(activity.get('created_at'))})" if activity.get("created_at") else subject
