"""Tasks to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/tasks/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_content_label, build_picklist, build_text_search


def select_task(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task, by the first words of its content."""
    search = build_text_search(ctx, "/v2/tasks")
    return build_picklist(ctx, "/v2/tasks", build_content_label("Task"), search=search)
