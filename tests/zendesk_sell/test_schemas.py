"""The register and the schemas of Zendesk Sell, held against the contract and against each other.

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

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
REGISTER = yaml.safe_load((ROOT / "component.yaml").read_text(encoding="utf-8"))

KINDS = ("actions", "dataSources", "triggers", "connections")
ENTRIES = [key for kind in KINDS for key in REGISTER[kind]]
RECORDS = sorted(path.stem for path in (SCHEMAS / "records").glob("*.json"))
CONTRACT_ENTRIES = [(kind, key) for kind in KINDS for key in CONTRACT[kind]]
CONTRACT_INPUTS = [(kind, key, name) for kind, key in CONTRACT_ENTRIES for name in CONTRACT[kind][key]["inputs"]]


def schema(key: str) -> dict[str, Any]:
    return load_component("zendesk-sell").form(key).schema


def accepts(form: dict[str, Any], value: Any) -> bool:
    return jsonschema_rs.validator_for(form, validate_formats=True).is_valid(value)


def picklists(node: Any) -> list[dict[str, Any]]:
    """Every part of a schema that a picklist fills, wherever it stands."""
    if isinstance(node, list):
        return [found for item in node for found in picklists(item)]
    if not isinstance(node, dict):
        return []
    inside = [found for value in node.values() for found in picklists(value)]
    return [node, *inside] if "x-data-source" in node else inside


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


@pytest.mark.parametrize(
    ("effect", "method"),
    [("read", {"GET"}), ("create", {"POST"}), ("update", {"PUT"}), ("upsert", {"POST"}), ("delete", {"DELETE"})],
)
def test_the_effect_fits_the_method(effect: str, method: set[str]) -> None:
    keys = [key for key, action in REGISTER["actions"].items() if action["effect"] == effect]
    assert {CONTRACT["actions"][key]["method"] for key in keys} == method


def test_deletes_return_nothing_and_lists_return_lists() -> None:
    for key, action in REGISTER["actions"].items():
        if action["effect"] == "delete":
            assert action["returns"] == "nothing"
        many = key.endswith("Stream") or (key.startswith("list") and key != "listAccountDetails")
        assert isinstance(action["returns"], list) == many


@pytest.mark.parametrize(("kind", "key"), CONTRACT_ENTRIES)
def test_every_entry_of_the_contract_is_there_under_its_label(kind: str, key: str) -> None:
    assert key in REGISTER[kind]
    assert schema(key)["title"] == CONTRACT[kind][key]["label"]


@pytest.mark.parametrize(("kind", "key"), CONTRACT_ENTRIES)
def test_inputs_stand_in_the_order_of_the_form(kind: str, key: str) -> None:
    known = CONTRACT[kind][key]["inputs"]
    assert [name for name in schema(key)["properties"] if name in known] == list(known)


@pytest.mark.parametrize(("kind", "key", "name"), CONTRACT_INPUTS)
def test_every_input_is_as_the_contract_has_it(kind: str, key: str, name: str) -> None:
    fact, field = CONTRACT[kind][key]["inputs"][name], schema(key)["properties"][name]
    assert field["title"] == fact["label"]
    assert (name in schema(key).get("required", [])) == (fact.get("required", False) and "default" not in fact)
    if "picklist" in fact:
        assert field["x-data-source"] == fact["picklist"]
    if "default" in fact:
        assert str(field["default"]).lower() == fact["default"].lower()
    for option in fact.get("options", []):
        assert accepts(field, option) or accepts(field, option == "true")


def test_an_input_takes_null_where_it_can_clear_a_field_and_only_there() -> None:
    needed_for_one_kind = {("createContact", "name"), ("createContact", "lastName")}
    parts_of_a_form = {("rawRequest", name) for name in ("formData", "fileData", "fileDataFileNames")}
    for key, action in CONTRACT["actions"].items():
        for name, fact in action["inputs"].items():
            clears = fact["in"] == "body" and not fact["required"]
            clears = clears and (key, name) not in needed_for_one_kind | parts_of_a_form
            assert accepts(schema(key)["properties"][name], None) == clears, f"{key}.{name}"


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
    for name, field in schema(key)["properties"].items():
        assert {"title", "description", "type", "examples"} <= field.keys(), name
        assert field["description"].endswith(".")
        assert all(accepts(field, example) for example in field["examples"]), name
        assert "default" not in field or accepts(field, field["default"])


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_describes_its_fields_and_tolerates_others(kind: str) -> None:
    form = schema(f"records/{kind}")
    assert all({"description", "type"} <= field.keys() for field in form["properties"].values())
    assert accepts(form, {**form["examples"][0], "brand_new": 1})
    assert "enum" not in json.dumps(form)


@pytest.mark.parametrize("key", ENTRIES)
def test_picklists_exist_and_know_the_inputs_that_narrow_them(key: str) -> None:
    for part in picklists(schema(key)):
        source = schema(part["x-data-source"])
        assert part["x-data-source"] in REGISTER["dataSources"]
        assert accepts(source, part.get("x-data-source-inputs", {}))
        assert set(part.get("x-depends-on", [])) <= schema(key)["properties"].keys() & source["properties"].keys()


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
    ],
)
def test_pickers_are_bound_where_the_contract_binds_nothing(name: str, picklist: str) -> None:
    key, _, field = name.partition(".")
    assert schema(key)["properties"][field]["x-data-source"] == picklist


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
    ("listNotes", {"resourceType": "deal"}, False),
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
    ("listTasks", {"type": "floating", "resourceType": "lead", "resourceId": 1}, False),
    ("listTasks", {"type": "other"}, False),
    ("listTasks", {"resourceId": 1}, False),
    # numbers, money, dates and choices
    ("createDeal", DEAL, True),
    ("createDeal", {**DEAL, "value": "5000.00", "customizedWinLikelihood": 0}, True),
    ("createDeal", {**DEAL, "customizedWinLikelihood": 100, "estimatedCloseDate": "2026-06-30"}, True),
    ("createDeal", {"name": "Big"}, False),
    ("createDeal", {**DEAL, "name": None}, False),
    ("createDeal", {**DEAL, "value": 12.5}, False),
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
    ("getStream", {"resource": "../v2/contacts"}, False),
    ("getStream", {}, False),
    ("getDealsStream", {"position": "tail", "limit": 100}, True),
    ("getDealsStream", {"limit": 101}, False),
    ("getDealsStream", {"position": ""}, False),
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
    assert accepts(schema(key), inputs) == valid
    assert Draft202012Validator(schema(key), format_checker=FormatChecker()).is_valid(inputs) == valid


@pytest.mark.parametrize("moment", ["2026-06-30", "30 June", "2026-06-30T10:00:00"])
@pytest.mark.parametrize("name", ["dueDate", "remindAt"])
def test_a_moment_has_a_date_a_time_and_a_zone(name: str, moment: str) -> None:
    task = {"content": "Call", name: moment}
    assert not accepts(schema("createTask"), task)
    assert accepts(schema("createTask"), {**task, name: "2026-06-30T10:00:00Z"})


@pytest.mark.parametrize(
    ("key", "inputs", "words"),
    [
        ("createContact", {**PERSON, "name": "John Doe"}, "set Is Organization to true"),
        ("createContact", {**ORGANIZATION, "contactId": 7}, "nor a contact ID"),
        ("updateContact", {"id": 1, "lastName": "Doe", "parentOrganizationId": 7}, "a person"),
        ("upsertContact", {**MATCH, **PERSON, "parentOrganizationId": 7}, "nor a parent organization"),
        ("listTasks", {"type": "floating", "resourceType": "lead", "resourceId": 1}, "attached to no record"),
        ("rawRequest", {**FORM, "data": "x", "formData": {"a": "b"}}, "one body"),
    ],
)
def test_a_rule_that_excludes_inputs_says_why(key: str, inputs: dict[str, Any], words: str) -> None:
    faults = Draft202012Validator(schema(key)).iter_errors(inputs)
    assert [words in fault.schema["description"] for fault in faults if fault.validator == "not"] == [True]
