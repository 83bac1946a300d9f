"""Custom fields to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/custom-fields/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, name, unpaged


def select_custom_field(ctx: Context, inputs: Inputs) -> Picklist:
    """The custom fields of one kind of record; values are stored under a field's name."""
    return unpaged(ctx, f"/v2/{inputs['resourceType']}/custom_fields", field_label, key=name)


def field_label(field: Record) -> str:
    return f"{name(field)} ({field['type'].replace('_', ' ')})" if field.get("type") else name(field)
