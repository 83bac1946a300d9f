"""Tasks to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Linked, Record, labelled, linked, person_name, shortened

NARROWED = {"personId": "person_id[]", "taskType": "task_type[]", "currentState": "current_state[]"}


def select_task(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task, narrowed to one person, one kind or one state."""

    def options(tasks: list[Record]) -> list[Option]:
        people = linked(ctx, "/v2/people", tasks, "person")
        return [Option(task_label(task, people), str(task["id"])) for task in tasks]

    query = {name: [inputs[key]] for key, name in NARROWED.items() if key in inputs}
    return labelled(ctx, "/v2/tasks", options, query=query)


def task_label(task: Record, people: Linked) -> str:
    """The subject, the person and the day; the same is often to be done for several people."""
    label = shortened(task.get("subject")) or f"Task {task['id']}"
    person = f" - {person_name(people, task)}" if task.get("person") else ""
    return f"{label}{person}, due {task['due_date']}" if task.get("due_date") else f"{label}{person}"
