"""Imports to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, name, picklist


def select_import(ctx: Context, inputs: Inputs) -> Picklist:
    """Every import, by its name and its day."""
    return picklist(ctx, "/v2/imports", import_label)


def import_label(record: Record) -> str:
    return f"{name(record)} ({record['created_at'][:10]})" if record.get("created_at") else name(record)
