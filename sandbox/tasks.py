"""Tasks, floating or related to a lead, a contact or a deal."""

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, Change, Wrong

from .attributes import BOOLEAN, DATETIME, NUMBER, TEXT, Attribute, owner, record_attributes, times
from .queries import search_text
from .resources import Resource, check_attachment
from .vendor import SELL


def settle(change: Change) -> None:
    record = change.record
    if not record["completed"]:
        record["completed_at"] = None
    elif not record.get("completed_at"):
        record["completed_at"] = SELL.now(change.request)


def match_type(request: Request, text: str) -> Condition:
    if text not in ("floating", "related"):
        raise Wrong("must be floating or related")
    return Condition.missing("resource_id", text == "floating")


def match_overdue(request: Request, text: str) -> Condition:
    """Open, and due before now."""
    late = Condition.every([Condition.match(completed=False), Condition.below("due_date", SELL.now(request))])
    return late if BOOLEAN.query(text) else late.negated()


def match_reminder(request: Request, text: str) -> Condition:
    return Condition.missing("remind_at", not BOOLEAN.query(text))


def is_overdue(request: Request, record: Document) -> bool:
    return not record["completed"] and (record["due_date"] or "9999") < SELL.now(request)


TASKS = Resource(
    name="tasks",
    type="task",
    first_id=70_000_001,
    fields={
        **record_attributes(),
        "owner_id": owner(),
        "resource_type": Attribute(TEXT, nullable=True, choices=("lead", "contact", "deal")),
        "resource_id": Attribute(NUMBER, nullable=True),
        "completed": Attribute(BOOLEAN, default=False),
        "completed_at": Attribute(DATETIME, read_only=True),
        "due_date": Attribute(DATETIME, nullable=True),
        "overdue": Attribute(BOOLEAN, read_only=True),
        "remind_at": Attribute(DATETIME, nullable=True),
        "content": Attribute(TEXT, required=True),
        **times(),
    },
    filters=("creator_id", "owner_id", "resource_type", "resource_id", "completed"),
    special={"q": search_text("content"), "type": match_type, "overdue": match_overdue, "remind": match_reminder},
    sorting=("id", "resource_type", "created_at", "updated_at", "due_date"),
    order=(("updated_at", False),),
    derived={"overdue": is_overdue},
    rules=check_attachment,
    settle=settle,
)

ROUTES = SELL.routes(TASKS, *ALL)
