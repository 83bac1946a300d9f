"""Custom fields to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, name, one_for_each_key, picklist, read_again

PATH = "/v2/custom_fields"


def select_custom_field(ctx: Context, inputs: Inputs) -> Picklist:
    """Every custom field, or those of one kind of record."""
    kind = "fieldType" in inputs
    return picklist(ctx, PATH, name if kind else field_label, query=_narrowed(inputs))


def select_custom_field_value(ctx: Context, inputs: Inputs) -> Picklist:
    """The same by name, under which values are stored; one option for a name that several kinds of record have."""
    return one_for_each_key(read_again(picklist(ctx, PATH, name, key="name", query=_narrowed(inputs))))


def field_label(field: Record) -> str:
    return f"{name(field)} ({field['field_type']})" if field.get("field_type") else name(field)


def _narrowed(inputs: Inputs) -> dict[str, str]:
    return {"field_type": inputs["fieldType"]} if "fieldType" in inputs else {}
