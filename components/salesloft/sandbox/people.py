"""People."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Request, field
from sales_connectors.imitation.kit import ALL, BOTH, CREATE, Change, Problem

from . import crm, progress
from .customs import settle_values, value_problems
from .errors import REQUIRED, TAKEN
from .filters import (
    IS_NULL,
    has_some,
    holds_any,
    is_true,
    match_custom_fields,
    match_flag,
    match_guid,
    match_ids,
    match_related,
    match_some,
    match_span,
    match_tags,
    match_uncased,
)
from .queries import sort_through
from .resources import Field, Resource, link, link_to, times, writable
from .tags import enter_tags
from .values import address, each_of, flag, integer, mapping, names, offset, one_of, text, zone
from .vendor import SALESLOFT

SENIORITIES = ("director", "executive", "individual_contributor", "manager", "vice_president", "unknown")
COUNTS = ("emails_sent", "emails_viewed", "emails_clicked", "emails_replied_to", "emails_bounced", "calls")
PHONES = ("phone", "home_phone", "mobile_phone")
TEXTS = (
    "title", "phone", "phone_extension", "home_phone", "mobile_phone", "linkedin_url", "twitter_handle", "city",
    "state", "country", "work_city", "work_state", "work_country", "personal_website", "person_company_name",
    "person_company_industry", "person_company_website",
)  # fmt: skip


def _check(change: Change) -> Iterator[Problem]:
    yield from _check_lookup(change)
    yield from crm.identity_problems(change, "people", crm.PEOPLE, "crm_id_person:write")
    yield from value_problems(change, "person")


def _check_lookup(change: Change) -> Iterator[Problem]:
    """People are told apart by their email address, or without one by phone number and last name."""
    record = change.record
    if record["email_address"]:
        if change.moves("email_address") and _has_others(change, _match_address(record["email_address"])):
            yield Problem("email_address", TAKEN)
    elif not (record["phone"] and record["last_name"]):
        yield Problem("email_address", f"{REQUIRED}, or phone and last_name")
    elif any(map(change.moves, ("phone", "last_name", "email_address"))) and _has_others(
        change, Condition.match(phone=record["phone"], last_name=record["last_name"])
    ):
        yield Problem("phone", f"{TAKEN} by somebody of this last name")


def _match_address(email: str) -> Condition:
    return Condition.equal("email_key", email.lower())


def _has_others(change: Change, where: Condition) -> bool:
    return any(found["id"] != change.record.get("id") for found in change.request.collection("people").find(where))


def _settle(change: Change) -> None:
    record = change.record
    name = " ".join(filter(None, (record["first_name"], record["last_name"])))
    email = record["email_address"]
    record["display_name"] = name or email or record["phone"]
    record["full_email_address"] = f'"{name}" <{email}>' if name and email else email
    record["email_key"] = email and email.lower()
    record["tags"] = list(dict.fromkeys([*(record["tags"] or []), *_list_autotags(change)]))
    record["contact_restrictions"] = record["contact_restrictions"] or []
    record["do_not_contact"] = bool(record["do_not_contact"])
    record["owner_id"] = record["owner_id"] or change.request.user_id
    record["import_ids"] = _list_imports(record)
    settle_values(change)
    crm.settle_identity(change, crm.PEOPLE)


def _list_autotags(change: Change) -> list[str]:
    """The day as a tag, where a new person asks for it."""
    return [f"{change.request.clock.today():%Y-%m-%d}"] if change.record.get("autotag_date") else []


def _list_imports(record: Document) -> list[int]:
    """All imports that the person has come with."""
    known = record.get("import_ids") or []
    latest = record["import_id"]
    return known if latest is None or latest in known else [*known, latest]


def _follow(change: Change) -> None:
    enter_tags(change.request, change.record["tags"])
    if change.record["do_not_contact"] and change.moves("do_not_contact"):
        progress.take_off_all(change.request, change.record["id"])
    if change.moves("import_id"):
        _count_import(change.request, change.record["import_id"])


def _count_import(request: Request, id: int | None) -> None:
    found = request.collection("imports").get(id) if id else None
    if found:
        SALESLOFT.touch(request, "imports", id, imported_people_count=found["imported_people_count"] + 1)


def _cascade(request: Request, record: Document) -> None:
    progress.take_off_all(request, record["id"])
    progress.say_deleted(request, record["id"])


def _show_starred(request: Request, record: Document) -> bool:
    return request.user_id in record["starred_by"]


def _show_cadences(request: Request, record: Document) -> list[Document | None]:
    return [link_to(request, "cadences", id) for id in record["cadence_ids"]]


def _show_offset(request: Request, record: Document) -> int | None:
    return offset(record["locale"]) if record["locale"] else None


def _can_be_reached(restriction: str, *paths: str) -> Condition:
    """Whom nothing keeps from being reached in this way."""
    barred = Condition.some(
        [Condition.match(do_not_contact=True), Condition.holds("contact_restrictions", restriction)]
    )
    somewhere = Condition.some(Condition.missing(path, False) for path in paths)
    return Condition.every([barred.negated(), somewhere])


def _match_starred(request: Request, value: object) -> Condition:
    users = [user["id"] for user in request.collection("users").find(match_guid("id")(request, value))]
    return Condition.some(Condition.holds("starred_by", id) for id in users)


def _match_number(request: Request, value: object) -> Condition:
    return numbered(str(value))


def numbered(number: str) -> Condition:
    """People with this phone number, however it is written."""
    digits = "".join(filter(str.isdecimal, number))
    bare = "replace(replace(replace(replace(replace({}, '+', ''), ' ', ''), '-', ''), '(', ''), ')', '')"
    return Condition.some(Condition(f"{bare.format(field(path))} = ?", (digits,)) for path in PHONES)


PEOPLE = Resource(
    name="people",
    scope="people",
    first_id=7012001,
    fields={
        "id": Field(),
        "first_name": writable(text),
        "last_name": writable(text),
        "display_name": Field(),
        "email_address": writable(address),
        "full_email_address": Field(),
        "secondary_email_address": writable(address),
        "personal_email_address": writable(address),
        **{name: writable(text) for name in TEXTS},
        "job_seniority": writable(one_of(*SENIORITIES)),
        "locale": writable(zone),
        "locale_utc_offset": Field(),
        "do_not_contact": writable(flag, default=False),
        "contact_restrictions": writable(each_of("call", "email", "message"), default=[]),
        "eu_resident": writable(flag, default=False),
        "bouncing": Field(default=False),
        "starred": Field(),
        "untouched": Field(default=True),
        "success_count": Field(default=0),
        "tags": writable(names, default=[]),
        "custom_fields": writable(mapping, default={}),
        "counts": Field(default=dict.fromkeys(COUNTS, 0)),
        "account": link("accounts", BOTH),
        "owner": link("users", BOTH),
        "person_stage": link("person_stages", BOTH),
        "import": link("imports", BOTH),
        "cadences": Field(),
        "most_recent_cadence": link("cadences"),
        "last_completed_step": link("steps"),
        "last_completed_step_cadence": link("cadences"),
        "last_contacted_at": Field(),
        "last_contacted_type": Field(),
        "last_contacted_by": link("users"),
        "last_replied_at": Field(),
        **crm.IDENTITY,
        **times(),
        "autotag_date": writable(flag, (CREATE,), instruction=True),
        "import_ids": Field(default=[], hidden=True),
        "cadence_ids": Field(default=[], hidden=True),
        "starred_by": Field(default=[], hidden=True),
    },
    derived={"starred": _show_starred, "cadences": _show_cadences, "locale_utc_offset": _show_offset},
    filters={
        "ids": match_ids(),
        "updated_at": match_span("updated_at"),
        "created_at": match_span("created_at"),
        "last_contacted": match_span("last_contacted_at", null=True),
        "email_addresses": match_uncased("email_key", null=IS_NULL),
        "owned_by_guid": match_guid("owner_id"),
        "owner_id": match_some("owner_id", integer, null=IS_NULL),
        "owner_crm_id": match_some("owner_crm_id"),
        "owner_is_active": match_flag(lambda request: match_related("owner_id", "users", Condition.match(active=True))),
        "person_stage_id": match_some("person_stage_id", integer, null=IS_NULL),
        "import_id": match_some("import_id", integer, null=IS_NULL),
        "account_id": match_some("account_id", integer),
        "cadence_id": holds_any("cadence_ids", integer, null=True),
        "tag_id": match_tags,
        "crm_id": match_some("crm_id"),
        "do_not_contact": is_true("do_not_contact"),
        "can_email": match_flag(lambda request: _can_be_reached("email", "email_address")),
        "can_call": match_flag(lambda request: _can_be_reached("call", *PHONES)),
        "can_text": match_flag(lambda request: _can_be_reached("message", *PHONES)),
        "job_seniority": match_some("job_seniority", null=IS_NULL),
        "custom_fields": match_custom_fields,
        "starred_by_guid": _match_starred,
        "replied": has_some("counts.emails_replied_to"),
        "bounced": has_some("counts.emails_bounced"),
        "success": has_some("success_count"),
        "eu_resident": is_true("eu_resident"),
        "new": is_true("untouched"),  # inferred: nobody has been in touch with them
        "phone_number": _match_number,
        "title": match_some("title", partial=True),
        "country": match_some("country", partial=True),
        "state": match_some("state", partial=True),
        "city": match_some("city", partial=True),
        "locales": match_some("locale", null="Null"),
    },
    sorting={
        "updated_at": "updated_at",
        "created_at": "created_at",
        "last_contacted_at": "last_contacted_at",
        "name": "display_name",
        "title": "title",
        "job_seniority": "job_seniority",
        "call_count": "counts.calls",
        "sent_emails": "counts.emails_sent",
        "clicked_emails": "counts.emails_clicked",
        "replied_emails": "counts.emails_replied_to",
        "viewed_emails": "counts.emails_viewed",
        "account": sort_through("people", "account_id", "accounts"),
        "cadence_stage_name": sort_through("people", "person_stage_id", "person_stages"),
    },
    repeatable=True,
    rules=_check,
    settle=_settle,
    follow=_follow,
    cascade=_cascade,
)
ROUTES = SALESLOFT.routes(PEOPLE, *ALL)
