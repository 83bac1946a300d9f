"""Who may do what: scopes of tokens, and the rights of users."""

from sales_connectors.imitation import Document, Request

from .errors import forbidden

LEVELS = ("read", "write", "delete", "all")
ALL = "all"
FULL = (
    "accounts", "batches", "callDispositions", "callPurposes", "calls", "complianceRequests", "contentCategories",
    "contentCategoryMemberships", "contentCategoryOwnerships", "customDuties", "duties", "emailAddresses", "events",
    "favorites", "imports", "mailAliases", "mailboxes", "mailings", "opportunities", "opportunityProspectRoles",
    "opportunityStages", "personas", "phoneNumbers", "profiles", "prospects", "recipients", "roles", "rulesets",
    "sequenceStates", "sequenceSteps", "sequenceTemplates", "sequences", "snippets", "stages", "taskPriorities",
    "taskDispositions", "taskPurposes",  # inferred: the vendor's pages name none for these two
    "tasks", "teams", "templates", "users", "webhooks",
)  # fmt: skip
READ_ONLY = ("auditLogs", "kaiaRecordings")
SCOPES = (*(f"{name}.{level}" for name in FULL for level in LEVELS), *(f"{name}.read" for name in READ_ONLY))
"""What an application can ask for; the audits of old are none of it any more."""

USUAL = (
    "accounts.all", "auditLogs.read", "callDispositions.all", "callPurposes.all", "calls.all",
    "complianceRequests.all", "events.read", "mailAliases.read", "mailboxes.all", "mailings.all", "opportunities.all",
    "opportunityProspectRoles.all", "opportunityStages.all", "personas.read", "phoneNumbers.all", "prospects.all",
    "recipients.all", "rulesets.read", "sequenceStates.all", "sequenceSteps.all", "sequenceTemplates.all",
    "sequences.all", "stages.all", "taskDispositions.read", "taskPriorities.read", "taskPurposes.read", "tasks.all",
    "teams.read", "templates.all", "users.all",
)  # fmt: skip
"""What a token of the sandbox has unless others are asked for."""

OF_SERVERS = (
    "accounts.all", "auditLogs.read", "calls.all", "events.read", "events.write", "imports.read", "imports.write",
    "kaiaRecordings.read", "mailings.read", "opportunities.all", "prospects.all", "sequenceStates.all",
    "sequences.all", "snippets.read", "tasks.all", "templates.read", "users.read", "webhooks.all",
)  # fmt: skip
"""What a server's own token can do."""


def covers(held: frozenset[str], scope: str) -> bool:
    """Levels do not hold one another, but all of them are held by ``all``."""
    return scope in held or f"{scope.partition('.')[0]}.{ALL}" in held


def name_scope(plural: str, method: str) -> str:
    """What a request needs; actions need the right to write (inferred)."""
    return f"{plural}.{ {'GET': 'read', 'DELETE': 'delete'}.get(method, 'write') }"


def find_asker(request: Request) -> Document | None:
    """The user in whose name a request comes; behind a server's own token is none."""
    return request.collection("users").get(request.user_id)


def is_admin(request: Request) -> bool:
    """Whether somebody may write what sets the organization up; no user stands in a server's way."""
    user = find_asker(request)
    return user is None or bool(user["isAdmin"])


def need_admin(request: Request) -> None:
    """Refuse what only administrators may do, whatever the scopes."""
    if not is_admin(request):
        raise forbidden("You are not authorized to perform this request.")
