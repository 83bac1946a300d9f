"""Prospects."""

from collections.abc import Iterator
from functools import partial

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import LONG, boolean, choice, count, date, entries, integer, moment, number, text, texts
from .custom_fields import build_custom_fields
from .errors import DUPLICATE
from .phone_numbers import LISTS, list_numbers, replace_numbers
from .progress import opt_out
from .relationships import NONE, id_of, linked, many, one, select_within, server_sets
from .resources import Resource, sign
from .vendor import OUTREACH, build_routes

HISTOGRAM_MONTHS = 12


def _check(change: Change) -> Iterator[Problem]:
    """An address belongs to one prospect, in whatever case it is written."""
    for address in change.given.get("emails") or ():
        if "@" not in address:
            yield Problem("emails", "is not an email address")
        elif any(other["id"] != change.record.get("id") for other in find_by_address(change.request, address)):
            yield Problem("emails", "has already been taken", DUPLICATE)


def find_by_address(request: Request, address: str) -> list[Document]:
    """The prospects that have an email address."""
    sql = """exists (select 1 from json_each(doc, '$."emails"') where lower(value) = lower(?))"""
    return request.collection("prospects").find(Condition(sql, (address,)))


def _settle(change: Change) -> None:
    sign(change)
    record, now = change.record, OUTREACH.now(change.request)
    record["emails"] = list(dict.fromkeys(record["emails"] or []))
    record["addedAt"] = record["addedAt"] or now
    for name in LISTS:
        record.pop(name, None)  # what is shown are the numbers themselves
    if change.moves("optedOut"):
        record["optedOutAt"] = now if record["optedOut"] else None
    for what in ("calls", "emails"):
        if change.moves(f"{what}OptStatus"):
            record[f"{what}OptedAt"] = now


def _follow(change: Change) -> None:
    request, record = change.request, change.record
    for name, phone_type in LISTS.items():
        if name in change.given:
            replace_numbers(request, record, phone_type, change.given[name] or [])
    if record["optedOut"] and change.moves("optedOut"):
        opt_out(request, record)


def _cascade(request: Request, record: Document) -> None:
    for plural in ("sequenceStates", "tasks", "phoneNumbers", "opportunityProspectRoles"):
        OUTREACH.remove_all(request, plural, Condition.match(**{"prospect.id": record["id"]}))


def _show_name(request: Request, record: Document) -> str | None:
    names = (record["firstName"], record["middleName"], record["lastName"])
    return " ".join(filter(None, names)) or None


def _show_company(request: Request, record: Document) -> str | None:
    """The name of the account, if there is one."""
    account = request.collection("accounts").get(id_of(record["account"]))
    name: str | None = account["name"] if account else record.get("company")
    return name


def _show_histogram(request: Request, record: Document) -> list[list[int]]:
    """How many messages went in and out in each of the last months."""
    return [[0, 0] for _ in range(HISTOGRAM_MONTHS)]


def _has_opportunities(request: Request, record: Document) -> Condition:
    """Those in which a prospect plays a role, or which are theirs."""
    return Condition.some(
        [
            select_within("id", "opportunityProspectRoles", "opportunity.id", _of(record)),
            Condition.match(**{"primaryProspect.id": record["id"]}),
        ]
    )


def _match_opportunities(theirs: Condition) -> Condition:
    roles = select_within("opportunity.id", "opportunities", "id", theirs)
    return Condition.some(
        [
            select_within("id", "opportunityProspectRoles", "prospect.id", roles),
            select_within("id", "opportunities", "primaryProspect.id", theirs),
        ]
    )


def _of(record: Document) -> Condition:
    return Condition.match(**{"prospect.id": record["id"]})


PROSPECTS = Resource(
    type="prospect",
    fields={
        "addedAt": moment(),
        "addressCity": text(),
        "addressCountry": text(),
        "addressState": text(),
        "addressStreet": text(),
        "addressStreet2": text(),
        "addressZip": text(),
        "angelListUrl": text(),
        "availableAt": moment(),
        "callOptedOut": boolean(),
        "callsOptStatus": choice("", "opted_in", "opted_out"),
        "callsOptedAt": moment("R"),
        "campaignName": text(),
        "clickCount": count(),
        "company": text("", None),
        "contactHistogram": entries("R", on_request=True),
        "createdAt": moment("RFS"),
        "dateOfBirth": date(),
        "degree": text(),
        "emailOptedOut": boolean(),
        "emails": texts("F"),
        "emailsOptStatus": choice("", "opted_in", "opted_out"),
        "emailsOptedAt": moment("R"),
        "engagedAt": moment("RFS"),
        "engagedScore": number("RFS"),
        "eventName": text(),
        "externalId": text(),
        "externalOwner": text(),
        "externalSource": text("FS"),
        "facebookUrl": text(),
        "firstName": text("FS"),
        "gender": text(),
        "githubUrl": text("", 1000),
        "githubUsername": text("FS"),
        "googlePlusUrl": text(),
        "graduationDate": date(),
        "homePhones": texts(),
        "jobStartDate": date(),
        "lastName": text("FS"),
        "linkedInConnections": integer(),
        "linkedInId": text("FS"),
        "linkedInSlug": text("RFS"),
        "linkedInUrl": text("", 1000),
        "middleName": text(),
        "mobilePhones": texts(),
        "name": text("R", None),
        "nickname": text(),
        "occupation": text(),
        "openCount": count(),
        "optedOut": boolean(),
        "optedOutAt": moment("R"),
        "otherPhones": texts(),
        "personalNote1": text("", LONG),
        "personalNote2": text("", LONG),
        "preferredContact": text(),
        "quoraUrl": text(),
        "region": text(),
        "replyCount": count(),
        "school": text(),
        "score": number(),
        "sharingTeamId": text("F"),
        "source": text(),
        "specialties": text("", LONG),
        "stackOverflowId": text("FS"),
        "stackOverflowUrl": text("", 1000),
        "tags": texts(),
        "timeZone": text("F"),
        "timeZoneIana": text("R", None),
        "timeZoneInferred": text("R"),
        "title": text("FS"),
        "touchedAt": moment("RFS"),
        "trashedAt": moment(),
        "twitterUrl": text("", 1000),
        "twitterUsername": text("FS"),
        "updatedAt": moment("RFS"),
        "voipPhones": texts(),
        "websiteUrl1": text("", LONG),
        "websiteUrl2": text("", LONG),
        "websiteUrl3": text("", LONG),
        "workPhones": texts(),
        **build_custom_fields("prospect", 150),
        "account": one("account", by=("id", "customId", "name", "named", "updatedAt")),
        "activeSequenceStates": many("sequenceState", "prospect", Condition.match(state="active"), by=("id", "state")),
        "assignedTeams": many("team"),
        "assignedUsers": many("user"),
        "batches": linked("batches", "prospect"),
        "calls": linked("calls", "prospect"),
        "creator": server_sets("user", by=NONE),
        "defaultPluginMapping": server_sets("pluginMapping"),
        "emailAddresses": many("emailAddress", by=NONE),
        "favorites": many("favorite", by=NONE),
        "mailings": linked("mailings", "prospect"),
        "opportunities": many("opportunity", "prospects", find=_has_opportunities, match=_match_opportunities),
        "opportunityProspectRoles": many("opportunityProspectRole", "prospect", by=NONE),
        "owner": one("user"),
        "persona": one("persona"),
        "phoneNumbers": many("phoneNumber", "prospect", by=NONE),
        "sequenceStates": linked("sequenceStates", "prospect", by=("id", "state")),
        "stage": one("stage", by=("id", "name")),
        "tasks": linked("tasks", "prospect"),
        "trashedByAccount": one("account"),
        "updater": server_sets("user", by=NONE),
    },
    derived={
        "name": _show_name,
        "company": _show_company,
        "contactHistogram": _show_histogram,
        **{name: partial(list_numbers, phone_type=phone_type) for name, phone_type in LISTS.items()},
    },
    searched=("firstName", "lastName", "emails", "company", "title"),  # inferred: which attributes a search looks at
    rules=_check,
    settle=_settle,
    follow=_follow,
    cascade=_cascade,
)
ROUTES = build_routes(PROSPECTS, *ALL)
