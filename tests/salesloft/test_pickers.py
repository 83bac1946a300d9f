"""Every data source against the sandbox: labels, searching, paging, saved keys, and what narrows them."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.picking import keys, labels, walked

from sales_connectors import Connector, manifest
from sales_connectors.imitation import Box
from sales_connectors.runtime import Picked

SOURCES = manifest.load_component("salesloft").data_sources
REMOTE = [source for source in SOURCES if source != "selectLocale"]
PERSON, CADENCE, JOB = 7012001, 12001, 2201
NEEDED: dict[str, dict[str, Any]] = {"selectBulkJobResult": {"bulkJobsId": JOB}}
"""What a picklist cannot do without."""


def pick(loft: Connector, source: str, **asked: Any) -> Picked:
    return loft.pick(source, **NEEDED.get(source, {}), **asked)


# --- all of them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_a_picklist_offers_labels_and_keys_sorted_as_people_sort(shared_loft: Connector, source: str) -> None:
    answer = pick(shared_loft, source)
    assert answer["result"]
    assert all(isinstance(option["key"], str) and option["label"].strip() for option in answer["result"])
    assert len(set(keys(answer))) == len(keys(answer))
    assert labels(answer) == sorted(labels(answer), key=str.casefold)
    assert answer["nextCursor"] is None


@pytest.mark.parametrize("source", REMOTE)
def test_a_cursor_walks_every_option_once(shared_loft: Connector, source: str) -> None:
    assert sorted(walked(shared_loft, source, 2, **NEEDED.get(source, {}))) == sorted(keys(pick(shared_loft, source)))


@pytest.mark.parametrize("source", SOURCES)
def test_saved_keys_get_their_labels_back_and_deleted_ones_are_marked(shared_loft: Connector, source: str) -> None:
    options = pick(shared_loft, source)["result"][::-2]
    wanted = [*keys({"result": options}), "999999999", "no such thing", "²"]

    answer = pick(shared_loft, source, ids=wanted)

    missing = [{"label": key, "key": key, "missing": True} for key in wanted[-3:]]
    assert answer["result"] == [*options, *missing]


@pytest.mark.parametrize("source", SOURCES)
def test_a_search_finds_an_option_by_words_of_its_label(shared_loft: Connector, source: str) -> None:
    option = pick(shared_loft, source)["result"][0]
    word = max(option["label"].split(), key=lambda word: (word.isalpha(), len(word)))
    answer = pick(shared_loft, source, query=f" {word.upper()} ")
    assert option["key"] in keys(answer)
    assert all(word.casefold() in label.casefold() for label in labels(answer))
    assert pick(shared_loft, source, query="no such thing")["result"] == []


# --- one by one -----------------------------------------------------------------------------------------


def test_steps_belong_to_a_cadence(shared_loft: Connector) -> None:
    assert labels(shared_loft.pick("selectStep", cadenceId=CADENCE)) == [
        "Day 1, step 1: Introduce yourself",
        "Day 2, step 2: Send the brochure",
        "Day 4, step 3: Connect on LinkedIn",
        "Day 7, step 4: Ask what they think",
    ]
    assert labels(shared_loft.pick("selectStep", query="warm brochure")) == [
        "Warm introductions, day 2, step 2: Send the brochure"
    ]


def test_cadences_to_which_the_caller_may_add_people(sandbox: Box, connected: Callable[..., Connector]) -> None:
    dana, marcus = connected(sandbox), connected(sandbox, token=sandbox.token(user="marcus@fernhill.example.com"))
    assert labels(dana.pick("selectCadence", peopleAddable=True)) == ["Outbound operations"]
    assert labels(marcus.pick("selectCadence", peopleAddable=True)) == [
        "Outbound operations",
        "Warm introductions - Marcus Aalto",
    ]
    assert "Last year's trade fair - archived" in labels(dana.pick("selectCadence"))


def test_actions_memberships_and_tasks_are_narrowed_to_a_person(shared_loft: Connector) -> None:
    assert [label.split(":")[0] for label in labels(shared_loft.pick("selectAction", personId=PERSON))] == ["Email"]
    assert shared_loft.pick("selectAction", personId=PERSON, type="phone")["result"] == []
    assert len(shared_loft.pick("selectCadenceMembership", personId=PERSON)["result"]) == 1
    assert len(shared_loft.pick("selectCadenceMembership", personId=PERSON, cadenceId=CADENCE + 1)["result"]) == 0
    (task,) = labels(shared_loft.pick("selectTask", personId=PERSON, taskType="call", currentState="scheduled"))
    assert task.startswith("Call about the pilot - ")


def test_call_data_records_that_no_call_has_yet(shared_loft: Connector) -> None:
    every, free = shared_loft.pick("selectCallDataRecord"), shared_loft.pick("selectUnlinkedCallDataRecord")
    assert (len(every["result"]), len(free["result"])) == (8, 4)
    assert set(keys(free)) < set(keys(every))
    assert shared_loft.pick("selectUnlinkedCallDataRecord", personId=PERSON)["result"] == []


def test_people_or_accounts_as_the_type_says(shared_loft: Connector) -> None:
    accounts = shared_loft.pick("selectAccountOrPerson", associatedWithType="account")
    assert accounts["result"] == shared_loft.pick("selectAccount")["result"]
    assert shared_loft.pick("selectAccountOrPerson")["result"] == shared_loft.pick("selectPerson")["result"]


def test_a_whole_email_address_is_looked_up(sandbox: Box, loft: Connector) -> None:
    address = loft.getPerson(personId=PERSON)["data"]["email_address"]
    sandbox.forget()
    assert keys(loft.pick("selectPerson", query=address)) == [str(PERSON)]
    assert dict(sandbox.requests[0]["query"])["email_addresses[]"] == address


def test_users_by_id_by_guid_and_as_a_filter(sandbox: Box, loft: Connector) -> None:
    users, guids = loft.pick("selectUser"), loft.pick("selectUserGuid")
    assert labels(users) == labels(guids)
    assert not any("Herrera" in label for label in labels(users))  # who is deactivated
    sandbox.forget()
    assert labels(loft.pick("selectUser", query="PRIYA ram")) == ["Priya Raman (priya@fernhill.example.com)"]
    assert sandbox.count("/v2/users") == 1
    assert keys(loft.pick("selectUserOwnerFilter", query="owner")) == ["_is_null"]
    assert loft.pick("selectUser", ids=["40215"])["result"] == [
        {"label": "Tomás Herrera (tomás@fernhill.example.com) - inactive", "key": "40215"}
    ]


def test_roles_begin_with_the_two_that_every_team_has(shared_loft: Connector) -> None:
    assert shared_loft.pick("selectUserRoleId")["result"] == [
        {"label": "Admin", "key": "Admin"},
        {"label": "Development rep", "key": "51"},
        {"label": "Operations", "key": "52"},
        {"label": "User", "key": "User"},
    ]


def test_custom_fields_of_one_kind_and_of_all(shared_loft: Connector) -> None:
    of_people = shared_loft.pick("selectCustomField", fieldType="person")
    assert labels(of_people) == ["Contract End", "Lead Source"]
    assert "Contract End (company)" in labels(shared_loft.pick("selectCustomField"))
    values = keys(shared_loft.pick("selectCustomFieldValue"))
    assert values == ["Competitor", "Contract End", "Customer Segment", "Lead Source"]


def test_fields_of_crm_activities_of_one_source(shared_loft: Connector) -> None:
    assert keys(shared_loft.pick("selectCrmActivityField")) == ["CallPurpose", "Type"]
    assert keys(shared_loft.pick("selectCrmActivityField", source="email")) == ["Type"]


def test_time_zones_are_offered_without_the_service(sandbox: Box, loft: Connector) -> None:
    assert "Europe/Lisbon" in keys(loft.pick("selectLocale"))
    assert sandbox.requests == []


def test_a_list_of_several_pages_is_offered_whole(sandbox: Box, loft: Connector) -> None:
    for number in range(130):
        loft.createAccount(fullName=f"Account {number:03}", domain=f"account{number}.example.com")
    assert len(loft.pick("selectAccount")["result"]) == 134
    assert sorted(walked(loft, "selectAccount", 50)) == sorted(keys(loft.pick("selectAccount")))
    sandbox.forget()
    assert len(loft.pick("selectAccount", limit=100)["result"]) == 100
    assert sandbox.count() == 0  # shown before, so not asked for again


def test_results_of_one_bulk_job_by_what_became_of_them(shared_loft: Connector) -> None:
    results = shared_loft.pick("selectBulkJobResult", bulkJobsId=JOB)
    assert [label.rpartition(" (")[0] for label in labels(results)] == [
        "nobody@: error",
        "visitor0@mail.example.com: success",
    ]
    assert shared_loft.pick("selectBulkJobResult", bulkJobsId=JOB + 1)["result"] == []
    assert keys(results)[1] == str(min(map(int, keys(results))))


def test_groups_of_actions_by_the_kinds_in_them(shared_loft: Connector) -> None:
    assert shared_loft.pick("selectMultitouchGroup")["result"] == [{"label": "Group 1: phone", "key": "1"}]


def test_archived_templates_are_found_by_their_keys_alone(loft: Connector, sandbox: Box) -> None:
    assert keys(loft.pick("selectEmailTemplate"))
    sandbox.forget()
    loft.pick("selectEmailTemplate", ids=["6601"])
    (asked,) = [dict(request["query"]) for request in sandbox.requests if request["path"] == "/v2/email_templates"]
    assert (asked["ids[]"], asked["include_archived_templates"]) == ("6601", "true")
