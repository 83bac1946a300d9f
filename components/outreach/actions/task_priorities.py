"""Task priorities: https://developers.outreach.io/api/reference/tag/TaskPriority/"""

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, list_records

TASK_PRIORITY = Resource("taskPriority", "taskPriorities")


def list_task_priorities(ctx: Context, inputs: Inputs) -> Pages:
    """List task priorities, filtered and sorted, by page or all at once."""
    return list_records(ctx, TASK_PRIORITY, inputs)
