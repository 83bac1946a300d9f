"""Successes: people whom somebody won, and what was done to win them; the API only reads."""

from sales_connectors.imitation.kit import READ

from .filters import match_ids, match_some, match_span
from .resources import BY_TIME, Field, Resource, link, times
from .values import integer
from .vendor import SALESLOFT

COUNTS = ("total_emails", "total_calls", "total_other_touches")

SUCCESSES = Resource(
    name="successes",
    scope="people",  # inferred
    first_id=8801,
    fields={
        "id": Field(),
        "succeeded_at": Field(),
        "success_window_started_at": Field(),
        "counts": Field(default=dict.fromkeys(COUNTS, 0)),
        "person": link("people"),
        "user": link("users"),
        "latest_email": link("emails"),
        "latest_call": link("calls"),
        "latest_cadence": link("cadences"),
        "latest_step": link("steps"),
        "latest_action": link("actions"),
        **times(),
    },
    filters={
        "ids": match_ids(),
        "person_id": match_some("person_id", integer),
        "updated_at": match_span("updated_at"),
    },
    sorting=BY_TIME,
)
ROUTES = SALESLOFT.routes(SUCCESSES, *READ)
