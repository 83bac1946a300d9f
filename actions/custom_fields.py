"""Definitions of custom fields: https://developer.zendesk.com/api-reference/sales-crm/resources/custom-fields/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs


def list_custom_fields(ctx: Context, inputs: Inputs) -> Any:
    """The custom fields of one kind of record, with their types and choices."""
    return ctx.client.get(f"/v2/{inputs['resourceType']}/custom_fields")
