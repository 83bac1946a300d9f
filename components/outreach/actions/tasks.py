"""Tasks: https://developers.outreach.io/api/reference/tag/Task/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import (
    Resource,
    create_record,
    delete_record,
    find_records,
    get_record,
    list_records,
    run_action,
    update_record,
)

TASK = Resource(
    "task",
    "tasks",
    {
        "owner": "user",
        "subject": None,
        "taskDisposition": "taskDisposition",
        "taskPriority": "taskPriority",
        "taskPurpose": "taskPurpose",
        "team": "team",
    },
    newest="updatedAt",
)


def create_task(ctx: Context, inputs: Inputs) -> Any:
    """Create a task from the inputs that are given."""
    return create_record(ctx, TASK, inputs)


def find_task(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the tasks that a create with these inputs can have made."""
    return find_records(ctx, TASK, inputs, "ownerId")


def get_task(ctx: Context, inputs: Inputs) -> Any:
    """Get one task by its id."""
    return get_record(ctx, TASK, inputs)


def list_tasks(ctx: Context, inputs: Inputs) -> Pages:
    """List tasks, filtered and sorted, by page or all at once."""
    return list_records(ctx, TASK, inputs)


def update_task(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a task and leave the rest; null clears."""
    return update_record(ctx, TASK, inputs)


def delete_task(ctx: Context, inputs: Inputs) -> None:
    """Delete a task."""
    delete_record(ctx, TASK, inputs)


def set_task_action(ctx: Context, inputs: Inputs) -> Any:
    """Do something with a task: complete, reassign, reschedule, snooze it or move its sequence on."""
    return run_action(ctx, TASK, inputs)
