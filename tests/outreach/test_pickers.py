"""Picklists: what they ask for, whom they are narrowed by, and how their options are called."""

from typing import Any

import pytest

from sales_connectors.errors import InvalidInput


def link(kind: str, number: int) -> dict[str, Any]:
    return {"data": {"type": kind, "id": number}}


MARK = {"type": "prospect", "id": 4, "attributes": {"name": "Mark Johnson"}}
DEMO = {"type": "sequence", "id": 5, "attributes": {"name": "Demo"}}


def labels(service: Any, source: str, inputs: Any = None, **question: Any) -> list[str]:
    return [option["label"] for option in service.outreach.pick(source, **(inputs or {}), **question)["result"]]


@pytest.mark.parametrize(
    ("source", "inputs", "path", "query", "attributes", "label"),
    [
        ("selectAccount", {}, "accounts", {"sort": "name"}, {"name": "Acme", "domain": "acme.com"}, "Acme (acme.com)"),
        ("selectAccount", {}, "accounts", {}, {"name": None}, "Unnamed (7)"),
        (
            "selectProspect",
            {},
            "prospects",
            {"sort": "-updatedAt"},
            {"name": "Mark", "company": "Acme", "emails": ["m@acme.com", "x@acme.com"]},
            "Mark (Acme, m@acme.com)",
        ),
        (
            "selectUser",
            {},
            "users",
            {"filter[locked]": "false", "sort": "lastName,firstName"},
            {"name": "Ann Lee", "email": "ann@fernhill.com", "locked": False},
            "Ann Lee (ann@fernhill.com)",
        ),
        ("selectMailbox", {}, "mailboxes", {"fields[mailbox]": "email"}, {"email": "a@b.com"}, "a@b.com"),
        ("selectTaskPriority", {}, "taskPriorities", {"sort": "weight"}, {"name": "High"}, "High"),
        ("selectTeam", {}, "teams", {"fields[team]": "name"}, {"name": "West"}, "West"),
        (
            "selectTask",
            {},
            "tasks",
            {"sort": "-updatedAt"},
            {"action": "action_item", "note": "Call  back", "dueAt": "2026-07-01T10:00:00.000Z", "state": "incomplete"},
            "Action item: Call back (due 2026-07-01 10:00, incomplete)",
        ),
        (
            "selectPhoneNumber",
            {"prospectId": 4},
            "phoneNumbers",
            {"filter[prospect][id]": "4", "sort": "order", "fields[phoneNumber]": "number,phoneType"},
            {"number": "+1555", "phoneType": "mobile"},
            "+1555 (mobile)",
        ),
        (
            "selectSequenceStep",
            {"sequenceId": "5"},
            "sequenceSteps",
            {"filter[sequence][id]": "5", "fields[sequenceStep]": "displayName"},
            {"displayName": "Step 1: Email"},
            "Step 1: Email",
        ),
        ("selectSubject", {"subjectType": "account"}, "accounts", {}, {"name": "Acme"}, "Acme"),
        ("selectSubject", {"subjectType": "opportunity"}, "opportunities", {}, {"name": "Anvils"}, "Anvils"),
        ("selectSubject", {"subjectType": "prospect"}, "prospects", {}, {"name": "Mark"}, "Mark"),
    ],
)
def test_a_picklist_asks_for_no_more_than_its_labels(
    service: Any, source: str, inputs: Any, path: str, query: Any, attributes: Any, label: str
) -> None:
    service.answers("GET", f"/{path}", {"data": [{"type": "x", "id": 7, "attributes": attributes}], "links": {}})
    assert labels(service, source, inputs) == [label]
    assert query.items() <= service.query.items()
    assert (service.query["page[size]"], service.query["count"]) == ("1000", "false")
    assert any(name.startswith("fields[") for name in service.query)


@pytest.mark.parametrize(
    ("source", "attributes", "relationships", "label"),
    [
        ("selectPhoneNumber", {"number": "+1555"}, {"prospect": link("prospect", 4)}, "Mark Johnson, +1555"),
        ("selectSequenceStep", {"displayName": "Step 1"}, {"sequence": link("sequence", 5)}, "Demo, Step 1"),
        (
            "selectSequenceState",
            {"state": "active"},
            {"prospect": link("prospect", 4), "sequence": link("sequence", 5)},
            "Mark Johnson \N{EN DASH} Demo (active)",
        ),
        ("selectSequenceState", {"state": "active"}, {"prospect": {"data": None}}, "Sequence state 7 (active)"),
        ("selectSequenceState", {}, {"prospect": link("prospect", 99)}, "Sequence state 7"),
        (
            "selectMailing",
            {"subject": "Hi", "state": "sent"},
            {"prospect": link("prospect", 4)},
            "Hi (Mark Johnson, sent)",
        ),
        ("selectTask", {"action": "call", "state": "x"}, {"prospect": link("prospect", 4)}, "Call: Mark Johnson (x)"),
        ("selectCall", {"to": "+1", "createdAt": "2026-01-01T10:00:00Z"}, {}, "+1 (2026-01-01 10:00)"),
    ],
)
def test_a_label_says_whose_it_is(service: Any, source: str, attributes: Any, relationships: Any, label: str) -> None:
    record = {"type": "x", "id": 7, "attributes": attributes, "relationships": relationships}
    path = {"selectPhoneNumber": "phoneNumbers", "selectSequenceStep": "sequenceSteps", "selectMailing": "mailings"}
    path |= {"selectSequenceState": "sequenceStates", "selectTask": "tasks", "selectCall": "calls"}
    service.answers("GET", f"/{path[source]}", {"data": [record], "included": [MARK, DEMO], "links": {}})

    assert labels(service, source) == [label]

    for name in service.query["include"].split(","):
        assert service.query[f"fields[{name}]"] == "name"
        own = next(
            value for key, value in service.query.items() if key.startswith("fields[") and key != f"fields[{name}]"
        )
        assert name in own.split(",") or len(service.query["include"].split(",")) > 1
    assert labels(service, source, ids=["7", "8", "x"]) == [label, "8", "x"]
    assert service.query["filter[id]"] == "7,8"


def test_sequence_states_are_narrowed_by_prospect_and_by_sequence(service: Any) -> None:
    service.answers("GET", "/sequenceStates", {"data": [], "links": {}})
    labels(service, "selectSequenceState", {"prospectId": 4, "sequenceId": 5})
    assert (service.query["filter[prospect][id]"], service.query["filter[sequence][id]"]) == ("4", "5")


@pytest.mark.parametrize(("source", "path"), [("selectAccount", "accounts"), ("selectProspect", "prospects")])
def test_accounts_and_prospects_are_searched_at_the_service(service: Any, source: str, path: str) -> None:
    found = {"type": "x", "id": 7, "attributes": {"name": "Zed"}}
    service.answers("GET", f"/{path}", {"data": [found], "links": {}})
    assert labels(service, source, query="acm") == ["Zed"]
    assert service.query["filter[q]"] == "acm"


def test_every_page_of_a_picklist_is_reached(service: Any, pages: Any, make_record: Any) -> None:
    accounts = [make_record("account", number, name=f"Account {number:04}") for number in range(1, 2301)]
    service.behaves("/accounts", pages(accounts, "/accounts"))
    found = service.outreach.pick("selectAccount", limit=700)
    keys = [option["key"] for option in found["result"]]
    while found["nextCursor"]:
        found = service.outreach.pick("selectAccount", limit=700, cursor=found["nextCursor"])
        keys += [option["key"] for option in found["result"]]
    assert keys == [str(number) for number in range(1, 2301)]
    assert len(service.sent) == 3


def test_a_user_who_is_locked_out_keeps_the_label(service: Any) -> None:
    found = {"type": "user", "id": 7, "attributes": {"name": "Ann", "email": "a@b.c", "locked": True}}
    service.answers("GET", "/users", {"data": [found], "links": {}})
    assert labels(service, "selectUser", ids=["7"]) == ["Ann (a@b.c, locked)"]
    assert "filter[locked]" not in service.query


def test_custom_fields_are_offered_by_the_labels_of_one_type(service: Any) -> None:
    validations = {"custom1": {"label": "Lead source"}, "custom2": {"label": None}}
    types = [{"type": "Prospect", "meta": {"validations": validations}}, {"type": "Account", "meta": {}}]
    service.answers("GET", "/types", {"data": types})
    found = service.outreach.pick("selectCustomField", recordType="prospect")["result"]
    assert found == [
        {"label": "custom2 (custom2)", "key": "custom2"},
        {"label": "Lead source (custom1)", "key": "custom1"},
    ]
    assert labels(service, "selectCustomField", {"recordType": "account"}) == []


@pytest.mark.parametrize(("source", "name"), [("selectCustomField", "recordType"), ("selectSubject", "subjectType")])
def test_a_picklist_without_what_it_needs_is_refused(service: Any, source: str, name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        service.outreach.pick(source)
    assert [fault["path"] for fault in raised.value.fields] == [f"/{name}"]
