"""Fields of CRM activities to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_picklist


def select_crm_activity_field(ctx: Context, inputs: Inputs) -> Picklist:
    """The fields of CRM activities of one source; values are stored under a field's own name."""
    source = {"source": inputs["source"]}
    return build_picklist(ctx, "/v2/crm_activity_fields", label_field, key="field", query=source, find=None)


def label_field(field: Record) -> str:
    return f"{field['title']} ({field['field']})" if field.get("title") else str(field["field"])
