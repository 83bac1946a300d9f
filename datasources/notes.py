"""Notes to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/notes/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import full_text, picklist, shortened


def select_note(ctx: Context, inputs: Inputs) -> Picklist:
    """Every note, by the first words of its content."""
    search = full_text(ctx, "/v2/notes")
    return picklist(ctx, "/v2/notes", shortened("Note"), search=search)
