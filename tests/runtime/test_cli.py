"""The command line, through its front door."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import Any

import pytest
import responses
from tests.runtime.commandline import COMMAND, Ran, at_terminal, environment, forget, run, spawn

from sales_connectors import manifest
from sales_connectors.checks import Problem
from sales_connectors.errors import ConfigurationError
from sales_connectors.imitation import Box, running
from sales_connectors.manifest import describe, projections

THING = {"id": 7, "name": "Lamp"}
TOKEN = "tok-5f2b~9c+Q/8=x"
AS_TEXT = json.dumps({"token": {"access_token": TOKEN}})
GIVEN_FILE = NamedTemporaryFile("w", suffix=".json", encoding="utf-8")  # noqa: SIM115  # it is there for all tests
GIVEN = f"@{GIVEN_FILE.name}"
SELL = "zendesk-sell"
HEAVY = ("cryptography", "authlib", "jsonschema", "rich", "starlette", "uvicorn", "psycopg")


@pytest.fixture(autouse=True)
def new_process(toy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SALES_CONNECTORS_CONNECTION", raising=False)
    GIVEN_FILE.seek(0)
    GIVEN_FILE.truncate()
    GIVEN_FILE.write(AS_TEXT)
    GIVEN_FILE.flush()
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(SELL, rate=0, seed=15) as started:
        yield started


@pytest.fixture
def account(box: Box, tmp_path: Path) -> str:
    """A connection to the sandbox, in a file."""
    connection = {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0}}
    return in_file(tmp_path / "account.json", connection)


def in_file(path: Path, connection: Any) -> str:
    """A connection in a file that nobody else can read, as ``--connection`` takes it."""
    path.touch(0o600)
    path.write_text(json.dumps(connection), encoding="utf-8")
    return f"@{path}"


def at_things(web: responses.RequestsMock, body: Any, status: int = 200, path: str = "/things/7", **more: Any) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    web.add(responses.GET, f"https://toy.example{path}", body=content, status=status, **more)


# --- describe -----------------------------------------------------------------------------------------


def test_describe_lists_the_components() -> None:
    listed = run("describe").json["components"]
    assert {"key": "toy-service", "label": "Toy Service", "description": "Keeps things."} in listed


def test_the_index_of_a_component_is_the_same_without_the_schemas() -> None:
    def drop_schemas(entries: Any) -> Any:
        left_out = ("input", "output")
        return [{name: part for name, part in entry.items() if name not in left_out} for entry in entries]

    whole = run("describe", SELL, "--json").json
    index = json.loads(json.dumps(describe.describe_index(manifest.load_component(SELL))))
    assert index == {name: drop_schemas(part) if isinstance(part, list) else part for name, part in whole.items()}


def test_describe_shows_the_manifest_of_a_component() -> None:
    described = run("describe", SELL, "--json").json
    create = next(action for action in described["actions"] if action["key"] == "createContact")
    assert described["label"] == "Zendesk Sell"
    assert create["effect"] == "create"
    assert create["input"]["properties"]["ownerId"]["x-data-source"] == "selectUser"
    assert "$ref" not in json.dumps(described)
    assert {"key", "label", "description", "tool", "input", "output", "effect", "group", "scopes"} == set(create)
    assert (described["prefix"], create["tool"]) == ("sell", "sell_create_contact")
    assert {"connections", "dataSources", "triggers"} <= set(described)


# --- run ----------------------------------------------------------------------------------------------


def test_run_prints_the_answer_and_nothing_else(web: responses.RequestsMock) -> None:
    at_things(web, THING)
    ran = run("run", "toy-service", "getThing", "--input", '{"id": "7"}', "--connection", GIVEN)
    assert (ran.code, ran.json, ran.err) == (0, {"data": THING}, "")


def test_numbers_keep_every_digit_on_both_ways(web: responses.RequestsMock) -> None:
    web.add(responses.POST, "https://toy.example/things", body=b'{"price": 1234567890.10, "name": "\xc3\x9cn\xc3\xaf"}')
    ran = run("run", "toy-service", "createThing", "-i", '{"name": "x", "extra": {"a": 0.30}}', "-c", GIVEN)
    assert '"a":0.30' in str(web.calls[0].request.body)
    assert '"price": 1234567890.10' in ran.out
    assert '"Ünï"' in ran.out


@pytest.mark.parametrize("how", ["text", "file", "pipe", "marked"])
def test_input_comes_as_text_from_a_file_or_through_a_pipe(
    how: str, tmp_path: Path, web: responses.RequestsMock
) -> None:
    at_things(web, THING)
    content = '{"id": 7}'.encode("utf-8-sig" if how == "marked" else "utf-8")
    (tmp_path / "input.json").write_bytes(content)
    given = {"text": '{"id": 7}', "pipe": "-"}.get(how, f"@{tmp_path / 'input.json'}")
    ran = run("run", "toy-service", "getThing", "--input", given, "-c", GIVEN, typed=content)
    assert ran.json == {"data": THING}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n "b" 2}', "--input is not JSON: Expecting ':' delimiter, line 2, column 6"),
        ("name=Lamp", "line 1, column 1 (a file is given as @FILE)"),
        ("[1]", "--input must hold a JSON object"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": "\\ud800"}', "not all Unicode text"),
        ("[" * 100_000, "nested too deeply"),
        ("@/no/such/file", "the file '/no/such/file' cannot be read: No such file or directory"),
    ],
)
def test_broken_input_is_one_clear_error(text: str, said: str) -> None:
    ran = run("run", "toy-service", "createThing", "--input", text, "-c", GIVEN)
    assert ran.code == 2
    assert ran.error["type"] == "InvalidInput"
    assert said in ran.error["message"]
    assert said in ran.err


def test_a_failure_is_json_on_one_side_and_one_line_on_the_other() -> None:
    ran = run("run", "toy-service", "createThing", "--input", '{"nmae": "x", "color": "blue"}', "-c", GIVEN)
    assert ran.code == 2
    assert {fault["path"] for fault in ran.error["fields"]} == {"/nmae", "/name", "/color"}
    assert (ran.error["component"], ran.error["action"], ran.error["connection"]) == (
        "toy-service",
        "createThing",
        "(given)",
    )
    assert ran.err.count("\n") == 1
    assert ran.err.startswith("error: createThing: nmae is no input of this form. Did you mean 'name'?")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, 2, "InvalidInput"), (401, 3, "NotAuthenticated"), (403, 3, "NotAllowed"), (404, 4, "NotFound"),
     (409, 5, "Conflict"), (429, 6, "RateLimited"), (500, 7, "Unavailable"), (302, 8, "InvalidResponse")],
)  # fmt: skip
def test_the_exit_code_says_what_kind_of_error_it_was(
    status: int, code: int, kind: str, web: responses.RequestsMock
) -> None:
    at_things(web, {"error": "no", "request_id": "r-1"}, status)
    ran = run("run", "toy-service", "getThing", "-i", '{"id": 7}', "-c", GIVEN, "--retries", "0")
    assert (ran.code, ran.error["type"], ran.error["vendor"]["error"]) == (code, kind, "no")
    assert "(request r-1)" in ran.err


def test_what_the_service_says_of_fields_is_in_the_line(web: responses.RequestsMock) -> None:
    at_things(web, {"error": "refused", "fields": {"/id": "is taken"}}, 422)
    assert "id: is taken" in run("run", "toy-service", "getThing", "-i", '{"id": 7}', "-c", GIVEN).err


def test_a_failing_component_says_where_and_shows_no_traceback() -> None:
    ran = run("run", "toy-service", "crash", "-c", GIVEN)
    assert (ran.code, ran.error["type"]) == (1, "InternalError")
    assert "things.py, line" in ran.err
    assert "Traceback" not in ran.err
    assert "nobody foresaw this" not in ran.err + ran.out


def test_a_dry_run_shows_the_request_and_sends_nothing(web: responses.RequestsMock) -> None:
    ran = run("run", "toy-service", "createThing", "-i", '{"name": "Lamp"}', "-c", GIVEN, "--dry-run")
    assert ran.json["request"]["method"] == "POST"
    assert ran.json["request"]["body"] == {"name": "Lamp", "kind": "plain"}
    assert TOKEN not in ran.out
    assert not web.calls


def test_debug_is_json_lines_on_standard_error(web: responses.RequestsMock) -> None:
    at_things(web, THING)
    ran = run("run", "toy-service", "getThing", "-i", '{"id": 7}', "-c", GIVEN, "--debug")
    (entry,) = map(json.loads, ran.err.splitlines())
    assert (entry["method"], entry["status"], ran.json) == ("GET", 200, {"data": THING})
    assert TOKEN not in ran.err


def test_an_idempotency_key_never_creates_twice(web: responses.RequestsMock) -> None:
    web.add(responses.GET, "https://toy.example/me", json={"id": 1})
    made = web.add(responses.POST, "https://toy.example/things", json=THING)
    words = ("run", "toy-service", "createThing", "-i", '{"name": "Lamp"}', "-c", GIVEN, "--idempotency-key", "k")
    assert [run(*words).json["outcome"] for _ in range(2)] == ["created", "found"]
    assert made.call_count == 1


def test_options_out_of_bounds_are_refused() -> None:
    ran = run("run", "toy-service", "getThing", "-i", '{"id": 7}', "-c", GIVEN, "--timeout", "0")
    assert (ran.code, ran.error["code"]) == (2, "invalid_option")


# --- connections --------------------------------------------------------------------------------------


def test_the_environment_names_the_connection(web: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    at_things(web, THING)
    monkeypatch.setenv("SALES_CONNECTORS_CONNECTION", GIVEN)
    assert run("run", "toy-service", "getThing", "-i", '{"id": 7}').code == 0


def test_the_token_of_a_file_is_refreshed_in_it(box: Box, tmp_path: Path) -> None:
    token = {**box.token(), "expires_at": 1}
    path = tmp_path / "connection.json"
    path.write_text(json.dumps({**box.connection, "token": token}))
    path.chmod(0o644)
    assert run("run", SELL, "listPipelines", "--connection", f"@{path}").code == 0
    kept = json.loads(path.read_text())
    assert kept["token"]["access_token"] != token["access_token"]
    assert kept["fields"] == box.connection["fields"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_token_of_json_text_is_never_refreshed(box: Box) -> None:
    connection = {**box.connection, "token": {**box.token(), "expires_at": 1}}
    box.forget()
    ran = run("run", SELL, "listPipelines", "--connection", json.dumps(connection))
    assert (ran.code, ran.error["code"]) == (3, "token_expired")
    assert "@FILE" in ran.err
    assert not box.requests
    assert connection["token"]["access_token"] not in ran.out + ran.err


def test_a_connection_may_come_through_a_pipe(web: responses.RequestsMock) -> None:
    at_things(web, THING)
    reading, writing = os.pipe()
    os.write(writing, AS_TEXT.encode())
    os.close(writing)
    assert run("run", "toy-service", "getThing", "-i", '{"id": 7}', "-c", f"@/dev/fd/{reading}").code == 0
    os.close(reading)


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("nobody", 4, "There is no connection 'nobody' in the store"),
        ("@/no/such/file", 9, "'/no/such/file' cannot be read"),
        ('{"token": ', 2, "--connection is not JSON"),
        ('{"tokn": 1}', 2, "tokn is not known"),
        ('{"salesloft": {"token": "secret"}}', 2, "connections of 'salesloft'; none of toy-service is among them"),
        ('{"fields": {"apiUrl": "http://api.example.com"}, "token": "secret"}', 2, "must use https"),
        ('{"token": {}}', 3, "has no token"),
    ],
)
def test_a_connection_that_cannot_be_used_says_why(given: str, code: int, said: str) -> None:
    ran = run("run", "toy-service", "getThing", "-i", '{"id": 7}', "-c", given)
    assert ran.code == code
    assert said in ran.err


def test_a_call_without_a_connection_says_so() -> None:
    ran = run("run", "toy-service", "getThing", "-i", '{"id": 7}')
    assert (ran.code, ran.error["code"]) == (2, "no_connection")


# --- wrong usage --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["rnu"], 2, "There is no command 'rnu'. Did you mean 'run'?"),
        (["run", "toy-service"], 2, "Missing argument 'ACTION'"),
        (["run", "toy-service", "getThing", "--inptu"], 2, "--input"),
        (["run", "toy-service", "getThing", "7"], 2, "'7' is no input: an input is given as name=value"),
        (["run", "toy-service", "getThing", "--id", "7"], 2, "Inputs are given as name=value"),
        (["run", "toy-service", "getThing", "--timeout", "soon"], 2, "'soon' is not a valid float"),
        (["run", "toy-service", "getThin"], 4, "There is no action 'getThin'. Did you mean 'getThing'?"),
        (["pick", "toy-service", "selectThin"], 4, "Did you mean 'selectThing'?"),
        (["poll", "toy-service", "pollThing"], 4, "Did you mean 'pollThings'?"),
        (["describe", "toy-servic"], 4, "Did you mean 'toy-service'?"),
        (["run", "toy-service", "noFunction", "-c", GIVEN, "-i", '{"id": 1}'], 9, "no such function"),
        (["run", "toy-service", "getThing", "-i", '{"id": "\udcff"}'], 2, "is not UTF-8 text"),
        (["sandbox", "toy-service"], 4, "There is no sandbox of toy-service"),
        (["demo", "toy-service"], 4, "There is no demo of toy-service"),
        (["sandbox", SELL, "--faults", "nonsense=1"], 2, "no such fault: nonsense"),
    ],
)
def test_wrong_usage_is_the_same_object_with_the_nearest_name(words: list[str], code: int, said: str) -> None:
    ran = run(*words)
    assert ran.code == code
    assert said in ran.error["message"]
    assert ran.err.startswith("error: ")
    assert ran.error["fix"] == ("maintainer" if ran.error["code"] == "usage" else ran.error["fix"])


def test_an_unknown_action_is_told_before_a_missing_connection() -> None:
    assert run("run", "toy-service", "getThin", "-c", "nobody").error["code"] == "unknown_action"


# --- pick ---------------------------------------------------------------------------------------------


def test_pick_prints_options_and_goes_on_at_a_cursor(account: str) -> None:
    first = run("pick", SELL, "selectContact", "--limit", "5", "-c", account).json
    again = run("pick", SELL, "selectContact", "--limit", "5", "--cursor", first["nextCursor"], "-c", account).json
    keys = [option["key"] for option in first["result"] + again["result"]]
    assert len(set(keys)) == 10


def test_pick_searches_and_turns_keys_into_labels(account: str) -> None:
    found = run("pick", SELL, "selectStage", "--query", "won", "-c", account).json["result"]
    key = found[0]["key"]
    labelled = run("pick", SELL, "selectStage", "--ids", f"{key},999", "-c", account).json["result"]
    assert labelled == [{"label": found[0]["label"], "key": key}, {"label": "999", "key": "999", "missing": True}]


def test_pick_takes_the_inputs_that_narrow_the_list(web: responses.RequestsMock) -> None:
    at_things(web, {"items": [THING], "more": False}, path="/things")
    assert run("pick", "toy-service", "selectThing", "-i", '{"color": "red"}', "-c", GIVEN).json["result"]
    assert "color=red" in str(web.calls[0].request.url)


# --- poll ---------------------------------------------------------------------------------------------


def at_changes(web: responses.RequestsMock, position: Any, status: int = 200) -> None:
    at_things(web, {"items": [THING], "position": position}, status, "/changes")


def test_poll_starts_without_a_state_and_goes_on_from_the_file(tmp_path: Path, web: responses.RequestsMock) -> None:
    at_changes(web, 12)
    file = tmp_path / "state.json"
    words = ("poll", "toy-service", "pollThings", "-c", GIVEN, "--state", f"@{file}")
    assert run(*words).json == {"data": {"created": [THING], "updated": [], "deleted": []}, "state": 12}
    assert json.loads(file.read_text()) == 12
    run(*words)
    assert str(web.calls[1].request.url).endswith("since=12")
    assert os.listdir(tmp_path) == ["state.json"]


def test_poll_takes_a_state_as_text(web: responses.RequestsMock) -> None:
    at_changes(web, 13)
    assert run("poll", "toy-service", "pollThings", "-c", GIVEN, "--state", "12").json["state"] == 13
    assert str(web.calls[0].request.url).endswith("since=12")


def test_a_poll_that_fails_leaves_the_state_as_it_was(tmp_path: Path, web: responses.RequestsMock) -> None:
    at_changes(web, 13, 404)
    file = tmp_path / "state.json"
    file.write_text("12")
    assert run("poll", "toy-service", "pollThings", "-c", GIVEN, "--state", f"@{file}").code == 4
    assert file.read_text() == "12"


def test_a_poll_whose_result_nobody_reads_leaves_the_state_as_it_was(box: Box, account: str, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    reading, writing = os.pipe()
    os.close(reading)
    inputs = '{"pollResourceType": "deals", "startFrom": "beginning"}'
    polled = spawn(
        "poll", SELL, "pollChangesTrigger", "-c", account, "-i", inputs, "--state", f"@{file}", stdout=writing
    )
    os.close(writing)
    assert polled.communicate()[1] == ""
    assert polled.returncode == 141
    assert not file.exists()


def test_a_state_file_that_cannot_be_written_is_told_before_the_poll(web: responses.RequestsMock) -> None:
    ran = run("poll", "toy-service", "pollThings", "-c", GIVEN, "--state", "@/no/such/folder/state.json")
    assert (ran.code, ran.error["code"]) == (9, "state_file")
    assert not web.calls


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no pipes with names")
def test_nothing_takes_the_place_of_what_is_no_file(tmp_path: Path, web: responses.RequestsMock) -> None:
    """As ``@/dev/null``, which reads as empty; an administrator could lose it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused = run("poll", "toy-service", "pollThings", "-c", GIVEN, "--state", f"@{pipe}")
    assert (refused.code, refused.error["code"]) == (9, "state_file")
    assert "it is no regular file" in refused.error["message"]
    assert pipe.is_fifo()
    assert not web.calls


@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_state_file_is_a_first_poll(content: str, tmp_path: Path, web: responses.RequestsMock) -> None:
    at_changes(web, 12)
    file = tmp_path / "state.json"
    file.write_text(content)
    assert run("poll", "toy-service", "pollThings", "-c", GIVEN, "--state", f"@{file}").code == 0
    assert str(web.calls[0].request.url).endswith("since=0")
    assert json.loads(file.read_text()) == 12


@pytest.mark.parametrize(
    ("foreign", "words"),
    [
        ({"component": "salesloft"}, "is that of the component 'salesloft', not of zendesk-sell"),
        ({"trigger": "pollOthers"}, "is that of the trigger 'pollOthers', not of pollChangesTrigger"),
        ({"resource": "leads"}, "is that of leads, not of deals"),
    ],
)
def test_the_state_file_of_another_poll_is_refused_and_stays(
    box: Box, account: str, tmp_path: Path, foreign: dict[str, str], words: str
) -> None:
    file = tmp_path / "state.json"
    inputs = ("-i", '{"pollResourceType": "deals"}')
    poll = ("poll", SELL, "pollChangesTrigger", "-c", account, *inputs, "--state", f"@{file}")
    assert run(*poll).code == 0
    state = json.loads(file.read_text())
    if "resource" in foreign:
        state |= foreign
    else:
        state["of"] |= foreign
    file.write_text(json.dumps(state))
    box.forget()

    ran = run(*poll)

    assert (ran.code, ran.error["code"], ran.error["fields"][0]["path"]) == (2, "invalid_state", "/state")
    assert words in ran.error["message"]
    assert (json.loads(file.read_text()), box.requests) == (state, [])


def test_the_state_file_of_another_connection_is_refused_and_one_without_a_name_is_taken(
    box: Box, account: str, tmp_path: Path
) -> None:
    file, others = tmp_path / "state.json", box.token(user="grace@brightside.example.com")
    other = in_file(tmp_path / "other.json", {**box.connection, "token": others})
    for name, given in (("ours", account), ("theirs", other)):
        assert run("connect", SELL, name, "--from", given).code == 0
    deals = ("poll", SELL, "pollChangesTrigger", "-i", '{"pollResourceType": "deals"}', "--state", f"@{file}", "-c")
    assert run(*deals, "ours").code == 0
    before = file.read_text()

    refused = run(*deals, "theirs")

    assert (refused.code, refused.error["code"]) == (2, "invalid_state")
    assert "is that of another connection" in refused.error["message"]
    assert file.read_text() == before
    assert run("connections", "rename", "ours", "mine").code == 0
    assert run(*deals, "mine").code == 0
    old = {name: value for name, value in json.loads(before).items() if name != "of"}
    file.write_text(json.dumps(old))  # as polls kept it once
    assert run(*deals, "theirs").code == 0
    assert json.loads(file.read_text())["of"]["trigger"] == "pollChangesTrigger"


def test_a_broken_state_file_is_no_new_beginning(tmp_path: Path, web: responses.RequestsMock) -> None:
    file = tmp_path / "state.json"
    file.write_text("{")
    assert run("poll", "toy-service", "pollThings", "-c", GIVEN, "--state", f"@{file}").error["code"] == "invalid_json"
    assert not web.calls


# --- help ---------------------------------------------------------------------------------------------


def test_help_lists_the_commands_and_teaches() -> None:
    for words in (["--help"], ["-h"], []):
        ran = run(*words)
        assert (ran.code, ran.err) == (0, "")
        assert "Use a component:" in ran.out
        assert "SALES_CONNECTORS_CONNECTION" in ran.out


@pytest.mark.parametrize(
    "command", ["describe", "run", "pick", "poll", "connect", "connections", "sandbox", "check", "demo", "docs"]
)
def test_every_command_has_examples(command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert f"sales-connectors {command}" in ran.out.partition("Examples:")[2]


def test_help_of_an_action_shows_its_inputs() -> None:
    shown = run("run", SELL, "createDeal", "--help").out
    assert "Usage: sales-connectors run zendesk-sell createDeal" in shown
    row = next(line for line in shown.splitlines() if line.startswith("  contactId"))
    assert row.split()[1:3] == ["integer", "required"]
    example = " ".join(shown.replace("\\\n", "").split())
    assert "run zendesk-sell createDeal name='Q1 Enterprise Deal' contactId=20000001" in example


def test_help_of_a_component_lists_what_there_is_to_choose() -> None:
    assert "selectThing" in run("pick", "toy-service", "--help").out


def test_version() -> None:
    assert run("--version").out == "sales-connectors 0.1.0\n"


# --- completion ---------------------------------------------------------------------------------------


def completed(*words: str) -> list[str]:
    line = shlex.join(["sales-connectors", *words])
    variables = {
        "_SALES_CONNECTORS_COMPLETE": "bash_complete",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_WORD": words[-1],
    }
    ran = subprocess.run(COMMAND, env=environment(**variables), capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    return [line.partition(",")[2] for line in ran.stdout.split()]


def test_completion_knows_commands_components_keys_and_connections(box: Box) -> None:
    run("connect", SELL, "play", "--from", json.dumps(box.connection))
    assert completed("conn") == ["connect", "connections"]
    assert completed("run", "zen") == [SELL]
    assert completed("run", SELL, "listP") == ["listPipelines"]
    assert completed("pick", SELL, "selectSta") == ["selectStage"]
    assert completed("run", SELL, "listDeals", "--connection", "pl") == ["play"]
    assert completed("run", "no-such-component", "li") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_prints_the_script_of_a_shell(shell: str) -> None:
    assert "_SALES_CONNECTORS_COMPLETE" in run("completion", shell).out


# --- check, docs, demo --------------------------------------------------------------------------------


def test_check_prints_each_problem_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(Path("/somewhere/component.yaml"), 12, "no such handler")
    monkeypatch.setattr("sales_connectors.checks.check", lambda key: [problem])
    ran = run("check", SELL)
    assert (ran.code, ran.error["code"]) == (9, "register")
    assert ran.error["fields"] == [{"path": "/somewhere/component.yaml:12", "message": "no such handler"}]
    assert ran.err.splitlines() == ["/somewhere/component.yaml:12: no such handler", "error: 1 problem found"]


def test_check_says_that_there_are_no_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sales_connectors.checks.check", lambda key: [])
    assert run("check", SELL).json == {"checked": [SELL], "problems": []}


def test_docs_check_fails_when_pages_are_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sales_connectors.manifest.projections.write", lambda component, check: [Path("docs/x.md").absolute()]
    )
    stale = run("docs", "--check")
    assert (stale.code, stale.error["code"]) == (9, "stale_docs")
    assert "docs/x.md" in stale.err
    assert run("docs", SELL).json == {"written": ["docs/x.md"]}


def test_docs_overwrites_nothing_that_no_generator_wrote(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "docs" / "zendesk-sell.md"
    page.parent.mkdir()
    page.write_text("# Mine\n", encoding="utf-8")
    monkeypatch.setattr(projections, "find_root", lambda: tmp_path)
    refused = run("docs", SELL)
    assert (refused.code, refused.error["code"], str(page) in refused.err) == (5, "already_there", True)
    assert page.read_text(encoding="utf-8") == "# Mine\n"
    page.unlink()
    assert run("docs", SELL).code == run("docs", SELL).code == 0
    assert page.read_text(encoding="utf-8").startswith("<!-- Generated by")


def demo(monkeypatch: pytest.MonkeyPatch, play: Any) -> None:
    """Let a story be told by a component."""
    module = ModuleType("demo")
    monkeypatch.setattr(module, "play", play, raising=False)
    monkeypatch.setitem(sys.modules, "sales_connectors.components.zendesk_sell.sandbox.demo", module)
    monkeypatch.setattr(
        "sales_connectors.doors.cli.commands.demo.select_components", lambda *others: [manifest.load_component(SELL)]
    )


def test_demo_tells_its_steps_with_what_came_out(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    def play(sell: Any, say: Any, box: Box) -> None:
        say("Who is it?", sell.whoami()["data"]["name"])
        say("A dropdown", {"result": [{"label": "Won", "key": "5"}]})
        say(f"Asked {box.count('/v2/users')} time")

    demo(monkeypatch, play)
    ran = run("demo", SELL)
    assert ran.code == 0
    assert ran.out.splitlines()[:2] == ["Zendesk Sell", "============"]
    assert ran.out.splitlines()[4:7] == [" 1  Who is it?", "    Anna Lindqvist", " 2  A dropdown"]
    assert " 3  Asked 1 time" in ran.out
    assert not home.exists()


def test_demo_has_a_chapter_for_each_component_and_says_what_to_type_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sales_connectors.doors.cli.commands.demo._play", lambda found: None)
    monkeypatch.setenv("PATH", "/nowhere")
    told = run("demo").out.splitlines()
    assert [line for line in told if line.startswith("Chapter")] == [
        "Chapter 1 of 3: Zendesk Sell",
        "Chapter 2 of 3: Outreach",
        "Chapter 3 of 3: Salesloft",
    ]
    start = told.index("What to type next, to try it by hand:")
    assert told[start + 1].startswith("  source ")
    assert told[start + 1].endswith("/bin/activate")
    assert told[start + 2 :] == [
        "  sales-connectors sandbox zendesk-sell --connect play",
        "  sales-connectors run zendesk-sell listContacts",
        "  sales-connectors describe zendesk-sell",
        "  sales-connectors sandbox --stop play",
    ]


@pytest.mark.parametrize(
    ("extra", "module", "words"),
    [
        ("sandbox", "starlette", ["sandbox", SELL]),
        ("sandbox", "uvicorn", ["sandbox", SELL]),
        ("sandbox", "uvicorn", ["sandbox", SELL, "--connect", "play"]),
        ("sandbox", "starlette", ["demo"]),
        ("sandbox", "uvicorn", ["demo"]),
        ("sandbox", "starlette", ["check", "refresh"]),
        ("sandbox", "uvicorn", ["check", "refresh"]),
        ("postgresql", "psycopg", ["connections"]),
        ("postgresql", "psycopg", ["run", SELL, "listDeals", "-c", "play"]),
        ("postgresql", "psycopg", ["connect", SELL, "play", "--from", "{}"]),
        ("postgresql", "psycopg", ["store", "rekey"]),
    ],
)
def test_a_missing_extra_is_told_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, extra: str, module: str, words: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setenv("SALES_CONNECTORS_STORE", "postgresql://localhost/none" if extra == "postgresql" else "")
    ran = run(*words)
    assert (ran.code, ran.error["type"]) == (9, "ConfigurationError")
    assert f"pip install 'sales-connectors[{extra}]'" in ran.err


def test_a_missing_extra_is_told_in_python_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'sales-connectors\[sandbox\]'"), running(SELL):
        pass
    monkeypatch.setitem(sys.modules, "responses", None)
    monkeypatch.delitem(sys.modules, "sales_connectors.testing")
    with pytest.raises(ConfigurationError, match=r"pip install 'sales-connectors\[testing\]'"):
        import_module("sales_connectors.testing")


def test_a_demo_that_goes_wrong_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    demo(monkeypatch, lambda sell, say, box: sell.getDeal(id=1))
    assert run("demo", SELL).code == 4


# --- the sandbox --------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_says_in_one_line_how_to_connect(end: signal.Signals) -> None:
    with spawn("sandbox", SELL, "--port", "0", "--rate", "0") as sandbox:
        assert sandbox.stdout is not None
        connection = json.loads(sandbox.stdout.readline())[SELL]
        assert "data" in run("run", SELL, "listDeals", "-c", json.dumps(connection)).json
        sandbox.send_signal(end)
        rest, messages = sandbox.communicate(timeout=20)
    assert (sandbox.returncode, rest) == (0, "")
    assert connection["fields"]["apiUrl"] in messages


def test_a_port_that_is_taken_is_a_clear_error(box: Box) -> None:
    ran = run("sandbox", SELL, "--port", box.url.rpartition(":")[2])
    assert (ran.code, ran.error["code"]) == (9, "port_in_use")


# --- the ends of a process ----------------------------------------------------------------------------


def test_a_reader_that_goes_away_is_no_error() -> None:
    with spawn("describe", SELL) as described:
        assert described.stdout is not None
        described.stdout.close()
        assert described.stderr is not None
        assert described.stderr.read() == ""
    assert described.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("words", [("--help",), ("--version",), ("run", SELL, "createContact", "--help")])
def test_help_that_cannot_be_written_is_no_defect(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full, spawn(*words, stdout=full) as helped:
        assert (helped.wait(), "Standard output cannot be written" in helped.communicate()[1]) == (9, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("w") as full, spawn("describe", SELL, stdout=full) as described:
        assert described.communicate()[1] == "error: Standard output cannot be written: No space left on device\n"
    assert described.returncode == 9


def shell(line: str, account: str) -> Ran:
    """A line of shell, in which ``$RUN`` is the program and ``$TO`` a connection."""
    env = environment(RUN=shlex.join(COMMAND), TO=account)
    ran = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, check=False, timeout=60)
    return Ran(ran.returncode, ran.stdout, ran.stderr)


CREATE = f"""$RUN run {SELL} createContact -c "$TO" -i '{{"lastName": "Closed"}}'"""


@pytest.mark.parametrize("words", [CREATE, "$RUN connections"])
def test_a_closed_standard_output_is_told_before_anything_is_done(box: Box, account: str, words: str) -> None:
    box.forget()
    refused = shell(f"{words} >&-", account)
    assert (refused.code, refused.out) == (9, "")
    assert refused.err == "error: Standard output is closed; send it somewhere, or to /dev/null\n"
    assert box.count() == 0


@pytest.mark.parametrize("nowhere", ["2>&-", "2>/dev/full"])
def test_what_was_done_is_told_although_nobody_reads_the_debug_lines(box: Box, account: str, nowhere: str) -> None:
    box.forget()
    done = shell(f"{CREATE} --debug {nowhere}", account)
    assert (done.code, done.json["data"]["data"]["last_name"]) == (0, "Closed")
    assert box.count("/v2/contacts", "POST") == 1


def test_an_error_that_nobody_reads_keeps_its_exit_code(account: str) -> None:
    refused = shell(f'$RUN run {SELL} getContact -c "$TO" -i "{{}}" 2>/dev/full', account)
    assert (refused.code, refused.error["code"]) == (2, "invalid_input")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (f'$RUN run {SELL} listContacts -c "$TO" -i -', "invalid_json"),
        (f"$RUN connect {SELL} x --token", "missing_secret"),
    ],
)
def test_a_closed_standard_input_is_an_empty_one(account: str, words: str, code: str) -> None:
    refused = shell(f"{words} <&-", account)
    assert (refused.code, refused.error["code"]) == (2, code)


def test_ctrl_c_ends_a_call_quietly(box: Box, tmp_path: Path) -> None:
    slow = {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0.2}}
    given = in_file(tmp_path / "slow.json", slow)
    words = ("run", SELL, "listContacts", "-i", '{"fetchAll": true}', "-c", given, "--debug")
    with spawn(*words) as listing:
        assert listing.stderr is not None
        listing.stderr.readline()  # the first page is there, and the next one has to wait
        listing.send_signal(signal.SIGINT)
        out, err = listing.communicate(timeout=20)
    assert (listing.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_nothing_heavy_is_loaded_before_it_is_needed(box: Box, account: str) -> None:
    script = (
        "import sys; from sales_connectors.doors.cli.program import program\n"
        "try: program(sys.argv[1:])\n"
        f"finally: print(sorted(set(sys.modules) & set({HEAVY})), file=sys.stderr)"
    )
    words = ["run", SELL, "getContact", "-i", '{"id": 20000001}', "-c", account]
    ran = subprocess.run(
        [sys.executable, "-c", script, *words], env=environment(), capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "[]\n")


# --- at a terminal ------------------------------------------------------------------------------------


def test_a_list_is_a_table_of_the_most_telling_columns(account: str) -> None:
    seen = at_terminal("run", SELL, "listDeals", "-c", account, "-i", '{"perPage": 10}', columns=90)
    assert seen.code == 0
    assert seen.lines[0].split()[:3] == ["id", "name", "value"]
    assert any(line.startswith("4000000") for line in seen.lines)
    assert seen.lines[-1].startswith("10 records · more on the next page")
    assert max(map(len, seen.lines)) <= 90
    assert "\x1b[" in seen.screen


def test_one_record_is_shown_field_by_field(account: str) -> None:
    lines = at_terminal("run", SELL, "getContact", "-c", account, "-i", '{"id": 20000001}').lines
    assert any(line.split()[:1] == ["address.city"] for line in lines)
    assert any(line.startswith("empty: ") for line in lines)


def test_colours_can_be_switched_off(account: str) -> None:
    assert "\x1b[3" not in at_terminal("run", SELL, "listDeals", "-c", account, NO_COLOR="1").screen


def test_json_can_be_asked_for_at_a_terminal(account: str) -> None:
    seen = at_terminal("run", SELL, "listDeals", "--json", "-c", account)
    assert json.loads(seen.screen)["data"]["items"]


def test_a_record_cannot_play_tricks_on_the_terminal(account: str) -> None:
    inputs = json.dumps({"lastName": "Doe\u001b]0;gotcha\u0007 [red]x[/red] :smile:"})
    made = run("run", SELL, "createContact", "-c", account, "-i", inputs).json["data"]["data"]["id"]
    seen = at_terminal("run", SELL, "getContact", "-c", account, "-i", f'{{"id": {made}}}')
    assert "\x1b]0;" not in seen.screen
    assert "[red]x[/red] :smile:" in seen.text


def test_describe_is_read_by_people() -> None:
    seen = at_terminal("describe", SELL)
    assert seen.lines[0].split() == ["Zendesk", "Sell", SELL, "CRM"]
    assert f"Actions ({len(manifest.load_component(SELL).actions)})" in seen.lines
    assert any(line.split()[:2] == ["createContact", "create"] for line in seen.lines)
    assert seen.lines.index("  Contacts") < seen.lines.index("  Leads")
    assert SELL in at_terminal("describe").text


def test_picklists_changes_and_requests_are_drawn(account: str, tmp_path: Path) -> None:
    picked = at_terminal("pick", SELL, "selectStage", "--limit", "3", "-c", account)
    assert picked.lines[0].split() == ["Label", "Key"]
    assert "more with --cursor" in picked.text
    polled = at_terminal(
        "poll", SELL, "pollChangesTrigger", "-c", account, "-i", '{"pollResourceType": "deals"}', "--state",
        f"@{tmp_path / 'state'}",
    )  # fmt: skip
    assert "Created (0)" in polled.lines
    dry = at_terminal("run", SELL, "createContact", "-c", account, "-i", '{"lastName": "Doe"}', "--dry-run")
    assert dry.lines[0].startswith("POST http://127.0.0.1")
    assert dry.lines[-1] == "A dry run: nothing was sent"


def test_an_error_is_one_red_line(account: str) -> None:
    seen = at_terminal("run", SELL, "getDeal", "-c", account, "-i", '{"id": 1}')
    assert seen.code == 4
    assert seen.text.startswith("error: The service has no such record")
    assert seen.screen.startswith("\x1b[31m")
    assert seen.text.count("\n") == 1


def test_a_counter_runs_while_all_pages_are_read_and_vanishes(account: str) -> None:
    seen = at_terminal("run", SELL, "listContacts", "-c", account, "-i", '{"fetchAll": true}')
    assert "100 records" in seen.text
    assert "\x1b[?25h" in seen.screen  # the cursor is back
    assert seen.lines[-1].endswith(" records")


def test_no_counter_runs_where_nobody_watches(account: str) -> None:
    ran = run("run", SELL, "listContacts", "-c", account, "-i", '{"fetchAll": true}')
    assert ran.err == ""
    assert ran.json["data"]["meta"]["count"] == len(ran.json["data"]["items"]) > 100


def test_money_is_shown_as_it_came() -> None:
    from sales_connectors.doors.cli.records import format_value

    assert format_value(Decimal("1234567890.10")) == "1234567890.10"
