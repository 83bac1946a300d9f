"""Emails, which the app sends; the API only reads."""

from typing import Any

from sales_connectors.imitation import ANY, Condition, Reply, Request, Route
from sales_connectors.imitation.kit import Wrong

from .filters import has_some, is_true, match_flag, match_ids, match_some, match_span, match_through, match_uncased
from .parameters import nested
from .queries import read_filters
from .resources import Field, Resource, link, times
from .rights import need_scope, scope_of
from .values import integer
from .vendor import SALESLOFT

COUNTS = ("clicks", "views", "replies", "unique_devices", "unique_locations", "attachments")
SCOPED = ("subject", "error_message")


def _show_scoped(name: str) -> Any:
    """A field that is told only if it is asked for, and only with a privileged scope."""
    return lambda request, record: record[name] if name in _read_asked(request) else None


def _read_asked(request: Request) -> list[str]:
    asked = nested(request.query).get("scoped_fields", [])
    return asked if isinstance(asked, list) else [str(asked)]


def _check_scoped(request: Request, value: Any) -> Condition:
    """Not a filter that narrows: whether the fields that it names may be seen."""
    strange = [name for name in _read_asked(request) if name not in SCOPED]
    if strange:
        raise Wrong(f"has no {', '.join(strange)}")
    need_scope(request, "email_contents:read")
    return ANY


def retrieve_email(request: Request) -> Reply:
    read_filters(request, {"scoped_fields": _check_scoped}, nested(request.query))
    return SALESLOFT.retrieve_one(request, EMAILS)


EMAILS = Resource(
    name="emails",
    path="/v2/activities/emails",
    scope="emails",
    first_id=9120101,
    fields={
        "id": Field(),
        "recipient_email_address": Field(),
        "status": Field(default="sent"),
        "subject": Field(),
        "error_message": Field(),
        "personalization": Field(),
        "bounced": Field(default=False),
        "click_tracking": Field(default=True),
        "view_tracking": Field(default=True),
        "headers": Field(default={}),
        "send_after": Field(),
        "sent_at": Field(),
        "counts": Field(default=dict.fromkeys(COUNTS, 0)),
        "user": link("users"),
        "recipient": link("people"),
        "action": link("actions"),
        "cadence": link("cadences"),
        "step": link("steps"),
        "task": link("tasks"),
        "email_template": link("email_templates"),
        "mailing": link("mailings"),
        "crm_activity": link("crm_activities"),
        **times(),
    },
    derived={name: _show_scoped(name) for name in SCOPED},
    filters={
        "ids": match_ids(),
        "updated_at": match_span("updated_at"),
        "bounced": is_true("bounced"),
        "crm_activity_id": match_some("crm_activity_id", integer),
        "action_id": match_some("action_id", integer),
        "user_id": match_some("user_id", integer),
        "status": match_some("status"),
        "cadence_id": match_some("cadence_id", integer),
        "step_id": match_some("step_id", integer),
        "one_off": match_flag(lambda request: Condition.missing("cadence_id")),
        "scoped_fields": _check_scoped,
        "person_id": match_some("recipient_id", integer),
        "email_addresses": match_uncased("recipient_email_address"),
        "personalization": match_some("personalization"),
        "sent_at": match_span("sent_at"),
        "email_template_id": match_some("email_template_id", integer),
        "account_id": match_through("recipient_id", "people", match_some("account_id", integer)),
        "has_replies": has_some("counts.replies"),
        "has_clicks": has_some("counts.clicks"),
        "has_views": has_some("counts.views"),
    },
    sorting={"updated_at": "updated_at", "send_time": "sent_at"},
)
ROUTES = [
    *SALESLOFT.routes(EMAILS, "list"),
    Route("GET", EMAILS.route + "/{id}", retrieve_email, scope_of("emails", "GET")),
]
