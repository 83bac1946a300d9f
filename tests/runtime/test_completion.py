"""What a shell offers: names, inputs, fields, files, and connections that fit."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.runtime.commandline import environment, forget, run

from sales_connectors.doors.cli.bash_completion import LINE_OF_BASH, LineComplete
from sales_connectors.runtime.runtime import default_runtime

SELL = "zendesk-sell"


@pytest.fixture(autouse=True)
def new_process(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget()
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield
    forget()


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> "Completer":
    return Completer(monkeypatch)


class Completer:
    """What bash is offered for a line whose end is the cursor."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, line: str, replaced: str | None = None) -> list[str]:
        """``replaced`` is what bash takes for the word, where it breaks that of the line."""
        line = f"sales-connectors {line}"
        with self._patch.context() as patch:
            patch.setenv("_SALES_CONNECTORS_COMPLETE", "bash_complete")
            patch.setenv("COMP_LINE", f"{line} and more")
            patch.setenv("COMP_POINT", str(len(line)))
            patch.setenv("COMP_WORD", line.rpartition(" ")[2] if replaced is None else replaced)
            ran = run()
        assert ran.err == ""
        return [offered.partition(",")[2] for offered in ran.out.splitlines() if offered]


def test_inputs_are_offered_by_name_and_by_value(complete: Completer) -> None:
    assert complete(f"run {SELL} createNote res") == ["resourceType=", "resourceId="]
    assert complete(f"run {SELL} createNote resourceType=") == [
        f"resourceType={kind}" for kind in ("lead", "contact", "deal")
    ]
    assert complete(f"run {SELL} createNote content=x isImportant=t") == ["isImportant=true"]
    assert complete(f"pick {SELL} selectStage pipe") == ["pipelineId="]
    assert complete("run no-such-component createNote res") == complete(f"run {SELL} noSuchAction res") == []


def test_bash_replaces_only_what_stands_behind_its_break(complete: Completer) -> None:
    Path("deal.json").touch()
    assert complete(f"run {SELL} createNote resourceType=d", "d") == ["deal"]
    assert complete(f"run {SELL} createDeal --input @de", "@de") == ["@deal.json"]
    assert complete(f"run {SELL} createDeal --input=@de", "@de") == ["@deal.json"]
    assert complete(f"connect {SELL} mine --field clientSecret=@de", "@de") == ["@deal.json"]


def test_files_are_offered_behind_an_at(complete: Completer) -> None:
    Path("only").mkdir()
    for name in ("only/a.json", "only/b.json", "other.json", ".hidden"):
        Path(name).touch()
    assert complete(f"run {SELL} createDeal --input @") == ["@only/", "@other.json"]
    assert complete(f"run {SELL} createDeal --input @on") == ["@only/a.json", "@only/b.json"]
    assert complete(f"run {SELL} createDeal -c @ot") == ["@other.json"]
    assert complete(f"poll {SELL} pollChangesTrigger --state @.h") == ["@.hidden"]
    assert complete(f"connect {SELL} mine --from @oth") == ["@other.json"]
    assert complete("store rekey --new-key @oth") == ["@other.json"]
    assert complete(f"run {SELL} createDeal --input @no/such") == []


def test_fields_are_those_of_the_connection_that_is_made(complete: Completer) -> None:
    assert complete(f"connect {SELL} mine --field client") == ["clientId=", "clientSecret="]
    assert "apiKey=" in complete("connect salesloft mine --kind apiKey --field ")
    assert "apiKey=" not in complete("connect salesloft mine --field ")


def test_connections_are_those_that_fit(complete: Completer) -> None:
    table = default_runtime().store.connections
    table.save("play", SELL, {"key": "oauth"})
    table.save("plan", "salesloft", {"key": "apiKey", "fields": {"apiKey": "k"}})
    assert complete(f"run {SELL} listDeals -c pl") == ["play"]
    assert complete("run salesloft listPeople -c ") == ["plan"]
    assert complete("connections default pl") == complete("sandbox --stop pl") == ["plan", "play"]


def test_entries_of_every_section_are_described(complete: Completer) -> None:
    assert complete(f"describe {SELL} selectSta") == ["selectStage"]
    assert complete(f"describe {SELL} oau") == ["oauth"]


@pytest.mark.parametrize(("action", "offered"), [("createNote", ["--idempotency-key"]), ("updateNote", [])])
def test_an_idempotency_key_is_offered_for_creates_only(complete: Completer, action: str, offered: list[str]) -> None:
    assert complete(f"run {SELL} {action} --idem") == offered
    assert complete(f"run {SELL} {action} --dry") == ["--dry-run"]


def test_the_script_of_bash_hands_over_the_line_and_takes_what_is_offered(tmp_path: Path) -> None:
    assert LINE_OF_BASH in LineComplete.source_template  # click's own script is still the one that we know
    program = tmp_path / "sales-connectors"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m sales_connectors "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    line = f"sales-connectors run {SELL} createNote resourceType=d"
    script = (
        f'eval "$({program} completion bash)"; COMP_LINE={shlex.quote(line)}; COMP_POINT={len(line)};'
        f" _sales_connectors_completion {program} d; declare -p COMPREPLY"
    )
    ran = subprocess.run(["bash", "-c", script], env=environment(), capture_output=True, text=True, check=False)
    assert json.loads(ran.stdout.partition("=")[2].replace("([0]=", "[").replace(")", "]")) == ["deal"], ran.stderr
