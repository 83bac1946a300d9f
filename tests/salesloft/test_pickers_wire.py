"""Every picklist over a service that pages: each record offered once, searched, narrowed, found again by its key."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sales_connectors.errors import NotAuthenticated

CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text(encoding="utf-8"))["dataSources"]
PATHS = {key: source["request"].split()[1] for key, source in CONTRACT.items() if "request" in source}
RECORDS = 130

FIXED = {
    "selectAccountStageFilter": {"_is_null": "No stage"},
    "selectUserOwnerFilter": {"_is_null": "No owner"},
    "selectUserRoleId": {"Admin": "Admin", "User": "User"},
}
KEYS = {
    "selectUserGuid": "guid",
    "selectCallDisposition": "name",
    "selectCallSentiment": "name",
    "selectTagValue": "name",
    "selectCustomFieldValue": "name",
    "selectCrmActivityField": "field",
}
UNPAGED = ("selectGroup",)


def record(number: int) -> dict[str, Any]:
    """A record of any kind; only ids, guids, addresses and the like differ from those of its neighbours."""
    return {
        "id": number,
        "guid": f"7b6e4c1e-2f0a-4a52-9d0e-0f6a1b2c{number:04}",
        "name": f"Record {number:03}",
        "display_name": "Jo Lee",
        "email": f"jo{number}@example.com",
        "email_address": f"jo{number}@example.com",
        "domain": f"example{number}.com",
        "title": "Title",
        "field": f"Field_{number}",
        "field_type": "person",
        "type": "phone",
        "state": "open",
        "day": 1,
        "step_number": number,
        "content": f"Words {number}",
        "subject": f"Subject {number}",
        "to": f"+1415555{number:04}",
        "recipient_email_address": f"jo{number}@example.com",
        "status": "scheduled",
        "current_state": "active",
        "created_at": "2026-01-12T09:30:00.000000+00:00",
        "due_on": "2026-01-12T09:30:00.000000+00:00",
        "due_date": "2026-01-12",
        "person": {"id": number},
        "cadence": {"id": number},
        "owner": {"id": number},
        "team_cadence": False,
    }


ALL = [record(number) for number in range(1, RECORDS + 1)]


@pytest.fixture
def team(service: Any, pages: Any, cursors: Any) -> Any:
    """A service with 130 records behind every list; it filters by id and guid."""

    def serve(path: str) -> None:
        def reply(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            query = parse_qsl(urlsplit(request.url or "").query)
            wanted = [value for name, value in query if name in ("ids[]", "guid[]")]
            rows = [row for row in ALL if not wanted or {str(row["id"]), row["guid"]} & set(wanted)]
            if path == "/v2/groups":
                answer = {"data": rows, "metadata": {}}
            else:
                answer = (cursors if "bulk" in path else pages)(rows)(dict(query))
            return 200, {"Content-Type": "application/json"}, json.dumps(answer)

        service.wire.add_callback("GET", f"https://api.salesloft.com{path}", reply)

    for path in {*PATHS.values(), "/v2/accounts"}:
        serve(path)
    return service


def queries(service: Any, path: str) -> list[list[tuple[str, str]]]:
    """The queries with which a list was asked for."""
    urls = [urlsplit(sent.url) for sent in service.sent]
    return [parse_qsl(url.query) for url in urls if url.path == path]


@pytest.mark.parametrize("source", PATHS)
def test_every_record_is_offered_once_beside_the_fixed_options(team: Any, source: str) -> None:
    answer = team.loft.pick(source)

    keys = [option["key"] for option in answer["result"]]
    fixed = FIXED.get(source, {})
    assert sorted(keys) == sorted([*fixed, *(str(row[KEYS.get(source, "id")]) for row in ALL)])
    assert fixed.items() <= {option["key"]: option["label"] for option in answer["result"]}.items()
    assert answer["nextCursor"] is None


@pytest.mark.parametrize("source", PATHS)
def test_labels_tell_records_apart(team: Any, source: str) -> None:
    labels = [option["label"] for option in team.loft.pick(source)["result"]]

    assert len(set(labels)) == len(labels)
    assert not any("None" in label for label in labels)


@pytest.mark.parametrize("source", [key for key in PATHS if key not in UNPAGED])
def test_a_form_asks_for_a_page_at_a_time_in_an_order_that_stays(team: Any, source: str) -> None:
    first = team.loft.pick(source, limit=100)
    rest = team.loft.pick(source, limit=100, cursor=first["nextCursor"])

    keys = [option["key"] for option in first["result"] + rest["result"]]
    assert len(keys) == len(set(keys)) == RECORDS + len(FIXED.get(source, {}))
    asked = queries(team, PATHS[source])
    if "bulk" in PATHS[source]:
        assert [dict(query).get("id[gt]") for query in asked] == [None, "100"]
    else:
        assert all(("sort_direction", "ASC") in query and ("per_page", "100") in query for query in asked[:1])
        assert first["total"] == rest["total"] == len(keys)


@pytest.mark.parametrize("source", PATHS)
def test_saved_keys_become_labels_again_and_deleted_ones_are_marked(team: Any, source: str) -> None:
    name = KEYS.get(source, "id")
    saved = [str(ALL[128][name]), "nobody", str(ALL[1][name]), *FIXED.get(source, {})]
    offered = {option["key"]: option["label"] for option in team.loft.pick(source)["result"]}

    answer = team.loft.pick(source, ids=saved)

    assert [option["key"] for option in answer["result"]] == saved
    assert [option["label"] for option in answer["result"]] == [offered.get(key, key) for key in saved]
    assert [option["key"] for option in answer["result"] if option.get("missing")] == ["nobody"]


@pytest.mark.parametrize("source", ["selectUser", "selectUserGuid", "selectUserOwnerFilter"])
def test_a_saved_user_is_found_although_deactivated_by_now(team: Any, source: str) -> None:
    team.loft.pick(source, ids=[ALL[0][KEYS.get(source, "id")]])

    (query,) = queries(team, "/v2/users")
    assert ("visible_only", "false") in query
    assert ("page", "1") in query


# --- searching ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text", "asked"),
    [
        ("selectUser", "ann lee", ("search", "ann lee")),
        ("selectUserGuid", "ann", ("search", "ann")),
        ("selectUserOwnerFilter", "ann", ("search", "ann")),
        ("selectTag", "vip", ("search", "vip")),
        ("selectTagValue", "vip", ("search", "vip")),
        ("selectPerson", "jo7@example.com", ("email_addresses[]", "jo7@example.com")),
        ("selectAccountOrPerson", "jo7@example.com", ("email_addresses[]", "jo7@example.com")),
    ],
)
def test_a_text_is_searched_for_where_the_service_can(team: Any, source: str, text: str, asked: Any) -> None:
    team.loft.pick(source, query=text)

    assert all(asked in query for query in queries(team, PATHS[source]))


@pytest.mark.parametrize("source", ["selectAccount", "selectCadence", "selectCustomField", "selectCallDisposition"])
def test_a_text_is_matched_here_where_the_service_cannot(team: Any, source: str) -> None:
    labels = [option["label"] for option in team.loft.pick(source, query="RECORD 129")["result"]]

    assert [label[:10] for label in labels] == ["Record 129"]


def test_part_of_an_address_is_matched_here(team: Any) -> None:
    result = team.loft.pick("selectPerson", query="jo129@")["result"]

    assert [option["key"] for option in result] == ["129"]


@pytest.mark.parametrize(("text", "keys"), [("own", {"_is_null"}), ("record", set())])
def test_a_fixed_option_is_searched_for_too(service: Any, text: str, keys: set[str]) -> None:
    service.answers("GET", "/v2/users", {"data": [], "metadata": {"paging": {"next_page": None}}})

    answer = service.loft.pick("selectUserOwnerFilter", query=text)

    assert {option["key"] for option in answer["result"]} == keys
    assert answer["total"] is None


def test_the_total_of_a_search_counts_the_fixed_options_that_it_finds(service: Any) -> None:
    paging = {"next_page": None, "total_count": 1}
    service.answers("GET", "/v2/users", {"data": [{"id": 7, "name": "Jo Owen"}], "metadata": {"paging": paging}})

    answer = service.loft.pick("selectUserOwnerFilter", query="own")

    assert [option["key"] for option in answer["result"]] == ["7", "_is_null"]
    assert answer["total"] == 2


# --- narrowing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "inputs", "path", "asked"),
    [
        ("selectStep", {"cadenceId": 7}, "/v2/steps", [("cadence_id", "7")]),
        ("selectCadence", {"peopleAddable": True}, "/v2/cadences", [("people_addable", "true")]),
        ("selectAction", {"personId": 7, "type": "phone"}, "/v2/actions", [("person_id[]", "7"), ("type", "phone")]),
        (
            "selectTask",
            {"personId": 7, "taskType": "call", "currentState": "scheduled"},
            "/v2/tasks",
            [("person_id[]", "7"), ("task_type[]", "call"), ("current_state[]", "scheduled")],
        ),
        (
            "selectCadenceMembership",
            {"personId": 7, "cadenceId": 8},
            "/v2/cadence_memberships",
            [("person_id", "7"), ("cadence_id", "8")],
        ),
        ("selectUnlinkedCallDataRecord", {}, "/v2/call_data_records", [("has_call", "false")]),
        (
            "selectUnlinkedCallDataRecord",
            {"personId": 7},
            "/v2/call_data_records",
            [("has_call", "false"), ("person_id[]", "7")],
        ),
        ("selectCrmActivityField", {}, "/v2/crm_activity_fields", [("source", "phone")]),
        ("selectCrmActivityField", {"source": "email"}, "/v2/crm_activity_fields", [("source", "email")]),
        ("selectCustomField", {"fieldType": "company"}, "/v2/custom_fields", [("field_type", "company")]),
        ("selectCustomFieldValue", {"fieldType": "person"}, "/v2/custom_fields", [("field_type", "person")]),
        ("selectAccountOrPerson", {"associatedWithType": "account"}, "/v2/accounts", []),
        ("selectAccountOrPerson", {"associatedWithType": "person"}, "/v2/people", []),
    ],
)
def test_other_inputs_narrow_a_picklist(
    team: Any, source: str, inputs: dict[str, Any], path: str, asked: list[tuple[str, str]]
) -> None:
    team.loft.pick(source, **inputs)

    first = queries(team, path)[0]
    assert set(asked) <= set(first)
    assert {name for name, _ in first} - {name for name, _ in asked} == {
        "page",
        "per_page",
        "sort_by",
        "sort_direction",
        "include_paging_counts",
    }


# --- labels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("selectAccount", "Record 007 (example7.com)"),
        ("selectPerson", "Jo Lee (jo7@example.com)"),
        ("selectUser", "Record 007 (jo7@example.com)"),
        ("selectCadence", "Record 007 - Record 007"),
        ("selectCadenceMembership", "Jo Lee in Record 007 (active)"),
        ("selectStep", "Record 007, day 1, step 7: Jo Lee"),
        ("selectAction", "Phone: Jo Lee, due 2026-01-12 (7)"),
        ("selectCall", "2026-01-12 09:30 to +14155550007"),
        ("selectUnlinkedCallDataRecord", "2026-01-12 09:30 call to +14155550007"),
        ("selectEmail", "jo7@example.com, scheduled (7)"),
        ("selectTask", "Subject 7 - Jo Lee, due 2026-01-12"),
        ("selectNote", "Words 7 (2026-01-12)"),
        ("selectImport", "Record 007 (2026-01-12)"),
        ("selectBulkJob", "Record 007 (open)"),
        ("selectCrmActivityField", "Title (Field_7)"),
        ("selectCustomField", "Record 007 (person)"),
    ],
)
def test_a_label_says_what_a_person_looks_for(team: Any, source: str, label: str) -> None:
    name = KEYS.get(source, "id")

    assert team.loft.pick(source, ids=[str(ALL[6][name])])["result"][0]["label"] == label


def test_steps_of_one_cadence_do_not_repeat_its_name(team: Any) -> None:
    labels = [option["label"] for option in team.loft.pick("selectStep", cadenceId=7)["result"]]

    assert "Day 1, step 7: Jo Lee" in labels
    assert queries(team, "/v2/cadences") == []


def test_labels_do_without_what_the_token_may_not_see(service: Any, pages: Any) -> None:
    service.behaves("GET", "/v2/tasks", pages(ALL[:1]))
    service.answers("GET", "/v2/people", {"error": "No scope"}, status=403)

    result = service.loft.pick("selectTask")["result"]

    assert result == [{"label": "Subject 1 - person 1, due 2026-01-12", "key": "1"}]


# --- locales --------------------------------------------------------------------------------------------------------


def test_locales_are_time_zones_and_cost_no_request(service: Any) -> None:
    answer = service.loft.pick("selectLocale")
    keys = {option["key"] for option in answer["result"]}

    assert {"Europe/London", "US/Eastern", "Asia/Kolkata", "UTC"} <= keys
    assert "Factory" not in keys
    assert answer["total"] == len(keys) > 500
    assert service.sent == []


def test_locales_are_searched_and_found_again(service: Any) -> None:
    found = service.loft.pick("selectLocale", query="london")["result"]
    saved = service.loft.pick("selectLocale", ids=["Europe/London", "en_US"])["result"]

    assert [option["key"] for option in found] == ["Europe/London"]
    assert [option.get("missing", False) for option in saved] == [False, True]


# --- refusing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", PATHS)
def test_a_refusal_of_the_service_is_told(service: Any, source: str) -> None:
    service.answers("GET", PATHS[source], {"error": "Bad token"}, status=401)

    with pytest.raises(NotAuthenticated, match="Bad token"):
        service.loft.pick(source)
