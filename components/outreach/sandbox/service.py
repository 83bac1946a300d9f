"""An imitation of the Outreach API (v2), of its OAuth, and of its tokens for servers."""

from collections.abc import Mapping

from sales_connectors.imitation import Budget, OAuth, Rate, Reply, Request, Service

from . import (
    accounts,
    audit_logs,
    audits,
    call_dispositions,
    call_purposes,
    calls,
    compliance_requests,
    custom_fields,
    events,
    mail_aliases,
    mailboxes,
    mailings,
    named_lists,
    opportunities,
    opportunity_prospect_roles,
    opportunity_stages,
    organization,
    phone_numbers,
    prospects,
    recipients,
    sequence_states,
    sequence_steps,
    sequence_templates,
    sequences,
    servers,
    stages,
    task_priorities,
    tasks,
    templates,
    users,
)  # fmt: skip
from .errors import MEDIA_TYPE, refuse, refused
from .scopes import SCOPES, USUAL, covers
from .seed import seed

PARTS = (
    accounts, audit_logs, audits, call_dispositions, call_purposes, calls, compliance_requests, custom_fields, events,
    mail_aliases, mailboxes, mailings, named_lists, opportunities, opportunity_prospect_roles, opportunity_stages,
    organization,
    phone_numbers, prospects, recipients, sequence_states, sequence_steps, sequence_templates, sequences, stages,
    task_priorities, tasks, templates, users,
)  # fmt: skip
ROOT = "/api/v2"
DAY = 86_400
OAUTH = OAuth(
    authorize="/oauth/authorize",
    token="/oauth/token",
    scopes=SCOPES,
    usual_scopes=USUAL,
    scope_required=True,
    covers=covers,
    access_life=7200,
    refresh_life=14 * DAY,
    refresh_most=100,
    grant_interval=60,
    lenient_bodies=True,
    token_type="Bearer",
    token_dated=True,
    connection="oauth2",
)
AT_ONCE = 10
"""Requests of one user that are under way together (inferred: that there is a bound, and which)."""
SOON = "1"
LIMIT, REMAINING, RESET, RETRY = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"


def service() -> Service:
    """The imitation, as the engine serves it."""
    return Service(
        name="Outreach",
        routes=[route for part in PARTS for route in part.ROUTES],
        refuse=refuse,
        seed=seed,
        users=users.list_users,
        oauth=OAUTH,
        rate=Rate(10_000, period=3600, window="fixed", payer="user", at_once=AT_ONCE, headers=write_rate_headers),
        check=check,
        finish=finish,
        sign_in=servers.build_routes,
        connections={servers.CONNECTION: servers.describe_connection},
    )


def check(request: Request) -> None:
    """Every request says that it speaks JSON:API, also one that has nothing to say."""
    if request.path.startswith(ROOT) and request.headers.get("content-type", "").strip().lower() != MEDIA_TYPE:
        raise refused(415, f"Expected Content-Type header to be '{MEDIA_TYPE}'.")


def write_rate_headers(budget: Budget) -> Mapping[str, str]:
    return {LIMIT: str(int(budget.limit)), REMAINING: str(int(budget.left)), RESET: str(int(budget.resets_at))}


def finish(request: Request, reply: Reply) -> Reply:
    """Say when to come back, where the vendor does: at the reset of the budget, if that is used up."""
    if reply.status != 429 or not request.path.startswith(ROOT):
        return reply
    return reply.with_headers({RETRY: reply.headers[RESET] if reply.headers[REMAINING] == "0" else SOON})
