"""What is printed, and how: JSON, a record a line, CSV, what jq makes of it, and messages for people."""

import csv
import io
import json
import os
import re
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import responses
from tests.runtime.commandline import Ran, at_terminal, forget, run, spawn

from sales_connectors.doors.cli.program import COMMANDS, program
from sales_connectors.imitation import Box, running

SELL = "zendesk-sell"
ROOT = Path(__file__).parents[2]
THINGS = "https://toy.example/things"
LAMP = {
    "id": 7, "name": 'Lamp, "big"\nand red', "price": "9.99", "address": {"city": "Delft", "floor": None},
    "maker": {"id": 3, "href": "https://x"}, "extra": {"tags": ["a", "b"]}, "made_at": None,
}  # fmt: skip
EVERY = ("run", "toy-service", "listThings", "-i", '{"fetchAll": true}')


@pytest.fixture(autouse=True)
def new_process(toy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SALES_CONNECTORS_CONNECTION", raising=False)
    forget()
    yield
    forget()


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A connection of any component, in a file, which need not be named."""
    path = tmp_path / "connection.json"
    path.touch(0o600)
    path.write_text('{"token": {"access_token": "secret"}}')
    monkeypatch.setenv("SALES_CONNECTORS_CONNECTION", f"@{path}")
    return f"@{path}"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(SELL, rate=0, seed=15) as started:
        yield started


@pytest.fixture
def account(box: Box, tmp_path: Path) -> str:
    """A connection to the sandbox, in a file."""
    file = tmp_path / "account.json"
    file.touch(0o600)
    file.write_text(json.dumps(box.connection))
    return f"@{file}"


def thing(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"Thing {number}"}


def at_pages(web: responses.RequestsMock, *pages: list[Any]) -> None:
    """The pages of a list, one for each request that comes."""
    for number, items in enumerate(pages, 1):
        web.add(responses.GET, THINGS, body=json.dumps({"items": items, "more": number < len(pages)}))


def read_csv(ran: Ran) -> list[dict[str, str]]:
    assert (ran.code, ran.err) == (0, "")
    return list(csv.DictReader(io.StringIO(ran.out, newline="")))


# --- a record a line ----------------------------------------------------------------------------------


def test_each_entry_is_a_line_of_json_as_the_service_sent_it(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [LAMP, {"id": 8, "price": 1.0, "name": "Ünï"}], [thing(9)])
    ran = run(*EVERY, "-o", "ndjson")
    assert (ran.code, ran.err) == (0, "")
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        LAMP,
        {"id": 8, "price": 1.0, "name": "Ünï"},
        thing(9),
    ]
    assert '{"id":8,"price":1.0,"name":"Ünï"}' in ran.out


def test_without_fetch_all_the_page_that_was_asked_for_is_printed(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [thing(1)], [thing(2)])
    words = ("run", "toy-service", "listThings", "-i", '{"page": 1}', "-o", "ndjson")
    assert run(*words).out == '{"id":1,"name":"Thing 1"}\n'
    assert len(web.calls) == 1


@pytest.mark.parametrize("shape", ["ndjson", "csv"])
def test_records_are_out_before_the_next_page_is_asked_for(shape: str, given: str, web: responses.RequestsMock) -> None:
    seen: list[bytes] = []

    def second(request: Any) -> tuple[int, dict[str, str], str]:
        out: Any = sys.stdout.buffer  # what the runner catches
        seen.append(out.getvalue())
        return 200, {}, json.dumps({"items": [thing(2)], "more": False})

    web.add(responses.GET, THINGS, json={"items": [thing(1)], "more": True})
    web.add_callback(responses.GET, THINGS, second)
    assert run(*EVERY, "-o", shape).code == 0
    assert b"Thing 1" in seen[0]


@pytest.mark.parametrize("shape", ["ndjson", "csv"])
def test_a_list_that_fails_half_way_keeps_what_came(shape: str, given: str, web: responses.RequestsMock) -> None:
    web.add(responses.GET, THINGS, json={"items": [thing(1)], "more": True})
    web.add(responses.GET, THINGS, status=403, json={"error": "no"})
    ran = run(*EVERY, "-o", shape)
    assert (ran.code, ran.err.count("\n"), ran.err.startswith("error: ")) == (3, 1, True)
    assert ran.out.splitlines()[-1] in ('{"id":1,"name":"Thing 1"}', ",,,Thing 1,,1,,,,")


def test_a_list_that_fails_at_once_is_an_error_as_everywhere(given: str, web: responses.RequestsMock) -> None:
    web.add(responses.GET, THINGS, status=403, json={"error": "no"})
    ran = run(*EVERY, "-o", "csv")
    assert (ran.code, ran.error["type"]) == (3, "NotAllowed")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_came_is_kept_when_somebody_ends_it(number: signal.Signals, code: int, box: Box, tmp_path: Path) -> None:
    slow = {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0.1}}
    file = tmp_path / "slow.json"
    file.touch(0o600)
    file.write_text(json.dumps(slow))
    words = ("run", SELL, "listContacts", "-i", '{"fetchAll": true}', "-c", f"@{file}", "-o", "ndjson")
    with spawn(*words) as listing:
        assert listing.stdout is not None
        came = [listing.stdout.readline() for _ in range(100)]  # the first page; the next one has to wait
        listing.send_signal(number)
        rest, err = listing.communicate(timeout=20)
    assert (listing.returncode, rest) == (code, "")
    assert len({json.loads(line)["data"]["id"] for line in came}) == 100
    assert "100 records came" in err
    assert "Traceback" not in err


def test_a_line_is_written_whole_although_its_reader_is_slow(account: str) -> None:
    words = ("run", SELL, "getContact", "-i", '{"id": 20000001}', "-c", account, "-o", "ndjson", "--jq")
    reading, writing = os.pipe()
    with spawn(*words, '{big: ("x" * 300000)}', stdout=writing, text=False) as getting:
        os.close(writing)
        came = os.read(reading, 1000)  # the rest fills the pipe and waits
        getting.send_signal(signal.SIGINT)
        with open(reading, "rb") as rest:
            came += rest.read()
        assert getting.wait(timeout=20) == 130
    assert json.loads(came) == {"big": "x" * 300_000}


def test_a_reader_that_has_enough_ends_the_list(account: str) -> None:
    words = ("run", SELL, "listContacts", "-i", '{"fetchAll": true}', "-c", account, "-o", "csv")
    with spawn(*words) as listing:
        assert listing.stdout is not None
        assert listing.stdout.readline().startswith("id,creator_id,")
        listing.stdout.close()
        assert listing.stderr is not None
        assert listing.stderr.read() == ""
    assert listing.returncode == 141


# --- CSV ----------------------------------------------------------------------------------------------


def test_csv_has_a_column_for_each_value_that_the_schema_knows(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [LAMP, thing(8)])
    ran = run(*EVERY, "-o", "csv")
    head = "made_at owner_id color name price id address.city address.floor maker extra"
    assert ran.out.partition("\n")[0].split(",") == head.split()
    lamp, other = read_csv(ran)
    assert (lamp["name"], lamp["address.city"], lamp["maker"], lamp["made_at"]) == (LAMP["name"], "Delft", "3", "")
    assert json.loads(lamp["extra"]) == {"tags": ["a", "b"]}
    assert (other["id"], other["name"], other["extra"]) == ("8", "Thing 8", "")


def test_csv_of_chosen_columns(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [LAMP], [thing(8)])
    ran = run(*EVERY, "-o", "csv", "--columns", "id,extra.tags,maker.href")
    assert ran.out == 'id,extra.tags,maker.href\n7,"[""a"",""b""]",https://x\n8,,\n'


def test_numbers_and_words_stand_in_csv_as_they_came(given: str, web: responses.RequestsMock) -> None:
    body = b'{"items": [{"id": 1, "price": 1234567890.10, "name": true, "color": "\\u001b[31m"}], "more": false}'
    web.add(responses.GET, THINGS, body=body)
    assert run(*EVERY, "-o", "csv", "--columns", "price,name,color").out.splitlines()[1] == (
        "1234567890.10,true,\x1b[31m"
    )


def test_fields_that_no_schema_knows_come_last_or_are_named(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [{**thing(1), "new": 1, "address": {"city": "Delft", "street": "Markt"}}, {**thing(2), "late": 2}])
    ran = run(*EVERY, "-o", "csv")
    assert ran.out.partition("\n")[0].endswith(",extra,new,address.street")
    assert ran.out.splitlines()[1].endswith(",1,Markt")
    assert (ran.code, ran.err.startswith("warning: "), ran.err.rstrip().endswith(": late")) == (0, True, True)


def test_an_empty_list_has_its_columns_all_the_same(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [])  # again and again
    assert run(*EVERY, "-o", "csv", "--columns", "id,name").out == "id,name\n"
    assert run(*EVERY, "-o", "ndjson").out == ""


def test_whatever_else_comes_out_has_rows_too(given: str, web: responses.RequestsMock) -> None:
    web.add(responses.GET, f"{THINGS}/7", json=LAMP)
    assert read_csv(run("run", "toy-service", "getThing", "-i", '{"id": 7}', "-o", "csv"))[0]["id"] == "7"
    web.add(responses.DELETE, f"{THINGS}/7", status=204)
    assert run("run", "toy-service", "deleteThing", "-i", '{"id": 7}', "-o", "ndjson").out == ""
    dry = ("run", "toy-service", "createThing", "-i", '{"name": "x"}', "--dry-run", "-o", "csv")
    (request,) = read_csv(run(*dry))
    assert (request["method"], request["body.name"], request["headers.Authorization"]) == ("POST", "x", "***")
    assert read_csv(run(*dry, "--columns", "name")) == [request]
    at_pages(web, [thing(1), thing(2)])
    assert run("pick", "toy-service", "selectThing", "-o", "csv").out == "label,key\nThing 1,1\nThing 2,2\n"


def test_changes_say_on_each_line_what_they_are(given: str, web: responses.RequestsMock, tmp_path: Path) -> None:
    web.add(responses.GET, "https://toy.example/changes", json={"items": [thing(1)], "position": 12})
    words, state = ("poll", "toy-service", "pollThings"), tmp_path / "state.json"
    refused = run(*words, "-o", "csv")
    assert (refused.code, refused.error["code"], "--state @FILE" in refused.err) == (2, "usage", True)
    assert not web.calls
    kept = ("--state", f"@{state}")
    assert run(*words, *kept, "-o", "ndjson").out == '{"change":"created","record":{"id":1,"name":"Thing 1"}}\n'
    assert run(*words, *kept, "-o", "csv").out == "change,id,name\ncreated,1,Thing 1\n"
    for columns in ("name", "change,name"):
        assert run(*words, *kept, "-o", "csv", "--columns", columns).out == "change,name\ncreated,Thing 1\n"
    assert state.read_text() == "12\n"


# --- jq -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (["--jq", ".data | .price, .name, .id, .address"], '9.50\nLamp\n7\n{"city":"Delft"}\n'),
        (["--jq", ".data.name", "--json"], '"Lamp"\n'),
        (["--jq", ".data | .name, .address # both", "--output", "json"], '"Lamp"\n{\n  "city": "Delft"\n}\n'),
        (["--jq", ".name", "-o", "ndjson"], '"Lamp"\n'),
        (["--jq", "empty"], ""),
    ],
)
def test_a_program_of_jq_makes_the_result(words: list[str], out: str, given: str, web: responses.RequestsMock) -> None:
    web.add(
        responses.GET, f"{THINGS}/7", body=b'{"id": 7, "name": "Lamp", "price": 9.50, "address": {"city": "Delft"}}'
    )
    ran = run("run", "toy-service", "getThing", "-i", '{"id": 7}', *words)
    assert (ran.code, ran.out, ran.err) == (0, out, "")


def test_a_program_sees_each_record_as_it_comes(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [thing(1), thing(2)], [thing(3)])
    assert run(*EVERY, "-o", "ndjson", "--jq", "select(.id != 2) | {id}").out == '{"id":1}\n{"id":3}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".data[", "--jq: syntax error, unexpected end of file"),
        ("nothing", "--jq: nothing/0 is not defined"),
        (" ", "--jq: it is empty"),
        (".a) | (.b", "--jq: syntax error"),
    ],
)
def test_a_program_that_is_none_is_told_before_anything_is_sent(
    text: str, said: str, given: str, web: responses.RequestsMock
) -> None:
    ran = run(*EVERY, "--jq", text)
    assert (ran.code, ran.error["type"], ran.error["code"]) == (2, "InvalidInput", "invalid_program")
    assert ran.error["message"].startswith(said)
    assert (ran.err.count("\n"), said in ran.err) == (1, True)
    assert not web.calls


def test_a_program_that_fails_at_the_result_is_bad_input(given: str, web: responses.RequestsMock) -> None:
    web.add(responses.GET, f"{THINGS}/7", json=LAMP)
    words = ("run", "toy-service", "getThing", "-i", '{"id": 7}', "--jq")
    ran = run(*words, ".data.id.x")
    assert (ran.code, ran.error["message"][:30]) == (2, "--jq: Cannot index number with")
    for halt in ("halt", '"too many" | halt_error', '"too many" | halt_error(5)'):
        halted = run(*words, halt)
        assert (halted.code, halted.error["code"]) == (2, "invalid_program")
    late = run(*words, ".data.id, .data.id.x")
    assert (late.code, late.out, late.err.count("\n")) == (2, "7\n", 1)
    assert late.err.startswith("error: --jq: Cannot index number with")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_program_without_an_end_is_ended_by_a_signal(number: signal.Signals, code: int, account: str) -> None:
    """Which shells call by the same number, whether the process was killed or ended by itself."""
    with spawn("run", SELL, "listDeals", "-c", account, "--jq", "1, (def f: f; f)") as endless:
        assert endless.stdout is not None
        assert endless.stdout.readline() == "1\n"
        endless.send_signal(number)
        assert endless.wait(20) in (code, -number)


def test_what_was_created_is_told_although_the_program_fails(given: str, web: responses.RequestsMock) -> None:
    web.add(responses.POST, THINGS, json=LAMP)
    ran = run("run", "toy-service", "createThing", "-i", '{"name": "x"}', "--jq", ".data.id.x")
    assert ran.code == 2
    assert "warning: createThing is done, and nobody was told the result" in ran.err


def test_a_missing_jq_says_how_to_get_it(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jq", None)
    ran = run(*EVERY, "--jq", ".")
    assert (ran.code, ran.error["code"]) == (9, "missing_extra")
    assert ran.err == "error: jq is not installed. Install the extra: pip install 'sales-connectors[jq]'\n"


# --- one way at a time --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--json", "-o", "csv"], "--json and --output csv are two ways"),
        (["--json", "--output", "json"], "--json and --output json are two ways"),
        (["--json", "--columns", "id"], "--columns is for tables and CSV"),
        (["-o", "ndjson", "--columns", "id"], "fields of NDJSON are chosen with --jq"),
        (["--jq", ".", "--columns", "id"], "--columns and --jq are two ways"),
        (["--jq", ".", "-o", "csv"], "--output csv is none"),
        (["--jq", ".", "-o", "table"], "--output table is none"),
        (["-o", "xml"], "'xml' is not one of 'json', 'ndjson', 'csv', 'table'"),
    ],
)
def test_two_ways_of_giving_the_output_are_refused(
    words: list[str], said: str, given: str, web: responses.RequestsMock
) -> None:
    ran = run(*EVERY, *words)
    assert (ran.code, ran.error["code"], said in ran.error["message"]) == (2, "usage", True)
    assert (ran.err.count("\n"), said in ran.err) == (1, True)
    assert not web.calls


def test_json_is_the_same_however_it_is_asked_for(given: str, web: responses.RequestsMock) -> None:
    at_pages(web, [LAMP])
    plain = run(*EVERY).out
    assert plain == run(*EVERY, "--json").out == run(*EVERY, "-o", "json").out
    assert json.loads(plain) == {"data": {"items": [LAMP], "more": False}}


# --- for people ---------------------------------------------------------------------------------------


def list_commands(group: click.Group, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*names, name), command
        if isinstance(command, click.Group):
            yield from list_commands(command, *names, name)


def test_lists_of_commands_cut_nothing_off() -> None:
    listed = list(list_commands(program))
    assert {name for names, _ in listed for name in names[:1]} == set(COMMANDS)
    for names, command in listed:
        shown = " ".join(run(*names[:-1], "--help").out.split())
        whole = " ".join(str(command.help).partition("\n\n")[0].split())
        assert f"{names[-1]} {whole.partition('. ')[0].rstrip('.')}" in shown
        assert "..." not in command.get_short_help_str()


def test_several_faults_stand_one_below_the_other_at_a_terminal(given: str) -> None:
    words = ("run", SELL, "createContact", "-i", '{"nmae": "x", "email": 5}')
    seen = at_terminal(*words, columns=200)
    assert (seen.code, seen.lines[0]) == (2, "error: createContact: 3 inputs do not fit")
    assert [line.split()[0] for line in seen.lines[1:]] == ["nmae", "email", "lastName"]
    assert run(*words).err.count("\n") == 1


STYLED = """
import os, sys
from sales_connectors.doors.cli.program import program
for setting in ("TERM=xterm-256color", "NO_COLOR=1", "TERM=dumb"):
    print("==", flush=True)
    os.environ.update(dict([setting.split("=")]))
    for words in sys.argv[1].split(";"):
        try: program([*words.split(), "-c", sys.argv[2]])
        except SystemExit: pass
    os.environ.pop("NO_COLOR", None)
"""


def test_a_terminal_that_wants_no_styles_gets_none(box: Box, account: str) -> None:
    script = f"run {SELL} listPipelines --debug;run {SELL} getDeal;run {SELL} getDeal --help"
    first, *others = at_terminal(STYLED, script, account, command=[sys.executable, "-c"]).screen.split("==")[1:]
    for seen in (first, *others):
        assert all(word in seen for word in ("error:", "> GET", "New business", "Inputs"))
    assert first.count("\x1b[") > 10
    assert ["\x1b" in seen for seen in others] == [False, False]


def test_debug_is_read_by_people_at_a_terminal(box: Box, account: str) -> None:
    seen = at_terminal("run", SELL, "listContacts", "-c", account, "--debug", "-o", "json")
    assert seen.lines[0] == f"> GET {box.url}/v2/contacts"
    assert "    Authorization: ***" in seen.lines
    assert any(line.startswith("< 200 in ") and line.endswith(" ms") for line in seen.lines)
    assert any(line.endswith("more characters; all that is reported with 2> FILE)") for line in seen.lines)
    assert str(box.connection["token"]) not in seen.text


PLAYED = re.findall(
    r"<!-- played -->\n```console\n(.*?)```", (ROOT / "docs" / "output.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize("session", PLAYED)
def test_the_page_shows_what_is_printed(session: str, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_CONNECTORS_CONNECTION", account)
    monkeypatch.setenv("COLUMNS", "100")
    for step in session.split("$ sales-connectors ")[1:]:
        command, _, printed = step.partition("\n")
        lines = run(*shlex.split(command)).out.splitlines()
        assert [line.rstrip() for line in lines] == printed.splitlines()
