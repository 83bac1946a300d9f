"""Custom fields to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import Record, build_picklist, merge_keys

PATH = "/v2/custom_fields"


def select_custom_field(ctx: Context, inputs: Inputs) -> Picklist:
    """Every custom field, or those of one kind of record."""
    kind = "fieldType" in inputs
    return build_picklist(ctx, PATH, format_name if kind else label_field, query=_build_query(inputs))


def select_custom_field_value(ctx: Context, inputs: Inputs) -> Picklist:
    """The same by name, under which values are stored; one option for a name that several kinds of record have."""
    return merge_keys(build_picklist(ctx, PATH, format_name, key="name", query=_build_query(inputs), find=None))


def label_field(field: Record) -> str:
    return f"{format_name(field)} ({field['field_type']})" if field.get("field_type") else format_name(field)


def _build_query(inputs: Inputs) -> dict[str, str]:
    return {"field_type": inputs["fieldType"]} if "fieldType" in inputs else {}
