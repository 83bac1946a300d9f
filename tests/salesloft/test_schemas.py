"""The register and the schemas of Salesloft, held against the contract and against each other.

`contract.json` beside this file holds the facts: every action, data source and input, and how it travels.
"""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from sales_connectors.manifest import load_component

FOLDER = Path(__file__).parents[2] / "components" / "salesloft"
SCHEMAS = FOLDER / "schemas"
CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
REGISTER = yaml.safe_load((FOLDER / "component.yaml").read_text(encoding="utf-8"))

KINDS = ("connections", "actions", "dataSources")
ENTRIES = [key for kind in KINDS for key in REGISTER[kind]]
RECORDS = sorted(path.stem for path in (SCHEMAS / "records").glob("*.json"))
ADDED = ["listPeople", "updateTask", "upsertAccount", "runBulkJob"]
INPUTS = [
    (key, name, fact)
    for key, action in CONTRACT["actions"].items()
    for name, fact in {**action["inputs"], **action["extra"]}.items()
]
GUID = "7b6e4c1e-2f0a-4a52-9d0e-0f6a1b2c3d4e"


def schema(key: str) -> dict[str, Any]:
    return load_component("salesloft").form(key).schema


def field(key: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema(key)["properties"][name]
    return found


def accepts(form: dict[str, Any], value: Any) -> bool:
    return jsonschema_rs.validator_for(form, validate_formats=True).is_valid(value)


# --- the register, its files and the contract ---------------------------------------------------------------------


def test_every_file_is_claimed_and_every_claim_has_a_file() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.json")} == {*ENTRIES, "shared"}


def test_every_record_type_is_returned_and_every_returned_type_is_described() -> None:
    returned = [action["returns"] for action in REGISTER["actions"].values()]
    types = {kind[0] if isinstance(kind, list) else kind for kind in returned}
    assert types - {"nothing", "anything"} == set(RECORDS)


def test_no_key_is_used_twice() -> None:
    assert len(ENTRIES) == len(set(ENTRIES))


def test_handlers_are_called_as_their_keys() -> None:
    for kind in ("actions", "dataSources"):
        for key, entry in REGISTER[kind].items():
            snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
            assert entry["handler"].split(":")[1] == snake


@pytest.mark.parametrize("kind", KINDS)
def test_the_register_holds_the_contract_and_what_is_added(kind: str) -> None:
    assert set(REGISTER[kind]) == {*CONTRACT[kind], *(ADDED if kind == "actions" else [])}


@pytest.mark.parametrize(
    ("effect", "method"),
    [("read", {"GET"}), ("create", {"POST"}), ("update", {"PUT"}), ("upsert", {"POST"}), ("delete", {"DELETE"})],
)
def test_the_effect_fits_the_method(effect: str, method: set[str]) -> None:
    keys = [key for key, action in REGISTER["actions"].items() if action["effect"] == effect]
    assert {CONTRACT["actions"][key]["request"].split()[0] for key in keys if key not in ADDED} == method


def test_deletes_return_nothing_and_lists_return_lists() -> None:
    for key, action in REGISTER["actions"].items():
        assert (action["returns"] == "nothing") == (action["effect"] == "delete")
        assert isinstance(action["returns"], list) == key.startswith("list")


@pytest.mark.parametrize("key", CONTRACT["actions"])
def test_an_action_has_its_label_and_its_inputs_in_the_order_of_the_form(key: str) -> None:
    fact = CONTRACT["actions"][key]
    assert schema(key)["title"] == fact["title"]
    known = [*fact["inputs"], *fact["extra"]]
    assert [name for name in schema(key)["properties"] if name in known] == known


@pytest.mark.parametrize("key", CONTRACT["dataSources"])
def test_a_data_source_has_its_label_and_the_input_that_it_depends_on(key: str) -> None:
    assert schema(key)["title"] == CONTRACT["dataSources"][key]["title"]
    known = CONTRACT["dataSources"][key].get("dependsOn", [])
    assert [name for name in schema(key)["properties"] if name in known] == known
    assert schema(key).get("required") is None


@pytest.mark.parametrize("key", CONTRACT["connections"])
def test_a_connection_has_its_fields_and_requires_none(key: str) -> None:
    known = CONTRACT["connections"][key]
    assert [name for name in schema(key)["properties"] if name in known] == known
    assert accepts(schema(key), {})
    assert field(key, "apiUrl")["default"] == "https://api.salesloft.com"
    assert field(key, "rateLimit")["default"] == 10


def test_secrets_are_write_only() -> None:
    secret = {
        name for key in CONTRACT["connections"] for name in schema(key)["properties"] if "writeOnly" in field(key, name)
    }
    assert secret == {"clientSecret", "apiKey"}


def test_every_list_in_pages_can_be_fetched_whole() -> None:
    for key in REGISTER["actions"]:
        assert ("fetchAll" in schema(key)["properties"]) == ("perPage" in schema(key)["properties"])
    assert field("listAccounts", "fetchAll")["default"] is False


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
    kinds: str | list[str] = spec["type"]
    return [kinds] if isinstance(kinds, str) else kinds


@pytest.mark.parametrize(("key", "name", "fact"), INPUTS)
def test_an_input_has_the_type_of_the_contract(key: str, name: str, fact: dict[str, Any]) -> None:
    spec = field(key, name)
    if (key, name) in OTHERWISE:
        return
    if fact["type"].startswith("array<"):
        assert types_of(spec)[0] == "array"
        assert fact["type"][6:-1] in types_of(spec["items"])
    else:
        assert types_of(spec)[0] == TYPES[fact["type"]]
    assert spec.get("format") == ("date-time" if fact["type"] == "datetime" else spec.get("format"))


@pytest.mark.parametrize(("key", "name", "fact"), INPUTS)
def test_an_input_has_the_demands_of_the_contract(key: str, name: str, fact: dict[str, Any]) -> None:
    spec = field(key, name)
    assert (name in schema(key).get("required", [])) == fact.get("required", False)
    assert spec.get("x-data-source") == fact.get("source", spec.get("x-data-source"))
    if "enum" in fact and (key, name) not in OPEN:
        values = spec.get("items", spec)["enum"]
        assert [value for value in values if value is not None] == fact["enum"]
    for bound in ("minimum", "maximum"):
        assert bound not in fact or spec[bound] == fact[bound]


@pytest.mark.parametrize(("key", "name", "fact"), INPUTS)
def test_an_input_takes_null_where_it_can_clear_a_field_and_only_there(
    key: str, name: str, fact: dict[str, Any]
) -> None:
    clears = fact["in"] == "body" and not fact.get("required")
    assert accepts(field(key, name), None) == (clears or (key, name) == ("rawRequest", "body"))


def test_defaults_are_filled_in_only_where_the_service_needs_them() -> None:
    filled = {
        (key, name)
        for key in REGISTER["actions"]
        for name in schema(key)["properties"]
        if "default" in field(key, name)
    }
    others = {pair for pair in filled if pair[1] != "fetchAll"}
    assert others == {
        ("createTask", "currentState"),
        ("rawRequest", "includeRawBody"),
        ("rawRequest", "parseResponse"),
        ("runBulkJob", "wait"),
    }


# --- each schema by itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*ENTRIES, *(f"records/{kind}" for kind in RECORDS)])
def test_a_schema_is_valid_and_so_are_its_examples(path: str) -> None:
    form = schema(path)
    Draft202012Validator.check_schema(form)
    assert form["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert form["title"]
    assert form["description"].endswith(".")
    assert form["examples"]
    for example in form["examples"]:
        assert accepts(form, example)
        assert Draft202012Validator(form, format_checker=FormatChecker()).is_valid(example)


@pytest.mark.parametrize("key", ENTRIES)
def test_an_input_says_all_that_a_form_needs(key: str) -> None:
    assert schema(key)["additionalProperties"] is False
    for name, spec in schema(key)["properties"].items():
        assert {"title", "description", "type", "examples"} <= spec.keys(), name
        assert spec["description"].endswith("."), name
        assert all(accepts(spec, example) for example in spec["examples"]), name
        assert "default" not in spec or accepts(spec, spec["default"])


@pytest.mark.parametrize("key", ENTRIES)
def test_labels_of_choices_name_the_choices(key: str) -> None:
    for spec in schema(key)["properties"].values():
        choice = spec.get("items", spec)
        if "x-enum-labels" in choice:
            assert list(choice["x-enum-labels"]) == [value for value in choice["enum"] if value is not None]


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_describes_its_fields_and_tolerates_others(kind: str) -> None:
    form = schema(f"records/{kind}")
    assert all({"description", "type"} <= spec.keys() for spec in form["properties"].values())
    assert accepts(form, {**form["examples"][0], "brand_new": 1})
    assert set(form["examples"][0]) <= form["properties"].keys()
    assert "enum" not in json.dumps(form)


@pytest.mark.parametrize("key", ENTRIES)
def test_picklists_exist_and_know_the_inputs_that_narrow_them(key: str) -> None:
    for spec in schema(key)["properties"].values():
        if "x-data-source" in spec:
            source = schema(spec["x-data-source"])
            assert spec["x-data-source"] in REGISTER["dataSources"]
            assert accepts(source, spec.get("x-data-source-inputs", {}))
            assert set(spec.get("x-depends-on", [])) <= schema(key)["properties"].keys() & source["properties"].keys()


def test_every_picklist_fills_an_input() -> None:
    bound = {spec.get("x-data-source") for key in ENTRIES for spec in schema(key)["properties"].values()}
    assert bound - {None} == set(REGISTER["dataSources"])


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
    ],
)
def test_pickers_are_bound_beyond_the_contract(name: str, picklist: str, narrowed_by: list[str]) -> None:
    spec = field(*name.split("."))
    assert spec["x-data-source"] == picklist
    assert spec.get("x-depends-on", []) == narrowed_by


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
    ("createAccount", {**ACCOUNT, "domain": "https://acme.com"}, False),
    ("createAccount", {**ACCOUNT, "domain": "acme"}, False),
    ("createAccount", {**ACCOUNT, "website": "www.acme.com", "phone": None}, True),
    ("createAccount", {**ACCOUNT, "customFields": {"Segment": "A", "Seats": 7, "Since": None}}, True),
    ("createAccount", {**ACCOUNT, "customFields": {"Segment": {"a": 1}}}, False),
    ("createAccount", {**ACCOUNT, "tags": []}, True),
    ("createAccount", {**ACCOUNT, "tags": [1]}, False),
    ("createAccount", {**ACCOUNT, "ownerId": "Ann"}, False),
    ("createAccount", {**ACCOUNT, "ownerId": 0}, False),
    ("createAccount", {**ACCOUNT, "name": "Acme"}, False),
    ("createAccount", {**ACCOUNT, "archived": True}, False),
    ("updateAccount", {**ACCOUNT, "accountId": 7, "archived": True, "description": None}, True),
    ("updateAccount", {"accountId": 7, "fullName": "Acme"}, False),
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
    ("createCall", {"personId": 7, "actionId": 8, "taskId": None}, True),
    ("createCall", {"personId": 7, "actionId": 8, "taskId": 9}, False),
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
    ("rawRequest", {**RAW, "url": {"endpoint": "/v2/people"}, "body": {"none": None}}, True),
    ("rawRequest", {**RAW, "queryParameters": [{"key": "ids[]", "value": "1"}, {"key": "ids[]", "value": "2"}]}, True),
    ("rawRequest", {**RAW, "queryParameters": {"ids[]": [1, 2], "archived": False}}, True),
    ("rawRequest", {**RAW, "queryParameters": [{"key": "ids[]"}]}, False),
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
    assert accepts(schema(key), inputs) == valid


def test_each_kind_of_refusal_is_on_the_list() -> None:
    assert len([key for key, _, valid in CASES if not valid]) >= 50


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
    faults = list(Draft202012Validator(schema(key)).iter_errors(inputs))
    assert [words in fault.schema["description"] for fault in faults] == [True]
