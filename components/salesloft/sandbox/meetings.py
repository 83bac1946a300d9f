"""Meetings, which people book over a calendar; the API only reads."""

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import READ

from .filters import include, match_guid, match_ids, match_one, match_some, match_span
from .resources import Field, Resource, link, times
from .rights import own_or_admin
from .values import integer
from .vendor import SALESLOFT

TEXTS = (
    "title", "description", "location", "calendar_id", "meeting_type", "recipient_name", "recipient_email", "event_id",
    "i_cal_uid", "reschedule_status", "canceled_at",
)  # fmt: skip


def _show_settings(request: Request, meeting: Document) -> Document | None:
    """Whose calendar it is in, by the address."""
    user = request.collection("users").get(meeting["booked_by_user_id"])
    return {"email_address": user["email"]} if user else None


def _show_account(request: Request, meeting: Document) -> str | None:
    """Ids of accounts and tasks are text here."""
    return None if meeting["of_account_id"] is None else str(meeting["of_account_id"])


MEETINGS = Resource(
    name="meetings",
    scope="meetings",
    first_id=7701,
    fields={
        "id": Field(),
        **{name: Field() for name in TEXTS},
        "start_time": Field(),
        "end_time": Field(),
        "status": Field(default="booked"),
        "calendar_type": Field(default="gmail"),
        "event_source": Field(default="internal"),
        "all_day": Field(default=False),
        "no_show": Field(default=False),
        "strict_attribution": Field(default=True),
        "attendees": Field(default=[]),
        "guests": Field(default=[]),
        "crm_references": Field(default={}),
        "crm_custom_fields": Field(default={}),
        "account_id": Field(),
        "of_account_id": Field(hidden=True),
        "task_id": Field(),
        "person": link("people"),
        "cadence": link("cadences"),
        "step": link("steps"),
        "booked_by_user": link("users"),
        "owned_by_meetings_settings": Field(),
        "booked_by_meetings_settings": Field(),
        **times(),
    },
    derived={
        "account_id": _show_account,
        "owned_by_meetings_settings": _show_settings,
        "booked_by_meetings_settings": _show_settings,
    },
    visible=own_or_admin("booked_by_user_id"),  # inferred
    filters={
        "ids": match_ids(),
        "person_id": match_one("person_id", integer),
        "account_id": match_one("of_account_id", integer),
        "status": match_some("status"),
        "event_ids": match_some("event_id"),
        "i_cal_uids": match_some("i_cal_uid"),
        "user_guids": match_guid("booked_by_user_id"),
        "start_time": match_span("start_time"),
        "created_at": match_span("created_at"),
        "updated_at": match_span("updated_at"),
        "show_deleted": include(Condition.missing("canceled_at", False)),
    },
    usual={"show_deleted": "false"},
    sorting={"start_time": "start_time", "created_at": "created_at", "updated_at": "updated_at"},
)
ROUTES = SALESLOFT.routes(MEETINGS, *READ)
