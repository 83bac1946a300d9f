"""Tasks, on their own or about a lead, a contact or a deal: https://developer.zendesk.com/api-reference/sales-crm/resources/tasks/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._candidates import find_candidates
from ._wire import build_record, list_records

FILTERS = ("owner_id", "resource_type", "resource_id", "completed")
"""Attributes that the list can be filtered by."""


def list_tasks(ctx: Context, inputs: Inputs) -> Pages:
    """List tasks, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/tasks", inputs)


def get_task(ctx: Context, inputs: Inputs) -> Any:
    """Get one task by its id."""
    return ctx.client.get(f"/v2/tasks/{inputs['id']}")


def create_task(ctx: Context, inputs: Inputs) -> Any:
    """Create a task from the inputs that are given."""
    return ctx.client.post("/v2/tasks", json=build_record(inputs))


def find_task(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the tasks that a create with these inputs can have made."""
    about = "related" if inputs.get("resourceId") else "floating"
    return find_candidates(ctx, "/v2/tasks", inputs, FILTERS, type=about)


def update_task(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a task and leave the rest; null clears."""
    return ctx.client.put(f"/v2/tasks/{inputs['id']}", json=build_record(inputs))


def delete_task(ctx: Context, inputs: Inputs) -> None:
    """Delete a task for good."""
    ctx.client.delete(f"/v2/tasks/{inputs['id']}")
