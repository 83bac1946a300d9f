"""Events to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, format_time, name_record, read_field


def select_event(ctx: Context, inputs: Inputs) -> Picklist:
    """Every event, newest first."""
    return build_picklist(ctx, "events", "event", label_event, fields="name,eventAt", sort="-createdAt")


def label_event(event: Record) -> str:
    """What happened, and when."""
    return append_hint(name_record(event), format_time(read_field(event, "eventAt")))
