"""Imports to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import Record, build_picklist


def select_import(ctx: Context, inputs: Inputs) -> Picklist:
    """Every import, by its name and its day."""
    return build_picklist(ctx, "/v2/imports", label_import)


def label_import(record: Record) -> str:
    return f"{format_name(record)} ({record['created_at'][:10]})" if record.get("created_at") else format_name(record)
