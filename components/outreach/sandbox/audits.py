"""Audits, as they were before the audit logs: for applications whose tokens still have the old scope.

No application can be granted it any more, so that nobody else sees them (inferred; the vendor announced their end for
September 2024).
"""

from .attributes import moment, text
from .resources import Resource
from .vendor import build_routes

AUDITS = Resource(
    type="audit",
    fields={
        "eventName": text("RFS", None),
        "timestamp": moment("RFS"),
        "userEmail": text("R", None),
        "user": text("R", None),
        "userId": text("R", None),
        "requestIp": text("R", None),
        "orgId": text("R", None),
    },
    textual_ids=True,
)
ROUTES = build_routes(AUDITS, "list")
