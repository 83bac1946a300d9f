"""Actions that act: each takes its own inputs and no others, as the contract lists them."""

import json
from pathlib import Path
from typing import Any

import pytest

from sales_connectors.errors import InvalidInput

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))
MATRIX: dict[str, dict[str, list[str]]] = CONTRACT["taskActions"]
VALUES: dict[str, Any] = {
    "completionNote": "Wants a demo.",
    "completionAction": "finish_replied",
    "ownerId": 4,
    "dueAt": "2026-07-01T10:00:00Z",
    "markAsUrgent": True,
    "note": "Call back.",
    "opportunityAssociation": "noop",
    "taskDispositionId": 5,
    "taskPurposeId": 6,
}


def own(action: str) -> list[str]:
    return MATRIX[action]["required"] + MATRIX[action]["optional"]


@pytest.mark.parametrize("action", MATRIX)
def test_an_action_of_a_task_travels_with_its_inputs_in_the_query(service: Any, action: str) -> None:
    service.answers("POST", f"/tasks/7/actions/{action}", {"data": {"type": "task", "id": 7}})

    service.outreach.setTaskAction(taskId=7, action=action, **{name: VALUES[name] for name in own(action)})

    written = {True: "true"}
    assert service.query == {
        f"actionParams[{name}]": written.get(VALUES[name], str(VALUES[name])) for name in own(action)
    }
    assert service.last.body is None


@pytest.mark.parametrize(("action", "foreign"), [(a, n) for a in MATRIX for n in VALUES if n not in own(a)])
def test_an_input_of_another_action_is_refused_and_says_what_this_one_takes(
    service: Any, action: str, foreign: str
) -> None:
    inputs = {name: VALUES[name] for name in MATRIX[action]["required"]}
    with pytest.raises(InvalidInput) as raised:
        service.outreach.setTaskAction(taskId=7, action=action, **inputs, **{foreign: VALUES[foreign]})
    (fault,) = raised.value.fields
    assert fault["path"] == f"/{foreign}"
    assert fault["others"] == ["action"]
    assert "takes" in fault["message"]
    assert service.sent == []


@pytest.mark.parametrize("action", [action for action, inputs in MATRIX.items() if inputs["required"]])
def test_an_action_without_what_it_needs_is_refused(service: Any, action: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        service.outreach.setTaskAction(taskId=7, action=action)
    assert [fault["path"] for fault in raised.value.fields] == [f"/{name}" for name in MATRIX[action]["required"]]


def test_any_word_goes_on_with_the_sequence(service: Any) -> None:
    service.answers("POST", "/tasks/7/actions/markComplete", {"data": {"type": "task", "id": 7}})
    service.outreach.setTaskAction(taskId=7, action="markComplete", completionAction="advance")
    assert service.query == {"actionParams[completionAction]": "advance"}


def test_an_action_that_may_have_been_done_is_not_done_twice(service: Any) -> None:
    service.refuses("POST", "/tasks/7/actions/advance", 504)
    with pytest.raises(Exception, match="Nobody knows"):
        service.outreach.setTaskAction(taskId=7, action="advance")
    assert len(service.sent) == 1


@pytest.mark.parametrize("action", ["finish", "pause", "resume"])
def test_a_prospect_is_paused_resumed_and_finished(service: Any, action: str) -> None:
    service.answers("POST", f"/sequenceStates/7/actions/{action}", {"data": {"type": "sequenceState", "id": 7}})
    service.outreach.setSequenceStateAction(sequenceStateId=7, action=action)
    assert (service.query, service.last.body) == ({}, None)


def test_what_does_not_fit_the_state_is_said_by_the_service(service: Any) -> None:
    error = {"id": "validationError", "title": "Validation Error", "detail": "A finished state cannot be resumed."}
    service.refuses("POST", "/sequenceStates/7/actions/resume", 422, error)
    with pytest.raises(InvalidInput, match="A finished state cannot be resumed"):
        service.outreach.setSequenceStateAction(sequenceStateId=7, action="resume")


def test_a_prospect_is_put_into_a_sequence_by_either_name(service: Any) -> None:
    service.answers("POST", "/sequenceStates", {"data": {"type": "sequenceState", "id": 7}}, status=201)
    for action in ("addProspectToSequence", "createSequenceState"):
        service.outreach.run(action, {"prospectId": 4, "sequenceId": "5", "mailboxId": 6})
        related = {"prospect": 4, "sequence": 5, "mailbox": 6}
        assert service.document == {
            "type": "sequenceState",
            "relationships": {name: {"data": {"type": name, "id": number}} for name, number in related.items()},
        }


# --- links and raw requests -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "sent"),
    [
        (
            "https://api.outreach.io/api/v2/prospects?page[size]=1&page[after]=a%3D",
            "/prospects?page[size]=1&page[after]=a%3D",
        ),
        ("/api/v2/prospects/7", "/prospects/7"),
    ],
)
def test_a_link_is_followed_as_it_is(service: Any, link: str, sent: str) -> None:
    service.answers("GET", sent.partition("?")[0], {"data": [], "links": {}})
    assert service.outreach.executeLink(link=link) == {"data": [], "links": {}}
    assert service.last.url == f"https://api.outreach.io/api/v2{sent}"


@pytest.mark.parametrize(
    "link", ["https://evil.example.com/api/v2/prospects", "//evil.example.com/x", "http://api.outreach.io/api/v2/users"]
)
def test_a_link_to_another_host_is_refused(service: Any, link: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        service.outreach.executeLink(link=link)
    assert [fault["path"] for fault in raised.value.fields] == ["/link"]
    assert service.sent == []


@pytest.mark.parametrize(
    "url",
    [
        "/prospects",
        "prospects",
        "/api/v2/prospects",
        {"endpoint": "/prospects"},
        {"full_url": "https://api.outreach.io/api/v2/prospects"},
    ],
)
def test_a_raw_request_goes_below_the_version_of_the_api(service: Any, url: Any) -> None:
    service.answers("GET", "/prospects", {"data": []})
    found = service.outreach.rawRequest(method="GET", url=url, queryParams={"filter[id]": "1,2"})
    assert found["response"]["status_code"] == 200
    assert found["response"]["body"] == {"data": []}
    assert service.query == {"filter[id]": "1,2"}


@pytest.mark.parametrize("body", [{"data": {"type": "stage"}}, {"raw": {"data": {"type": "stage"}}}])
def test_a_raw_body_is_of_the_media_type_of_the_api(service: Any, body: Any) -> None:
    service.answers("POST", "/stages", {"data": {}}, status=201)
    service.outreach.rawRequest(method="POST", url="/stages", data=body, includeRawBody=True)
    assert service.document == {"type": "stage"}
    assert service.last.headers["Content-Type"] == "application/vnd.api+json"


def test_a_raw_request_without_a_body_or_with_a_text(service: Any) -> None:
    service.answers("POST", "/stages", {"data": {}})
    service.outreach.rawRequest(method="POST", url="/stages", data={"none": None})
    assert service.last.body is None
    found = service.outreach.rawRequest(method="POST", url="/stages", data='{"data": 1}', responseType="text")
    assert service.document == 1
    assert found["response"]["body"] == '{"data": {}}'


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/x",
        {"full_url": "https://evil.example.com/x"},
        {},
        {"endpoint": "/a", "full_url": "/b"},
    ],
)
def test_a_raw_request_elsewhere_is_refused(service: Any, url: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        service.outreach.rawRequest(method="GET", url=url)
    assert all(fault["path"].startswith("/url") for fault in raised.value.fields)
    assert service.sent == []
