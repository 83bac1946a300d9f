"""The forms of Zendesk Sell, as doors show them, held against the contract; and what they take and refuse.

`contract.json` beside this file holds the facts: every action, data source and input, and how it travels.  What it does
not know is held by the standard suite alone.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.forms import find_faults, list_bases

from sales_connectors.manifest import load_component
from sales_connectors.manifest.describe import describe_component

COMPONENT = load_component("zendesk-sell")
CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
DESCRIBED = describe_component(COMPONENT)
FORMS = {entry["key"]: entry for kind in CONTRACT for entry in DESCRIBED[kind]}
ENTRIES = [(kind, key) for kind in CONTRACT for key in CONTRACT[kind]]
METHODS = {"read": "GET", "create": "POST", "update": "PUT", "upsert": "POST", "delete": "DELETE"}


def field(key: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = FORMS[key]["input"]["properties"][name]
    return found


faults = partial(find_faults, COMPONENT)


# --- the contract -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "key"), ENTRIES)
def test_an_entry_has_its_label_and_its_inputs(kind: str, key: str) -> None:
    fact, form = CONTRACT[kind][key], FORMS[key]["input"]
    assert key in COMPONENT.section(kind)
    assert FORMS[key]["label"] == fact["label"]
    assert form["properties"].keys() >= fact["inputs"].keys()


@pytest.mark.parametrize(("kind", "key"), ENTRIES)
def test_every_input_is_as_the_contract_has_it(kind: str, key: str) -> None:
    for name, fact in CONTRACT[kind][key]["inputs"].items():
        spec = field(key, name)
        assert spec["title"] == fact["label"], name
        required = name in FORMS[key]["input"].get("required", [])
        assert required == (fact.get("required", False) and "default" not in fact), name
        assert "picklist" not in fact or spec["x-data-source"] == fact["picklist"], name
        assert "default" not in fact or str(spec["default"]).lower() == fact["default"].lower(), name
        for option in fact.get("options", []):
            assert f"/{name}" not in [fault["path"] for fault in faults(key, {name: option})], (name, option)


@pytest.mark.parametrize("key", CONTRACT["actions"])
def test_the_effect_fits_the_method(key: str) -> None:
    fact, effect = CONTRACT["actions"][key], FORMS[key]["effect"]
    assert effect == "any" or METHODS[effect] == fact["method"]
    many = key.endswith("Stream") or (key.startswith("list") and key != "listAccountDetails")
    assert isinstance(COMPONENT.actions[key].returns, list) == many
    assert (COMPONENT.actions[key].returns == "nothing") == (effect == "delete")


NEEDED_FOR_ONE_KIND = {("createContact", "name"), ("createContact", "lastName")}
PARTS_OF_A_FORM = {("rawRequest", name) for name in ("formData", "fileData", "fileDataFileNames")}


@pytest.mark.parametrize("key", CONTRACT["actions"])
def test_an_input_takes_null_where_it_can_clear_a_field_and_only_there(key: str) -> None:
    for name, fact in CONTRACT["actions"][key]["inputs"].items():
        clears = fact["in"] == "body" and not fact["required"]
        clears = clears and (key, name) not in NEEDED_FOR_ONE_KIND | PARTS_OF_A_FORM
        told = [
            [fault["path"] for fault in faults(key, {**given, name: None})] for given in list_bases(FORMS[key]["input"])
        ]
        assert any(f"/{name}" not in paths for paths in told) == clears, name


@pytest.mark.parametrize(
    ("name", "picklist"),
    [
        ("listDeals.ownerId", "selectUser"),
        ("upsertContact.creatorId", "selectUser"),
        ("createDeal.sourceId", "selectDealSource"),
        ("createLead.sourceId", "selectLeadSource"),
        ("updateDeal.lossReasonId", "selectLossReason"),
        ("updateDeal.unqualifiedReasonId", "selectUnqualifiedReason"),
        ("updateLead.unqualifiedReasonId", "selectLeadUnqualifiedReason"),
        ("listLeads.status", "selectLeadStatus"),
        ("createContact.tags", "selectTag"),
        ("selectStage.pipelineId", "selectPipeline"),
        ("listContacts.ids", "selectContact"),
        ("listOrder.ids", "selectOrder"),
        ("listStages.ids", "selectStage"),
    ],
)
def test_pickers_are_bound_where_the_contract_binds_nothing(name: str, picklist: str) -> None:
    assert field(*name.split("."))["x-data-source"] == picklist


@pytest.mark.parametrize("key", ["createNote", "updateNote", "listNotes", "createTask", "updateTask", "listTasks"])
def test_a_record_to_attach_to_is_picked_by_its_type(key: str) -> None:
    spec = field(key, "resourceId")
    assert (spec["x-data-source"], spec["x-depends-on"]) == ("selectRecord", ["resourceType"])


# --- what a form refuses ------------------------------------------------------------------------------------------

PERSON = {"lastName": "Doe"}
ORGANIZATION = {"isOrganization": True, "name": "Acme"}
MATCH = {"filterableCustomFields": {"email": "a@example.com"}}
DEAL = {"name": "Big", "contactId": 1}
NOTE = {"resourceType": "lead", "resourceId": 1, "content": "Hello"}
FORM = {"url": "/documents", "method": "POST"}

CASES: list[tuple[str, dict[str, Any], bool]] = [
    # a contact is a person or an organization
    ("createContact", PERSON, True),
    ("createContact", {**PERSON, "isOrganization": False, "firstName": "John", "contactId": 7}, True),
    ("createContact", {**PERSON, "isOrganization": None}, True),
    ("createContact", ORGANIZATION, True),
    ("createContact", {**ORGANIZATION, "parentOrganizationId": 7}, True),
    ("createContact", {}, False),
    ("createContact", {"firstName": "John"}, False),
    ("createContact", {"lastName": None}, False),
    ("createContact", {"lastName": ""}, False),
    ("createContact", {"name": "Acme"}, False),
    ("createContact", {**PERSON, "name": "John Doe"}, False),
    ("createContact", {**PERSON, "parentOrganizationId": 7}, False),
    ("createContact", {"isOrganization": True}, False),
    ("createContact", {"isOrganization": True, "name": None}, False),
    ("createContact", {"isOrganization": True, "lastName": "Doe"}, False),
    ("createContact", {**ORGANIZATION, "firstName": "John"}, False),
    ("createContact", {**ORGANIZATION, "contactId": 7}, False),
    ("updateContact", {"id": 1, "name": "Acme", "parentOrganizationId": None}, True),
    ("updateContact", {"id": 1, "firstName": None, "lastName": "Doe", "contactId": 7}, True),
    ("updateContact", {"id": 1}, True),
    ("updateContact", {"name": "Acme"}, False),
    ("updateContact", {"id": None}, False),
    ("updateContact", {"id": 0}, False),
    ("updateContact", {"id": 2**53 - 1}, True),
    ("updateContact", {"id": 2**53}, False),
    ("listContacts", {"ids": [2**53]}, False),
    ("updateContact", {"id": 1, "name": "Acme", "lastName": "Doe"}, False),
    ("updateContact", {"id": 1, "contactId": 7, "parentOrganizationId": 8}, False),
    ("updateContact", {"id": 1, "isOrganization": True}, False),
    # an upsert needs a filter
    ("upsertContact", {**MATCH, **PERSON}, True),
    ("upsertContact", {**MATCH, **ORGANIZATION}, True),
    ("upsertContact", {**MATCH, "isOrganization": True, "phone": "1"}, True),
    ("upsertContact", {**MATCH, "name": "Acme", "inclusive": False, "creatorId": 7}, True),
    ("upsertContact", PERSON, False),
    ("upsertContact", {**PERSON, "filterableCustomFields": {}}, False),
    ("upsertContact", {**PERSON, "filterableCustomFields": {"email": None}}, False),
    ("upsertContact", {**MATCH, **ORGANIZATION, "lastName": "Doe"}, False),
    ("upsertContact", {**MATCH, "isOrganization": False, "name": "Acme"}, False),
    ("upsertContact", {**MATCH, **PERSON, "parentOrganizationId": 7}, False),
    ("upsertContact", {**MATCH, "inclusive": None}, False),
    ("upsertContact", {**MATCH, "creatorId": None}, False),
    ("upsertLead", {**MATCH, "lastName": "Doe"}, True),
    ("upsertLead", {"lastName": "Doe"}, False),
    # a lead has a last name or an organization name
    ("createLead", {"lastName": "Doe"}, True),
    ("createLead", {"organizationName": "Acme"}, True),
    ("createLead", {"lastName": "Doe", "organizationName": None}, True),
    ("createLead", {"firstName": "John"}, False),
    ("createLead", {"lastName": None}, False),
    ("updateLead", {"id": 1, "lastName": None, "organizationName": "Acme"}, True),
    ("updateLead", {"id": 1, "lastName": None}, True),
    ("updateLead", {"id": 1, "lastName": None, "organizationName": None}, False),
    # resource type and id go together
    ("createNote", NOTE, True),
    ("createNote", {**NOTE, "isImportant": True, "tags": [], "type": "restricted"}, True),
    ("createNote", {"content": "Hello"}, False),
    ("createNote", {**NOTE, "resourceType": "order"}, False),
    ("createNote", {**NOTE, "resourceId": None}, False),
    ("updateNote", {"id": 1, "resourceType": "deal", "resourceId": 2}, True),
    ("updateNote", {"id": 1, "resourceId": 2}, False),
    ("updateNote", {"resourceType": "deal", "resourceId": 2}, False),
    ("listNotes", {"resourceType": "deal", "resourceId": 2}, True),
    ("listNotes", {"resourceType": "deal"}, True),
    ("listNotes", {"resourceId": 2}, False),
    ("listNotes", {"includes": "anything at all"}, True),
    ("createTask", {"content": "Call"}, True),
    ("createTask", {"content": "Call", "resourceType": "lead", "resourceId": 1}, True),
    ("createTask", {"content": "Call", "resourceType": "lead"}, False),
    ("createTask", {"content": "Call", "resourceId": 1}, False),
    ("createTask", {"content": "Call", "resourceType": "lead", "resourceId": None}, False),
    ("createTask", {"resourceType": "lead", "resourceId": 1}, False),
    ("updateTask", {"id": 1, "resourceType": None, "resourceId": None}, True),
    ("updateTask", {"id": 1, "resourceType": None, "resourceId": 1}, False),
    ("listTasks", {"type": "related", "resourceType": "lead", "resourceId": 1}, True),
    ("listTasks", {"type": "floating"}, True),
    ("listTasks", {"resourceType": "deal"}, True),
    ("listTasks", {"type": "floating", "resourceType": "lead"}, False),
    ("listTasks", {"type": "floating", "resourceType": "lead", "resourceId": 1}, False),
    ("listTasks", {"type": "other"}, False),
    ("listTasks", {"resourceId": 1}, False),
    # numbers, money, dates and choices
    ("createDeal", DEAL, True),
    ("createDeal", {**DEAL, "value": "5000.00", "customizedWinLikelihood": 0}, True),
    ("createDeal", {**DEAL, "customizedWinLikelihood": 100, "estimatedCloseDate": "2026-06-30"}, True),
    ("createDeal", {"name": "Big"}, False),
    ("createDeal", {**DEAL, "name": None}, False),
    ("createDeal", {**DEAL, "value": 12.5}, True),  # money is text, whatever a caller's JSON made of it
    ("createDeal", {**DEAL, "value": "5,000"}, False),
    ("createDeal", {**DEAL, "currency": "dollars"}, False),
    ("createDeal", {**DEAL, "customizedWinLikelihood": 101}, False),
    ("createDeal", {**DEAL, "customizedWinLikelihood": -1}, False),
    ("createDeal", {**DEAL, "customizedWinLikelihood": 7.5}, False),
    ("createDeal", {**DEAL, "estimatedCloseDate": "30.06.2026"}, False),
    ("createDeal", {**DEAL, "estimatedCloseDate": "2026-02-30"}, False),
    ("createOrder", {"dealId": 1, "discount": 100}, True),
    ("createOrder", {"dealId": 1, "discount": 101}, False),
    ("updateOrder", {"id": 1, "discount": 0}, True),
    ("updateOrder", {"id": 1, "discount": None}, False),
    ("updateOrder", {"id": 1}, False),
    ("createContact", {**PERSON, "email": "nobody"}, False),
    ("createContact", {**PERSON, "website": "www.example.com", "phone": "+1 (508) 778 ext. 6"}, True),
    ("createContact", {**PERSON, "customerStatus": "former"}, False),
    ("createContact", {**PERSON, "address": {"city": "Hyannis", "line1": None}}, True),
    ("createContact", {**PERSON, "address": {"town": "Hyannis"}}, False),
    ("createContact", {**PERSON, "tags": []}, True),
    ("createContact", {**PERSON, "tags": ["vip", None]}, False),
    ("createContact", {**PERSON, "customFields": {"a": "x", "b": 1.5, "c": True, "d": ["x", "y"], "e": None}}, True),
    ("createContact", {**PERSON, "customFields": {"home": {"city": "Hyannis", "country": None}}}, True),
    ("createContact", {**PERSON, "customFields": {"": "x"}}, False),
    ("createContact", {**PERSON, "nmae": "Acme"}, False),
    # lists
    ("listContacts", {"page": 1, "perPage": 100, "ids": [7, 8]}, True),
    ("listContacts", {"customFields": {"size": ["S", "M"], "paid": True, "age": 7}}, True),
    ("listContacts", {"perPage": 101}, False),
    ("listContacts", {"perPage": 0}, False),
    ("listContacts", {"page": 0}, False),
    ("listContacts", {"ids": []}, False),
    ("listContacts", {"ids": [7, "x"]}, False),
    ("listContacts", {"ownerId": None}, False),
    ("listContacts", {"sortBy": "id"}, True),
    ("listContacts", {"sortBy": "last_name:asc"}, True),
    ("listContacts", {"sortBy": "custom_fields:Known via:desc"}, True),
    ("listContacts", {"sortBy": "shoe_size"}, False),
    ("listContacts", {"sortBy": "id:downwards"}, False),
    ("listTasks", {"sortBy": "resource_type:desc"}, True),
    ("listTasks", {"sortBy": "custom_fields:Known via"}, False),
    ("listOrder", {"perPage": 500, "sortBy": "value:desc"}, True),
    ("listOrder", {"perPage": 501}, False),
    ("listStages", {"sortBy": "pipeline_id,position:desc"}, True),
    ("listStages", {"sortBy": "pipeline_id,,position"}, False),
    ("listPipelines", {"sortBy": "name:desc", "disabled": False}, True),
    ("listDeals", {"includes": "associated_contacts,source"}, True),
    ("listDeals", {"includes": "associated contacts"}, False),
    ("listDeals", {"value": "5000.00", "estimatedCloseDate": "2026-06-30"}, True),
    ("listCustomFields", {"resourceType": "prospect_and_customer"}, True),
    ("listCustomFields", {"resourceType": "order"}, False),
    ("listCustomFields", {}, False),
    # streams
    ("getStream", {"resource": "line_items"}, True),
    ("getStream", {"resource": "text_messages"}, True),  # no picklist knows it
    ("getStream", {"resource": "../v2/contacts"}, False),
    ("getStream", {}, False),
    ("getDealsStream", {"position": "tail", "limit": 100}, True),
    ("getDealsStream", {"limit": 101}, False),
    ("getDealsStream", {"position": ""}, True),  # empty text is not sent
    # raw requests
    ("rawRequest", {**FORM, "data": {"data": {"name": "x"}}}, True),
    ("rawRequest", {**FORM, "data": "plain text"}, True),
    ("rawRequest", {**FORM, "formData": {"a": 1, "b": {"base64": "AAEC"}}}, True),
    ("rawRequest", {**FORM, "fileData": {"f": "text"}, "fileDataFileNames": {"f": "f.txt"}}, True),
    ("rawRequest", {**FORM, "fileData": {"f": {"base64": "AAEC", "contentType": "image/png"}}}, True),
    ("rawRequest", {**FORM, "fileData": {"f": {"contentType": "image/png"}}}, False),
    ("rawRequest", {**FORM, "queryParams": {"ids": [1, 2], "active": True}}, True),
    ("rawRequest", {**FORM, "queryParams": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}, True),
    ("rawRequest", {**FORM, "queryParams": [{"key": "a"}]}, False),
    ("rawRequest", {**FORM, "data": "x", "formData": {"a": "b"}}, False),
    ("rawRequest", {**FORM, "data": "x", "fileData": {"a": "b"}}, False),
    ("rawRequest", {**FORM, "fileDataFileNames": {"f": "f.txt"}}, False),
    ("rawRequest", {**FORM, "headers": {"Bad Header": "x"}}, False),
    ("rawRequest", {**FORM, "maxRetries": 21}, False),
    ("rawRequest", {**FORM, "timeout": -1}, False),
    ("rawRequest", {**FORM, "version": "v1"}, False),
    ("rawRequest", {**FORM, "responseType": "binary"}, True),
    ("rawRequest", {**FORM, "responseType": "blob"}, False),
    ("rawRequest", {**FORM, "url": " "}, False),
    ("rawRequest", {**FORM, "queryParams": {"ids": {"7": 1}}}, False),
    ("rawRequest", {**FORM, "queryParams": 7.5}, False),
    ("rawRequest", {"url": "/tasks"}, False),
    # what is no action
    ("selectStage", {}, True),
    ("selectStage", {"pipelineId": 1}, True),
    ("selectCustomField", {}, False),
    ("pollChangesTrigger", {"pollResourceType": "notes", "startFrom": "beginning"}, True),
    ("pollChangesTrigger", {"pollResourceType": "orders"}, False),
    ("oauth", {}, True),
    ("oauth", {"apiUrl": "http://127.0.0.1:8400", "rateLimit": 0}, True),
    ("oauth", {"apiUrl": "http://[::1]:8400/", "tokenUrl": "http://localhost:8400/oauth2/token"}, True),
    ("oauth", {"apiUrl": "https://api.getbase.com/v2"}, False),
    ("oauth", {"apiUrl": "http://api.getbase.com"}, False),
    ("oauth", {"apiUrl": "http://localhost:80@example.com"}, False),
    ("oauth", {"tokenUrl": "http://localhost.example.com/token"}, False),
    ("oauth", {"rateLimit": -1}, False),
]


@pytest.mark.parametrize(("key", "inputs", "valid"), CASES)
def test_a_form_takes_what_fits_and_refuses_the_rest(key: str, inputs: dict[str, Any], valid: bool) -> None:
    assert (faults(key, inputs) == []) == valid


@pytest.mark.parametrize("moment", ["2026-06-30", "30 June", "2026-06-30T10:00:00"])
@pytest.mark.parametrize("name", ["dueDate", "remindAt"])
def test_a_moment_has_a_date_a_time_and_a_zone(name: str, moment: str) -> None:
    task = {"content": "Call", name: moment}
    assert [fault["path"] for fault in faults("createTask", task)] == [f"/{name}"]
    assert faults("createTask", {**task, name: "2026-06-30T10:00:00Z"}) == []


@pytest.mark.parametrize(
    ("key", "inputs", "words"),
    [
        ("createContact", {**PERSON, "name": "John Doe"}, "set Is Organization to true"),
        ("createContact", {**ORGANIZATION, "contactId": 7}, "nor a contact ID"),
        ("updateContact", {"id": 1, "lastName": "Doe", "parentOrganizationId": 7}, "a person"),
        ("upsertContact", {**MATCH, **PERSON, "parentOrganizationId": 7}, "nor a parent organization"),
        ("upsertContact", {**MATCH, **ORGANIZATION, "contactId": 7}, "for a person, leave Is Organization out"),
        ("listTasks", {"type": "floating", "resourceType": "lead", "resourceId": 1}, "attached to no record"),
        ("rawRequest", {**FORM, "data": "x", "formData": {"a": "b"}}, "one body"),
    ],
)
def test_a_rule_that_excludes_inputs_says_why(key: str, inputs: dict[str, Any], words: str) -> None:
    assert {words in fault["message"] for fault in faults(key, inputs)} == {True}


def test_every_input_that_does_not_apply_is_named() -> None:
    given = {**ORGANIZATION, "firstName": "John", "contactId": 7}
    assert {fault["path"]: (fault["rule"], fault["others"]) for fault in faults("createContact", given)} == {
        "/firstName": ("not", ["isOrganization"]),
        "/contactId": ("not", ["isOrganization"]),
    }


@pytest.mark.parametrize(
    ("key", "inputs", "path", "words"),
    [
        (
            "updateTask",
            {"id": 1, "resourceType": None, "resourceId": 7},
            "/resourceId",
            "must be null, not 7: a record is named by its",
        ),
        (
            "updateLead",
            {"id": 1, "lastName": None, "organizationName": None},
            "/organizationName",
            "must not be null; wanted is text: a lead keeps",
        ),
        ("createContact", {**PERSON, "customFields": {"": "x"}}, "/customFields", "has a key that must not be blank"),
        ("getNote", {"id": 2**53}, "/id", "must be at most 9007199254740991"),
        (
            "upsertLead",
            {"filterableCustomFields": {"email": None}},
            "/filterableCustomFields/email",
            "must not be null",
        ),
        (
            "listDeals",
            {"customFields": {"size": {"S": 1}}},
            "/customFields/size",
            "must be text or a number or true or false or a list, as JSON or separated by commas, not an object",
        ),
        ("createDeal", {**DEAL, "customFields": {"a": ["x", 7]}}, "/customFields/a/1", "must be text, not 7"),
        ("rawRequest", {**FORM, "queryParams": [{"key": "a"}]}, "/queryParams/0/value", "is required"),
        ("rawRequest", {**FORM, "formData": {"f": {"contentType": "a/b"}}}, "/formData/f/base64", "is required"),
    ],
)
def test_a_fault_says_where_it_is_and_what_is_wanted(key: str, inputs: dict[str, Any], path: str, words: str) -> None:
    ((found, message),) = [(fault["path"], fault["message"]) for fault in faults(key, inputs)]
    assert found == path
    assert message.startswith(words)
