"""Custom fields to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/custom-fields/"""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import Record, build_unpaged_picklist


def select_custom_field(ctx: Context, inputs: Inputs) -> Picklist:
    """The custom fields of one kind of record; values are stored under a field's name."""
    return build_unpaged_picklist(ctx, f"/v2/{inputs['resourceType']}/custom_fields", label_field, key="name")


def label_field(field: Record) -> str:
    return f"{format_name(field)} ({field['type'].replace('_', ' ')})" if field.get("type") else format_name(field)
