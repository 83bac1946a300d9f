"""Every action on the wire, held against the contract: what it sends, and in which words.

What a request must look like is worked out here from ``contract.json`` alone, not by the code under test.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.outreach.jsonapi import check_document

from sales_connectors import invoke
from sales_connectors.manifest import load_component
from sales_connectors.manifest.describe import describe_component

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
ACTIONS = CONTRACT["actions"]
COMPONENT = load_component("outreach")
DESCRIBED = {entry["key"]: entry for entry in describe_component(COMPONENT)["actions"]}
CONNECTION = {"token": {"access_token": "secret"}}
REQUESTS = {key: action["request"] for key, action in ACTIONS.items() if key not in ("rawRequest", "executeLink")}
METHODS = {"read": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}


def full(key: str) -> dict[str, Any]:
    """A form with every input filled in that the contract has; of the actions of a task, what one of them takes."""
    if key == "setTaskAction":
        return {"taskId": 7, "action": "snooze", "dueAt": "2026-07-01T10:00:00Z", "markAsUrgent": True}
    properties = COMPONENT.form(key).properties
    return {name: properties[name]["examples"][0] for name in ACTIONS[key]["inputs"]}


def filled() -> Iterator[Any]:
    for key in REQUESTS:
        for number, example in enumerate(COMPONENT.form(key).schema["examples"], 1):
            yield pytest.param(key, example, id=f"{key}-example {number}")
        yield pytest.param(key, full(key), id=f"{key}-full")


class Expected:
    """The request that the contract maps some inputs to."""

    def __init__(self, key: str, values: dict[str, Any]) -> None:
        action = ACTIONS[key]
        self.method, path = REQUESTS[key].split()
        self.query: dict[str, str] = {}
        self.attributes: dict[str, Any] = {}
        self.relationships: dict[str, Any] = {}
        defaults = {"pageSize": 50} if key.startswith("list") else {}
        for name, value in {**defaults, **values}.items():
            fact = action["inputs"].get(name, {"in": "extra", "name": name})
            if fact["in"] == "path":
                path = path.replace("{id}" if fact["name"] == "id" else "{action}", str(value))
            getattr(self, f"_{fact['in']}")(fact, value, values)
        self.path = f"/api/v2{path}"
        if key.startswith("list"):
            newest = {"listProspects": "-updatedAt", "listTasks": "-updatedAt", "listAudits": "-timestamp"}
            self.query = {"count": "true", **({"sort": newest[key]} if key in newest else {}), **self.query}
        self.document = {"type": action["type"], **({"id": self.number} if self.method == "PATCH" else {})}
        parts = {"attributes": self.attributes, "relationships": self.relationships}
        self.document |= {name: part for name, part in parts.items() if part}
        self.has_document = self.method in ("POST", "PATCH") and not key.startswith("set")

    def _path(self, fact: dict[str, Any], value: Any, values: dict[str, Any]) -> None:
        if fact["name"] == "id":
            self.number = value

    def _query(self, fact: dict[str, Any], value: Any, values: dict[str, Any]) -> None:
        if fact.get("encoding") == "filter_list":
            for each in value:
                parameter = "filter" + "".join(f"[{part}]" for part in each["field"].split("."))
                criteria = each["criteria"]
                self.query[parameter] = ",".join(criteria) if isinstance(criteria, list) else criteria
        elif fact.get("encoding") == "sort_object":
            self.query["sort"] = ("-" if value.get("sort_direction") == "desc" else "") + value["sort_by"]
        else:
            text = ",".join(value) if isinstance(value, list) else str(value)
            self.query[fact["name"]] = text.lower() if isinstance(value, bool) else text

    def _extra(self, fact: dict[str, Any], value: Any, values: dict[str, Any]) -> None:
        names = {"include": "include", "q": "filter[q]"}
        self.query[names[fact["name"]]] = ",".join(value) if isinstance(value, list) else value

    def _attribute(self, fact: dict[str, Any], value: Any, values: dict[str, Any]) -> None:
        self.attributes |= value if fact.get("encoding") == "merge_attributes" else {fact["name"]: value}

    def _relationship(self, fact: dict[str, Any], value: Any, values: dict[str, Any]) -> None:
        if fact.get("part") != "type":
            kind = values["subjectType"] if fact.get("part") else fact["to_type"]
            self.relationships[fact["name"]] = {"data": None if value is None else {"type": kind, "id": value}}


@pytest.mark.parametrize(("key", "inputs"), [*filled()])
def test_an_action_sends_what_the_contract_says(key: str, inputs: dict[str, Any], service: Any) -> None:
    expected = Expected(key, inputs)
    service.wire.add(expected.method, f"https://api.outreach.io{expected.path}", json={"data": {"id": 1}})
    if key.startswith("list"):
        service.wire.replace("GET", f"https://api.outreach.io{expected.path}", json={"data": [], "links": {}})

    invoke("outreach", key, inputs, CONNECTION, {})

    (sent,) = service.sent
    address = urlsplit(sent.url)
    assert (sent.method, address.path) == (expected.method, expected.path)
    assert dict(parse_qsl(address.query, keep_blank_values=True)) == expected.query
    assert sent.headers["Content-Type"] == sent.headers["Accept"] == "application/vnd.api+json"
    assert (json.loads(sent.body) if sent.body else None) == (
        {"data": expected.document} if expected.has_document else None
    )
    if expected.has_document:
        check_document({"data": {"id": 1, **json.loads(sent.body)["data"]}})  # who creates has no id yet


def test_every_action_and_data_source_of_the_contract_is_there() -> None:
    assert ACTIONS.keys() <= COMPONENT.actions.keys()
    assert CONTRACT["dataSources"].keys() <= COMPONENT.data_sources.keys()
    assert (len(ACTIONS), len(CONTRACT["dataSources"])) == (84, 15)


@pytest.mark.parametrize("key", ACTIONS)
def test_a_form_says_of_its_inputs_what_the_contract_does(key: str) -> None:
    schema = DESCRIBED[key]["input"]
    assert DESCRIBED[key]["label"] == ACTIONS[key]["title"]
    facts = ACTIONS[key]["inputs"]
    assert {name for name in schema.get("required", ()) if name in facts} == {
        name for name, fact in facts.items() if fact.get("required")
    }
    for name, fact in facts.items():
        spec = schema["properties"][name]
        if "data_source" in fact:
            assert spec["x-data-source"] == fact["data_source"]
        if fact.get("enum"):
            listed = spec.get("enum", spec.get("x-suggestions"))
            assert [value for value in listed if value is not None] == fact["enum"]
            # what the vendor's texts call otherwise is offered, and everything is let through
            assert ("enum" in spec) == fact.get("enum_enforced", "x-suggestions" not in spec)


@pytest.mark.parametrize("key", REQUESTS)
def test_an_action_says_which_scope_it_takes_and_what_it_does(key: str) -> None:
    effect, scope = DESCRIBED[key]["effect"], ACTIONS[key]["scope"]
    assert DESCRIBED[key]["scopes"] == ["auditLogs.read" if key == "listAudits" else scope]
    assert effect == "any" or METHODS[effect] == REQUESTS[key].split()[0]
    assert effect != "any" or key.startswith("set")  # to do it twice is not to do it once
    level = {"read": "read", "delete": "delete"}.get(effect, "write")
    assert re.fullmatch(rf"\w+\.{level}", DESCRIBED[key]["scopes"][0])


def test_the_scopes_that_are_asked_for_by_default_are_those_that_the_actions_take() -> None:
    asked = COMPONENT.form("oauth2").defaults["scopes"].split()
    taken = {scope for entry in COMPONENT.actions.values() for scope in entry.scopes}
    granted = {scope for scope in taken if scope in asked or f"{scope.partition('.')[0]}.all" in asked}
    assert granted == taken
    assert {scope.partition(".")[0] for scope in asked} == {scope.partition(".")[0] for scope in taken}
