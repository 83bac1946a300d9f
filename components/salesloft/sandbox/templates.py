"""Templates of emails, of users and of the team; the app keeps them, the API only reads."""

from typing import Any

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import READ

from .filters import holds_any, include, match_flag, match_ids, match_span
from .resources import BY_TIME, Field, Resource, link, link_to, times
from .values import integer
from .vendor import SALESLOFT

PREVIEW = 100
COUNTS = ("sent_emails", "views", "clicks", "replies", "bounces")
SORTING = {**BY_TIME, "last_used_at": "last_used_at"}


def _show_preview(request: Request, template: Document) -> str:
    """The beginning of the text, without tags; ours have none."""
    return str(template["body"])[:PREVIEW]


def _show_groups(request: Request, template: Document) -> list[Document | None]:
    return [link_to(request, "groups", id) for id in template["group_ids"] or []]


def _see_shared(request: Request) -> Condition:
    """One's own, and what others share (inferred)."""
    return Condition.some([Condition.equal("template_owner_id", request.user_id), Condition.equal("shared", True)])


def _match_words(request: Request, value: Any) -> Condition:
    """Every word occurs in the title or in the subject."""
    return Condition.every(
        Condition.some(Condition.contains(path, word) for path in ("title", "subject")) for word in str(value).split()
    )


WRITTEN = {
    "title": Field(),
    "subject": Field(),
    "body": Field(),
    "body_preview": Field(),
    "open_tracking_enabled": Field(default=True),
    "click_tracking_enabled": Field(default=True),
    "counts": Field(default=dict.fromkeys(COUNTS, 0)),
    "tags": Field(default=[]),
    "last_used_at": Field(),
    "archived_at": Field(),
}
FILTERS = {
    "ids": match_ids(),
    "updated_at": match_span("updated_at"),
    "search": _match_words,
    "tag": holds_any("tags"),
    "include_archived_templates": include(Condition.missing("archived_at", False)),
}
USUAL = {"include_archived_templates": "false"}

EMAIL_TEMPLATES = Resource(
    name="email_templates",
    scope="emails",  # inferred
    first_id=6601,
    fields={
        "id": Field(),
        **WRITTEN,
        "shared": Field(default=True),
        "cadence_template": Field(default=False),
        "template_owner": link("users"),
        "team_template": link("team_templates"),
        "groups": Field(),
        "group_ids": Field(default=[], hidden=True),
        **times(),
    },
    derived={"body_preview": _show_preview, "groups": _show_groups},
    visible=_see_shared,
    filters={
        **FILTERS,
        "linked_to_team_template": match_flag(lambda request: Condition.missing("team_template_id", False)),
        "filter_by_owner": match_flag(lambda request: Condition.equal("template_owner_id", request.user_id)),
        "group_id": holds_any("group_ids", integer),
        "include_cadence_templates": include(Condition.equal("cadence_template", True)),
    },
    usual={**USUAL, "include_cadence_templates": "false"},
    sorting=SORTING,
)
TEAM_TEMPLATES = Resource(
    name="team_templates",
    scope="team",  # inferred
    first_id=301,
    fields={"id": Field(), **WRITTEN, "last_modified_at": Field(), "last_modified_user": link("users"), **times()},
    derived={"body_preview": _show_preview},
    filters=FILTERS,
    usual=USUAL,
    sorting=SORTING,
)
ROUTES = [*SALESLOFT.routes(EMAIL_TEMPLATES, *READ), *SALESLOFT.routes(TEAM_TEMPLATES, *READ)]
