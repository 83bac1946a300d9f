"""Tasks to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist, shorten

from ._lists import Record, RecordsById, build_batch_picklist, find_linked, format_person_name

FILTERS_BY_INPUT = {"personId": "person_id[]", "taskType": "task_type[]", "currentState": "current_state[]"}


def select_task(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task, narrowed to one person, one kind or one state."""

    def options(tasks: list[Record]) -> list[Option]:
        people = find_linked(ctx, "/v2/people", tasks, "person")
        return [Option(label_task(task, people), str(task["id"])) for task in tasks]

    query = {name: [inputs[key]] for key, name in FILTERS_BY_INPUT.items() if key in inputs}
    return build_batch_picklist(ctx, "/v2/tasks", options, query=query)


def label_task(task: Record, people: RecordsById) -> str:
    """The subject, the person and the day; the same is often to be done for several people."""
    label = shorten(task.get("subject")) or f"Task {task['id']}"
    person = f" - {format_person_name(people, task)}" if task.get("person") else ""
    return f"{label}{person}, due {task['due_date']}" if task.get("due_date") else f"{label}{person}"
