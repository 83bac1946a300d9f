"""Every action on the wire, held against the contract: what it sends, what it returns, and what it refuses to send.

What a request must look like is worked out here from ``contract.json`` alone, not by the code under test.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sales_connectors import invoke, manifest
from sales_connectors.errors import InvalidInput

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))["actions"]
COMPONENT = manifest.load_component("zendesk-sell")
ACTIONS = [key for key in CONTRACT if key != "rawRequest"]

CUSTOM_FIELDS = {"known_via": "tom", "Employees": 273, "Newsletter": False, "Interests": ["Golf", "Music"]}
CUSTOM_FILTERS = {"known_via": "tom", "Employees": 273, "Newsletter": False}
PERSON = {"isOrganization": False, "name": None, "parentOrganizationId": None}
ORGANIZATION = {"isOrganization": True, "firstName": None, "lastName": None, "contactId": None}
KINDS = {"a person": PERSON, "an organization": ORGANIZATION}


def form(key: str) -> dict[str, Any]:
    return COMPONENT.form(key).schema


def without(values: dict[str, Any], replaced: dict[str, Any]) -> dict[str, Any]:
    """Values with some of them replaced; None takes one out."""
    known = {name: value for name, value in replaced.items() if name in values}
    return {name: value for name, value in {**values, **known}.items() if value is not None}


def full(key: str) -> dict[str, Any]:
    """A form with every input filled in."""
    values = {name: spec["examples"][0] for name, spec in form(key)["properties"].items() if name != "fetchAll"}
    if "customFields" in values:
        values["customFields"] = CUSTOM_FILTERS if key.startswith("list") else CUSTOM_FIELDS
    return values


def filled() -> Iterator[Any]:
    """Each action with its examples and with full forms: of contacts there are two kinds, which exclude one another."""
    for key in ACTIONS:
        for number, example in enumerate(form(key)["examples"], 1):
            yield pytest.param(key, example, id=f"{key}-example {number}")
        kinds = KINDS if key in ("createContact", "updateContact", "upsertContact") else {"full": {}}
        for kind, replaced in kinds.items():
            yield pytest.param(key, without(full(key), replaced), id=f"{key}-{kind}")


# --- what the contract says that goes out ---------------------------------------------------------------------------


class Expected:
    """The request that the contract maps some inputs to."""

    def __init__(self, key: str, values: dict[str, Any]) -> None:
        action = CONTRACT[key]
        self.method, self.path = action["method"], action["path"]
        self.query: dict[str, str] = {}
        self.record: dict[str, Any] = {}
        for name, spec in action["inputs"].items():
            value = values.get(name, spec.get("default"))  # a default is sent
            if name in values or value is not None:
                getattr(self, f"_{spec['in']}")(spec["field"], value)

    @property
    def body(self) -> Any:
        return {"data": self.record} if self.method in ("POST", "PUT") else None

    def _none(self, field: str, value: Any) -> None:
        """Not part of the request."""

    def _path(self, field: str, value: Any) -> None:
        assert f"{{{field}}}" in self.path
        self.path = self.path.replace(f"{{{field}}}", str(value))

    def _query(self, field: str, value: Any) -> None:
        if "<key" in field:
            self.query |= {re.sub("<key.*?>", key, field): text_of(item) for key, item in value.items()}
        else:
            self.query[field] = text_of(value)

    def _body(self, field: str, value: Any) -> None:
        *outer, last = field.removesuffix(".<key>").split(".")
        place = self.record
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value


def text_of(value: Any) -> str:
    """A value in a query."""
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    return json.dumps(value) if isinstance(value, bool) else str(value)


def as_a_form_sends_it(values: dict[str, Any]) -> dict[str, Any]:
    """Text, lists with commas, and pairs of key and value, with space around some of it."""
    return {name: typed_in(name, value) for name, value in values.items()}


def typed_in(name: str, value: Any) -> Any:
    if name in ("customFields", "filterableCustomFields"):
        return [{"key": key, "value": item} for key, item in value.items()]
    if isinstance(value, dict):
        return json.dumps(value)
    return value if value is None else f" {text_of(value)} "


# --- sending --------------------------------------------------------------------------------------------------------


def answer(service: Any, key: str, path: str) -> Any:
    """Let the service answer as it does, and say what the action must return."""
    method = CONTRACT[key]["method"]
    if method == "DELETE":
        service.answers(method, path, status=204)
        return None
    returns = COMPONENT.actions[key].returns
    one = {"data": {"id": 7, "name": "Whatever"}, "meta": {"type": "x", "version": 2}}
    many = {"items": [one, one], "meta": {"type": "collection", "count": 2, "links": {"self": "x", "next_page": "y"}}}
    service.answers(method, path, many if isinstance(returns, list) else one)
    return many if isinstance(returns, list) else one


@pytest.mark.parametrize("style", ["typed", "as a form sends it"])
@pytest.mark.parametrize(("key", "values"), [*filled()])
def test_an_action_sends_what_the_contract_says_and_nothing_else(
    service: Any, key: str, values: dict[str, Any], style: str
) -> None:
    expected = Expected(key, values)
    returned = answer(service, key, expected.path)

    result = invoke("zendesk-sell", key, values if style == "typed" else as_a_form_sends_it(values), service.connection)

    assert result == {"data": returned}
    (sent,) = service.sent
    url = urlsplit(sent.url)
    assert (sent.method, url.path) == (expected.method, expected.path)
    assert dict(parse_qsl(url.query, strict_parsing=bool(url.query))) == expected.query
    assert len(parse_qsl(url.query)) == len(expected.query)
    assert (json.loads(sent.body) if sent.body else None) == expected.body
    assert sent.headers["Authorization"] == "Bearer token-of-the-test"
    assert sent.headers["User-Agent"].startswith("sales-connectors/")
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers.get("Content-Type") == ("application/json" if expected.body else None)


UPDATES = ["updateContact", "updateLead", "updateDeal", "updateNote", "updateTask"]
NEVER_WITHOUT = {"organizationName": None}  # a lead keeps one of its two names
UPDATED = [(key, kind) for key in UPDATES for kind in (KINDS if key == "updateContact" else ["full"])]


@pytest.mark.parametrize(("key", "kind"), UPDATED)
def test_null_is_sent_for_every_optional_input_of_an_update(service: Any, key: str, kind: str) -> None:
    left_out = [name for name, value in KINDS.get(kind, NEVER_WITHOUT).items() if value is None]
    optional = {name for name, spec in CONTRACT[key]["inputs"].items() if spec["in"] == "body" and name not in left_out}
    values = {"id": 7, **dict.fromkeys(optional)}
    service.answers("PUT", Expected(key, values).path, {"data": {}, "meta": {}})

    invoke("zendesk-sell", key, values, service.connection)

    sent = json.loads(service.last.body)["data"]
    assert sent == Expected(key, values).record
    assert set(sent.values()) == {None}
    assert len(sent) == len(optional)


@pytest.mark.parametrize("key", UPDATES)
def test_empty_text_is_not_sent(service: Any, key: str) -> None:
    values = {name: " " for name, spec in CONTRACT[key]["inputs"].items() if spec["in"] == "body"}
    service.answers("PUT", Expected(key, {"id": 7}).path, {"data": {}, "meta": {}})

    invoke("zendesk-sell", key, {"id": 7, **values}, service.connection)

    assert json.loads(service.last.body) == {"data": {}}


# --- refusing: nothing is sent --------------------------------------------------------------------------------------


def refused(service: Any, key: str, values: dict[str, Any]) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        invoke("zendesk-sell", key, values, service.connection)
    assert service.sent == []
    assert (refusal.value.component, refusal.value.action) == ("zendesk-sell", key)
    assert not refusal.value.retryable
    return refusal.value


def paths(error: InvalidInput) -> list[str]:
    return [fault["path"] for fault in error.fields]


@pytest.mark.parametrize("key", ACTIONS)
def test_null_is_no_value_for_a_path_or_a_query(service: Any, key: str) -> None:
    for name, spec in CONTRACT[key]["inputs"].items():
        if spec["in"] in ("path", "query"):
            assert f"/{name}" in paths(refused(service, key, {**form(key)["examples"][0], name: None})), name


def test_all_faults_are_told_at_once(service: Any) -> None:
    values = {"customizedWinLikelihood": 101, "hot": "perhaps", "estimatedCloseDate": "30.6.2024", "value": "5,000.00"}

    error = refused(service, "createDeal", values)

    assert sorted(paths(error)) == sorted(["/name", "/contactId", *(f"/{name}" for name in values)])
