"""Phone numbers of prospects, which are the lists of numbers that a prospect shows."""

from collections.abc import Sequence

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, Change

from .attributes import choice, integer, moment, text
from .relationships import one, refer
from .resources import Resource, sign
from .vendor import OUTREACH, build_routes

LISTS = {
    "homePhones": "home",
    "mobilePhones": "mobile",
    "otherPhones": "other",
    "voipPhones": "voip",
    "workPhones": "work",
}
"""The lists of a prospect, and the type of the numbers in each."""


def list_numbers(request: Request, prospect: Document, phone_type: str) -> list[str]:
    """The numbers of one type that a prospect has."""
    theirs = Condition.match(**{"prospect.id": prospect["id"], "phoneType": phone_type})
    found = request.collection("phoneNumbers").find(theirs, order=[("order", False)])
    return [record["number"] for record in found if record["number"]]


def replace_numbers(request: Request, prospect: Document, phone_type: str, numbers: Sequence[str]) -> None:
    """Give a prospect these numbers of a type, and no others; those that stay keep their ids."""
    theirs = Condition.match(**{"prospect.id": prospect["id"], "phoneType": phone_type})
    known = {record["number"]: record for record in request.collection("phoneNumbers").find(theirs)}
    for number, record in known.items():
        if number not in numbers:
            OUTREACH.remove(request, PHONE_NUMBERS, record, "system")
    for order, number in enumerate(dict.fromkeys(numbers)):
        if number in known:
            OUTREACH.touch(request, "phoneNumbers", known[number]["id"], order=order)
        else:
            named = {"prospect": refer("prospect", prospect["id"]), "phoneType": phone_type}
            OUTREACH.enter(request, "phoneNumbers", {**named, "number": number, "rawNumber": number, "order": order})


def _settle(change: Change) -> None:
    sign(change)
    record = change.record
    record["rawNumber"] = record["rawNumber"] or record["number"]
    if change.moves("status"):
        record["statusChangedAt"] = OUTREACH.now(change.request)


PHONE_NUMBERS = Resource(
    type="phoneNumber",
    fields={
        "countryCode": text(),
        "createdAt": moment("R"),
        "extension": text(),
        "number": text("FS"),
        "order": integer("FS", default=0),
        "phoneType": choice("FS", "mobile", "work", "home", "voip", "other", default="other"),
        "rawNumber": text(),
        "status": text("FS"),
        "statusChangedAt": moment("RFS"),
        "updatedAt": moment("RFS"),
        "prospect": one("prospect"),
    },
    settle=_settle,
)
ROUTES = build_routes(PHONE_NUMBERS, *ALL)
