"""Tasks to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/tasks/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import full_text, picklist, shortened


def select_task(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task, by the first words of its content."""
    search = full_text(ctx, "/v2/tasks")
    return picklist(ctx, "/v2/tasks", shortened("Task"), search=search)
