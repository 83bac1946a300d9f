"""Which connection a command uses that names none, and files that a sandbox writes."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.runtime.commandline import at_terminal, forget, run

from sales_connectors.doors.cli import parameters
from sales_connectors.imitation import Box, running
from sales_connectors.runtime.runtime import default_runtime

SELL = "zendesk-sell"
LIST = ("run", SELL, "listPipelines")


@pytest.fixture(autouse=True)
def new_process(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SALES_CONNECTORS_CONNECTION", raising=False)
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(SELL, rate=0) as started:
        yield started


def keep(box: Box, *names: str) -> None:
    for name in names:
        assert run("connect", SELL, name, "--from", json.dumps(box.connection)).code == 0


def used() -> str | None:
    """The connection that a call without one uses; what is refused tells which it was."""
    ran = run("run", SELL, "getDeal", "id=1")
    assert (ran.code, ran.error["code"]) == (4, "not_found")
    name: str | None = ran.error["connection"]
    return name


def test_the_only_connection_of_a_component_is_used(box: Box) -> None:
    keep(box, "play")
    default_runtime().store.connections.save("elsewhere", "salesloft", {"key": "apiKey", "fields": {"apiKey": "k"}})
    assert used() == "play"
    assert run("pick", SELL, "selectPipeline").json["result"]
    assert run("poll", SELL, "pollChangesTrigger", "pollResourceType=deals").json["state"]


def test_of_several_one_is_made_the_default(box: Box) -> None:
    keep(box, "one", "two")
    refused = run(*LIST)
    assert (refused.code, refused.error["code"]) == (2, "no_connection")
    assert "zendesk-sell has several connections: one, two." in refused.err
    assert "sales-connectors connections default NAME" in refused.err
    assert run("connections", "default", "two").json == {"default": "two", "component": SELL}
    assert used() == "two"
    run("connections", "rename", "two", "main")
    assert used() == "main"
    keep(box, "main")  # signed in to again
    assert used() == "main"
    run("connections", "default", "one")
    assert used() == "one"
    run("connections", "remove", "one")
    assert used() == "main"


def test_a_connection_that_is_named_goes_before_the_default(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(box, "one", "two")
    run("connections", "default", "two")
    monkeypatch.setenv("SALES_CONNECTORS_CONNECTION", "one")
    assert used() == "one"
    assert run("run", SELL, "getDeal", "id=1", "-c", "two").error["connection"] == "two"


def test_without_any_it_is_said_how_to_keep_one_once_the_inputs_fit() -> None:
    assert run(*LIST, "pgae=1").error["code"] == "invalid_input"
    refused = run(*LIST)
    assert (refused.code, refused.error["code"]) == (2, "no_connection")
    assert "Keep one: sales-connectors connect zendesk-sell NAME" in refused.err


def test_a_default_that_there_is_not_is_told_with_its_store(box: Box, home: Path) -> None:
    keep(box, "play")
    for words in (["connections", "default", "paly"], [*LIST, "-c", "paly"]):
        refused = run(*words)
        assert (refused.code, refused.error["code"]) == (4, "unknown_connection")
        assert f"There is no connection 'paly' in the store {home / 'store.db'}. Did you mean 'play'?" in refused.err


def test_the_list_tells_accounts_and_defaults(box: Box) -> None:
    keep(box, "one", "two")
    run("connections", "default", "two")
    told = run("connections").json["connections"]
    assert [(kept["name"], kept["default"]) for kept in told] == [("one", False), ("two", True)]
    assert {kept["account"] for kept in told} == {"Anna Lindqvist <anna@brightside.example.com>"}
    sealed = default_runtime().store.database.run("SELECT account_name FROM sales_connectors_connections", {})
    assert "Anna" not in str(sealed)
    assert run("store", "rekey").code == 0
    run("connections", "rename", "one", "three")
    assert {kept["account"] for kept in run("connections").json["connections"]} == {told[0]["account"]}
    shown = at_terminal("connections", columns=120, COLUMNS="120")
    assert "Where no --connection is named, zendesk-sell uses two." in shown.lines
    assert "Anna Lindqvist" in shown.text
    narrow = at_terminal("connections", columns=80, COLUMNS="80")
    assert ("Scopes" in shown.lines[0], "Scopes" in narrow.lines[0]) == (True, False)
    assert "shows scopes, age and last use too." in " ".join(narrow.lines[-2:])


def test_the_account_of_a_connection_that_was_kept_before_is_told_once_it_is_tested(box: Box) -> None:
    default_runtime().store.connections.save("old", SELL, box.connection)
    assert run("connections").json["connections"][0]["account"] is None
    run("connections", "test", "old")
    assert run("connections").json["connections"][0]["account"] == "Anna Lindqvist <anna@brightside.example.com>"


# --- files of a sandbox -----------------------------------------------------------------------------


def test_what_a_sandbox_printed_is_a_connection_and_its_token_is_refreshed_in_it(box: Box, tmp_path: Path) -> None:
    stale = {**box.connection, "token": {**box.token(), "expires_at": 1}}
    others: dict[str, Any] = {"salesloft": {"fields": {}}}
    file = tmp_path / "sandbox.json"
    file.touch(0o600)
    file.write_text(json.dumps({**others, SELL: stale}), encoding="utf-8")
    assert run(*LIST, "-c", f"@{file}").code == 0
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept[SELL]["token"]["access_token"] != stale["token"]["access_token"]
    assert {**kept, SELL: None} == {**others, SELL: None}
    assert kept[SELL]["fields"] == stale["fields"]
    refused = run("run", "outreach", "listUsers", "-c", f"@{file}")
    assert "These are connections of 'salesloft', 'zendesk-sell'; none of outreach is among them" in refused.err


def test_a_file_that_is_still_empty_is_waited_for(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sandbox.json"
    file.touch(0o600)
    looked = threading.Event()
    read = parameters._read_file

    def look(*given: Any) -> bytes:
        content = read(*given)
        looked.set()
        return content

    def fill() -> None:
        looked.wait(20)
        file.write_text(json.dumps({SELL: box.connection}), encoding="utf-8")

    monkeypatch.setattr(parameters, "_read_file", look)
    threading.Thread(target=fill).start()
    assert run("connect", SELL, "play", "--from", f"@{file}").code == 0


def test_a_file_that_stays_empty_is_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "MAX_EMPTY_SECONDS", 0.01)
    file = tmp_path / "empty.json"
    file.touch(0o600)
    for words in (["connect", SELL, "play", "--from"], [*LIST, "-c"]):
        refused = run(*words, f"@{file}")
        assert (refused.code, refused.error["code"]) == (9, "connection_file")
        assert "is still empty after 0.01 s" in refused.err
