"""Mailboxes; their secrets are written and never shown."""

from collections.abc import Iterator

from sales_connectors.imitation import Document, Request
from sales_connectors.imitation.kit import ALL, Change, Problem

from .attributes import LONG, boolean, choice, integer, moment, text
from .errors import DUPLICATE
from .relationships import NONE, id_of, linked, one, server_sets
from .resources import Action, Parameters, Resource, sign
from .vendor import OUTREACH, build_routes

BROKEN = "invalid"
"""What an address ends in whose mailbox does not work: the top-level domain that never will."""


def _check(change: Change) -> Iterator[Problem]:
    email = change.given.get("email")
    if email is None:
        return
    for other in change.request.collection("mailboxes").find():
        if other["id"] != change.record.get("id") and (other["email"] or "").lower() == email.lower():
            yield Problem("email", "has already been taken", DUPLICATE)
    for wish in ("validateSend", "validateSync"):
        if change.record.get(wish) and email.endswith(f".{BROKEN}"):
            yield Problem("email", "could not be reached")


def _settle(change: Change) -> None:
    sign(change)
    record = change.record
    record["username"] = record["username"] or record["email"]
    record["userId"] = id_of(record["user"])


def _test(attribute: str) -> Action:
    def run(request: Request, mailbox: Document, given: Parameters) -> None:
        OUTREACH.touch(request, "mailboxes", mailbox["id"], **{attribute: OUTREACH.now(request)})

    return Action(run=run)


MAILBOXES = Resource(
    type="mailbox",
    fields={
        "authId": integer(),
        "createdAt": moment("RFS"),
        "editable": boolean("R", default=True),
        "email": text("FS"),
        "emailHash": text(),
        "emailProvider": choice(
            "",
            "exchange_online",
            "exchange_server",
            "gmail",
            "gmail_api",
            "google_oauth2",
            "intermedia",
            "office365_oauth2",
            "microsoft_hma_oauth2",
            "office_365",
            "rackspace",
        ),
        "emailSignature": text("", LONG),
        "ewsEndpoint": text(),
        "ewsSslVerifyMode": integer(),
        "exchangeVersion": choice(
            "",
            "Exchange2007",
            "Exchange2007_SP1",
            "Exchange2010",
            "Exchange2010_SP1",
            "Exchange2010_SP2",
            "Exchange2013",
            "Exchange2013_SP1",
        ),
        "imapHost": text(),
        "imapPort": integer(),
        "imapSsl": boolean(),
        "maxEmailsPerDay": integer(),
        "maxMailingsPerDay": integer(),
        "maxMailingsPerWeek": integer(),
        "optOutMessage": text("", 512),
        "optOutSignature": text("", 512),
        "password": text("W", LONG),
        "prospectEmailExclusions": text("", LONG),
        "providerId": integer("R"),
        "providerType": text("R"),
        "sendDisabled": boolean(default=False),
        "sendErroredAt": moment("R"),
        "sendMaxRetries": integer(),
        "sendMethod": choice("", "ews", "sendgrid", "smtp"),
        "sendPeriod": integer(),
        "sendRequiresSync": boolean(),
        "sendSuccessAt": moment("R"),
        "sendThreshold": integer(),
        "sendgridApiKey": text("W", LONG),
        "sendgridWebhookUrl": text("R", None),
        "smtpHost": text(),
        "smtpPassword": text("W", LONG),
        "smtpPort": integer(),
        "smtpSsl": boolean(),
        "smtpUsername": text(),
        "syncActiveFrequency": integer(),
        "syncDisabled": boolean(default=False),
        "syncErroredAt": moment("R"),
        "syncFinishedAt": moment("R"),
        "syncMethod": choice("", "ews", "gmail_api", "imap"),
        "syncOutreachFolder": boolean(),
        "syncPassiveFrequency": integer(),
        "syncSuccessAt": moment("R"),
        "updatedAt": moment("RFS"),
        "userId": integer("RFS"),
        "username": text(),
        "validateSend": boolean("W"),
        "validateSync": boolean("W"),
        "creator": server_sets("user", by=NONE),
        "mailAliases": linked("mailAliases", "mailbox"),
        "mailings": linked("mailings", "mailbox"),
        "updater": server_sets("user", by=NONE),
        "user": one("user"),
    },
    rules=_check,
    settle=_settle,
    actions={"testSend": _test("sendSuccessAt"), "testSync": _test("syncSuccessAt")},
)
ROUTES = build_routes(MAILBOXES, *ALL)
