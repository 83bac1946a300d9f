"""Tables: the columns that tell most, by the component's own schemas, and what they leave out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from tests.runtime.commandline import Ran, forget, run

from sales_connectors.manifest import load_components

MEMBERSHIP = {
    "id": 660115, "current_state": "active", "currently_on_cadence": True, "person_deleted": False,
    "added_at": "2026-11-19T04:33:45Z", "person": {"id": 7012029, "_href": "https://x/people/7012029"},
    "cadence": {"id": 12009, "_href": "https://x/cadences/12009"}, "user": {"id": 40211, "_href": "https://x/users/1"},
    "latest_action": None, "counts": {"views": 3, "replies": 1},
}  # fmt: skip
PERSON = {
    "id": 7012033, "first_name": "Tess", "last_name": "Dubois", "display_name": "Tess Dubois", "title": "VP Finance",
    "email_address": "tess.dubois28@harbour.example.com", "full_email_address": "Tess Dubois <tess@harbour.example>",
    "account": {"id": 531109, "_href": "https://x/accounts/531109"}, "custom_fields": {"Shoe size": "44"}, "tags": [],
    "cadences": [{"id": 12001, "_href": "https://x/1"}, {"id": 12002, "_href": "https://x/2"}],
}  # fmt: skip
PROSPECT = {
    "type": "prospect",
    "id": 67919,
    "attributes": {"name": "Liam Dubois", "emails": ["liam@cobalt.example.com"], "title": None, "clickCount": 0},
    "relationships": {
        "stage": {"data": {"type": "stage", "id": 3}},
        "owner": {"data": None},
        "calls": {"links": {"related": "https://x/calls"}},
    },
    "links": {"self": "https://x/prospects/67919"},
}
THING = {
    "made_at": "2026-01-05T08:30:00Z", "owner_id": 5, "color": "red", "name": "Lamp", "price": "9.99", "id": 7,
    "address": {"city": "Delft", "floor": None}, "maker": {"id": 3, "href": "https://x"}, "extra": {"a.b": {"c": 1}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def new_process(toy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SALES_CONNECTORS_CONNECTION", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    forget()
    yield
    forget()


@pytest.fixture
def given(tmp_path: Path) -> str:
    """A connection of any component, in a file."""
    path = tmp_path / "connection.json"
    path.touch(0o600)
    path.write_text('{"token": {"access_token": "secret"}}')
    return f"@{path}"


def answer(web: responses.RequestsMock, url: str, *records: Any, **around: Any) -> None:
    web.add(responses.GET, url, json={"data": [*records], **around})


def lines(ran: Ran) -> list[str]:
    assert (ran.code, ran.err) == (0, "")
    return [line.rstrip() for line in ran.out.splitlines()]


def test_a_membership_shows_its_person_and_its_cadence(given: str, web: responses.RequestsMock) -> None:
    answer(web, "https://api.salesloft.com/v2/cadence_memberships", MEMBERSHIP, metadata={"paging": {}})
    shown = lines(run("run", "salesloft", "listCadenceMemberships", "-c", given, "-o", "table"))
    assert shown[0].split()[:4] == ["id", "person", "cadence", "current_state"]
    assert shown[2].split()[:4] == ["660115", "7012029", "12009", "active"]
    assert shown[3:] == [
        "Not shown: person_deleted, added_at, counts; --columns chooses, --json shows all",
        "1 record",
    ]


def test_a_person_has_an_email_on_a_narrow_terminal_too(given: str, web: responses.RequestsMock) -> None:
    answer(web, "https://api.salesloft.com/v2/people", PERSON, metadata={"paging": {}})
    shown = lines(run("run", "salesloft", "listPeople", "-c", given, "-o", "table"))
    assert shown[0].split() == ["id", "display_name", "email_address", "title"]
    assert shown[2].split() == ["7012033", "Tess", "Dubois", "tess.dubois28@harbour.example.com", "VP", "Finance"]
    assert max(map(len, shown)) <= 80


def test_records_that_stand_beside_the_fields_are_shown_by_id(given: str, web: responses.RequestsMock) -> None:
    answer(web, "https://api.outreach.io/api/v2/prospects", PROSPECT, links={})
    shown = lines(run("run", "outreach", "listProspects", "-c", given, "-o", "table"))
    assert shown[0].split() == ["id", "name", "emails", "stage"]
    assert shown[2].split() == ["67919", "Liam", "Dubois", "liam@cobalt.example.com", "3"]


def test_of_the_fields_that_are_left_out_as_many_are_named_as_fit_on_two_lines(
    given: str, web: responses.RequestsMock
) -> None:
    wide = {**MEMBERSHIP, **{f"a_field_of_its_own_{number}": number for number in range(9)}}
    answer(web, "https://api.salesloft.com/v2/cadence_memberships", wide, metadata={"paging": {}})
    *_, first, second, count = lines(run("run", "salesloft", "listCadenceMemberships", "-c", given, "-o", "table"))
    assert first.startswith("Not shown: person_deleted, added_at, counts, a_field_of_its_own_0")
    assert second.endswith("more; --columns chooses, --json shows all")
    named = f"{first} {second}".partition(": ")[2].partition(" and ")
    assert len(named[0].split(", ")) + int(named[2].split()[0]) == 12
    assert count == "1 record"


def test_the_beginning_of_a_text_is_shown_where_the_whole_does_not_fit(given: str, web: responses.RequestsMock) -> None:
    note = {"id": 440118, "content": "Budget is decided by the board in March", "associated_type": "account"}
    note |= {"associated_with": {"id": 531112, "_href": "https://x"}, "user": {"id": 40211, "_href": "https://x"}}
    answer(web, "https://api.salesloft.com/v2/notes", note, metadata={"paging": {}})
    shown = lines(run("run", "salesloft", "listNotes", "-c", given, "-o", "table"))
    assert shown[0].split() == ["id", "associated_type", "associated_with", "content"]
    assert (shown[2].partition("Budget")[2], len(shown[2])) == (" is decided by the board in …", 80)


def test_a_component_that_says_nothing_gets_names_first_and_dates_last(given: str, web: responses.RequestsMock) -> None:
    web.add(responses.GET, "https://toy.example/things", json={"items": [THING], "more": False})
    shown = lines(run("run", "toy-service", "listThings", "-c", given, "-o", "table"))
    assert shown[0].split() == ["id", "name", "color", "price", "maker", "owner_id", "made_at"]
    assert shown[3] == "Not shown: address, extra; --columns chooses, --json shows all"


@pytest.mark.parametrize(
    ("columns", "head", "row"),
    [
        ("name, id", ["name", "id"], ["Lamp", "7"]),
        ("address.city,maker", ["address.city", "maker"], ["Delft", "3"]),
        ("extra.a.b.c,maker.href", ["extra.a.b.c", "maker.href"], ["1", "https://x"]),
    ],
)
def test_columns_are_shown_as_they_were_asked_for(
    columns: str, head: list[str], row: list[str], given: str, web: responses.RequestsMock
) -> None:
    web.add(responses.GET, "https://toy.example/things", json={"items": [THING], "more": False})
    shown = lines(run("run", "toy-service", "listThings", "-c", given, "--columns", columns))
    assert (shown[0].split(), shown[2].split(), shown[3]) == (head, row, "1 record")


def test_columns_that_were_asked_for_are_shown_whole(given: str, web: responses.RequestsMock) -> None:
    thing = {**THING, "name": "x" * 200}
    web.add(responses.GET, "https://toy.example/things", json={"items": [thing], "more": False})
    ran = run("run", "toy-service", "listThings", "-c", given, "--columns", "id,name")
    assert (ran.out.count("x"), "…" in ran.out) == (200, False)
    assert max(map(len, ran.out.splitlines())) <= 80


def test_one_record_is_shown_by_the_fields_that_were_asked_for(given: str, web: responses.RequestsMock) -> None:
    web.add(responses.GET, "https://toy.example/things/7", json=THING)
    words = ("run", "toy-service", "getThing", "-c", given, "-i", '{"id": 7}', "--columns", "name,address.city,maker")
    assert [line.split() for line in lines(run(*words))] == [
        ["name", "Lamp"],
        ["address.city", "Delft"],
        ["maker", "3"],
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "toy-service", "listThings", "--columns", "id,nmae"], "no field 'nmae'. Did you mean 'name'?"),
        (["run", "toy-service", "listThings", "--columns", "addres.city"], "Did you mean 'address.city'?"),
        (["run", "toy-service", "listThings", "--columns", "address.street"], "no field 'address.street'"),
        (["run", "toy-service", "listThings", "--columns", "name.first"], "no field 'name.first'"),
        (["run", "toy-service", "listThings", "-o", "csv", "--columns", "nmae"], "Did you mean 'name'?"),
        (["run", "outreach", "listProspects", "--columns", "attributes.name"], "no field 'attributes.name'"),
        (["pick", "toy-service", "selectThing", "--columns", "kye"], "Did you mean 'key'?"),
        (
            ["poll", "zendesk-sell", "pollChangesTrigger", "-i", '{"pollResourceType": "deals"}', "--columns", "vlaue"],
            "Did you mean 'value'?",
        ),
    ],
)
def test_a_column_that_does_not_exist_is_told_before_anything_is_sent(
    words: list[str], said: str, given: str, web: responses.RequestsMock
) -> None:
    ran = run(*words, "-c", given)
    assert (ran.code, ran.error["type"], ran.error["code"]) == (2, "InvalidInput", "unknown_column")
    assert said in ran.error["message"]
    assert (ran.err.count("\n"), said in ran.err) == (1, True)
    assert not web.calls


@pytest.mark.parametrize("shape", ["table", "csv"])
def test_of_what_has_no_schema_a_missing_column_is_a_warning(
    shape: str, given: str, web: responses.RequestsMock
) -> None:
    web.add(responses.GET, "https://toy.example/things/7", json=THING)
    call = '{"method": "GET", "path": "/things/7"}'
    words = ("run", "toy-service", "rawCall", "-i", call, "-c", given, "-o", shape, "--columns")
    asked = run(*words, "status,headers.content-type")
    assert (asked.code, asked.err, "200" in asked.out) == (0, "", True)
    ran = run(*words, "statsu")
    assert (ran.code, ran.err) == (0, "warning: no record has a field 'statsu'. Did you mean 'status'?\n")


@pytest.mark.parametrize(
    ("columns", "said"), [("", "takes names"), ("id,,name", "takes names"), ("id,name,id", "names 'id' twice")]
)
def test_columns_that_are_none_are_wrong_usage(columns: str, said: str, given: str) -> None:
    ran = run("run", "toy-service", "listThings", "-c", given, "--columns", columns)
    assert (ran.code, ran.error["code"], said in ran.error["message"]) == (2, "usage", True)


def test_changes_and_options_have_columns_too(given: str, web: responses.RequestsMock) -> None:
    web.add(responses.GET, "https://toy.example/changes", json={"items": [THING], "position": 12})
    polled = lines(run("poll", "toy-service", "pollThings", "-c", given, "--columns", "id,color"))
    assert ["7", "red"] in [line.split() for line in polled]
    web.add(responses.GET, "https://toy.example/things", json={"items": [THING], "more": False})
    picked = lines(run("pick", "toy-service", "selectThing", "-c", given, "--columns", "key"))
    assert (picked[0], picked[2], picked[-1]) == ("key", "7", "1 option")


LISTED = [
    (component.key, entry.returns[0])
    for component in load_components()
    for entry in component.actions.values()
    if isinstance(entry.returns, list)
]


@pytest.mark.parametrize(("component", "record"), sorted(set(LISTED)))
def test_every_record_that_comes_in_lists_says_what_tells_most_of_it(component: str, record: str) -> None:
    (found,) = [one for one in load_components() if one.key == component]
    assert len(found.record(record)["x-columns"]) >= 2
