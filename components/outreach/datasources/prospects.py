"""Prospects to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, name_record, read_field


def select_prospect(ctx: Context, inputs: Inputs) -> Picklist:
    """Every prospect, those first that changed last."""
    fields = "name,company,emails"
    return build_picklist(
        ctx, "prospects", "prospect", label_prospect, fields=fields, sort="-updatedAt", searchable=True
    )


def label_prospect(prospect: Record) -> str:
    """The name, the company, and the first email address, which no two prospects share."""
    emails = read_field(prospect, "emails")
    address = emails[0] if isinstance(emails, list) and emails else None
    return append_hint(name_record(prospect), read_field(prospect, "company"), address)
