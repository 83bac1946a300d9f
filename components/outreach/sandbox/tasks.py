"""Tasks.  What can be done to one stands in ``task_actions``."""

from sales_connectors.imitation import Document, Request
from sales_connectors.imitation.kit import ALL, Change

from .attributes import LONG, boolean, choice, moment, text
from .relationships import ID, NONE, linked, many, one, server_sets, through
from .resources import Resource, sign
from .task_actions import INCOMPLETE, TASK_ACTIONS, pick_opportunity
from .vendor import OUTREACH, build_routes

MANUAL = "manual"


def _settle(change: Change) -> None:
    sign(change)
    if change.is_new:
        _begin(change)
    if change.moves("subject"):
        _note_subject(change.request, change.record)
    if change.moves("opportunityAssociation") or change.moves("subject"):
        change.record["opportunity"] = pick_opportunity(change.request, change.record)


def _begin(change: Change) -> None:
    """A task that a client makes is a manual one."""
    now = OUTREACH.now(change.request)
    state = {"taskType": MANUAL, "state": INCOMPLETE, "stateChangedAt": now, "completed": False}
    change.record |= {**state, "dueAt": change.record["dueAt"] or now}


def _note_subject(request: Request, task: Document) -> None:
    """A task about a prospect, or an opportunity, is one about their account, too."""
    subject = task["subject"]
    for type in ("account", "opportunity", "prospect"):
        task[type] = subject if subject["type"] == type else None
    about = request.collection(
        {"opportunity": "opportunities", "prospect": "prospects"}.get(subject["type"], "accounts")
    )
    known = about.get(subject["id"])
    if known and subject["type"] != "account":
        task["account"] = known["account"]


TASKS = Resource(
    type="task",
    fields={
        "action": choice("", "action_item", "call", "email", "in_person", required=True),
        "autoskipAt": moment("FS"),
        "compiledSequenceTemplateHtml": text("R", None),
        "completed": boolean("R"),
        "completedAt": moment("R"),
        "createdAt": moment("RFS"),
        "dueAt": moment("FS"),
        "note": text("", LONG),
        "opportunityAssociation": choice("", "recent_created", "recent_updated", "noop"),
        "scheduledAt": moment("RFS"),
        "state": choice("RFS", "pending", "incomplete", "complete"),
        "stateChangedAt": moment("RFS"),
        "taskType": choice(
            "RFS",
            "follow_up",
            "manual",
            "no_reply",
            "sequence_open",
            "sequence_click",
            "sequence_step_call",
            "sequence_step_email",
            "sequence_step_linkedin_interact_with_post",
            "sequence_step_linkedin_other",
            "sequence_step_linkedin_send_connection_request",
            "sequence_step_linkedin_send_message",
            "sequence_step_linkedin_view_profile",
            "sequence_step_sms",
            "sequence_step_task",
            "touch",
        ),
        "updatedAt": moment("RFS"),
        "account": server_sets("account"),
        "call": server_sets("call"),
        "calls": linked("calls", "task", by=ID),
        "completer": server_sets("user"),
        "creator": server_sets("sequenceStep", "stage", "user", by=NONE),
        "defaultPluginMapping": server_sets("pluginMapping"),
        "mailing": server_sets("mailing"),
        "mailings": linked("mailings", "task", by=ID),
        "opportunity": server_sets("opportunity"),
        "owner": one("user", required=True, by=("id", "email", "firstName")),
        "prospect": server_sets(
            "prospect", by=("id", "byPersonaId", "byStageId", "createdAt", "firstName", "tags", "title", "updatedAt")
        ),
        "prospectAccount": through("prospect", "account", "account"),
        "prospectContacts": many("emailAddress"),
        "prospectOwner": through("prospect", "owner", "user"),
        "prospectPhoneNumbers": many("phoneNumber", "prospect", anchor="prospect"),
        "prospectStage": through("prospect", "stage", "stage"),
        "sequence": server_sets("sequence", by=("id", "tags")),
        "sequenceSequenceSteps": many("sequenceStep", "sequence", anchor="sequence"),
        "sequenceState": server_sets("sequenceState"),
        "sequenceStateSequenceStep": through("sequenceState", "sequenceStep", "sequenceStep"),
        "sequenceStateSequenceStepOverrides": many("sequenceStepOverride"),
        "sequenceStateStartingTemplate": server_sets("template"),
        "sequenceStep": server_sets("sequenceStep", by=("id", "stepType")),
        "sequenceStepOverrideTemplates": many("template"),
        "sequenceTemplate": server_sets("sequenceTemplate"),
        "sequenceTemplateTemplate": through("sequenceTemplate", "template", "template"),
        "subject": one("account", "opportunity", "prospect", required=True, by=NONE),
        "taskDisposition": one("taskDisposition"),
        "taskPriority": one("taskPriority", by=("id", "name")),
        "taskPurpose": one("taskPurpose"),
        "taskTheme": one("taskTheme"),
        "team": one("team"),
        "template": server_sets("template"),
    },
    settle=_settle,
    actions=TASK_ACTIONS,
)
ROUTES = build_routes(TASKS, *ALL)
