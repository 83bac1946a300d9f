"""Templates of emails to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_picklist, find_records

PATH = "/v2/email_templates"
OF_CADENCES = {"include_cadence_templates": True}
"""Emails of a cadence are written from templates of its own, which are left out unless asked for."""


def select_email_template(ctx: Context, inputs: Inputs) -> Picklist:
    """Every template in use that one may see, searched by title and subject; archived ones are found by their keys."""
    return build_picklist(
        ctx,
        PATH,
        label_template,
        query=OF_CADENCES,
        search=lambda text: ctx.pages(PATH, {"search": text, **OF_CADENCES}),
        find=lambda keys: find_records(ctx, PATH, keys, query={"include_archived_templates": True, **OF_CADENCES}),
    )


def label_template(template: Record) -> str:
    """The title with the id; templates are often called the same."""
    title = template.get("title") or template.get("subject") or "Template"
    return f"{title} ({template['id']})"
