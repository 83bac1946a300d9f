"""Notes to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/notes/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_content_label, build_picklist, build_text_search


def select_note(ctx: Context, inputs: Inputs) -> Picklist:
    """Every note, by the first words of its content."""
    search = build_text_search(ctx, "/v2/notes")
    return build_picklist(ctx, "/v2/notes", build_content_label("Note"), search=search)
