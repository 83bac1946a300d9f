"""Tasks: https://developers.salesloft.com/docs/api/tasks-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_record, find_candidates, is_about, list_records


def create_task(ctx: Context, inputs: Inputs) -> Any:
    """Plan a task about a person."""
    return ctx.client.post("/v2/tasks", json=_build_task(inputs))


def find_task(ctx: Context, inputs: Inputs) -> list[Any] | None:
    """The task with this key of the service's own; without one a task cannot be told from others like it."""
    key = inputs.get("idempotencyKey")
    if not key:
        return None
    person = inputs["personId"]
    return find_candidates(ctx, "/v2/tasks", {"idempotency_key": key}, lambda found: is_about(found, "person", person))


def get_task(ctx: Context, inputs: Inputs) -> Any:
    """Get one task by its id."""
    return ctx.client.get(f"/v2/tasks/{inputs['taskId']}")


def list_tasks(ctx: Context, inputs: Inputs) -> Pages:
    """List tasks, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/tasks", inputs, userIds="user_id", personIds="person_id", tasksSortBy="sort_by")


def update_task(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a task, or complete it."""
    return ctx.client.put(f"/v2/tasks/{inputs['taskId']}", json=_build_task(inputs))


def _build_task(inputs: Inputs) -> dict[str, Any]:
    """The fields of a task; the service takes the day on which it is due without a time."""
    fields = build_record(inputs, "taskId")
    return {**fields, "due_date": fields["due_date"][:10]} if fields.get("due_date") else fields
