"""Every action against the sandbox, through the front door: once as documented, and refused by the service."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest
from tests.outreach.jsonapi import check_document
from tests.sandboxes import PassingClock, connecting

from sales_connectors import Connector, Runtime, manifest
from sales_connectors.errors import InvalidInput, NotAllowed, NotFound, SalesError
from sales_connectors.imitation import Box, running
from sales_connectors.manifest.output import build_output_schema

COMPONENT = manifest.load_component("outreach")
ACTIONS = COMPONENT.actions
NOBODY = 999_999_999
CHANGING = ("delete", "set", "add", "createComplianceRequest")
"""Actions after whose examples a sandbox is no longer what other examples need."""

Connect = Callable[..., Any]


SUCCESSES = [
    (key, example, f"{key}-{number}")
    for key in ACTIONS
    for number, example in enumerate(COMPONENT.form(key).schema["examples"], 1)
]
"""Every example of every form."""

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "createProspect": ({"firstName": "Mark", "accountId": NOBODY}, "/accountId"),
    "createAccount": ({"name": "Acme", "ownerId": NOBODY}, "/ownerId"),
    "updateAccount": ({"accountId": 1234, "ownerId": NOBODY}, "/ownerId"),
    "createOpportunityProspectRole": ({"opportunityId": NOBODY, "prospectId": 456}, "/opportunityId"),
    "createTask": ({"action": "call", "ownerId": 789, "subjectType": "account", "subjectId": NOBODY}, "/subjectId"),
    "createSequenceState": ({"prospectId": 456, "sequenceId": NOBODY}, "/sequenceId"),
    "addProspectToSequence": ({"prospectId": NOBODY, "sequenceId": 789}, "/prospectId"),
    "setTaskAction": ({"taskId": 12345, "action": "reassignOwner", "ownerId": NOBODY}, "/ownerId"),
}
"""Inputs that the service refuses, each with the input that it complains of."""
NOWHERE: dict[str, dict[str, Any]] = {
    "executeLink": {"link": "/api/v2/nothing"},
    "rawRequest": {"method": "GET", "url": "/nothing"},
}
WITHOUT_SCOPE = "a token without the scope that it takes"
NAMING = ("get", "update", "delete", "set")
"""Actions that name a record, which may not be there."""


def list_refusals() -> dict[str, tuple[dict[str, Any], type[SalesError], str]]:
    """Of every action how the service refuses it: the inputs, the error, and the input that it is about."""
    refusals: dict[str, tuple[dict[str, Any], type[SalesError], str]] = {}
    for key in ACTIONS:
        form = COMPONENT.form(key)
        example = form.schema["examples"][0]
        if key in FAULTS:
            refusals[key] = (FAULTS[key][0], InvalidInput, FAULTS[key][1])
        elif key in NOWHERE or key.startswith(NAMING):
            refusals[key] = (NOWHERE.get(key) or {**example, next(iter(form.properties)): NOBODY}, NotFound, "")
        else:
            refusals[key] = (example, NotAllowed, WITHOUT_SCOPE)
    return refusals


REFUSALS = list_refusals()


def test_no_action_is_left_out() -> None:
    assert {key for key, _, _ in SUCCESSES} == set(REFUSALS) == set(ACTIONS)
    assert len(ACTIONS) == 84


@pytest.fixture(scope="module")
def shared() -> Iterator[Box]:
    with running("outreach", rate=0) as box:
        yield box


@pytest.fixture
def connected() -> Iterator[Connect]:
    with connecting("outreach", Runtime(clock=PassingClock(), random=lambda: 0.0), name="ours") as to:
        yield to


@pytest.fixture
def place(request: pytest.FixtureRequest, shared: Box) -> Iterator[Box]:
    """The module's sandbox, or one of the test's own for what changes what others need."""
    if request.node.callspec.params["key"].startswith(CHANGING):
        with running("outreach", rate=0) as box:
            yield box
    else:
        yield shared


@pytest.fixture
def outreach(shared: Box, connected: Connect) -> Connector:
    made: Connector = connected(shared)
    return made


@pytest.mark.parametrize(("key", "inputs"), [pytest.param(*case, id=name) for *case, name in SUCCESSES])
def test_every_example_works_with_the_scopes_that_the_action_names(
    key: str, inputs: Any, place: Box, connected: Connect
) -> None:
    scopes = [*ACTIONS[key].scopes, *(["accounts.read"] if "include" in inputs else [])] or ["prospects.read"]
    scopes += ["prospects.read"] if key == "listSequenceStates" else []
    outreach = connected(place, token=place.token(scope=" ".join(scopes)))

    if key == "executeLink":  # whose example leads to the vendor
        inputs = {"link": inputs["link"].replace("https://api.outreach.io", place.url)}

    found = outreach.run(key, inputs)

    if key == "rawRequest":
        found = found["response"]["body"]
    elif isinstance(found, dict):
        jsonschema.validate(found, build_output_schema(COMPONENT, ACTIONS[key]))
    if found is not None:
        check_document(found, sparse="fields" in inputs)


@pytest.mark.parametrize("key", [key for key, entry in ACTIONS.items() if entry.scopes])
def test_every_action_is_refused_without_its_scope(key: str, shared: Box, connected: Connect) -> None:
    other = "stages.read" if key.endswith(("User", "Users")) else "users.read"
    outreach = connected(shared, token=shared.token(scope=other))
    with pytest.raises(NotAllowed) as raised:
        outreach.run(key, COMPONENT.form(key).schema["examples"][0])
    assert raised.value.code == "unauthorizedOauthScope"
    assert ACTIONS[key].scopes[0] in raised.value.message


@pytest.mark.parametrize("key", ACTIONS)
def test_every_action_is_refused_by_the_service(key: str, shared: Box, connected: Connect) -> None:
    inputs, error, where = REFUSALS[key]
    token = shared.token(scope="profiles.read") if where == WITHOUT_SCOPE else None
    with pytest.raises(error) as raised:
        connected(shared, token=token).run(key, inputs)
    assert raised.value.status is not None, "the refusal should be the service's own"
    if where.startswith("/"):
        assert [fault["path"] for fault in raised.value.fields] == [where]
        assert raised.value.status == 422
    elif error is NotFound:
        assert raised.value.code == "resourceNotFound"


def test_an_address_belongs_to_one_prospect(outreach: Any) -> None:
    outreach.createProspect(emails=["twice@example.com"])
    with pytest.raises(InvalidInput) as raised:
        outreach.createProspect(emails=["twice@example.com"])
    assert raised.value.fields[0]["path"].startswith("/emails")


def test_a_prospect_goes_through_a_sequence(outreach: Any) -> None:
    prospect = outreach.createProspect(firstName="Zoe", emails=["zoe@sequence.example.com"])["data"]
    state = outreach.addProspectToSequence(prospectId=prospect["id"], sequenceId=789, mailboxId=123)["data"]

    def act(action: str) -> str:
        done = outreach.setSequenceStateAction(sequenceStateId=state["id"], action=action)["data"]
        return str(done["attributes"]["state"])

    assert [act(action) for action in ("pause", "resume", "finish")] == ["paused", "active", "finished"]
    with pytest.raises(InvalidInput):
        act("resume")  # a finished sequence state does not resume
    with pytest.raises(InvalidInput, match="locked"):
        outreach.addProspectToSequence(prospectId=prospect["id"], sequenceId=901, mailboxId=123)


def test_a_name_with_a_comma_is_one_value(outreach: Any) -> None:
    found = outreach.listAccounts(filters=[{"field": "name", "criteria": "Acme, Inc."}])["data"]
    assert [account["attributes"]["name"] for account in found] == ["Acme, Inc."]
    either = ["Acme, Inc.", "Acme Corporation"]
    found = outreach.listAccounts(filters=[{"field": "name", "criteria": either}])["data"]
    assert sorted(account["attributes"]["name"] for account in found) == sorted(either)


def test_a_range_and_an_empty_field_are_found(outreach: Any) -> None:
    found = outreach.listUsers(filters=[{"field": "id", "criteria": {"gte": "101", "lte": "456"}}], fetchAll=True)[
        "data"
    ]
    assert [user["id"] for user in found] == [101, 102, 120, 456]
    assert outreach.listAccounts(filters=[{"field": "domain", "criteria": "__null__"}], fetchAll=True)["data"] == []


def test_custom_fields_are_written_by_label_and_read_by_number(outreach: Any) -> None:
    made = outreach.createProspect(firstName="Custom", customFields={"favourite colour": "green"})["data"]
    assert made["attributes"]["custom2"] == "green"
    cleared = outreach.updateProspect(prospectId=made["id"], customFields={"custom2": None})["data"]
    assert cleared["attributes"]["custom2"] is None
    with pytest.raises(InvalidInput, match="Did you mean 'Favourite Colour'"):
        outreach.createProspect(firstName="Custom", customFields={"Favorite Color": "green"})


def test_null_clears_a_relationship(outreach: Any) -> None:
    made = outreach.createProspect(firstName="Null", accountId=1234)["data"]
    assert made["relationships"]["account"]["data"] == {"type": "account", "id": 1234}
    cleared = outreach.updateProspect(prospectId=made["id"], accountId=None)["data"]
    assert cleared["relationships"]["account"]["data"] is None


def test_every_record_is_walked_once_whatever_the_size_of_a_page(outreach: Any) -> None:
    whole = outreach.listEvents(fetchAll=True)["data"]
    one_by_one = list(outreach.iterate("listEvents"))
    assert [event["id"] for event in whole] == [event["id"] for event in one_by_one]
    assert len({event["id"] for event in whole}) == outreach.listEvents(pageSize=1)["meta"]["count"]
    first = outreach.listEvents(pageSize=3)
    second = outreach.executeLink(link=first["links"]["next"])
    assert [event["id"] for event in first["data"] + second["data"]] == [event["id"] for event in whole[:6]]


def test_a_walk_starts_behind_the_cursor_that_is_given(outreach: Any) -> None:
    asked = {"sort": {"sort_by": "createdAt", "sort_direction": "asc"}, "pageSize": 2}
    page = outreach.listEvents(**asked)
    cursor = dict(parse_qsl(urlsplit(page["links"]["next"]).query))["page[after]"]
    ids = [event["id"] for event in outreach.iterate("listEvents", sort=asked["sort"])]
    assert [event["id"] for event in outreach.iterate("listEvents", cursor=cursor, **asked)] == ids[2:]
    assert [event["id"] for event in outreach.iterate("listEvents", cursor=cursor, fetchAll=True, **asked)] == ids


@pytest.mark.parametrize("source", COMPONENT.data_sources)
def test_every_picklist_offers_what_there_is(source: str, outreach: Any) -> None:
    form = COMPONENT.form(source)
    needed = {name: form.schema["examples"][0][name] for name in form.schema.get("required", ())}
    found = outreach.pick(source, **needed)["result"]
    assert found
    assert len({option["key"] for option in found}) == len(found)
    labelled = outreach.pick(source, ids=[option["key"] for option in found[:2]], **needed)
    assert labelled["result"] == found[:2]


@pytest.mark.parametrize(
    ("source", "narrow"),
    [
        ("selectPhoneNumber", {"prospectId": 12345}),
        ("selectSequenceStep", {"sequenceId": 78901}),
        ("selectSequenceState", {"prospectId": 12345}),
    ],
)
def test_a_narrowed_picklist_offers_a_part(source: str, narrow: Any, outreach: Any) -> None:
    part, whole = outreach.pick(source, **narrow)["result"], outreach.pick(source)["result"]
    assert 0 < len(part) < len(whole)
    assert {option["key"] for option in part} < {option["key"] for option in whole}


def test_a_server_works_in_nobodys_name(shared: Box, connected: Connect) -> None:
    server = Runtime(clock=PassingClock(), random=lambda: 0.0)
    connection = shared.connect("s2s")
    assert server.invoke("outreach", "listProspects", {"pageSize": 1}, connection)["data"]["data"]
    assert server.whoami("outreach", connection)["data"]["type"] == "org"
    with pytest.raises(NotAllowed):
        server.invoke("outreach", "listStages", {}, connection)


@pytest.mark.parametrize("form", ["date", "iso", "unix", "1"])
def test_a_list_survives_maintenance_in_whatever_words_it_is_told(form: str, shared: Box, connected: Connect) -> None:
    shared.misbehave(f"status=503 retry_after={form} times=2")
    assert connected(shared).listStages(fetchAll=True)["data"]
