"""Tasks, and what they may be about, to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist, shorten

from ._lists import Record, append_hint, build_picklist, format_time, name_related, read_field
from .accounts import select_account
from .opportunities import select_opportunity
from .prospects import select_prospect

SUBJECTS = {"account": select_account, "opportunity": select_opportunity, "prospect": select_prospect}


def select_task(ctx: Context, inputs: Inputs) -> Picklist:
    """Every task, those first that changed last."""
    fields, include = "action,note,dueAt,state", {"prospect": "name"}
    return build_picklist(ctx, "tasks", "task", label_task, fields=fields, sort="-updatedAt", include=include)


def select_subject(ctx: Context, inputs: Inputs) -> Picklist:
    """What a task may be about: the accounts, the opportunities or the prospects."""
    return SUBJECTS[inputs["subjectType"]](ctx, inputs)


def label_task(task: Record) -> str:
    """What is to be done, for whom, by when, and how far it is."""
    action = str(read_field(task, "action") or "task").replace("_", " ").capitalize()
    what = ": ".join(filter(None, (action, name_related(task, "prospect") or shorten(read_field(task, "note")))))
    due = format_time(read_field(task, "dueAt"))
    return append_hint(what, f"due {due}" if due else "", read_field(task, "state"))
