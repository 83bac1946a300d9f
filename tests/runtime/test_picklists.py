"""Dropdowns: every record reachable, once, sorted as people sort; asked for once; saved keys put back into labels."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from requests import PreparedRequest
from responses import RequestsMock
from tests.conftest import Toy
from tests.picking import keys

from sales_connectors.errors import InvalidInput, NotFound, Unavailable
from sales_connectors.manifest import load_component
from sales_connectors.runtime import Picked, picklists
from sales_connectors.runtime.picklists import CACHE_SECONDS, MAX_SCANNED_PAGES
from sales_connectors.testing import FakeClock

HOME = "https://toy.example"
SIZE = 3
Names = dict[int, str]


class Shop:
    """A service with things, which can be searched, and plain ones, which cannot."""

    def __init__(self, web: RequestsMock, names: Names) -> None:
        self.names, self.asked = names, list[str]()
        self.refusal: int | None = None
        for path in ("/things", "/things/search", "/plain"):
            web.add_callback("GET", f"{HOME}{path}", callback=self.answer)

    def answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        import json

        url = urlsplit(str(request.url))
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.asked.append(unquote(f"{url.path}?{url.query}"))
        if url.path.endswith("search") and self.refusal:
            return self.refusal, {}, '{"error": "no search on your plan"}'
        return 200, {}, json.dumps(self._page(query))

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        found = {key: name for key, name in self.names.items() if query.get("text", "").lower() in name.lower()}
        if "ids" in query:
            found = {key: name for key, name in found.items() if str(key) in query["ids"].split(",")}
            return {"items": [{"id": key, "name": name} for key, name in found.items()], "more": False}
        number = int(query["page"])
        rows = list(found.items())[(number - 1) * SIZE : number * SIZE]
        items = [{"id": key, "name": name} for key, name in rows]
        return {"items": items, "more": number * SIZE < len(found), "total": len(found)}


@pytest.fixture
def shop(web: RequestsMock) -> Shop:
    return Shop(web, {number: f"Thing {number:03}" for number in range(1, 11)})


def answers(things: Toy, source: str, inputs: Any = None, **question: Any) -> Iterator[Picked]:
    """Answer after answer, as the cursors lead."""
    cursor = None
    while True:
        answer = things.pick(source, inputs, cursor=cursor, **question)
        yield answer
        cursor = answer["nextCursor"]
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 7, 9, 10, 11, 100])
@pytest.mark.parametrize("source", ["selectThing", "selectPlain"])
def test_every_record_is_reached_once(things: Toy, shop: Shop, source: str, limit: int) -> None:
    found = list(answers(things, source, limit=limit))
    assert sorted(key for answer in found for key in keys(answer)) == sorted(str(key) for key in shop.names)
    assert all(0 < len(answer["result"]) <= limit for answer in found)
    assert found[0]["total"] == 10


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_every_match_is_reached_once(things: Toy, shop: Shop, limit: int) -> None:
    shop.names = {number: f"{'Odd' if number % 2 else 'Even'} {number}" for number in range(1, 24)}
    for source in ("selectThing", "selectPlain"):
        found = [key for answer in answers(things, source, query="odd", limit=limit) for key in keys(answer)]
        assert sorted(map(int, found)) == list(range(1, 24, 2))


def test_sorted_as_people_sort(things: Toy, shop: Shop) -> None:
    shop.names = dict(enumerate(["zeta", "Älpha", "Beta", "alpha", "Alpha", "éclair", "beta"], 1))
    labels = [option["label"] for option in things.pick("selectPlain")["result"]]
    assert [label.lower() for label in labels[:2]] == ["alpha", "alpha"]
    assert labels.index("Beta") < labels.index("zeta")
    assert labels == [option["label"] for option in things.pick("selectPlain")["result"]]


def test_a_search_is_pushed_to_the_service(things: Toy, shop: Shop) -> None:
    assert keys(things.pick("selectThing", query=" 010 ")) == ["10"]
    assert shop.asked == ["/things/search?text=010&page=1&size=3"]


def test_a_search_is_matched_here_where_the_service_has_none(things: Toy, shop: Shop) -> None:
    shop.names[4] = "Blue Büroklammer"
    assert keys(things.pick("selectPlain", query="BÜRO blue")) == ["4"]
    assert keys(things.pick("selectPlain", query="no such")) == []
    assert things.pick("selectPlain", query="blue")["total"] is None  # nobody has counted the matches


@pytest.mark.parametrize("refusal", [403, 404, 422])
def test_a_search_that_the_account_may_not_use_is_matched_here(things: Toy, shop: Shop, refusal: int) -> None:
    shop.refusal = refusal
    found = [key for answer in answers(things, "selectThing", query="thing 00", limit=4) for key in keys(answer)]
    assert found == [str(number) for number in range(1, 10)]


def test_a_search_that_the_component_refuses_is_not_matched_here(
    things: Toy, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(text: str) -> None:
        raise InvalidInput("two words at least")

    module = import_module(f"{load_component('toy-service').package}.datasources.things")
    usual = module.select_thing
    monkeypatch.setattr(module, "select_thing", lambda ctx, inputs: replace(usual(ctx, inputs), search=refuse))
    with pytest.raises(InvalidInput, match="two words at least"):
        things.pick("selectThing", query="x")
    assert not shop.asked


def test_a_search_that_fails_is_a_failure(things: Toy, shop: Shop) -> None:
    shop.refusal = 500
    with pytest.raises(Unavailable):
        things.pick("selectThing", query="x")


def test_a_search_through_a_long_list_stops_and_goes_on(things: Toy, shop: Shop) -> None:
    last = MAX_SCANNED_PAGES * SIZE + 5
    shop.names = {number: f"Thing {number}." for number in range(1, last + 1)}
    first = things.pick("selectPlain", query=f"{last}.")
    assert (keys(first), len(shop.asked)) == ([], MAX_SCANNED_PAGES)
    assert keys(things.pick("selectPlain", query=f"{last}.", cursor=first["nextCursor"])) == [str(last)]


def test_saved_keys_become_labels_and_deleted_ones_say_so(things: Toy, shop: Shop) -> None:
    for source in ("selectThing", "selectPlain"):
        assert things.pick(source, ids=["3", "999", " 1 ", ""]) == {
            "result": [
                {"label": "Thing 003", "key": "3"},
                {"label": "999", "key": "999", "missing": True},
                {"label": "Thing 001", "key": "1"},
            ],
            "nextCursor": None,
            "total": 3,
        }
    assert shop.asked[0] == "/things?ids=3,999,1"


def test_ids_may_come_as_text_or_numbers(things: Toy, shop: Shop) -> None:
    assert keys(things.pick("selectThing", ids="3,1")) == ["3", "1"]
    assert keys(things.pick("selectThing", ids=[3, 1])) == ["3", "1"]
    assert things.pick("selectPlain", ids=[])["result"] == []


def test_a_key_with_a_comma_is_asked_for_as_json(things: Toy, shop: Shop) -> None:
    asked = things.pick("selectPlain", ids='["Connected, busy", 3]')["result"]
    assert [option["key"] for option in asked] == ["Connected, busy", "3"]
    assert keys(things.pick("selectPlain", ids="[odd,3")) == ["[odd", "3"]


@pytest.mark.parametrize(
    ("label", "queries"),
    [
        (unicodedata.normalize("NFD", "José"), ("José", "jose", "JOSÉ", unicodedata.normalize("NFD", "josé"))),
        ("İstanbul", ("istanbul", "İSTANBUL", "Istanbul")),
        ("Isparta", ("\u0131sparta",)),
        ("Straße", ("STRASSE", "straße")),
        ("\uff21\uff22\uff23 \ufb01ne", ("abc", "fine")),
        ("Łódź", ("łódź", "łodz")),
        ("กี่", ("กี่",)),
        ("가나", (unicodedata.normalize("NFD", "가"),)),
    ],
)
def test_what_is_on_the_screen_is_found(things: Toy, shop: Shop, label: str, queries: tuple[str, ...]) -> None:
    shop.names = {1: label, 2: "กา other"}
    for query in queries:
        assert keys(things.pick("selectPlain", query=query)) == ["1"], query


def test_the_oldest_page_makes_room(things: Toy, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picklists, "MAX_CACHED_PAGES", 2)
    for source, asked in (("selectThing", 1), ("selectPlain", 2), ("selectPlain", 2), ("selectThing", 2)):
        things.pick(source, limit=SIZE)
        assert len(shop.asked) == asked
    things.pick("selectThing", {"color": "red"}, limit=SIZE)
    things.pick("selectPlain", limit=SIZE)
    assert len(shop.asked) == 3
    things.pick("selectThing", limit=SIZE)
    assert len(shop.asked) == 4


def test_the_second_time_costs_nothing(things: Toy, shop: Shop, clock: FakeClock) -> None:
    first = things.pick("selectThing", limit=4)
    asked = len(shop.asked)
    clock.pass_by(CACHE_SECONDS - 1)
    assert things.pick("selectThing", limit=4) == first
    things.pick("selectThing", limit=4, cursor=first["nextCursor"])
    assert len(shop.asked) == asked + 1
    clock.pass_by(CACHE_SECONDS)
    assert things.pick("selectThing", limit=4) == first
    assert len(shop.asked) == asked + 3


def test_what_is_matched_here_is_not_read_again_for_the_next_letter(things: Toy, shop: Shop) -> None:
    for query in ("t", "th", "thi", ""):
        things.pick("selectPlain", query=query)
    assert len(shop.asked) == 4


def test_other_inputs_are_another_list(things: Toy, shop: Shop) -> None:
    things.pick("selectThing", {"color": "red"}, limit=3)
    things.pick("selectThing", {"color": "green"}, limit=3)
    assert [asked.partition("&")[0] for asked in shop.asked] == ["/things?color=red", "/things?color=green"]


def test_connections_do_not_share_what_they_saw(things: Toy, shop: Shop) -> None:
    for token in ("token-a", "token-b"):
        things.with_token(access_token=token).pick("selectThing", limit=3)
    assert len(shop.asked) == 2


def test_a_failure_is_not_remembered(things: Toy, shop: Shop, web: RequestsMock) -> None:
    web.replace("GET", f"{HOME}/plain", status=404)
    with pytest.raises(NotFound):
        things.pick("selectPlain")
    web.remove("GET", f"{HOME}/plain")
    web.add_callback("GET", f"{HOME}/plain", callback=shop.answer)
    assert len(things.pick("selectPlain")["result"]) == 10


def test_a_record_that_stands_on_two_pages_is_offered_once(things: Toy, shop: Shop, web: RequestsMock) -> None:
    for _ in range(2):
        web.add("GET", f"{HOME}/twice", json={})
    page = {"items": [{"id": 1, "name": "a"}, {"id": 1, "name": "a"}, {"id": 2, "name": "b"}], "more": False}
    web.replace("GET", f"{HOME}/plain", json=page)
    assert keys(things.pick("selectPlain")) == ["1", "2"]


@pytest.mark.parametrize(
    ("source", "inputs", "question"),
    [
        ("selectPlain", {}, {}),
        ("selectThing", {"color": "red"}, {}),
        ("selectThing", {}, {"query": "thing"}),
    ],
)
def test_a_cursor_of_another_walk_is_refused(
    things: Toy, shop: Shop, source: str, inputs: Any, question: dict[str, Any]
) -> None:
    cursor = things.pick("selectThing", limit=2)["nextCursor"]
    with pytest.raises(InvalidInput, match="cursor is not one that this picklist gave out") as raised:
        things.pick(source, inputs, cursor=cursor, **question)
    assert raised.value.fields[0]["path"] == "/cursor"


def test_a_cursor_of_another_query_is_refused(things: Toy, shop: Shop) -> None:
    for source in ("selectThing", "selectPlain"):
        cursor = things.pick(source, query="thing", limit=2)["nextCursor"]
        with pytest.raises(InvalidInput, match="cursor"):
            things.pick(source, query="thing 00", limit=2, cursor=cursor)


@pytest.mark.parametrize("cursor", ["x", "é", "\ud800", "W10=", "WzEsMSwxXQ==", "bnVsbA==", "W1tbW1tb", "-1", 7, ["a"]])
def test_a_cursor_that_is_none(things: Toy, shop: Shop, cursor: Any) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        things.pick("selectThing", cursor=cursor)
    assert not shop.asked


@pytest.mark.parametrize(
    "question",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": 10_001},
        {"limit": True},
        {"limit": "5"},
        {"query": 7},
        {"query": "\ud800"},
        {"ids": 7},
        {"ids": [{}]},
        {"ids": ["\ud800"]},
        {"cursor": 7},
    ],
)
def test_questions_that_make_no_sense(things: Toy, shop: Shop, question: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.pick("selectThing", **question)
    assert raised.value.fields[0]["path"] == f"/{next(iter(question))}"
    assert not shop.asked


def test_wrong_inputs_are_refused_before_anything_is_asked(things: Toy, shop: Shop) -> None:
    with pytest.raises(InvalidInput, match="Did you mean 'color'"):
        things.pick("selectThing", {"colour": "red"})
    assert not shop.asked


def test_an_unknown_data_source_suggests_the_nearest(things: Toy) -> None:
    with pytest.raises(NotFound, match="Did you mean 'selectThing'"):
        things.pick("selectThings")


def test_a_random_walk_reaches_everything(things: Toy, shop: Shop) -> None:
    chance = random.Random(7)
    shop.names = {number: f"Thing {chance.random()}" for number in range(1, 101)}
    found: list[str] = []
    cursor = None
    while cursor is not None or not found:
        answer = things.pick("selectPlain", limit=chance.randint(1, 9), cursor=cursor)
        found += keys(answer)
        cursor = answer["nextCursor"]
    assert sorted(map(int, found)) == list(range(1, 101))
