"""Mailings to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, format_time, name_record, name_related, read_field


def select_mailing(ctx: Context, inputs: Inputs) -> Picklist:
    """Every mailing, newest first."""
    fields, include = "subject,state,createdAt", {"prospect": "name"}
    return build_picklist(ctx, "mailings", "mailing", label_mailing, fields=fields, sort="-createdAt", include=include)


def label_mailing(mailing: Record) -> str:
    """The subject, to whom it goes, when it was made and how far it is."""
    when = format_time(read_field(mailing, "createdAt"))
    return append_hint(
        name_record(mailing, "subject"), name_related(mailing, "prospect"), when, read_field(mailing, "state")
    )
