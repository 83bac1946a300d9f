"""Custom fields to choose from, as the account has named them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sales_connectors.sdk import Context, Inputs, Option, Pages, Picklist, fold_text


def select_custom_field(ctx: Context, inputs: Inputs) -> Picklist:
    """The custom fields of one type of record that the account has given a label."""
    kind = inputs["recordType"]
    return Picklist(
        pages=Pages.single(lambda: [*_list_fields(ctx, kind)]),
        options=lambda fields: [Option(f"{field['label']} ({field['name']})", field["name"]) for field in fields],
    )


def _list_fields(ctx: Context, kind: str) -> Iterator[dict[str, Any]]:
    """``{name, label}`` of each field; the service calls types as it likes, with a capital or without."""
    for entry in ctx.envelope.items(ctx.client.get("/api/v2/types")):
        if isinstance(entry, Mapping) and fold_text(str(entry.get("type"))) == fold_text(kind):
            meta = entry.get("meta")
            fields = meta.get("validations") if isinstance(meta, Mapping) else None
            for name, spec in (fields if isinstance(fields, Mapping) else {}).items():
                if isinstance(spec, Mapping):
                    yield {"name": str(name), "label": str(spec.get("label") or name)}
