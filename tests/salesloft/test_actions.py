"""Every action against the sandbox, through the front door: once as it should go, and once refused by the service."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from tests.sandboxes import PassingClock

from sales_connectors import Connector, Runtime, SalesError, manifest
from sales_connectors.errors import Conflict, InvalidInput, NotAllowed, NotAuthenticated, NotFound
from sales_connectors.imitation import Box, running

COMPONENT = manifest.load_component("salesloft")
ACTIONS = COMPONENT.actions

DANA, MARCUS = 40211, 40212
ACCOUNT, PERSON, BARRED = 531101, 7012001, 7012011
CADENCE, PERSONAL, ARCHIVED = 12001, 12002, 12003
NOBODY = 999_999_999
JOB, OPEN_JOB = 2201, 2202
ZOE = {"email_address": "zoe@mail.example.com", "upsert_key": "email_address"}
TASK = {"subject": "Call", "personId": PERSON, "taskType": "call", "dueDate": "2030-01-31"}
NOTE = {"associatedWithType": "person", "associatedWithId": PERSON, "content": "Likes boats."}
TWINS = {"crmId": "003Q00000000000001", "crmIdType": "salesforce"}  # two people have it
WEEK = {"gte": "2020-01-01T00:00:00Z", "lt": "2090-01-08T00:00:00Z"}

SUCCESSES: dict[str, dict[str, Any]] = {
    "listAccountStages": {"updatedAt": WEEK, "sortBy": "order", "sortDirection": "ASC"},
    "listAccountTiers": {"name": ["Tier 1", "Tier 2"]},
    "createAccount": {"fullName": "Acme", "domain": "acme.com", "customFields": {"Customer Segment": "SMB"}},
    "getAccount": {"accountId": ACCOUNT},
    "listAccounts": {"tag": ["vip"], "customFields": {"Customer Segment": "enterprise"}, "sortBy": "account_tier"},
    "updateAccount": {"accountId": ACCOUNT, "fullName": "Harbour", "domain": "harbour.example.com", "archived": True},
    "upsertAccount": {"upsertKey": "domain", "domain": "harbour.example.com", "fullName": "Harbour"},
    "deleteAccount": {"accountId": ACCOUNT},
    "createPerson": {"emailAddress": "zoe@mail.example.com", "tags": "new, vip", "locale": "Europe/Lisbon"},
    "getPerson": {"personId": PERSON},
    "listPeople": {"accountId": [ACCOUNT], "canEmail": True, "updatedAt": WEEK},
    "updatePerson": {"personId": PERSON, "title": None, "jobSeniority": "director"},
    "upsertPerson": {"upsertKey": "id", "id": PERSON, "title": "Buyer"},
    "deletePerson": {"personId": PERSON},
    "createPersonStage": {"personStageName": "Waiting"},
    "getPersonStage": {"personStageId": 111},
    "listPersonStages": {"personStageIds": [111, 112]},
    "updatePersonStage": {"personStageId": 111, "personStageName": "Fresh"},
    "deletePersonStage": {"personStageId": 111},
    "getCadence": {"cadenceId": CADENCE},
    "listCadences": {"teamCadence": True, "archived": False, "groupIds": [82, 83]},
    "createCadenceMembership": {"personId": PERSON + 8, "cadenceId": CADENCE, "stepId": 45003},
    "getCadenceMembership": {"cadenceMembershipId": 660101},
    "listCadenceMemberships": {"cadenceId": CADENCE, "currentlyOnCadence": True},
    "deleteCadenceMembership": {"cadenceMembershipId": 660101},
    "getStep": {"stepId": 45001},
    "listSteps": {"cadenceId": CADENCE, "type": "phone", "hasDueActions": True},
    "listActions": {"cadenceIds": [CADENCE], "dueOn": WEEK},
    "createCall": {"personId": PERSON + 8, "disposition": "Connected", "crmParams": {"CallPurpose": "discovery"}},
    "getCall": {"callId": 770101},
    "listCalls": {"disposition": ["Connected"], "personIds": [PERSON]},
    "listCallDataRecords": {"hasCall": False},
    "listCallDispositions": {},
    "listCallSentiments": {"name": "Interested"},
    "listCallerIds": {"phoneNumber": "+15550100300"},
    "getEmail": {"emailId": 9120101, "scopedFields": ["subject"]},
    "listEmails": {"bounced": False, "sentAt": WEEK, "hasViews": True},
    "createNote": NOTE,
    "getNote": {"noteId": 440101},
    "listNotes": {"associatedWithType": "person", "associatedWithId": PERSON},
    "updateNote": {"noteId": 440101, "content": "Likes trains."},
    "deleteNote": {"noteId": 440101},
    "createTask": TASK,
    "getTask": {"taskId": 550801},
    "listTasks": {"personIds": [PERSON], "taskType": ["call"], "currentState": ["scheduled"]},
    "updateTask": {"taskId": 550801, "currentState": "completed"},
    "listCrmActivities": {"updatedAt": WEEK},
    "listCrmActivityFields": {"source": "phone"},
    "createCustomField": {"name": "Boats", "fieldType": "company"},
    "getCustomField": {"customFieldId": 4101},
    "listCustomFields": {"fieldType": "person", "sortBy": "name"},
    "updateCustomField": {"customFieldId": 4101, "name": "Origin"},
    "deleteCustomField": {"customFieldId": 4101},
    "createImport": {"name": "Regatta", "userId": MARCUS},
    "getImport": {"importId": 3301},
    "listImports": {"userIds": [DANA]},
    "updateImport": {"importId": 3301, "name": "Fair"},
    "deleteImport": {"importId": 3301, "undo": "single"},
    "listTags": {"search": "vi"},
    "getUser": {"userId": DANA},
    "listUsers": {"search": ["marcus", "aalto"], "visibleOnly": True},
    "listGroups": {"ids": [81]},
    "createBulkJob": {"bulkJobType": "person/upsert", "bulkJobName": "Visitors"},
    "createBulkJobData": {"bulkJobsId": OPEN_JOB, "bulkJobData": [ZOE]},
    "getBulkJob": {"bulkJobsId": JOB},
    "listBulkJobResults": {"bulkJobsId": JOB, "bulkJobsStatus": ["error"]},
    "updateBulkJob": {"bulkJobsId": OPEN_JOB, "updateBulkJobName": "Later"},
    "runBulkJob": {"bulkJobsId": OPEN_JOB, "bulkJobData": [ZOE]},
    "rawRequest": {"method": "GET", "url": {"endpoint": "/v2/custom_roles"}},
}  # fmt: skip

WITHOUT_SCOPE = "a token without the scope that it takes"
WITHOUT_TOKEN = "a token that the service does not know"
Refusal = tuple[dict[str, Any], type[SalesError], str]
"""The inputs, the error, and the input that it points at, or which token it comes from."""

REFUSALS: dict[str, Refusal] = {
    "listAccountStages": ({}, NotAllowed, WITHOUT_SCOPE),
    "listAccountTiers": ({}, NotAllowed, WITHOUT_SCOPE),
    "createAccount": ({"fullName": "Harbour", "domain": "HARBOUR.example.com"}, InvalidInput, "/domain"),
    "getAccount": ({"accountId": NOBODY}, NotFound, ""),
    "listAccounts": ({}, NotAllowed, WITHOUT_SCOPE),
    "updateAccount": ({"accountId": ACCOUNT, "fullName": "H", "domain": "meadow.example.com"}, InvalidInput, "/domain"),
    "upsertAccount": ({"upsertKey": "id", "id": NOBODY, "fullName": "X", "domain": "x.com"}, InvalidInput, "/id"),
    "deleteAccount": ({"accountId": NOBODY}, NotFound, ""),
    "createPerson": ({"emailAddress": "a@b.example.com", "accountId": NOBODY}, InvalidInput, "/accountId"),
    "getPerson": ({"personId": NOBODY}, NotFound, ""),
    "listPeople": ({}, NotAllowed, WITHOUT_SCOPE),
    "updatePerson": ({"personId": PERSON, "customFields": {"Lead source": "x"}}, InvalidInput, "/customFields"),
    "upsertPerson": ({"upsertKey": "crm_id", **TWINS}, Conflict, "/upsertKey"),
    "deletePerson": ({"personId": NOBODY}, NotFound, ""),
    "createPersonStage": ({"personStageName": "X"}, NotAllowed, WITHOUT_SCOPE),
    "getPersonStage": ({"personStageId": NOBODY}, NotFound, ""),
    "listPersonStages": ({}, NotAllowed, WITHOUT_SCOPE),
    "updatePersonStage": ({"personStageId": NOBODY, "personStageName": "X"}, NotFound, ""),
    "deletePersonStage": ({"personStageId": NOBODY}, NotFound, ""),
    "getCadence": ({"cadenceId": NOBODY}, NotFound, ""),
    "listCadences": ({}, NotAllowed, WITHOUT_SCOPE),
    "createCadenceMembership": ({"personId": BARRED, "cadenceId": CADENCE}, InvalidInput, "/personId"),
    "getCadenceMembership": ({"cadenceMembershipId": NOBODY}, NotFound, ""),
    "listCadenceMemberships": ({}, NotAllowed, WITHOUT_SCOPE),
    "deleteCadenceMembership": ({"cadenceMembershipId": 660105}, NotFound, ""),  # it has ended before
    "getStep": ({"stepId": NOBODY}, NotFound, ""),
    "listSteps": ({}, NotAllowed, WITHOUT_SCOPE),
    "listActions": ({}, NotAllowed, WITHOUT_SCOPE),
    "createCall": ({"personId": PERSON, "disposition": "Nice"}, InvalidInput, "/disposition"),
    "getCall": ({"callId": NOBODY}, NotFound, ""),
    "listCalls": ({}, NotAllowed, WITHOUT_SCOPE),
    "listCallDataRecords": ({}, NotAllowed, WITHOUT_SCOPE),
    "listCallDispositions": ({}, NotAllowed, WITHOUT_SCOPE),
    "listCallSentiments": ({}, NotAllowed, WITHOUT_SCOPE),
    "listCallerIds": ({"phoneNumber": "+15550100300"}, NotAllowed, WITHOUT_SCOPE),
    "getEmail": ({"emailId": NOBODY}, NotFound, ""),
    "listEmails": ({}, NotAllowed, WITHOUT_SCOPE),
    "createNote": ({**NOTE, "associatedWithType": "account"}, InvalidInput, "/associatedWithId"),
    "getNote": ({"noteId": NOBODY}, NotFound, ""),
    "listNotes": ({}, NotAllowed, WITHOUT_SCOPE),
    "updateNote": ({"noteId": 440104, "content": "X", "callId": 770101}, InvalidInput, "/callId"),
    "deleteNote": ({"noteId": NOBODY}, NotFound, ""),
    "createTask": ({**TASK, "personId": NOBODY}, InvalidInput, "/personId"),
    "getTask": ({"taskId": NOBODY}, NotFound, ""),
    "listTasks": ({}, NotAllowed, WITHOUT_SCOPE),
    "updateTask": ({"taskId": 550801, "subject": None}, InvalidInput, "/subject"),
    "listCrmActivities": ({}, NotAllowed, WITHOUT_SCOPE),
    "listCrmActivityFields": ({}, NotAllowed, WITHOUT_SCOPE),
    "createCustomField": ({"name": "Lead Source", "fieldType": "person"}, InvalidInput, "/name"),
    "getCustomField": ({"customFieldId": NOBODY}, NotFound, ""),
    "listCustomFields": ({}, NotAuthenticated, WITHOUT_TOKEN),
    "updateCustomField": ({"customFieldId": 4101, "name": "Contract End"}, InvalidInput, "/name"),
    "deleteCustomField": ({"customFieldId": NOBODY}, NotFound, ""),
    "createImport": ({"name": "X", "userId": NOBODY}, InvalidInput, "/userId"),
    "getImport": ({"importId": NOBODY}, NotFound, ""),
    "listImports": ({}, NotAllowed, WITHOUT_SCOPE),
    "updateImport": ({"importId": NOBODY, "name": "X"}, NotFound, ""),
    "deleteImport": ({"importId": NOBODY}, NotFound, ""),
    "listTags": ({}, NotAuthenticated, WITHOUT_TOKEN),
    "getUser": ({"userId": NOBODY}, NotFound, ""),
    "listUsers": ({}, NotAllowed, WITHOUT_SCOPE),
    "listGroups": ({}, NotAllowed, WITHOUT_SCOPE),
    "createBulkJob": ({"bulkJobType": "person/erase"}, InvalidInput, "/bulkJobType"),
    "createBulkJobData": ({"bulkJobsId": JOB, "bulkJobData": [ZOE]}, InvalidInput, ""),
    "getBulkJob": ({"bulkJobsId": NOBODY}, NotFound, ""),
    "listBulkJobResults": ({"bulkJobsId": NOBODY}, NotFound, ""),
    "updateBulkJob": ({"bulkJobsId": JOB, "readyToExecute": True}, InvalidInput, ""),
    "runBulkJob": ({"bulkJobsId": NOBODY}, NotFound, ""),
    "rawRequest": ({"method": "GET", "url": "/v2/opportunities"}, NotFound, ""),
}  # fmt: skip

Connecting = Callable[..., Connector]


def test_no_action_is_left_out() -> None:
    assert set(SUCCESSES) == set(REFUSALS) == set(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_answers_with_what_its_record_describes(request: pytest.FixtureRequest, action: str) -> None:
    reads = ACTIONS[action].effect == "read"
    loft: Connector = request.getfixturevalue("shared_loft" if reads else "loft")
    data = loft.run(action, SUCCESSES[action])
    returns = ACTIONS[action].returns
    if returns == "nothing":
        assert data is None
    elif returns != "anything":
        records = data["data"] if isinstance(returns, list) else [data["data"]]
        assert records or action == "listCallerIds"
        for record in records:
            _check_record(str(returns[0] if isinstance(returns, list) else returns), record)


LISTS = [key for key, action in ACTIONS.items() if isinstance(action.returns, list) and key != "listCallerIds"]


@pytest.mark.parametrize("action", LISTS)
def test_a_list_finds_something_and_all_of_it_is_the_same(shared_loft: Connector, action: str) -> None:
    page = shared_loft.run(action, SUCCESSES[action])
    assert set(page) == {"data", "metadata"}
    assert page["data"]
    if "fetchAll" in COMPONENT.form(action).properties:
        everything = shared_loft.run(action, {**SUCCESSES[action], "fetchAll": True})
        assert _ids(everything) == _ids(page)


def test_a_number_tells_who_calls(shared_loft: Connector) -> None:
    number = shared_loft.getPerson(personId=PERSON)["data"]["phone"]
    (caller,) = shared_loft.listCallerIds(phoneNumber=number)["data"]
    _check_record(ACTIONS["listCallerIds"].returns[0], caller)
    assert caller["person"]["id"] == PERSON


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_refused_by_the_service(shared_sandbox: Box, connected: Connecting, action: str) -> None:
    inputs, error, where = REFUSALS[action]
    with pytest.raises(error) as refused:
        connected(shared_sandbox, token=_token(shared_sandbox, where)).run(action, inputs)
    assert refused.value.status is not None, "the refusal should be the service's own"
    if where.startswith("/"):
        assert [fault["path"] for fault in refused.value.fields] == [where]


def test_the_front_door_is_the_same_for_a_runtime(sandbox: Box) -> None:
    runtime = Runtime()
    made = runtime.invoke("salesloft", "createPersonStage", {"personStageName": "Waiting"}, sandbox.connection)
    assert made["data"]["data"]["name"] == "Waiting"


def _token(box: Box, where: str) -> Any:
    if where == WITHOUT_TOKEN:
        return {"access_token": "0" * 64}
    return box.token(scope="notifications:write") if where == WITHOUT_SCOPE else None


def _ids(page: dict[str, Any]) -> set[int]:
    return {record["id"] for record in page["data"]}


def _check_record(kind: str, record: dict[str, Any]) -> None:
    """The record fits its schema, and has the fields that this describes, no more and no less."""
    schema = COMPONENT.record(kind)
    jsonschema.validate(record, schema)
    assert set(record) == set(schema["properties"])


# --- what the actions do beyond sending what the contract says ------------------------------------------


def test_null_clears_and_what_is_left_out_stays(loft: Connector) -> None:
    before = loft.getPerson(personId=PERSON)["data"]

    after = loft.updatePerson(personId=PERSON, phone=None, customFields={"Lead Source": None}, tags=[])["data"]

    assert (after["phone"], after["custom_fields"], after["tags"]) == (None, {}, [])
    assert after["title"] == before["title"] is not None


def test_the_same_idempotency_key_makes_one_task(loft: Connector) -> None:
    ids = {loft.createTask(**TASK, idempotencyKey="once")["data"]["id"] for _ in range(2)}
    assert ids == {record["id"] for record in loft.listTasks(idempotencyKey="once")["data"]}


def test_a_create_whose_answer_was_lost_is_found_again(sandbox: Box, loft: Connector) -> None:
    told: list[str] = []
    keyed = loft.with_options(idempotency_key="a", retries=0, on_outcome=told.append)
    sandbox.misbehave({"drop": True, "method": "POST", "times": 1})
    with pytest.raises(SalesError):
        keyed.createAccount(fullName="Acme", domain="acme.com")

    again = keyed.createAccount(fullName="Acme", domain="acme.com")

    assert told == ["found"]
    assert loft.listAccounts(domain="acme.com")["data"] == [again["data"]]


def test_a_bulk_job_survives_a_lost_answer(sandbox: Box, loft: Connector) -> None:
    job = loft.createBulkJob(bulkJobType="person/upsert", bulkJobName="Visitors")["data"]["id"]
    people = [{**ZOE, "email_address": f"zoe{number}@mail.example.com"} for number in range(120)]
    sandbox.misbehave({"drop": True, "method": "POST", "path": "/v2/bulk_jobs/", "times": 1})
    with pytest.raises(SalesError):
        loft.runBulkJob(bulkJobsId=job, bulkJobData=people)

    run = loft.runBulkJob(bulkJobsId=job, bulkJobData=people)["data"]

    assert (run["done"], run["added"], run["job"]["total"]) == (True, 0, 120)
    assert {row["status"] for row in run["results"]} == {"success"}
    rows = loft.listBulkJobResults(bulkJobsId=job, fetchAll=True)["data"]
    assert len(rows) == 120
    assert list(loft.iterate("listBulkJobResults", bulkJobsId=job, cursorId=rows[104]["id"])) == rows[105:]


def test_a_list_is_fetched_to_its_end(sandbox: Box, loft: Connector) -> None:
    for number in range(105):
        loft.createPersonStage(personStageName=f"Stage {number}")
    stages = loft.listPersonStages(fetchAll=True)
    assert (len(stages["data"]), stages["metadata"]["paging"]["total_count"]) == (110, 110)
    assert list(loft.iterate("listPersonStages")) == stages["data"]
    assert list(loft.iterate("listPersonStages", page=3, perPage=40)) == stages["data"][80:]
    assert list(loft.iterate("listPersonStages", page=4)) == stages["data"][75:]
    assert list(loft.iterate("listPersonStages", page=4, fetchAll=True)) == stages["data"]


def test_raw_requests_show_the_cost(loft: Connector) -> None:
    reply = loft.rawRequest(method="GET", url="/v2/people", queryParams={"page": 200, "per_page": 1})["response"]
    assert (reply["status_code"], reply["body"]["data"]) == (200, [])
    assert reply["headers"]["x-ratelimit-endpoint-cost"] == "8"


def test_the_runtime_keeps_within_the_budget_of_the_team(connected: Connecting) -> None:
    with running("salesloft") as box:
        clock = PassingClock(box)
        loft = connected(box, runtime=Runtime(clock=clock, random=lambda: 0.0), rateLimit=10)
        for _ in range(45):  # 30 points each, of the 600 that a minute has
            loft.rawRequest(method="GET", url="/v2/tags", queryParams={"page": 501})
        assert [seen["status"] for seen in box.requests] == [200] * 45
        assert clock.ticks > 60


def test_a_429_is_waited_out(connected: Connecting) -> None:
    with running("salesloft") as box:
        clock = PassingClock(box)
        loft = connected(box, runtime=Runtime(clock=clock, random=lambda: 0.0), rateLimit=10)
        box.misbehave({"status": 429, "times": 1})
        assert loft.listTags()["data"]
        assert [seen["status"] for seen in box.requests] == [429, 200]
        assert 0 < clock.ticks <= 61


# --- three ways to sign in ------------------------------------------------------------------------------


def test_a_token_that_has_ended_is_refreshed_and_rotated(sandbox: Box, connected: Connecting) -> None:
    seen: list[Any] = []
    loft = connected(sandbox, on_token=seen.append)
    sandbox.advance(7300)
    assert loft.whoami()["data"]["id"] == DANA
    assert len(seen) == 1
    assert seen[0]["refresh_token"] != sandbox.connection["token"]["refresh_token"]


def test_an_application_signs_in_for_itself(sandbox: Box) -> None:
    fields = {name: sandbox.connection["fields"][name] for name in ("apiUrl", "tokenUrl", "clientId", "clientSecret")}
    connection = {"key": "oauth2ClientCredentials", "fields": {**fields, "scope": "people:read"}}
    runtime = Runtime()
    assert runtime.invoke("salesloft", "listPeople", {"perPage": 1}, connection)["data"]["data"]
    with pytest.raises(NotAllowed):
        runtime.invoke("salesloft", "listAccounts", {}, connection)


def test_an_api_key_acts_as_the_user_who_made_it(sandbox: Box) -> None:
    key = sandbox.token(personal=True, user=MARCUS)["access_token"]
    assert key.startswith("ak_")
    connection = {"key": "apiKey", "fields": {"apiUrl": sandbox.url, "apiKey": key}}
    made = Runtime().invoke("salesloft", "createNote", NOTE, connection)["data"]["data"]
    assert made["user"]["id"] == MARCUS
