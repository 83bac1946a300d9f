"""Inputs as ``name=value`` on the command line, and the forms that say what they are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from tests.runtime.commandline import at_terminal, forget, run

SELL = "zendesk-sell"
TOKEN = json.dumps({"token": {"access_token": "tok-5f2b~9c"}})


@pytest.fixture(autouse=True)
def new_process(toy: str) -> Iterator[None]:
    forget()
    yield
    forget()


def sent(*words: str) -> Any:
    """The body of the request that a create would send."""
    ran = run("run", "toy-service", "createThing", *words, "-c", TOKEN, "--dry-run")
    assert ran.code == 0, ran.err
    return ran.json["request"]["body"]


def test_values_get_the_types_of_the_form() -> None:
    typed = sent(
        "name=Lamp", "hot=true", "size=2.50", "tags=a,b", 'ids=["7", 8]', 'address={"city": "Oslo", "floor": 3}'
    )
    assert typed == {
        "name": "Lamp",
        "hot": True,
        "size": 2.50,
        "tags": ["a", "b"],
        "ids": [7, 8],
        "address": {"city": "Oslo", "floor": 3},
        "kind": "plain",
    }
    whole = {"name": "Lamp", "hot": "true", "ids": "7,8"}
    assert sent("name=Lamp", "hot=true", "ids=7,8") == sent("-i", json.dumps(whole))


@pytest.mark.parametrize("value", ["a=b=c", "@home", "-", "x y", "null", '{"a": 1}'])
def test_a_value_is_nothing_but_text_until_the_form_has_its_say(value: str) -> None:
    assert sent(f"name={value}")["name"] == value


def test_pairs_stand_beside_json_and_options() -> None:
    both = sent("-i", '{"color": null, "name": "Lamp"}', "hot=false")
    assert (both["color"], both["name"], both["hot"]) == (None, "Lamp", False)


def test_picklists_and_triggers_take_them_too() -> None:
    with responses.RequestsMock() as web:
        page = {"items": [{"id": 7, "name": "Lamp"}], "more": False}
        web.get(
            "https://toy.example/things",
            json=page,
            match=[responses.matchers.query_param_matcher({"color": "red"}, strict_match=False)],
        )
        assert run("pick", "toy-service", "selectThing", "color=red", "-c", TOKEN).json["result"]
    refused = run("poll", "toy-service", "pollThings", "colour=red", "-c", TOKEN)
    assert (refused.code, refused.error["fields"][0]["path"]) == (2, "/colour")


@pytest.mark.parametrize(
    ("words", "path", "said"),
    [
        (["nmae=Lamp", "name=Lamp"], "/nmae", "nmae is no input of this form. Did you mean 'name'?"),
        (["name=Lamp", "size=big"], "/size", "size must be a number, not the text 'big'"),
        (["name=Lamp", "ids=[7"], "/ids", "ids is broken JSON"),
        (["name=Lamp", "-i", '{"name": "Lamp"}'], "/name", "'name' is given in two ways: as name=value and in --input"),
        (["name=Lamp", "name=Lamp"], "/name", "'name' is given in two ways: as name=value, twice"),
        (["name=Lamp", "size="], "/size", """to clear the field: --input '{"size": null}'"""),
    ],
)
def test_what_does_not_fit_is_one_line_that_names_the_input(words: list[str], path: str, said: str) -> None:
    ran = run("run", "toy-service", "createThing", *words, "-c", TOKEN)
    assert (ran.code, ran.error["fields"][0]["path"]) == (2, path)
    assert said in ran.err
    assert ran.err.count("\n") == 1 + ran.err.count("warning:")


@pytest.mark.parametrize("word", ["Lamp", '{"name": "Lamp"}', "=Lamp"])
def test_what_is_no_pair_says_how_inputs_are_given(word: str) -> None:
    ran = run("run", "toy-service", "createThing", word)
    assert (ran.code, ran.error["code"]) == (2, "usage")
    assert "an input is given as name=value, or all of them as JSON: --input" in ran.err


def test_a_secret_in_a_pair_is_warned_of_and_not_repeated() -> None:
    ran = run("run", "toy-service", "createThing", "password=sEcret-5f2b9c", "-c", TOKEN)
    assert "warning: an input holds a secret" in ran.err
    assert "sEcret-5f2b9c" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["pick", "toy-service", "selectThing", "color=red", "--query", "la"], "/things/search"),
        (["poll", "toy-service", "pollThings", "--state", "5"], "/changes?since=5"),
        (["run", "toy-service", "deleteThing", "id=7"], "/things/7"),
    ],
)
def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(words: list[str], asked: str) -> None:
    with responses.RequestsMock():
        request = run(*words, "-c", TOKEN, "--dry-run").json["request"]
    assert request["url"].startswith(f"https://toy.example{asked}")
    assert request["headers"]["Authorization"] == "***"


def test_a_dry_poll_leaves_its_state_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    ran = run("poll", "toy-service", "pollThings", "-c", TOKEN, "--state", f"@{file}", "--dry-run")
    assert (ran.code, file.exists()) == (0, False)


# --- describe, and help -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "key"), [("actions", "createNote"), ("dataSources", "selectStage"), ("connections", "oauth")]
)
def test_one_entry_is_described_as_in_the_whole(section: str, key: str) -> None:
    whole = {entry["key"]: entry for entry in run("describe", SELL).json[section]}
    assert run("describe", SELL, key).json == whole[key]


def test_an_entry_that_there_is_not_gets_the_nearest_of_any_section() -> None:
    ran = run("describe", SELL, "selectStag")
    assert (ran.code, ran.error["code"]) == (4, "unknown_entry")
    assert "Did you mean 'selectStage'?" in ran.err


def test_an_entry_is_shown_as_its_form_with_an_example_to_type() -> None:
    seen = at_terminal("describe", SELL, "createNote", columns=80)
    assert seen.code == 0
    assert "createNote, action of Zendesk Sell · effect: create" in seen.lines[0]
    shown = " ".join(line.removesuffix("\\").strip() for line in seen.lines)
    assert "sales-connectors run zendesk-sell createNote resourceType=lead resourceId=" in shown
    assert "Options:" not in seen.lines


@pytest.mark.parametrize(("action", "offered"), [("createNote", True), ("updateNote", False), ("listNotes", False)])
def test_an_idempotency_key_is_offered_for_creates_only(action: str, offered: bool) -> None:
    shown = run("run", SELL, action, "--help").out
    assert ("--idempotency-key" in shown, "--dry-run" in shown) == (offered, True)


def test_the_example_of_a_form_can_be_typed_as_it_is() -> None:
    """With null, which no text says, it is JSON."""
    assert re.search(r""" updateContact( \\\n *)? --input '{"id": """, run("run", SELL, "updateContact", "--help").out)
    shown = run("run", SELL, "createContact", "--help").out
    assert " tags=contractor,vip" in shown
    lines = shown.partition("Example:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.endswith(" \\") for line in lines] == [True] * (len(lines) - 1) + [False]
