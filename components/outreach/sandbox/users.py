"""Users; what they are called is worked out, and they are never deleted."""

from collections.abc import Iterator, Sequence

from sales_connectors.imitation import Document, Request, Store, User
from sales_connectors.imitation.kit import Change, Problem

from .attributes import anything, boolean, choice, integer, moment, text
from .custom_fields import build_custom_fields
from .errors import DUPLICATE
from .relationships import NONE, linked, many, one, server_sets
from .resources import Resource, sign
from .vendor import build_routes


def list_users(store: Store) -> Sequence[User]:
    """Who can sign in; the administrator who set the organization up comes first."""
    found = [user for user in store.collection("users").find() if not user["locked"]]
    return [User(user["id"], name_user(user) or "", user["email"]) for user in found if user["email"]]


def name_user(user: Document) -> str | None:
    return " ".join(filter(None, (user["firstName"], user["lastName"]))) or None


def _check(change: Change) -> Iterator[Problem]:
    email = change.given.get("email")
    if email and change.before and change.moves("email"):
        yield Problem("email", "is fixed once a user is there")
    others = change.request.collection("users").find() if email else []
    for other in others:
        if other["id"] != change.record.get("id") and (other["email"] or "").lower() == str(email).lower():
            yield Problem("email", "has already been taken", DUPLICATE)


def _settle(change: Change) -> None:
    sign(change)
    change.record["username"] = change.record["username"] or change.record["email"]


def _show_name(request: Request, user: Document) -> str | None:
    return name_user(user)


USERS = Resource(
    type="user",
    fields={
        "accountsViewId": integer(),
        "activityNotificationsDisabled": boolean(),
        "bounceWarningEmailEnabled": boolean(),
        "bridgePhone": text(),
        "bridgePhoneExtension": text(),
        "callsViewId": integer(),
        "controlledTabDefault": text(),
        "createdAt": moment("RFS"),
        "currentSignInAt": moment("RFS"),
        "dailyDigestEmailEnabled": boolean(),
        "defaultRulesetId": integer(),
        "duties": anything(),
        "email": text("FS"),
        "enableVoiceRecordings": boolean(),
        "engagementEmailsEnabled": boolean(),
        "firstName": text("FS"),
        "inboundBridgePhone": text(),
        "inboundBridgePhoneExtension": text(),
        "inboundCallBehavior": choice("", "inbound_bridge", "inbound_voicemail"),
        "inboundPhoneType": choice("", "bridge", "voip", "bridge_and_voip"),
        "inboundVoicemailCustomMessageText": text("", 1024),
        "inboundVoicemailMessageTextVoice": choice("", "man", "woman"),
        "inboundVoicemailPromptType": choice("", "automated", "recorded", "off"),
        "jobRoleByName": text("W"),
        "kaiaRecordingsViewId": integer(),
        "keepBridgePhoneConnected": boolean(),
        "lastName": text("FS"),
        "lastSignInAt": moment("R"),
        "locked": boolean("FS", default=False),
        "mailboxErrorEmailEnabled": boolean(),
        "meetingEngagementNotificationEnabled": boolean(),
        "name": text("R", None),
        "notificationsEnabled": boolean(),
        "oceClickToDialEverywhere": boolean(),
        "oceGmailToolbar": boolean(),
        "oceGmailTrackingState": text(),
        "oceSalesforceEmailDecorating": boolean(),
        "oceSalesforcePhoneDecorating": boolean(),
        "oceUniversalTaskFlow": boolean(),
        "oceWindowMode": boolean(),
        "opportunitiesViewId": integer(),
        "passwordExpiresAt": moment("R"),
        "phoneCountryCode": text("", 2),
        "phoneNumber": text("", None),
        "phoneType": choice("", "bridge", "voip"),
        "pluginAlertNotificationEnabled": boolean(),
        "preferredVoiceRegion": text(),
        "prefersLocalPresence": boolean(),
        "prospectsViewId": integer(),
        "reportsTeamPerfViewId": integer(),
        "reportsViewId": integer(),
        "scimExternalId": text(),
        "scimSource": text(),
        "senderNotificationsExcluded": boolean(),
        "tasksViewId": integer(),
        "teamsViewId": integer(),
        "textingEmailNotifications": boolean(),
        "title": text(),
        "unknownReplyEmailEnabled": boolean(),
        "updatedAt": moment("RFS"),
        "userGuid": text("R", None),
        "username": text("FS"),
        "usersViewId": integer(),
        "voicemailNotificationEnabled": boolean(),
        "weeklyDigestEmailEnabled": boolean(),
        **build_custom_fields("user", 5),
        "batches": linked("batches", "creator"),
        "calendar": one("calendar"),
        "contentCategories": many("contentCategory", by=NONE),
        "contentCategoryOwnerships": many("contentCategoryOwnership"),
        "creator": server_sets("user", by=NONE),
        "directAssignedTeams": many("team"),
        "favorites": many("favorite"),
        "jobRole": one("jobRole"),
        "mailbox": one("mailbox", by=NONE),
        "mailboxes": many("mailbox", "user", by=NONE),
        "outboundVoicemails": many("outboundVoicemail"),
        "phone": one("phone"),
        "phones": many("phone"),
        "profile": one("profile"),
        "recipients": many("recipient", "user", by=NONE),
        "role": one("role"),
        "roleAssignedTeams": many("team"),
        "smsPhone": one("phone"),
        "teams": many("team"),
        "updater": server_sets("user", by=NONE),
        "voicemailPrompts": many("voicemailPrompt"),
        "isAdmin": boolean("R", default=False, hidden=True),
    },
    derived={"name": _show_name},
    rules=_check,
    settle=_settle,
    admins_only=True,
)
ROUTES = build_routes(USERS, "list", "create", "retrieve", "update")
