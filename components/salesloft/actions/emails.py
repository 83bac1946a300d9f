"""Emails: https://developers.salesloft.com/docs/api/activities-emails-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_query, list_records


def get_email(ctx: Context, inputs: Inputs) -> Any:
    """Get one email by its id, with the fields that need a scope where they are asked for."""
    return ctx.client.get(f"/v2/activities/emails/{inputs['emailId']}", build_query(inputs, "emailId"))


def list_emails(ctx: Context, inputs: Inputs) -> Pages:
    """List emails, filtered and sorted, by page or all at once."""
    return list_records(
        ctx, "/v2/activities/emails", inputs, emailIds="ids", crmActivityIds="crm_activity_id", actionIds="action_id"
    )
