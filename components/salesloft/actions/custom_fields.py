"""Custom fields of people, accounts and opportunities: https://developers.salesloft.com/docs/api/custom-fields-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_query, build_record, find_candidates, list_records


def create_custom_field(ctx: Context, inputs: Inputs) -> Any:
    """Create a custom field."""
    return ctx.client.post("/v2/custom_fields", json=build_record(inputs))


def find_custom_field(ctx: Context, inputs: Inputs) -> list[Any]:
    """Fields of this name, for this kind of record."""
    kind = build_query({"fieldType": inputs["fieldType"]}) if inputs.get("fieldType") else {}
    return find_candidates(ctx, "/v2/custom_fields", kind, lambda found: found.get("name") == inputs["name"])


def get_custom_field(ctx: Context, inputs: Inputs) -> Any:
    """Get one custom field by its id."""
    return ctx.client.get(f"/v2/custom_fields/{inputs['customFieldId']}")


def list_custom_fields(ctx: Context, inputs: Inputs) -> Pages:
    """List custom fields, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/custom_fields", inputs)


def update_custom_field(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a custom field."""
    return ctx.client.put(f"/v2/custom_fields/{inputs['customFieldId']}", json=build_record(inputs, "customFieldId"))


def delete_custom_field(ctx: Context, inputs: Inputs) -> None:
    """Delete a custom field and its values."""
    ctx.client.delete(f"/v2/custom_fields/{inputs['customFieldId']}")
