"""Task priorities, which the API only reads."""

from sales_connectors.imitation.kit import READ

from .attributes import integer, moment, text
from .relationships import linked
from .resources import Resource
from .vendor import build_routes

TASK_PRIORITIES = Resource(
    type="taskPriority",
    fields={
        "color": integer(),
        "createdAt": moment("RFS"),
        "name": text("FS"),
        "updatedAt": moment("RFS"),
        "weight": integer("FS"),
        "sequenceSteps": linked("sequenceSteps", "taskPriority"),
        "tasks": linked("tasks", "taskPriority"),
    },
)
ROUTES = build_routes(TASK_PRIORITIES, *READ)
