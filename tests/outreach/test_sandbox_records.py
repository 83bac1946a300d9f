"""The rules of the Outreach sandbox's records: what a sequence takes, what an action does, what goes with what."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.outreach.jsonapi import Caller, write

from sales_connectors.imitation import Box, running

MORGAN, NIA = 101, 102
CALL_FIRST, WRITE_FIRST, TASK_FIRST, THREE_TOUCHES = 67890, 67891, 123, 78901
LOCKED, SWITCHED_OFF = 901, 902
OPTED_OUT = 67892
URGENT = 4


@pytest.fixture
def box() -> Iterator[Box]:
    with running("outreach", rate=0) as started:
        yield started


@pytest.fixture
def call(box: Box) -> Iterator[Caller]:
    caller = Caller(box)
    yield caller
    caller.close()


def show(call: Caller, path: str) -> dict[str, Any]:
    attributes: dict[str, Any] = call.get(path)["data"]["attributes"]
    return attributes


def name_related(call: Caller, path: str, name: str) -> Any:
    return call.get(path)["data"]["relationships"][name]["data"]


def add(call: Caller, prospect: int, sequence: int, mailbox: int | None = 123) -> dict[str, Any]:
    box = {"mailbox": ("mailbox", mailbox)} if mailbox else {}
    whom = {"prospect": ("prospect", prospect), "sequence": ("sequence", sequence), **box}
    return call.create("sequenceState", "sequenceStates", None, **whom)


def refuse_adding(call: Caller, prospect: int, sequence: int, **more: Any) -> tuple[int, str | None, list[str]]:
    whom = {"prospect": ("prospect", prospect), "sequence": ("sequence", sequence), **more}
    return call.refused("POST", "sequenceStates", write("sequenceState", None, **whom))


def list_tasks(call: Caller, state: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call.get("tasks", {"filter[sequenceState][id]": state, "sort": "id"})["data"]
    return found


def list_events(call: Caller, **filters: Any) -> list[str]:
    page = call.get("events", {"sort": "-createdAt", "page[size]": 1000, **filters})
    return [one["attributes"]["name"] for one in page["data"]]


# --- sequences ------------------------------------------------------------------------------------


def test_the_documents_own_example_adds_somebody_to_a_sequence(call: Caller) -> None:
    state = add(call, 456, 789)
    related = state["relationships"]
    assert state["attributes"]["state"] == "active"
    assert [related[name]["data"]["id"] for name in ("prospect", "sequence", "mailbox", "account", "user")] == [
        456, 789, 123, 456, 101,
    ]  # fmt: skip
    assert [one["type"] for one in related["activeStepMailings"]["data"]] == ["mailing"]
    mailing = show(call, f"mailings/{related['activeStepMailings']['data'][0]['id']}")
    assert (mailing["state"], mailing["mailingType"], mailing["subject"]) == (
        "scheduled", "sequence", "Introducing our product",
    )  # fmt: skip
    assert "sequence_state_created" in list_events(call, **{"filter[prospect][id]": 456})
    assert {"type": "sequenceState", "id": state["id"]} in name_related(call, "prospects/456", "activeSequenceStates")


def test_a_sequence_takes_not_everybody(call: Caller) -> None:
    mailbox = {"mailbox": ("mailbox", 123)}
    assert refuse_adding(call, 456, LOCKED, **mailbox) == (422, "validationError", ["/data/relationships/sequence"])
    assert refuse_adding(call, OPTED_OUT, 789, **mailbox)[1:] == ("validationError", ["/data/relationships/prospect"])
    twice = refuse_adding(call, 54321, CALL_FIRST, **mailbox)
    assert twice == (422, "validationDuplicateValueError", ["/data/relationships/prospect"])
    assert refuse_adding(call, 456, 789)[2] == ["/data/relationships/mailbox"]
    assert add(call, 456, TASK_FIRST, mailbox=None)["attributes"]["state"] == "active"
    nobody = call.refused("POST", "sequenceStates", write("sequenceState", None, mailbox=("mailbox", 123)))
    assert nobody == (422, "validationError", ["/data/relationships/prospect", "/data/relationships/sequence"])


def test_a_new_sequence_is_off_and_holds_people_until_it_is_activated(call: Caller) -> None:
    kind = {"name": "New", "sequenceType": "interval", "shareType": "shared"}
    sequence = call.create("sequence", "sequences", kind)
    assert sequence["attributes"]["enabled"] is False
    step = call.create("sequenceStep", "sequenceSteps", {"stepType": "call", "order": 1},
                       sequence=("sequence", sequence["id"]))  # fmt: skip
    assert step["attributes"]["displayName"] == "Step #1 (Phone call)"
    state = add(call, 456, sequence["id"])
    assert (state["attributes"]["state"], list_tasks(call, state["id"])) == ("disabled", [])
    switched = call.act(f"sequences/{sequence['id']}", "activate")["attributes"]
    assert (switched["enabled"], switched["sequenceStepCount"]) == (True, 1)
    assert show(call, f"sequenceStates/{state['id']}")["state"] == "active"
    assert [task["attributes"]["taskType"] for task in list_tasks(call, state["id"])] == ["sequence_step_call"]
    assert call.act(f"sequences/{sequence['id']}", "deactivate")["attributes"]["enabled"] is False


def test_a_state_pauses_resumes_and_finishes_and_that_is_its_end(call: Caller) -> None:
    path = "sequenceStates/12345"
    assert call.refused_act(path, "resume") == (422, "Cannot resume a sequence state that is active.")
    assert call.act(path, "pause")["attributes"]["state"] == "paused"
    assert call.refused_act(path, "pause")[0] == 422
    assert call.act(path, "resume")["attributes"]["state"] == "active"
    ended = call.act(path, "finish")
    assert (ended["attributes"]["state"], ended["relationships"]["activeStepTasks"]["data"]) == ("finished", [])
    assert list_tasks(call, 12345) == []
    for action in ("resume", "pause", "finish"):
        assert call.refused_act(path, action) == (422, f"Cannot {action} a sequence state that is finished.")
    assert list_events(call, **{"filter[prospect][id]": 54321})[:3] == [
        "sequence_state_finished", "sequence_state_active", "sequence_state_paused",
    ]  # fmt: skip
    assert add(call, 54321, CALL_FIRST)["attributes"]["state"] == "active"  # again, now that it is over


def test_an_action_takes_its_own_parameters_and_no_others(call: Caller) -> None:
    assert call.refused_act("sequenceStates/12346", "pause", reason="x")[0] == 400
    assert call("POST", "sequenceStates/12346/actions/explode").status_code == 404
    assert call("POST", "sequenceStates/999/actions/pause").status_code == 404
    assert call.refused_act("tasks/12345", "snooze", ownerId=1)[0] == 400
    assert call("POST", "sequenceStates/12346/actions/pause?include=prospect").status_code == 400


def test_a_state_that_is_deleted_takes_its_tasks_along(call: Caller) -> None:
    assert call("DELETE", "sequenceStates/12345").status_code == 204
    assert call("GET", "sequenceStates/12345").status_code == 404
    assert call.ids("tasks", {"filter[prospect][id]": 54321}) == []
    assert call.refused("PATCH", "sequenceStates/12346", {})[0] == 404


def test_who_opts_out_leaves_every_sequence(call: Caller) -> None:
    gone = call.update("prospect", "prospects/54321", {"optedOut": True})
    assert gone["attributes"]["optedOutAt"]
    assert gone["relationships"]["activeSequenceStates"]["data"] == []
    assert show(call, "sequenceStates/12345")["state"] == "opted_out"
    back = call.update("prospect", "prospects/54321", {"optedOut": False})
    assert back["attributes"]["optedOutAt"] is None


def test_a_template_of_a_step_is_switched_too(call: Caller) -> None:
    made = call.create("sequenceTemplate", "sequenceTemplates", {"isReply": True},
                       sequenceStep=("sequenceStep", 123457), template=("template", 602))  # fmt: skip
    path = f"sequenceTemplates/{made['id']}"
    assert call.act(path, "activate")["attributes"]["enabled"] is True
    assert call.act(path, "deactivate")["attributes"]["enabledAt"] is None
    assert name_related(call, "sequenceSteps/123457", "sequenceTemplates") == [
        {"type": "sequenceTemplate", "id": made["id"]}
    ]


# --- tasks ----------------------------------------------------------------------------------------


def make_task(call: Caller, action: str = "call", **attributes: Any) -> dict[str, Any]:
    given = {"action": action, "note": "First", **attributes}
    return call.create("task", "tasks", given, owner=("user", NIA), subject=("prospect", 3456))


def test_a_task_of_a_client_is_a_manual_one_about_its_subject(call: Caller) -> None:
    task = make_task(call)
    assert (task["attributes"]["taskType"], task["attributes"]["state"]) == ("manual", "incomplete")
    related = {name: one["data"] for name, one in task["relationships"].items() if one.get("data")}
    assert (related["prospect"]["id"], related["account"]["id"]) == (3456, 789012)
    assert (related["prospectOwner"]["id"], related["prospectStage"]["id"]) == (NIA, 3)
    assert related["creator"] == {"type": "user", "id": MORGAN}
    moved = call.update("task", f"tasks/{task['id']}", None, subject=("account", 456))
    assert moved["relationships"]["prospect"]["data"] is None
    assert moved["relationships"]["account"]["data"]["id"] == 456
    missing = call.refused("POST", "tasks", write("task", {"note": "x"}))
    assert missing[2] == ["/data/attributes/action", "/data/relationships/owner", "/data/relationships/subject"]


def test_completing_a_task_closes_it_once(call: Caller) -> None:
    path = f"tasks/{make_task(call)['id']}"
    done = call.act(path, "markComplete", completionNote="Second")
    assert (done["attributes"]["state"], done["attributes"]["completed"]) == ("complete", True)
    assert done["attributes"]["note"] == "First\nSecond"
    assert done["relationships"]["completer"]["data"]["id"] == MORGAN
    for action, parameters in (("markComplete", {}), ("snooze", {}), ("reschedule", {"dueAt": "2030-01-01T00:00:00Z"})):
        assert call.refused_act(path, action, **parameters) == (422, "The task is complete already.")
    assert call.act(path, "updateNote", note="Third")["attributes"]["note"] == "Third"


@pytest.mark.parametrize(
    ("asked", "state", "replied"),
    [({}, "active", False), ({"completionAction": "advance"}, "active", False),
     ({"completionAction": "finish_no_reply"}, "finished", False),
     ({"completionAction": "finish_replied"}, "finished", True)],
)  # fmt: skip
def test_completing_a_task_of_a_sequence_moves_it(call: Caller, asked: Any, state: str, replied: bool) -> None:
    task = list_tasks(call, 12345)[0]
    call.act(f"tasks/{task['id']}", "markComplete", **asked)
    after = show(call, "sequenceStates/12345")
    assert (after["state"], bool(after["repliedAt"])) == (state, replied)
    types = [one["attributes"]["taskType"] for one in list_tasks(call, 12345)]
    assert types == (["sequence_step_call", "sequence_step_task"] if state == "active" else ["sequence_step_call"])


def test_advancing_comes_to_the_next_step_and_in_the_end_to_the_end(call: Caller) -> None:
    for expected in ("active", "finished"):
        [task] = [one for one in list_tasks(call, 12345) if not one["attributes"]["completed"]]
        call.act(f"tasks/{task['id']}", "advance")
        assert show(call, "sequenceStates/12345")["state"] == expected
    assert call.refused_act("tasks/12345", "advance") == (422, "Only a task of a sequence can be advanced.")


def test_delivering_queues_the_mailing_of_a_task(call: Caller) -> None:
    [task] = list_tasks(call, 12346)
    mailing = task["relationships"]["mailing"]["data"]["id"]
    assert show(call, f"mailings/{mailing}")["state"] == "drafted"
    call.act(f"tasks/{task['id']}", "deliver")
    assert show(call, f"mailings/{mailing}")["state"] == "queued"
    assert call.refused_act("tasks/12345", "deliver") == (422, "The task has no mailing.")


def test_a_meeting_is_logged_with_its_outcome(call: Caller) -> None:
    path = f"tasks/{make_task(call, 'in_person')['id']}"
    assert call.refused_act(path, "logMeetInPerson") == (422, "taskDispositionId can't be blank.")
    logged = call.act(path, "logMeetInPerson", taskDispositionId=5, taskPurposeId=2, completionNote="Good")
    assert logged["attributes"]["completed"] is True
    assert logged["relationships"]["taskDisposition"]["data"] == {"type": "taskDisposition", "id": 5}
    other = f"tasks/{make_task(call)['id']}"
    assert call.refused_act(other, "logMeetInPerson", taskDispositionId=5)[0] == 422


def test_a_task_gets_another_owner(call: Caller) -> None:
    assert call.act("tasks/12345", "reassignOwner", ownerId=NIA)["relationships"]["owner"]["data"]["id"] == NIA
    for wrong, why in ((999, "does not exist"), ("x", "integer id"), ("", "blank")):
        status, detail = call.refused_act("tasks/12345", "reassignOwner", ownerId=wrong)
        assert (status, why in detail) == (422, True)


def test_a_task_is_put_off(box: Box, call: Caller) -> None:
    day, due = timedelta(days=1), "2031-05-01T10:00:00.000Z"
    assert call.act("tasks/12345", "reschedule", dueAt="2031-05-01T12:00:00+02:00")["attributes"]["dueAt"] == due
    assert call.act("tasks/12345", "snooze")["attributes"]["dueAt"] == "2031-05-02T10:00:00.000Z"
    call.act("tasks/12345", "reschedule", dueAt="2020-01-01T00:00:00Z")
    later = call.act("tasks/12345", "snooze", markAsUrgent="true")
    assert abs(datetime.fromisoformat(later["attributes"]["dueAt"]) - day - datetime.now(UTC)) < timedelta(minutes=1)
    assert later["relationships"]["taskPriority"]["data"]["id"] == URGENT
    assert call.act("tasks/12345", "snooze", dueAt=due)["attributes"]["dueAt"] == due
    assert call.refused_act("tasks/12345", "snooze", markAsUrgent="perhaps")[0] == 422
    assert call.refused_act("tasks/12345", "reschedule", dueAt="soon")[0] == 422


def test_a_rule_picks_the_opportunity_of_a_task(call: Caller) -> None:
    path = f"tasks/{make_task(call)['id']}"
    assert name_related(call, path, "opportunity") is None
    newer = call.create("opportunity", "opportunities", {"name": "Newer"}, account=("account", 789012))
    picked = call.act(path, "updateOpportunityAssociation", opportunityAssociation="recent_created")
    assert picked["relationships"]["opportunity"]["data"]["id"] == newer["id"]
    call.update("opportunity", "opportunities/123456", {"nextStep": "Sign"})
    changed = call.act(path, "updateOpportunityAssociation", opportunityAssociation="recent_updated")
    assert changed["relationships"]["opportunity"]["data"]["id"] == 123456
    assert call.refused_act(path, "updateOpportunityAssociation", opportunityAssociation="any")[0] == 422


# --- calls, mailings, mailboxes -------------------------------------------------------------------


def test_a_call_closes_its_task_and_moves_the_sequence(call: Caller) -> None:
    task = list_tasks(call, 12345)[0]["id"]
    marks = {"callDisposition": ("callDisposition", 1), "callPurpose": ("callPurpose", 2)}
    made = call.create("call", "calls", {"sequenceAction": "Advance", "note": "Yes"}, task=("task", task), **marks)
    assert made["relationships"]["prospect"]["data"]["id"] == 54321
    assert made["relationships"]["user"]["data"]["id"] == MORGAN
    assert show(call, f"tasks/{task}")["completed"] is True
    assert name_related(call, f"tasks/{task}", "call") == {"type": "call", "id": made["id"]}
    assert len(list_tasks(call, 12345)) == 2
    assert show(call, "prospects/54321")["touchedAt"]
    again = call.refused("POST", "calls", write("call", {"note": "x"}, task=("task", task)))
    assert again == (422, "validationError", ["/data/relationships/task"])
    state = {"sequenceState": ("sequenceState", 12345)}
    call.create("call", "calls", {"sequenceAction": "Finish - Replied"}, **state)
    assert show(call, "sequenceStates/12345")["state"] == "finished"
    assert call.refused("POST", "calls", write("call", {"recordingUrl": "ftp://x"}))[2] == [
        "/data/attributes/recordingUrl"
    ]


def test_a_mailing_takes_over_what_its_template_says(call: Caller) -> None:
    sent = {"mailbox": ("mailbox", 789), "prospect": ("prospect", 456), "template": ("template", 602)}
    made = call.create("mailing", "mailings", {"scheduledAt": "2030-01-01T09:00:00Z"}, **sent)["attributes"]
    assert (made["subject"], made["state"], made["mailingType"]) == ("Quick check-in", "scheduled", "single")
    assert made["mailboxAddress"] == "jade@fernhill.example.com"
    assert call.create("mailing", "mailings", {"subject": "Mine"})["attributes"]["state"] == "drafted"
    assert call.refused("DELETE", "mailings/12345")[0] == 404


def test_a_mailbox_keeps_its_secrets(call: Caller) -> None:
    given = {"email": "new@fernhill.example.com", "password": "hush", "smtpPassword": "hush"}
    made = call.create("mailbox", "mailboxes", given, user=("user", NIA))
    assert "hush" not in str(made)
    assert (made["attributes"]["userId"], made["attributes"]["username"]) == (NIA, given["email"])
    assert call.act(f"mailboxes/{made['id']}", "testSend")["attributes"]["sendSuccessAt"]
    taken = call.refused("POST", "mailboxes", write("mailbox", {"email": "NEW@fernhill.example.com"}))
    assert taken == (422, "validationDuplicateValueError", ["/data/attributes/email"])
    dead = write("mailbox", {"email": "a@b.invalid", "validateSend": True})
    assert call.refused("POST", "mailboxes", dead)[2] == ["/data/attributes/email"]


# --- prospects, accounts, opportunities -----------------------------------------------------------


def test_the_numbers_of_a_prospect_are_records_of_their_own(call: Caller) -> None:
    made = call.create("prospect", "prospects", {"mobilePhones": ["+1", "+2"], "workPhones": ["+3"], "firstName": "X"})
    assert (made["attributes"]["mobilePhones"], made["attributes"]["workPhones"]) == (["+1", "+2"], ["+3"])
    first, second, third = (one["id"] for one in made["relationships"]["phoneNumbers"]["data"])
    path = f"prospects/{made['id']}"
    changed = call.update("prospect", path, {"mobilePhones": ["+2", "+4"]})
    assert changed["attributes"]["mobilePhones"] == ["+2", "+4"]
    kept = [one["id"] for one in changed["relationships"]["phoneNumbers"]["data"]]
    assert (first in kept, second in kept, third in kept) == (False, True, True)
    call.create("phoneNumber", "phoneNumbers", {"number": "+5", "phoneType": "home"}, prospect=("prospect", made["id"]))
    assert show(call, path)["homePhones"] == ["+5"]


def test_an_address_belongs_to_one_prospect(call: Caller) -> None:
    taken = call.refused("POST", "prospects", write("prospect", {"emails": ["JOHN.DOE@example.com"]}))
    assert taken == (422, "validationDuplicateValueError", ["/data/attributes/emails"])
    assert call.refused("POST", "prospects", write("prospect", {"emails": ["nobody"]}))[1] == "validationError"
    assert call.update("prospect", "prospects/12345", {"emails": ["john.doe@example.com", "jd@example.com"]})
    assert call.create("prospect", "prospects", {})["attributes"]["name"] is None


def test_custom_fields_take_what_their_types_say(call: Caller) -> None:
    good = {"custom1": "7.5", "custom3": "+1 555 1", "custom4": "https://x.example.com", "custom150": "anything"}
    assert show(call, f"prospects/{call.create('prospect', 'prospects', good)['id']}") | good == show(
        call, f"prospects/{call.ids('prospects', sort='-id')[0]}"
    )
    for type, plural, name, value in (
        ("prospect", "prospects", "custom1", "many"), ("prospect", "prospects", "custom5", "soon"),
        ("account", "accounts", "custom1", "Tiny"), ("account", "accounts", "custom2", "tomorrow"),
        ("opportunity", "opportunities", "custom1", "Globex;Nobody"),
        ("opportunity", "opportunities", "custom3", "yes"),
        ("account", "accounts", "custom9", "x" * 32_001), ("account", "accounts", "custom1", 5),
    ):  # fmt: skip
        answer = call.refused(
            "POST", plural, write(type, {"name": "X", name: value} if type != "prospect" else {name: value})
        )
        assert (answer[0], answer[2]) == (422, [f"/data/attributes/{name}"])


def test_accounts_without_a_name_of_their_own_are_not_listed(call: Caller) -> None:
    assert call.get("accounts/890124")["data"]["attributes"]["named"] is False
    assert 890124 not in call.ids("accounts")
    call.update("prospect", "prospects/123", None, account=("account", 890124))
    hidden = {"actionParams[withUnnamedAccount]": "false"}
    assert name_related(call, "prospects/123", "account")["id"] == 890124
    assert call.get("prospects/123", hidden)["data"]["relationships"]["account"] == {"data": None}
    assert call.refused("GET", "accounts", params=hidden)[0] == 400


def test_an_amount_stands_in_both_its_forms(call: Caller) -> None:
    made = call.create("opportunity", "opportunities", {"name": "Deal", "amountPrecise": "1250.75", "probability": 40},
                       opportunityStage=("opportunityStage", 2))  # fmt: skip
    assert (made["attributes"]["amount"], made["attributes"]["amountPrecise"]) == (1250, "1250.75")
    assert made["relationships"]["stage"] == {"data": {"type": "opportunityStage", "id": 2}}
    path = f"opportunities/{made['id']}"
    assert call.update("opportunity", path, {"amount": 99})["attributes"]["amountPrecise"] == "99"
    for wrong in ({"amountPrecise": "much"}, {"probability": 101}, {"amountPrecise": "1" * 16}):
        answer = call.refused("PATCH", path, write("opportunity", wrong, made["id"]))
        assert answer[2] == [f"/data/attributes/{next(iter(wrong))}"]


def test_a_prospect_has_one_role_in_an_opportunity(call: Caller) -> None:
    pair = {"prospect": ("prospect", 456), "opportunity": ("opportunity", 123456)}
    call.create("opportunityProspectRole", "opportunityProspectRoles", {"role": "User"}, **pair)
    assert {one["id"] for one in name_related(call, "prospects/456", "opportunities")} == {123456}
    again = call.refused("POST", "opportunityProspectRoles", write("opportunityProspectRole", {}, **pair))
    assert again[:2] == (422, "validationDuplicateValueError")


def test_what_hangs_on_a_prospect_goes_with_them(call: Caller) -> None:
    assert call("DELETE", "prospects/3456").status_code == 204
    assert call.ids("opportunityProspectRoles", {"filter[prospect][id]": 3456}) == []
    assert call.ids("tasks", {"filter[prospect][id]": 3456}) == []
    assert name_related(call, "calls/12345", "prospect") is None
    assert name_related(call, "opportunities/123456", "primaryProspect") is None
    assert call.refused("DELETE", "prospects/3456")[0] == 404


def test_whoever_makes_a_record_owns_it_and_whoever_changes_it_is_noted(box: Box, call: Caller) -> None:
    made = call.create("account", "accounts", {"name": "Signed"})
    assert {name: made["relationships"][name]["data"]["id"] for name in ("owner", "creator", "updater")} == {
        "owner": MORGAN, "creator": MORGAN, "updater": MORGAN,
    }  # fmt: skip
    theirs = Caller(box, box.token(user=NIA)["access_token"])
    changed = theirs.update("account", f"accounts/{made['id']}", {"industry": "Law"})["relationships"]
    assert (changed["updater"]["data"]["id"], changed["owner"]["data"]["id"]) == (NIA, MORGAN)
    assert "account_created" in list_events(call, **{"filter[account][id]": made["id"]})


def test_an_update_changes_nothing_but_what_is_named_and_its_time(box: Box, call: Caller) -> None:
    before = call.get("accounts/456")["data"]
    box.advance(5)
    after = call.update("account", "accounts/456", {"industry": "Law"})
    changed = {name for name in before["attributes"] if before["attributes"][name] != after["attributes"][name]}
    assert changed == {"industry", "updatedAt"}


# --- users, compliance ----------------------------------------------------------------------------


def test_users_are_made_and_never_deleted(call: Caller) -> None:
    made = call.create("user", "users", {"firstName": "New", "lastName": "Hire", "email": "new@fernhill.example.com"})
    assert made["attributes"]["name"] == "New Hire"
    path = f"users/{made['id']}"
    moved = call.refused("PATCH", path, write("user", {"email": "other@fernhill.example.com"}, made["id"]))
    assert moved == (422, "validationError", ["/data/attributes/email"])
    taken = call.refused("POST", "users", write("user", {"email": "MORGAN@fernhill.example.com"}))
    assert taken[1] == "validationDuplicateValueError"
    assert call.refused("DELETE", path)[0] == 404


ASKED = {
    "requester_email": "john@fernhill.example.com",
    "request_type": "Delete",
    "object_type": "Prospect",
    "request_object_email": "jane.smith@company.com",
}


def test_a_compliance_request_erases_somebody_after_a_while(box: Box, call: Caller) -> None:
    made = call.create("complianceRequest", "complianceRequests", ASKED)
    assert made["attributes"]["state"] == "pending"
    assert made["attributes"]["requestObjectId"] == "67891"
    assert made["relationships"]["requester"]["data"]["id"] == 67890
    path = f"complianceRequests/{made['id']}"
    box.advance(31)
    assert show(call, path)["state"] == "running"
    assert call("GET", "prospects/67891").status_code == 200
    box.advance(30)
    assert call.ids("complianceRequests", {"filter[state]": "done"}) == [61, 12345, made["id"]]
    assert call.refused("GET", "prospects/67891")[0] == 404
    assert call.ids("recipients") == [12345]


@pytest.mark.parametrize(
    ("changes", "status", "pointers"),
    [
        ({"request_type": "Export"}, 422, ["/data/attributes/request_type"]),
        ({"object_type": "Account"}, 422, ["/data/attributes/object_type"]),
        ({"requester_email": "", "request_object_email": None}, 422,
         ["/data/attributes/requester_email", "/data/attributes/request_object_email"]),
        ({"requestType": "Delete"}, 400, ["/data/attributes/requestType"]),
    ],
)  # fmt: skip
def test_a_compliance_request_is_posted_in_snake_case(
    call: Caller, changes: dict[str, Any], status: int, pointers: list[str]
) -> None:
    assert call.refused("POST", "complianceRequests", write("complianceRequest", [1]))[0] == 422
    answer = call.refused("POST", "complianceRequests", write("complianceRequest", {**ASKED, **changes}))
    assert (answer[0], answer[2]) == (status, pointers)


def test_several_clients_see_one_state(box: Box, tmp_path: Any) -> None:
    """What a file keeps is there the next time, ids and all."""
    state = str(tmp_path / "outreach.db")
    with running("outreach", rate=0, state=state) as first:
        made = Caller(first).create("account", "accounts", {"name": "Kept"})["id"]
    with running("outreach", rate=0, state=state) as second:
        again: Callable[..., Any] = Caller(second).get
        assert again(f"accounts/{made}")["data"]["attributes"]["name"] == "Kept"
