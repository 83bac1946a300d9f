"""The forms of Salesloft, as doors show them, held against the contract; and what they take and refuse.

`contract.json` beside this file holds the facts: every action, data source and input, and how it travels.  What it does
not know is held by the standard suite alone.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.forms import find_faults, list_bases

from sales_connectors.manifest import load_component
from sales_connectors.manifest.describe import describe_component
from sales_connectors.manifest.output import build_output_schema

COMPONENT = load_component("salesloft")
CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
DESCRIBED = describe_component(COMPONENT)
FORMS = {entry["key"]: entry for kind in CONTRACT for entry in DESCRIBED[kind]}
ACTIONS: dict[str, Any] = CONTRACT["actions"]
METHODS = {"read": "GET", "create": "POST", "update": "PUT", "upsert": "POST", "delete": "DELETE"}
GUID = "7b6e4c1e-2f0a-4a52-9d0e-0f6a1b2c3d4e"


def properties(key: str) -> dict[str, Any]:
    found: dict[str, Any] = FORMS[key]["input"]["properties"]
    return found


def field(key: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(key)[name]
    return found


def facts(key: str) -> dict[str, dict[str, Any]]:
    return {**ACTIONS[key]["inputs"], **ACTIONS[key]["extra"]}


faults = partial(find_faults, COMPONENT)


# --- the contract -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ACTIONS)
def test_an_action_has_its_label_and_its_inputs(key: str) -> None:
    assert FORMS[key]["label"] == ACTIONS[key]["title"]
    assert properties(key).keys() >= facts(key).keys()


@pytest.mark.parametrize("key", CONTRACT["dataSources"])
def test_a_data_source_has_its_label_and_the_input_that_it_depends_on(key: str) -> None:
    fact = CONTRACT["dataSources"][key]
    assert FORMS[key]["label"] == fact["title"]
    assert set(fact.get("dependsOn", [])) <= set(properties(key))
    assert faults(key, {}) == []


@pytest.mark.parametrize("key", CONTRACT["connections"])
def test_a_connection_has_its_fields_and_requires_none(key: str) -> None:
    own = CONTRACT["connections"][key]
    assert [name for name in properties(key) if name in own] == own
    assert faults(key, {}) == []
    assert field(key, "apiUrl")["default"] == "https://api.salesloft.com"
    assert field(key, "rateLimit")["default"] == 10
    assert {name for name, spec in properties(key).items() if "writeOnly" in spec} == {"clientSecret", "apiKey"} & set(
        own
    )


@pytest.mark.parametrize("key", ACTIONS)
def test_the_effect_fits_the_method(key: str) -> None:
    effect, returns = FORMS[key]["effect"], COMPONENT.actions[key].returns
    assert effect == "any" or METHODS[effect] == ACTIONS[key]["request"].split()[0]
    assert (returns == "nothing") == (effect == "delete")
    assert isinstance(returns, list) == key.startswith("list")


# --- each input against its facts ---------------------------------------------------------------------------------

TYPES = {
    "string": "string",
    "integer": "integer",
    "boolean": "boolean",
    "date": "string",
    "datetime": "string",
    "range": "object",
    "object": "object",
    "key_value_list": "object",
}
OTHERWISE = {
    ("rawRequest", "url"),  # text or {endpoint}
    ("rawRequest", "queryParameters"),  # pairs may repeat a name
    ("rawRequest", "body"),  # anything
    ("rawRequest", "parseResponse"),  # a flag, though the sample sends its text
    ("listCadences", "groupIds"),  # the text of the API holds one id or a list of them
}
OPEN = {("listActions", "type"), ("listSteps", "type")}  # sets that the service widens


def types_of(spec: dict[str, Any]) -> list[str]:
    """The types of an input; of one with alternatives, theirs in order."""
    if "type" not in spec:
        return [name for part in spec.get("anyOf", []) for name in types_of(part)]
    kinds: str | list[str] = spec["type"]
    return [kinds] if isinstance(kinds, str) else kinds


@pytest.mark.parametrize("key", ACTIONS)
def test_every_input_has_the_type_of_the_contract(key: str) -> None:
    for name, fact in facts(key).items():
        spec = field(key, name)
        if (key, name) in OTHERWISE:
            continue
        if fact["type"].startswith("array<"):
            assert types_of(spec)[0] == "array", name
            assert fact["type"][6:-1] in types_of(spec["items"]), name
        else:
            assert types_of(spec)[0] == TYPES[fact["type"]], name
        assert fact["type"] != "datetime" or spec["format"] == "date-time", name


@pytest.mark.parametrize("key", ACTIONS)
def test_every_input_has_the_demands_of_the_contract(key: str) -> None:
    for name, fact in facts(key).items():
        spec = field(key, name)
        assert (name in FORMS[key]["input"].get("required", [])) == fact.get("required", False), name
        picked = spec.get("propertyNames", spec)
        assert "source" not in fact or picked["x-data-source"] == fact["source"], name
        if "enum" in fact and (key, name) not in OPEN:
            values = spec.get("items", spec)["enum"]
            assert [value for value in values if value is not None] == fact["enum"], name
        for bound in ("minimum", "maximum"):
            assert bound not in fact or spec[bound] == fact[bound], name


BY_ID = {"upsertKey": "id", "id": 7}
NEVER_EMPTY = {("updateAccount", "fullName"), ("updateAccount", "domain")}  # may be left out of an update, not emptied


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize("key", ACTIONS)
def test_an_input_takes_null_where_it_can_clear_a_field_and_only_there(key: str) -> None:
    for name, fact in facts(key).items():
        clears = (fact["in"] == "body" and not fact.get("required")) or (key, name) == ("rawRequest", "body")
        clears = clears and (key, name) not in NEVER_EMPTY
        given = [*list_bases(FORMS[key]["input"]), *([BY_ID] if key == "upsertPerson" else [])]
        told = [[fault["path"] for fault in faults(key, {**inputs, name: None})] for inputs in given]
        assert any(f"/{name}" not in paths for paths in told) == clears, name


def test_every_list_in_pages_can_be_fetched_whole() -> None:
    for key in COMPONENT.actions:
        assert ("fetchAll" in properties(key)) == ("perPage" in properties(key)), key


def test_defaults_are_filled_in_only_where_the_service_needs_them() -> None:
    filled = {(key, name) for key in ACTIONS for name, spec in properties(key).items() if "default" in spec}
    assert {pair for pair in filled if pair[1] != "fetchAll"} == {
        ("createTask", "currentState"),
        ("rawRequest", "includeRawBody"),
        ("rawRequest", "responseType"),
    }


@pytest.mark.parametrize(
    ("name", "picklist", "narrowed_by"),
    [
        ("createCadenceMembership.stepId", "selectStep", ["cadenceId"]),
        ("createCall.actionId", "selectAction", ["personId"]),
        ("createCall.taskId", "selectTask", ["personId"]),
        ("createNote.associatedWithId", "selectAccountOrPerson", ["associatedWithType"]),
        ("listNotes.associatedWithId", "selectAccountOrPerson", ["associatedWithType"]),
        ("listSteps.stepIds", "selectStep", ["cadenceId"]),
        ("listCustomFields.ids", "selectCustomField", ["fieldType"]),
        ("createPerson.personStageId", "selectPersonStage", []),
        ("listAccounts.accountStageId", "selectAccountStageFilter", []),
        ("listAccounts.ownerId", "selectUserOwnerFilter", []),
        ("listUsers.groupId", "selectGroup", []),
        ("listUsers.roleId", "selectUserRoleId", []),
        ("upsertAccount.locale", "selectLocale", []),
        ("listActions.multitouchGroupId", "selectMultitouchGroup", []),
        ("listEmails.emailTemplateId", "selectEmailTemplate", []),
        ("listBulkJobResults.cursorId", "selectBulkJobResult", ["bulkJobsId"]),
    ],
)
def test_pickers_are_bound_beyond_the_contract(name: str, picklist: str, narrowed_by: list[str]) -> None:
    spec = field(*name.split("."))
    assert spec["x-data-source"] == picklist
    assert spec.get("x-depends-on", []) == narrowed_by


def test_a_pair_that_excludes_one_another_says_why() -> None:
    (fault,) = faults("createCall", {"personId": 7, "actionId": 8, "taskId": 9})
    assert fault["path"] == "/taskId"
    assert fault["message"] == "must be null, not 9: a call completes one of them at most"


def test_an_id_or_none_is_told_by_an_example() -> None:
    (fault,) = faults("listAccounts", {"ownerId": ["Ann"]})
    assert fault["message"] == "does not have the right form: 'Ann'; for example '12'"


# --- what a form refuses ------------------------------------------------------------------------------------------

ACCOUNT = {"fullName": "Acme", "domain": "acme.com"}
PERSON = {"emailAddress": "mark@acme.com"}
CRM_LEAD = {"crmId": "00Q5g00000XyzABAAZ", "crmIdType": "salesforce"}
CRM_ACCOUNT = {"crmId": "0015g00000XyzABAAZ", "crmIdType": "salesforce"}
NOTE = {"content": "Hello", "associatedWithType": "person", "associatedWithId": 7}
TASK = {"subject": "Call", "personId": 7, "taskType": "call", "dueDate": "2026-06-30"}
MEMBER = {"personId": 7, "cadenceId": 8}
ROW = {"first_name": "John", "upsert_key": "email_address"}
RAW = {"method": "GET", "url": "/v2/people"}

CASES: list[tuple[str, dict[str, Any], bool]] = [
    # an account has a name and a bare domain
    ("createAccount", ACCOUNT, True),
    ("createAccount", {"fullName": "Acme"}, False),
    ("createAccount", {**ACCOUNT, "domain": None}, False),
    ("createAccount", {**ACCOUNT, "domain": "https://www.acme.com/about"}, True),
    ("createAccount", {**ACCOUNT, "domain": "acme.com:8080"}, True),
    ("createAccount", {**ACCOUNT, "domain": "mark@acme.com"}, False),
    ("createAccount", {**ACCOUNT, "domain": "ftp://acme.com"}, False),
    ("createAccount", {**ACCOUNT, "domain": "https://"}, False),
    ("createAccount", {**ACCOUNT, "domain": "acme"}, False),
    ("createAccount", {**ACCOUNT, "website": "www.acme.com", "phone": None}, True),
    ("createAccount", {**ACCOUNT, "customFields": {"Segment": "A", "Seats": 7, "Since": None}}, True),
    ("createAccount", {**ACCOUNT, "customFields": {"Segment": {"a": 1}}}, False),
    ("createAccount", {**ACCOUNT, "tags": []}, True),
    ("createAccount", {**ACCOUNT, "tags": [1]}, True),  # a number becomes text where text is wanted
    ("createAccount", {**ACCOUNT, "tags": [{"name": "vip"}]}, False),
    ("createAccount", {**ACCOUNT, "ownerId": "Ann"}, False),
    ("createAccount", {**ACCOUNT, "ownerId": 0}, False),
    ("createAccount", {**ACCOUNT, "ownerId": 2**53 - 1}, True),
    ("createAccount", {**ACCOUNT, "ownerId": 2**53}, False),
    ("createAccount", {**ACCOUNT, "fullName": " "}, False),
    ("createAccount", {**ACCOUNT, "customFields": {" ": "A"}}, False),
    ("createAccount", {**ACCOUNT, "customFields": {"Regions": ["EU", "US"]}}, True),
    ("createAccount", {**ACCOUNT, "name": "Acme"}, False),
    ("createAccount", {**ACCOUNT, "archived": True}, False),
    ("updateAccount", {**ACCOUNT, "accountId": 7, "archived": True, "description": None}, True),
    ("updateAccount", {"accountId": 7, "fullName": "Acme"}, True),
    ("updateAccount", {"accountId": 7, "domain": None}, False),
    ("updateAccount", {"fullName": "Acme"}, False),
    ("updateAccount", {**ACCOUNT, "accountId": None}, False),
    # the id in a CRM comes with the CRM
    ("createAccount", {**ACCOUNT, **CRM_ACCOUNT}, True),
    ("createAccount", {**ACCOUNT, "crmId": CRM_ACCOUNT["crmId"]}, False),
    ("createAccount", {**ACCOUNT, **CRM_LEAD}, False),
    ("createAccount", {**ACCOUNT, **CRM_ACCOUNT, "crmId": "0015g00000Xyz"}, False),
    ("createAccount", {**ACCOUNT, **CRM_ACCOUNT, "crmIdType": "hubspot"}, False),
    ("updateAccount", {**ACCOUNT, "accountId": 7, "crmId": None}, True),
    # a person is told by email address, or by phone and last name
    ("createPerson", PERSON, True),
    ("createPerson", {"phone": "+14155552671", "lastName": "Johnson"}, True),
    ("createPerson", {"firstName": "Mark", "lastName": "Johnson"}, False),
    ("createPerson", {"phone": "+14155552671"}, False),
    ("createPerson", {"emailAddress": None}, False),
    ("createPerson", {"emailAddress": "mark at acme"}, False),
    ("createPerson", {**PERSON, **CRM_LEAD, "jobSeniority": "director", "contactRestrictions": ["call"]}, True),
    ("createPerson", {**PERSON, **CRM_ACCOUNT}, False),
    ("createPerson", {**PERSON, "jobSeniority": "Director"}, False),
    ("createPerson", {**PERSON, "contactRestrictions": ["phone"]}, False),
    ("createPerson", {**PERSON, "doNotContact": "no"}, False),
    ("updatePerson", {"personId": 7}, True),
    ("updatePerson", {"personId": 7, "emailAddress": None, "jobSeniority": None, "tags": None}, True),
    ("updatePerson", {"title": "Buyer"}, False),
    ("updatePerson", {"personId": 7, "autotagDate": True}, False),
    # an upsert key names a field that is given
    ("upsertPerson", {**PERSON, "upsertKey": "email_address"}, True),
    ("upsertPerson", {"upsertKey": "id", "id": 7, "title": "Buyer"}, True),
    ("upsertPerson", {**CRM_LEAD, "upsertKey": "crm_id"}, True),
    ("upsertPerson", PERSON, True),
    ("upsertPerson", {**PERSON, "upsertKey": None}, True),
    ("upsertPerson", {**PERSON, "upsertKey": "id"}, False),
    ("upsertPerson", {"upsertKey": "id", "id": None}, False),
    ("upsertPerson", {**PERSON, "upsertKey": "crm_id"}, False),
    ("upsertPerson", {"upsertKey": "email_address", "lastName": "Johnson", "phone": "1"}, False),
    ("upsertPerson", {**PERSON, "upsertKey": "domain"}, False),
    ("upsertPerson", {"firstName": "Mark"}, False),
    ("upsertAccount", {**ACCOUNT, "upsertKey": "domain"}, True),
    ("upsertAccount", {**ACCOUNT, "upsertKey": "id", "id": 7}, True),
    ("upsertAccount", {**ACCOUNT, "upsertKey": "id"}, False),
    ("upsertAccount", {**ACCOUNT, "upsertKey": "crm_id"}, False),
    ("upsertAccount", {"upsertKey": "domain", "domain": "acme.com"}, False),
    # cadences
    ("createCadenceMembership", MEMBER, True),
    ("createCadenceMembership", {**MEMBER, "userId": 9, "stepId": 10, "taskId": 11}, True),
    ("createCadenceMembership", {"personId": 7}, False),
    ("createCadenceMembership", {**MEMBER, "userId": None}, False),
    ("listCadenceMemberships", {"personId": [7]}, False),
    ("listCadences", {"groupIds": [88], "ownedByGuidFilter": [GUID]}, True),
    ("listCadences", {"ownedByGuidFilter": ["ann"]}, False),
    ("listActions", {"dueOn": {"gte": "2026-01-01T00:00:00Z", "lt": "2026-02-01T00:00:00+01:00"}}, True),
    ("listActions", {"type": "linkedin"}, True),
    # calls
    ("createCall", {"personId": 7, "duration": 0, "crmParams": {"Subject": "Demo"}, "userGuid": GUID}, True),
    ("createCall", {"personId": 7, "actionId": 8}, True),
    ("createCall", {"personId": 7, "actionId": None, "taskId": 9}, True),
    ("createCall", {"personId": 7, "actionId": 8, "taskId": 9}, False),
    ("createCall", {"personId": 7, "actionId": 8, "taskId": None}, True),
    ("createCall", {"personId": 7, "duration": -1}, False),
    ("createCall", {"personId": 7, "userGuid": "user_abc123"}, False),
    ("createCall", {"to": "+14155552671"}, False),
    ("listCallerIds", {"phoneNumber": "+14155552671"}, True),
    ("listCallerIds", {"phoneNumber": "(415) 555-2671"}, False),
    ("listCallerIds", {}, False),
    # notes
    ("createNote", NOTE, True),
    ("createNote", {**NOTE, "associatedWithType": "deal"}, False),
    ("createNote", {"content": "Hello"}, False),
    ("createNote", {**NOTE, "content": " \n "}, False),
    ("updateNote", {"noteId": 7, "content": "Hello", "callId": None}, True),
    ("updateNote", {"noteId": 7}, False),
    ("listNotes", {"associatedWithType": "account", "associatedWithId": 7}, True),
    ("listNotes", {"associatedWithType": "account"}, True),
    ("listNotes", {"associatedWithId": 7}, False),
    # tasks
    ("createTask", TASK, True),
    ("createTask", {**TASK, "dueDate": "2026-06-30T10:00:00Z", "remindAt": "2026-06-30T09:45:00Z"}, True),
    ("createTask", {**TASK, "dueDate": "30 June"}, False),
    ("createTask", {**TASK, "remindAt": "2026-06-30"}, False),
    ("createTask", {**TASK, "taskType": "meeting"}, False),
    ("createTask", {**TASK, "currentState": "completed"}, False),
    ("createTask", {**TASK, "dueDate": None}, False),
    ("updateTask", {"taskId": 7, "currentState": "completed", "dueDate": None}, True),
    ("updateTask", {"taskId": 7, "currentState": "scheduled"}, False),
    ("listTasks", {"currentState": ["scheduled", "completed"], "timeIntervalFilter": "overdue"}, True),
    ("listTasks", {"currentState": ["pending"]}, False),
    # bulk jobs
    ("createBulkJob", {"bulkJobType": "person/upsert"}, True),
    ("createBulkJob", {"bulkJobType": "import"}, False),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{**ROW, "upsert_key_value": "a@example.com"}]}, True),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{**ROW, "email_address": "a@example.com"}]}, True),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{"first_name": "John"}]}, True),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [ROW]}, False),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{"upsert_key": "id", "id": 7}]}, True),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{"upsert_key": "id", "upsert_key_value": 7}]}, True),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{"upsert_key": "id", "email_address": "a@b.c"}]}, False),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{"upsert_key_value": "a@example.com"}]}, False),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": []}, False),
    ("createBulkJobData", {"bulkJobsId": 7, "bulkJobData": [{**ROW} | {"email_address": "a"}] * 5001}, True),
    ("updateBulkJob", {"bulkJobsId": 7, "readyToExecute": True}, True),
    ("listBulkJobResults", {"bulkJobsId": 7, "bulkJobsStatus": ["error"], "cursorId": 0, "perPage": 100}, True),
    ("listBulkJobResults", {"bulkJobsId": 7, "page": 2}, False),
    ("listBulkJobResults", {"bulkJobsId": 7, "bulkJobsStatus": ["failed"]}, False),
    # lists
    ("listAccounts", {"page": 1, "perPage": 100, "ids": [7, 8], "fetchAll": True}, True),
    ("listAccounts", {"perPage": 101}, False),
    ("listAccounts", {"page": 0}, False),
    ("listAccounts", {"ids": []}, False),
    ("listAccounts", {"ids": None}, False),
    ("listAccounts", {"sortBy": "revenue"}, False),
    ("listAccounts", {"sortDirection": "asc"}, False),
    ("listAccounts", {"ownerId": [7, "_is_null"], "accountStageId": ["12"]}, True),
    ("listAccounts", {"ownerId": ["Ann"]}, False),
    ("listAccounts", {"ownerId": [2**53]}, False),
    ("listAccounts", {"lastContacted": "_is_null"}, True),
    ("listAccounts", {"lastContacted": {"lt": "2026-01-01T00:00:00.123456Z"}}, True),
    ("listAccounts", {"lastContacted": "never"}, False),
    ("listAccounts", {"updatedAt": "2026-01-01T00:00:00Z"}, False),
    ("listAccounts", {"updatedAt": {}}, False),
    ("listAccounts", {"updatedAt": {"after": "2026-01-01T00:00:00Z"}}, False),
    ("listAccounts", {"updatedAt": {"gte": "2026-01-01"}}, False),
    ("listAccounts", {"customFields": {"Segment": "A"}, "userRelationships": {"AE": "_unmapped"}}, True),
    ("listAccounts", {"customFields": {}}, False),
    ("listPeople", {"emailAddresses": ["_is_null"], "jobSeniority": ["_is_null", "director"], "new": True}, True),
    ("listPeople", {"cadenceId": ["all"]}, False),
    ("listUsers", {"search": ["mark"], "roleId": ["Admin", "12"], "workCountry": ["US"]}, True),
    ("listUsers", {"workCountry": ["United States"]}, False),
    ("listGroups", {"perPage": 10}, False),
    ("deleteImport", {"importId": 7, "undo": "single"}, True),
    ("deleteImport", {"importId": 7, "undo": "none"}, False),
    ("getEmail", {"emailId": 7, "scopedFields": ["subject"]}, True),
    ("getEmail", {"emailId": "hex"}, False),
    # raw requests
    ("rawRequest", RAW, True),
    ("rawRequest", {**RAW, "url": {"endpoint": "/v2/people"}, "data": {"none": None}}, True),
    ("rawRequest", {**RAW, "queryParams": [{"key": "ids[]", "value": "1"}, {"key": "ids[]", "value": "2"}]}, True),
    ("rawRequest", {**RAW, "queryParams": {"ids[]": [1, 2], "archived": False}}, True),
    ("rawRequest", {**RAW, "queryParams": [{"key": "ids[]"}]}, False),
    ("rawRequest", {**RAW, "headers": {"Accept": "text/csv"}}, True),
    ("rawRequest", {**RAW, "headers": {"authorization": "Bearer x"}}, False),
    ("rawRequest", {**RAW, "headers": {"Bad Header": "x"}}, False),
    ("rawRequest", {**RAW, "url": {"path": "/v2/people"}}, False),
    ("rawRequest", {**RAW, "method": "get"}, False),
    ("rawRequest", {"method": "GET"}, False),
    # what is no action
    ("selectStep", {}, True),
    ("selectStep", {"cadenceId": 7}, True),
    ("selectAccountOrPerson", {"associatedWithType": "deal"}, False),
    ("selectTag", {"search": "x"}, False),
    ("oauth2", {"apiUrl": "http://127.0.0.1:8400", "rateLimit": 0}, True),
    ("oauth2", {"apiUrl": "https://api.salesloft.com/v2"}, False),
    ("oauth2", {"tokenUrl": "http://accounts.salesloft.com/oauth/token"}, False),
    ("oauth2", {"scope": "people:read"}, False),
    ("oauth2ClientCredentials", {"clientId": "a", "clientSecret": "b", "scope": "people:read"}, True),
    ("apiKey", {"apiKey": "ak_1", "rateLimit": -1}, False),
]


@pytest.mark.parametrize(("key", "inputs", "valid"), CASES)
def test_a_form_takes_what_fits_and_refuses_the_rest(key: str, inputs: dict[str, Any], valid: bool) -> None:
    assert (faults(key, inputs) == []) == valid


@pytest.mark.parametrize(
    ("key", "inputs", "words"),
    [
        ("createPerson", {"firstName": "Mark"}, "email address, or by phone number and last name"),
        ("upsertPerson", {"upsertKey": "id"}, "names this field"),
        ("createAccount", {**ACCOUNT, "crmId": CRM_ACCOUNT["crmId"]}, "which CRM"),
        ("createCall", {"personId": 7, "actionId": 8, "taskId": 9}, "one of them"),
    ],
)
def test_a_rule_that_joins_inputs_says_why(key: str, inputs: dict[str, Any], words: str) -> None:
    assert [words in fault["message"] for fault in faults(key, inputs)] == [True]


# --- what comes back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("none", [[], {}, None])
def test_an_account_may_have_no_relationships(none: Any) -> None:
    schema = build_output_schema(COMPONENT, COMPONENT.actions["getAccount"])
    jsonschema_rs.validate(schema, {"data": {**COMPONENT.record("account")["examples"][0], "user_relationships": none}})
