"""Calls that were logged, what they can be marked with, and what the dialer noted by itself."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import CREATE, READ, Change, Problem

from . import people, progress, tasks
from .crm import param_problems
from .errors import REQUIRED, invalid
from .filters import is_there, match_guid, match_ids, match_one, match_some, match_span
from .parameters import nested
from .resources import Field, Resource, link, link_to, times, writable
from .rights import named_user, scope_of, take_user
from .values import ids as id_list
from .values import integer, mapping, text
from .vendor import SALESLOFT


def _check(change: Change) -> Iterator[Problem]:
    yield from named_user(change)
    yield from _check_mark(change, "disposition", "call_dispositions")
    yield from _check_mark(change, "sentiment", "call_sentiments")
    yield from _check_purpose(change)
    yield from param_problems(change)
    for record in _find_linked_records(change):
        if record is None or record["call_id"]:
            yield Problem("linked_call_data_record_ids", "have to be call data records that belong to no call")


def _check_mark(change: Change, name: str, home: str) -> Iterator[Problem]:
    mark = change.record[name]
    if mark and not change.request.collection(home).first(Condition.match(name=mark)):
        yield Problem(name, "is not one that the team has")


def _check_purpose(change: Change) -> Iterator[Problem]:
    """A call completes an open action or an open task that calls for one, not both."""
    record, request = change.record, change.request
    action, task = (
        request.collection(home).get(record[name]) for home, name in (("actions", "action_id"), ("tasks", "task_id"))
    )
    if action and task:
        yield Problem("task_id", "cannot be given together with action_id")
    if action and (action["type"] != "phone" or action["person_id"] != record["person_id"]):
        yield Problem("action_id", "is no open phone action for this person")
    if task and (task["task_type"], task["current_state"]) != ("call", "scheduled"):
        yield Problem("task_id", "is no open task of type call")


def _find_linked_records(change: Change) -> list[Document | None]:
    chosen = change.given.get("linked_call_data_record_ids") or []
    return [change.request.collection("call_data_records").get(id) for id in chosen]


def _settle(change: Change) -> None:
    record = change.record
    take_user(change)
    action = change.request.collection("actions").get(record["action_id"])
    record["called_person_id"] = record["person_id"]
    if action:
        record |= {"cadence_id": action["cadence_id"], "step_id": action["step_id"]}


def _follow(change: Change) -> None:
    """What a call brings with it: a note, an activity in the CRM, something done, and the person was contacted."""
    request, call, given = change.request, change.record, change.given
    brought = {"note_id": _add_note(change), "crm_activity_id": _add_activity(change)}
    SALESLOFT.touch(request, "calls", call["id"], **brought)
    for record in filter(None, _find_linked_records(change)):
        SALESLOFT.touch(request, "call_data_records", record["id"], call_id=call["id"])
    action, task = (
        request.collection("actions").get(call["action_id"]),
        request.collection("tasks").get(given.get("task_id")),
    )
    if action:
        progress.complete(request, action)
    if task:
        tasks.complete(request, task)
    _note_contact(request, call)


def _add_note(change: Change) -> int | None:
    words, call = change.given.get("notes"), change.record
    if not words:
        return None
    about = {"associated_with_type": "person", "associated_with_id": call["called_person_id"]}
    owned = {"call_id": call["id"], "user_id": call["user_id"]}
    return int(SALESLOFT.enter(change.request, "notes", {"content": words, **about, **owned})["id"])


def _add_activity(change: Change) -> int:
    call = change.record
    activity = {
        "subject": f"Call: {call['disposition'] or 'logged'}",
        "description": change.given.get("notes"),
        "activity_type": "phone",
        "custom_crm_fields": change.given.get("crm_params") or {},
        "user_id": call["user_id"],
        "person_id": call["called_person_id"],
    }
    return int(SALESLOFT.enter(change.request, "crm_activities", activity)["id"])


def _note_contact(request: Request, call: Document) -> None:
    person = request.collection("people").get(call["called_person_id"])
    assert person is not None, "links are checked before"
    at = SALESLOFT.now(request)
    contact = {"last_contacted_at": at, "last_contacted_type": "call", "last_contacted_by_id": call["user_id"]}
    counts = {**person["counts"], "calls": person["counts"]["calls"] + 1}
    SALESLOFT.touch(request, "people", person["id"], **contact, untouched=False, counts=counts)
    SALESLOFT.touch(request, "accounts", person["account_id"], **contact, last_contacted_person_id=person["id"])


def list_caller_ids(request: Request) -> Reply:
    """Who is known under a phone number; the list has no pages."""
    number = str(nested(request.query).get("phone_number", ""))
    if not number:
        raise invalid([Problem("phone_number", REQUIRED)])
    if not number.removeprefix("+").isdecimal():  # a plus sign that was not encoded arrives as a blank
        raise invalid([Problem("phone_number", "is not a number in E.164 format")])
    found = request.collection("people").find(people.numbered(number))
    metadata = {"filtering": {"phone_number": number}, "sorting": {}}
    return Reply(200, {"metadata": metadata, "data": [_show_caller(request, person) for person in found]})


def _show_caller(request: Request, person: Document) -> Document:
    account = request.collection("accounts").get(person["account_id"])
    return {
        "account_name": account["name"] if account else person["person_company_name"],
        "display_name": person["display_name"],
        "title": person["title"],
        "person": link_to(request, "people", person["id"]),
    }


CALLS = Resource(
    name="calls",
    path="/v2/activities/calls",
    scope="calls",
    first_id=770101,
    fields={
        "id": Field(),
        "to": writable(text, (CREATE,)),
        "duration": writable(integer, (CREATE,)),
        "disposition": writable(text, (CREATE,)),
        "sentiment": writable(text, (CREATE,)),
        "recordings": Field(default=[]),
        "user": link("users"),
        "called_person": link("people"),
        "action": link("actions", (CREATE,)),
        "cadence": link("cadences"),
        "step": link("steps"),
        "note": link("notes"),
        "crm_activity": link("crm_activities"),
        **times(),
        "person": link("people", (CREATE,), required=(CREATE,), instruction=True),
        "task": link("tasks", (CREATE,), instruction=True),
        "user_guid": writable(text, (CREATE,), instruction=True),
        "notes": writable(text, (CREATE,), instruction=True),
        "crm_params": writable(mapping, (CREATE,), instruction=True),
        "crm_activity_metadata": writable(mapping, (CREATE,), instruction=True),
        "linked_call_data_record_ids": writable(id_list, (CREATE,), instruction=True),
    },
    filters={
        "ids": match_ids(),
        "created_at": match_span("created_at"),
        "updated_at": match_span("updated_at"),
        "user_guid": match_guid("user_id"),
        "person_id": match_some("called_person_id", integer),
        "sentiment": match_some("sentiment"),
        "disposition": match_some("disposition"),
    },
    rules=_check,
    settle=_settle,
    follow=_follow,
)
DATA_RECORDS = Resource(
    name="call_data_records",
    scope="calls",
    first_id=990101,
    fields={
        "id": Field(),
        "call_uuid": Field(),
        "call_type": Field(default="call"),
        "direction": Field(default="outbound"),
        "status": Field(default="completed"),
        "from": Field(),
        "to": Field(),
        "duration": Field(),
        "recording": Field(),
        "user": link("users"),
        "called_person": link("people"),
        "call": link("calls"),
        **times(),
    },
    filters={
        "ids": match_ids(),
        "has_call": is_there("call_id"),
        "created_at": match_span("created_at"),
        "updated_at": match_span("updated_at"),
        "user_guid": match_guid("user_id"),
        "person_id": match_some("called_person_id", integer),
    },
)
MARKS = {"id": Field(), "name": Field(), **times()}
BY_NAME = {"name": "name", "updated_at": "updated_at"}
DISPOSITIONS = Resource(
    name="call_dispositions", scope="calls", first_id=211, fields=MARKS, sorting=BY_NAME, ascending=True
)
SENTIMENTS = Resource(
    name="call_sentiments",
    scope="calls",
    first_id=251,
    fields=MARKS,
    filters={"name": match_one("name")},
    sorting=BY_NAME,
    ascending=True,
)
ROUTES = [
    *SALESLOFT.routes(CALLS, *READ, "create"),
    *SALESLOFT.routes(DATA_RECORDS, *READ),
    *SALESLOFT.routes(DISPOSITIONS, "list"),
    *SALESLOFT.routes(SENTIMENTS, "list"),
    Route("GET", "/v2/phone_numbers/caller_ids", list_caller_ids, scope_of("people", "GET")),
]
