"""A sandbox in the background, by the name of the connection to it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.runtime.commandline import at_terminal, forget, run, spawn

from sales_connectors.doors.cli.background import is_sandbox
from sales_connectors.imitation import running
from sales_connectors.runtime.runtime import default_runtime

SELL = "zendesk-sell"


@pytest.fixture(autouse=True)
def new_process(home: Path) -> Iterator[None]:
    forget()
    yield
    run("sandbox", "--stop", "play")
    forget()


def test_one_command_starts_it_and_keeps_the_connection_and_one_ends_both() -> None:
    started = run("sandbox", SELL, "--connect", "play", "--seed", "2", "--faults", "status=503 path=/v2/deals")
    assert started.code == 0, started.err
    assert started.json["connection"] == {"name": "play", "component": SELL, "key": "oauth"}
    url = started.json["apiUrl"]
    assert run("run", SELL, "listPipelines").code == 0
    assert run("run", SELL, "listDeals", "--retries", "0").code == 7  # as it was told to

    again = run("sandbox", SELL, "--connect", "play")
    assert (again.code, again.error["code"]) == (5, "name_taken")
    assert f"a sandbox that runs at {url}. Use it, or stop it first: sales-connectors sandbox --stop play" in again.err

    assert run("sandbox", "--stop", "play").json == {"stopped": "play", "wasRunning": True}
    assert not is_sandbox(url)
    assert run("connections").json == {"connections": []}
    assert run("sandbox", "--stop", "play").error["code"] == "unknown_connection"


def test_of_two_that_start_at_once_under_one_name_one_is_refused() -> None:
    started = [spawn("sandbox", SELL, "--connect", "play") for _ in range(2)]
    answers = [json.loads(each.communicate()[0]) for each in started]
    (taken,) = [answer["error"]["code"] for answer in answers if "error" in answer]
    assert taken == "name_taken"


def test_one_whose_connection_is_removed_can_be_ended_by_its_address() -> None:
    url = run("sandbox", SELL, "--connect", "play").json["apiUrl"]
    removed = run("connections", "remove", "play")
    assert removed.json == {"removed": "play"}
    assert f"Its sandbox goes on. To end it: sales-connectors sandbox --stop {url}" in removed.err
    assert run("sandbox", "--stop", url).json == {"stopped": url, "wasRunning": True}
    assert not is_sandbox(url)


def test_it_says_how_it_is_used_and_stopped() -> None:
    seen = at_terminal("sandbox", SELL, "--connect", "play")
    url = default_runtime().store.connections.get("play").fields["apiUrl"]
    assert seen.lines == [
        f"zendesk-sell is served at {url}, and play is the connection to it.",
        "zendesk-sell uses it where no --connection is named.",
        "It runs in the background until: sales-connectors sandbox --stop play",
    ]
    assert is_sandbox(url)  # the terminal is closed by now


def test_one_that_has_ended_is_replaced_or_forgotten() -> None:
    with running(SELL) as box:
        run("connect", SELL, "play", "--from", json.dumps(box.connection))
    assert run("sandbox", "--stop", "play").json == {"stopped": "play", "wasRunning": False}
    default_runtime().store.connections.save("play", SELL, box.connection)
    assert run("sandbox", SELL, "--connect", "play").code == 0
    assert run("run", SELL, "listPipelines").code == 0


def test_a_real_account_is_neither_replaced_nor_forgotten() -> None:
    default_runtime().store.connections.save("mine", SELL, {"key": "oauth", "token": {"access_token": "secret"}})
    for words, code in ((["--connect", "mine", SELL], "name_taken"), (["--stop", "mine"], "wrong_connection")):
        refused = run("sandbox", *words)
        assert refused.error["code"] == code
        assert "sales-connectors connections remove mine" in refused.err
    assert [kept["name"] for kept in run("connections").json["connections"]] == ["mine"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--connect", "play"], 2, "--connect takes one component"),
        ([SELL, "salesloft", "--connect", "play"], 2, "--connect takes one component"),
        ([SELL, "--stop", "play"], 2, "zendesk-sell cannot stand beside it"),
        ([SELL, "--connect", "play", "--faults", "nonsense=1"], 2, "no such fault: nonsense"),
        ([SELL, "--connect", "not a name"], 2, "cannot be the name of a connection"),
    ],
)
def test_what_cannot_be_started_says_why(words: list[str], code: int, said: str) -> None:
    refused = run("sandbox", *words)
    assert (refused.code, said in refused.err) == (code, True)


def test_a_port_that_is_taken_is_told_as_in_the_foreground() -> None:
    with running(SELL) as box:
        refused = run("sandbox", SELL, "--connect", "play", "--port", box.url.rpartition(":")[2])
    assert (refused.code, refused.error["code"]) == (9, "port_in_use")
    assert run("connections").json == {"connections": []}


def test_a_sandbox_in_this_process_is_not_ended_from_outside() -> None:
    with running(SELL) as box:
        assert requests.post(f"{box.url}/_sandbox/stop", timeout=10).json() == {"stopping": True}
        assert is_sandbox(box.url)
