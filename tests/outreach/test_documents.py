"""Flat inputs as documents of JSON:API, and what the service says about a document, put to the inputs."""

from typing import Any

import pytest

from sales_connectors.errors import InvalidInput, NotAllowed, NotAuthenticated, RateLimited, Unavailable

TYPES = {
    "data": [
        {"type": "Account", "meta": {"validations": {"custom1": {"type": "string", "label": "Segment"}}}},
        {
            "type": "Prospect",
            "meta": {
                "validations": {
                    "custom1": {"type": "string", "label": "Lead source"},
                    "custom2": {"type": "boolean", "label": "Opted in by phone"},
                    "custom3": {"type": "string", "label": "Region"},
                    "custom4": {"type": "string", "label": "region"},
                    "custom5": {"type": "string"},
                }
            },
        },
    ]
}


def refusal(call: Any, *arguments: Any, **inputs: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as raised:
        call(*arguments, **inputs)
    return raised.value


# --- relationships ----------------------------------------------------------------------------------


def test_null_clears_a_relationship_and_an_attribute(service: Any) -> None:
    service.answers("PATCH", "/prospects/7", {"data": {"type": "prospect", "id": 7}})

    service.outreach.updateProspect(prospectId=7, ownerId=None, title=None, accountId="12")

    assert service.document == {
        "type": "prospect",
        "id": 7,
        "attributes": {"title": None},
        "relationships": {"owner": {"data": None}, "account": {"data": {"type": "account", "id": 12}}},
    }


def test_an_attribute_that_ends_in_id_is_no_relationship(service: Any) -> None:
    service.answers("POST", "/prospects", {"data": {"type": "prospect", "id": 7}}, status=201)

    service.outreach.createProspect(externalId="crm-7", stackOverflowId="5", sharingTeamId="9", linkedInId="x")

    sent = {"externalId": "crm-7", "stackOverflowId": "5", "sharingTeamId": "9", "linkedInId": "x"}
    assert service.document == {"type": "prospect", "attributes": sent}


@pytest.mark.parametrize("kind", ["account", "opportunity", "prospect"])
def test_what_a_task_is_about_is_of_the_type_that_is_said(service: Any, kind: str) -> None:
    service.answers("POST", "/tasks", {"data": {"type": "task", "id": 7}}, status=201)

    service.outreach.createTask(action="call", ownerId=1, subjectType=kind, subjectId=5)

    assert service.document["relationships"] == {
        "owner": {"data": {"type": "user", "id": 1}},
        "subject": {"data": {"type": kind, "id": 5}},
    }
    assert service.document["attributes"] == {"action": "call"}


@pytest.mark.parametrize(
    ("inputs", "path"), [({"subjectId": 5}, "/subjectType"), ({"subjectType": "account"}, "/subjectId")]
)
def test_the_type_and_the_id_of_what_a_task_is_about_go_together(service: Any, inputs: Any, path: str) -> None:
    assert [fault["path"] for fault in refusal(service.outreach.updateTask, taskId=7, **inputs).fields] == [path]


@pytest.mark.parametrize("wrong", ["b3b0c1d2", 0, -4, 1.5, 2**53, {"type": "account", "id": 4}])
def test_an_id_that_is_none_is_refused(service: Any, wrong: Any) -> None:
    assert [fault["path"] for fault in refusal(service.outreach.createProspect, ownerId=wrong).fields] == ["/ownerId"]


def test_an_update_of_nothing_is_refused(service: Any) -> None:
    givens: tuple[dict[str, Any], ...] = ({}, {"customFields": {}}, {"firstName": " "})
    for inputs in givens:
        assert (
            "give an input besides prospectId"
            in refusal(service.outreach.updateProspect, prospectId=7, **inputs).message
        )


def test_the_record_in_an_update_of_a_role_is_the_role(service: Any) -> None:
    service.answers("PATCH", "/opportunityProspectRoles/9", {"data": {"type": "opportunityProspectRole", "id": 9}})

    service.outreach.updateOpportunityProspectRole(prospectRoleId=9, prospectId=4)

    related = {"prospect": {"data": {"type": "prospect", "id": 4}}}
    assert service.document == {"type": "opportunityProspectRole", "id": 9, "relationships": related}


# --- custom fields ----------------------------------------------------------------------------------


def test_custom_fields_go_by_number_and_are_text(service: Any) -> None:
    service.answers("POST", "/accounts", {"data": {"type": "account", "id": 7}}, status=201)

    fields = {"custom1": "a", "custom150": 12, "custom9": True, "custom10": None}
    service.outreach.createAccount(name="Acme", customFields=fields)

    sent = {"name": "Acme", "custom1": "a", "custom150": "12", "custom9": "true", "custom10": None}
    assert service.document["attributes"] == sent
    assert len(service.sent) == 1


def test_custom_fields_go_by_the_labels_of_the_account(service: Any) -> None:
    service.answers("GET", "/types", TYPES)
    service.answers("PATCH", "/prospects/7", {"data": {"type": "prospect", "id": 7}})

    fields = {"LEAD SOURCE": "Website", "Opted in by phone": False, "custom5": "x"}
    service.outreach.updateProspect(prospectId=7, customFields=fields)

    assert service.document["attributes"] == {"custom1": "Website", "custom2": "false", "custom5": "x"}


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Lead sorce", "is no custom field of the account. Did you mean 'Lead source'?"),
        ("Segment", "is no custom field of the account"),
        ("Region", "is the label of custom3 and custom4: give one of these names"),
    ],
)
def test_a_label_that_is_not_known_once_is_refused_with_the_nearest(service: Any, label: str, words: str) -> None:
    service.answers("GET", "/types", TYPES)

    refused = refusal(service.outreach.createProspect, firstName="Mark", customFields={label: "x"})

    assert [(fault["path"], fault["message"]) for fault in refused.fields] == [(f"/customFields/{label}", words)]
    assert [request.method for request in service.sent] == ["GET"]


def test_a_field_by_number_and_by_label_at_once_is_refused(service: Any) -> None:
    service.answers("GET", "/types", TYPES)
    fields = {"custom1": "a", "Lead source": "b"}
    refused = refusal(service.outreach.createProspect, customFields=fields)
    assert refused.fields[0]["message"] == "is custom1, which is given twice"


@pytest.mark.parametrize("name", ["custom0", "custom151", "custom01", "custom", " "])
def test_a_custom_field_that_cannot_be_is_refused_before_anything_is_sent(service: Any, name: str) -> None:
    if name == "custom":
        service.answers("GET", "/types", TYPES)  # a label like any other
    refused = refusal(service.outreach.createProspect, customFields={name: "x"})
    assert refused.fields[0]["path"].startswith("/customFields")
    assert name == "custom" or service.sent == []


# --- what the service says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/data/attributes/emails", "/emails"),
        ("/data/attributes/emails/0", "/emails"),
        ("/data/relationships/owner", "/ownerId"),
        ("/data/relationships/owner/data/id", "/ownerId"),
        ("/data/attributes/custom12", "/customFields/custom12"),
        ("/data", "/data"),
    ],
)
def test_a_complaint_is_put_to_its_input(service: Any, pointer: str, path: str) -> None:
    error = {"id": "validationError", "title": "Validation Error", "detail": "is taken", "source": {"pointer": pointer}}
    service.refuses("POST", "/prospects", 422, error)

    refused = refusal(service.outreach.createProspect, firstName="Mark")

    assert (refused.code, refused.status) == ("validationError", 422)
    assert [(fault["path"], fault["message"]) for fault in refused.fields] == [(path, "Validation Error: is taken")]


def test_a_complaint_about_the_subject_of_a_task_is_put_to_it(service: Any) -> None:
    error = {"id": "validationError", "details": "does not exist", "source": {"pointer": "/data/relationships/subject"}}
    service.refuses("POST", "/tasks", 422, error)
    refused = refusal(service.outreach.createTask, action="call", ownerId=1, subjectType="account", subjectId=5)
    assert refused.fields == [{"path": "/subjectId", "message": "does not exist"}]


def test_a_missing_scope_is_named(service: Any) -> None:
    detail = "Your access token lacks the scope prospects.write"
    error = {"id": "unauthorizedOauthScope", "title": "Unauthorized OAuth Scope", "detail": detail}
    service.refuses("POST", "/prospects", 403, error)
    with pytest.raises(NotAllowed) as raised:
        service.outreach.createProspect(firstName="Mark")
    assert raised.value.code == "unauthorizedOauthScope"
    assert detail in raised.value.message
    assert "createProspect needs the scope prospects.write" in raised.value.message
    assert "sales-connectors connect outreach NAME --for createProspect,…" in raised.value.message


def test_what_the_gateway_says_is_told(service: Any) -> None:
    service.answers("GET", "/users/1", {"error": "Invalid JWT token.", "description": "not a token"}, status=401)
    with pytest.raises(NotAuthenticated, match=r"Invalid JWT token\.: not a token"):
        service.outreach.getUser(userId=1)


@pytest.mark.parametrize("body", [[], "x", {"errors": "x"}, {"errors": [None, {}]}, {"errors": [{"source": "x"}]}])
def test_an_error_of_any_shape_is_an_error_of_ours(service: Any, body: Any) -> None:
    service.answers("POST", "/stages", body, status=422)
    assert refusal(service.outreach.createStage, name="New").status == 422


# --- what may be repeated ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "wait", "passed"),
    [
        (429, "2", 2),
        (429, "{reset}", 3),
        (503, "2026-06-30T10:00:04Z", 4),
        (503, "Tue, 30 Jun 2026 10:00:05 GMT", 5),
    ],
)
def test_a_create_is_repeated_where_it_was_refused_when_the_service_says(
    service: Any, status: int, wait: str, passed: float
) -> None:
    date = "Tue, 30 Jun 2026 10:00:00 GMT"
    headers = {"Retry-After": wait.format(reset=1782813600 + 3), "Date": date}
    service.refuses("POST", "/stages", status, {"id": "rateLimitExceeded"}, headers=headers)
    service.answers("POST", "/stages", {"data": {"type": "stage", "id": 7}}, status=201)
    before = service.clock.monotonic()

    assert service.outreach.createStage(name="New")["data"]["id"] == 7

    assert service.clock.monotonic() - before == pytest.approx(passed)


def test_a_create_that_may_have_arrived_is_not_repeated(service: Any) -> None:
    service.refuses("POST", "/stages", 502)
    with pytest.raises(Unavailable) as raised:
        service.outreach.createStage(name="New")
    assert raised.value.code == "outcome_unknown"
    assert len(service.sent) == 1


@pytest.mark.parametrize(
    ("left", "waits"),
    [
        ("9000", 0),
        ("9000, 1", 0),
        ("1000, 19988", 1.8),
        ("1001", 0),
        ("1000", 1.8),
        ("100", 18),
        ("1", 1800),
        ("0", 1800),
        ("x", 0),
    ],
)
def test_the_last_tenth_of_the_hour_is_spread_over_its_rest(service: Any, left: str, waits: float) -> None:
    headers = {"X-RateLimit-Limit": "10000", "X-RateLimit-Remaining": left, "X-RateLimit-Reset": "1800"}
    service.answers("GET", "/stages/1", {"data": {"type": "stage", "id": 1}}, headers=headers)
    outreach = service.connected({**service.connection, "fields": {"rateLimit": 1000}})
    outreach.getStage(stageId=1)
    before = service.clock.monotonic()
    if waits > 120:  # longer than any call waits
        with pytest.raises(RateLimited) as raised:
            outreach.getStage(stageId=1)
        assert raised.value.retry_after == pytest.approx(waits, abs=1)
    else:
        outreach.getStage(stageId=1)
        assert service.clock.monotonic() - before == pytest.approx(waits, abs=0.1)
