"""Emails, which the app sends; the API only reads."""

from typing import Any

from sales_connectors.imitation import Condition, Reply, Request, Route

from .errors import Wrong
from .filters import counted, ids, is_true, some, span, through, uncased, yes
from .handlers import retrieve_one, routes, scope_of
from .parameters import nested
from .queries import filtered
from .resources import Field, Resource, known, link, times
from .rights import need_scope
from .values import integer

COUNTS = ("clicks", "views", "replies", "unique_devices", "unique_locations", "attachments")
SCOPED = ("subject", "error_message")


def _scoped(name: str) -> Any:
    """A field that is told only if it is asked for, and only with a privileged scope."""
    return lambda request, record: record[name] if name in _asked(request) else None


def _asked(request: Request) -> list[str]:
    asked = nested(request.query).get("scoped_fields", [])
    return asked if isinstance(asked, list) else [str(asked)]


def _checked(request: Request, value: Any) -> Condition:
    """Not a filter that narrows: whether the fields that it names may be seen."""
    strange = [name for name in _asked(request) if name not in SCOPED]
    if strange:
        raise Wrong(f"has no {', '.join(strange)}")
    need_scope(request, "email_contents:read")
    return Condition("1")


def retrieve(request: Request) -> Reply:
    filtered(request, {"scoped_fields": _checked}, nested(request.query))
    return retrieve_one(request, EMAILS)


EMAILS = known(
    Resource(
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
        derived={name: _scoped(name) for name in SCOPED},
        filters={
            "ids": ids(),
            "updated_at": span("updated_at"),
            "bounced": is_true("bounced"),
            "crm_activity_id": some("crm_activity_id", integer),
            "action_id": some("action_id", integer),
            "user_id": some("user_id", integer),
            "status": some("status"),
            "cadence_id": some("cadence_id", integer),
            "step_id": some("step_id", integer),
            "one_off": yes(lambda request: Condition.missing("cadence_id")),
            "scoped_fields": _checked,
            "person_id": some("recipient_id", integer),
            "email_addresses": uncased("recipient_email_address"),
            "personalization": some("personalization"),
            "sent_at": span("sent_at"),
            "email_template_id": some("email_template_id", integer),
            "account_id": through("recipient_id", "people", some("account_id", integer)),
            "has_replies": counted("counts.replies"),
            "has_clicks": counted("counts.clicks"),
            "has_views": counted("counts.views"),
        },
        sorting={"updated_at": "updated_at", "send_time": "sent_at"},
    )
)
ROUTES = [
    *routes(EMAILS, "list"),
    Route("GET", EMAILS.route + "/{id}", retrieve, scope_of("emails", "GET")),
]
