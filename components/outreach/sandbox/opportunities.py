"""Opportunities."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from sales_connectors.imitation import Condition
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import LONG, integer, moment, text, texts
from .custom_fields import build_custom_fields
from .relationships import ID, NONE, linked, many, one, select_within, server_sets
from .resources import Resource, sign
from .vendor import build_routes


def _check(change: Change) -> Iterator[Problem]:
    precise, probability = change.given.get("amountPrecise"), change.given.get("probability")
    if precise is not None and _read_amount(precise) is None:
        yield Problem("amountPrecise", "is not a number")
    if probability is not None and not 0 <= probability <= 100:
        yield Problem("probability", "must be from 0 to 100")


def _settle(change: Change) -> None:
    """The amount stands in both its forms; the precise one decides where both are given (inferred)."""
    sign(change)
    record, precise = change.record, _read_amount(change.given.get("amountPrecise"))
    if precise is not None:
        record["amount"] = int(precise)
    elif "amount" in change.given:
        record["amountPrecise"] = None if record["amount"] is None else str(record["amount"])


def _read_amount(text: str | None) -> Decimal | None:
    try:
        read = Decimal(text or "")
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def _match_prospects(theirs: Condition) -> Condition:
    """Those in which such a prospect plays a role, or that are theirs."""
    roles = select_within("prospect.id", "prospects", "id", theirs)
    primary = select_within("primaryProspect.id", "prospects", "id", theirs)
    return Condition.some([select_within("id", "opportunityProspectRoles", "opportunity.id", roles), primary])


OPPORTUNITIES = Resource(
    type="opportunity",
    fields={
        "amount": integer("S"),
        "amountPrecise": text("S", 15),
        "closeDate": moment("S"),
        "createdAt": moment("RFS"),
        "currencyType": text(),
        "customId": text("FS"),
        "description": text("", LONG),
        "externalCreatedAt": moment("F"),
        "externalUpdatedAt": moment(),
        "forecastCategory": text("FS", 32000),
        "leadSource": text("FS", 32000),
        "lostReason": text("FS", 32000),
        "mapLink": text("F"),
        "mapNextSteps": text(),
        "mapStatus": text("FS"),
        "name": text("FS", required=True),
        "nextStep": text("", LONG),
        "opportunityType": text(),
        "probability": integer("FS"),
        "prospectingRepId": text(),
        "recordType": text("FS", 32000),
        "sharingTeamId": text("F"),
        "tags": texts(),
        "touchedAt": moment("RFS"),
        "trashedAt": moment(),
        "updatedAt": moment("RFS"),
        **build_custom_fields("opportunity", 150),
        "account": one("account", by=("id", "name")),
        "assignedTeams": many("team"),
        "assignedUsers": many("user"),
        "creator": server_sets("user", by=NONE),
        "defaultPluginMapping": server_sets("pluginMapping"),
        "externalCreator": one("user"),
        "favorites": many("favorite"),
        "opportunityHealthFactors": many("opportunityHealthFactor"),
        "opportunityLineItems": many("opportunityLineItem"),
        "opportunityStage": one("opportunityStage"),
        "owner": one("user"),
        "primaryProspect": one("prospect"),
        "prospects": linked("prospects", "opportunities", by=ID, match=_match_prospects),
        "stage": server_sets("opportunityStage", repeats="opportunityStage"),
        "territory": one("territory", by=("id", "name")),
        "updater": server_sets("user", by=NONE),
    },
    rules=_check,
    settle=_settle,
)
ROUTES = build_routes(OPPORTUNITIES, *ALL)
