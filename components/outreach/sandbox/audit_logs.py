"""Audit logs: who has done what.  They took the place of the audits, with other attributes and another scope."""

from .attributes import anything, choice, entries, moment, text
from .resources import Resource
from .vendor import build_routes

AUDIT_LOGS = Resource(
    type="auditLog",
    fields={
        "action": text("RFS"),
        "additionalInfo": entries("R"),
        "agent": anything("R"),
        "changes": entries("R"),
        "eventName": text("RFS"),
        "globalId": text("R", 36),
        "orgId": text("R", 36),
        "requestId": text("RFS", 36),
        "result": choice("RFS", "completed", "pending", "failed"),
        "timestamp": moment("RFS"),
    },
    further={"agentEmail": "agent.email", "agentIpAddress": "agent.ipAddress"},  # inferred: what an agent has
    textual_ids=True,  # inferred, from the audits of old
)
ROUTES = build_routes(AUDIT_LOGS, "list")
