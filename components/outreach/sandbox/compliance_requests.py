"""Compliance requests: somebody asks for their personal data to be deleted, and after a while it is.

This one endpoint is not made like the others: what is posted to it is in snake case.
"""

from datetime import datetime
from uuid import uuid4

from sales_connectors.imitation import Document, Reply, Request, Route
from sales_connectors.imitation.kit import Problem

from .attributes import anything, choice, integer, moment, text
from .documents import View, read_data, read_members
from .errors import NOT_VALID, UNKNOWN_ATTRIBUTE, describe, refused_all, write_document
from .prospects import PROSPECTS, find_by_address
from .queries import Query
from .recipients import RECIPIENTS
from .relationships import NONE, refer, server_sets
from .resources import Resource
from .scopes import name_scope
from .vendor import BLANK, OUTREACH

KINDS, OBJECTS = ("Delete",), ("Prospect", "Recipient")
GIVEN = {
    "requester_email": "requester",
    "request_type": "requestType",
    "object_type": "objectType",
    "request_object_email": "pii",
}
"""What has to be posted, and what of the record it becomes."""
PENDING, RUNNING, DONE = "pending", "running", "done"
SECONDS_UNTIL = {RUNNING: 30, DONE: 60}


def create(request: Request) -> Reply:
    Query.read(request, "create")
    given = read_members(read_data(request, COMPLIANCE_REQUESTS), "attributes")
    _check(request, given)
    address, kind = given["request_object_email"], given["object_type"]
    prospects = find_by_address(request, address)
    made = OUTREACH.enter(
        request,
        "complianceRequests",
        {
            "uuid": str(uuid4()),
            "objectType": kind,
            "requestType": given["request_type"],
            "pii": {"email": address},
            "requestObjectId": str(prospects[0]["id"]) if kind == "Prospect" and prospects else address,
            "state": PENDING,
            "requester": _find_requester(request, given["requester_email"]),
        },
    )
    return write_document(201, View(request).write_one(COMPLIANCE_REQUESTS, made))


def _check(request: Request, given: Document) -> None:
    unknown = sorted(set(given) - set(GIVEN))
    if unknown:
        errors = [
            describe(400, f"'{name}' is not a permitted attribute.", UNKNOWN_ATTRIBUTE, f"/data/attributes/{name}")
            for name in unknown
        ]
        raise refused_all(400, errors)
    problems = [Problem(name, BLANK) for name in GIVEN if not isinstance(given.get(name), str) or not given[name]]
    for name, known in (("request_type", KINDS), ("object_type", OBJECTS)):
        if given.get(name) and given[name] not in known:
            problems.append(Problem(name, f"is not included in the list: {', '.join(known)}"))
    if problems:
        raise refused_all(
            422, (describe(422, f"{name} {why}.", NOT_VALID, f"/data/attributes/{name}") for name, why, _ in problems)
        )


def _find_requester(request: Request, email: str) -> Document | None:
    """The user of this address; a request by somebody else has none (inferred)."""
    found = [user["id"] for user in request.collection("users").find() if user["email"] == email.lower()]
    return refer("user", found[0]) if found else None


def list_all(request: Request) -> Reply:
    get_on(request)
    return OUTREACH.list(request, COMPLIANCE_REQUESTS)


def retrieve(request: Request) -> Reply:
    get_on(request)
    return OUTREACH.retrieve_one(request, COMPLIANCE_REQUESTS)


def get_on(request: Request) -> None:
    """Carry out what has been asked for long enough ago."""
    for asked in request.collection("complianceRequests").find():
        age = request.clock.now() - _read_time(asked["createdAt"])
        state = next((name for name in (DONE, RUNNING) if age >= SECONDS_UNTIL[name]), PENDING)
        if asked["state"] in (PENDING, RUNNING) and asked["state"] != state:
            OUTREACH.touch(request, "complianceRequests", asked["id"], state=state)
            if state == DONE:
                _erase(request, asked)


def _erase(request: Request, asked: Document) -> None:
    address = asked["pii"]["email"]
    if asked["objectType"] == "Prospect":
        for prospect in find_by_address(request, address):
            OUTREACH.remove(request, PROSPECTS, prospect, "system")
    for recipient in request.collection("recipients").find():
        if (recipient["value"] or "").lower() == address.lower():
            OUTREACH.remove(request, RECIPIENTS, recipient, "system")


def _read_time(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


COMPLIANCE_REQUESTS = Resource(
    type="complianceRequest",
    fields={
        "batchComplianceRequestUuid": text("", None),
        "createdAt": moment("R"),
        "objectType": choice("", "Prospect", "Recipient"),
        "pii": anything(),
        "requestObjectId": text(),
        "requestType": choice("", "Delete"),
        "requesterId": integer(),
        "state": choice("FS", "pending", "running", "failed", "done"),
        "updatedAt": moment("R"),
        "uuid": text("FS"),
        "requester": server_sets("user", by=NONE),
    },
)
ROUTES = [
    Route("GET", COMPLIANCE_REQUESTS.route, list_all, name_scope(COMPLIANCE_REQUESTS.name, "GET")),
    Route("GET", COMPLIANCE_REQUESTS.route + "/{id}", retrieve, name_scope(COMPLIANCE_REQUESTS.name, "GET")),
    Route("POST", COMPLIANCE_REQUESTS.route, create, name_scope(COMPLIANCE_REQUESTS.name, "POST")),
]
