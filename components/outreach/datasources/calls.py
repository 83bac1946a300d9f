"""Calls to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, format_time, name_related, read_field


def select_call(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call, newest first."""
    return build_picklist(
        ctx, "calls", "call", label_call, fields="to,createdAt", sort="-createdAt", include={"prospect": "name"}
    )


def label_call(call: Record) -> str:
    """Whom it was with, and when."""
    whom = name_related(call, "prospect") or read_field(call, "to") or f"Call {call['id']}"
    return append_hint(str(whom), format_time(read_field(call, "createdAt")))
