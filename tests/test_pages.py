"""What the pages written by hand show happens: their scripts run, against sandboxes, and print what stands there."""

import json
import os
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from io import StringIO
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from tests.runtime.commandline import environment, forget
from tests.runtime.test_docs import find_dead_links

from sales_connectors.doors.cli.program import program
from sales_connectors.imitation import Box, running
from sales_connectors.runtime import default_runtime

ROOT = Path(__file__).parents[1]
PAGES = ("python", "embedding", "sandbox", "calls")
"""Pages whose Python blocks are one script each, in one process."""
ACCOUNTS = {"zendesk-sell": "my-account", "salesloft": "my-team", "outreach": "my-org"}
"""What the pages call the connections that they take for granted."""
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[^\n]*) -->\n)?```python\n(?P<code>.*?)```(?:\n\n```text\n(?P<printed>.*?)```)?", re.S
)


class Script(NamedTuple):
    line: int
    code: str
    printed: str | None


def list_scripts(page: str) -> Iterator[Script]:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        if not block["mark"]:
            yield Script(text.count("\n", 0, block.start("code")) + 1, block["code"], block["printed"])


@pytest.fixture
def boxes(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Box]]:
    """A sandbox of each component, and a connection to it under the name that the pages use."""
    monkeypatch.chdir(tmp_path)
    forget()
    with ExitStack() as stack:
        started = {component: stack.enter_context(running(component, rate=0)) for component in ACCOUNTS}
        for component, name in ACCOUNTS.items():
            default_runtime().kept.keep_given(component, name, started[component].connection)
        given = {component: box.connection for component, box in started.items()}
        (tmp_path / "connections.json").write_text(json.dumps(given), encoding="utf-8")
        yield started
        default_runtime().close()
        forget()


@pytest.mark.parametrize("page", PAGES)
def test_the_scripts_of_a_page_print_what_it_shows(page: str, boxes: dict[str, Box]) -> None:
    scripts, names = list(list_scripts(page)), dict[str, object]()
    assert scripts
    for script in scripts:
        printed = StringIO()
        code = compile("\n" * (script.line - 1) + script.code, f"docs/{page}.md", "exec")
        with redirect_stdout(printed), warnings.catch_warnings():
            exec(code, names)
        if script.printed is not None:
            assert printed.getvalue() == script.printed, f"docs/{page}.md:{script.line}"


def test_every_page_by_hand_with_python_in_it_is_run() -> None:
    by_hand = {
        path.stem
        for path in (ROOT / "docs").glob("*.md")
        if any(not block["mark"] for block in BLOCK.finditer(path.read_text(encoding="utf-8")))
    }
    assert by_hand == set(PAGES)


def test_the_links_of_all_pages_lead_somewhere() -> None:
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}
    assert len(texts) > 60
    assert find_dead_links(texts, ROOT) == []


SESSION = re.compile(r"<!-- session -->\n```console\n(.*?)```", re.S)


def test_the_sandboxes_of_the_page_start_and_are_kept(home: Path, tmp_path: Path) -> None:
    """Its lines as they are pasted, in one shell that knows nothing but the program."""
    text = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    lines = [line.removeprefix("$ ") for block in SESSION.findall(text) for line in block.splitlines()]
    assert len(lines) > 4
    program = tmp_path / "bin" / "sales-connectors"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m sales_connectors "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    script = "\n".join(["set -e", "trap 'kill $(jobs -p); wait' EXIT", *lines])
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment(PATH=path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "user.json").read_text(encoding="utf-8"))["data"]["data"]["id"] == 40211


# --- command lines ------------------------------------------------------------------------------------------

LINE = re.compile(r"^(?:\$ )?sales-connectors (.*)$", re.M)
OPERATORS = "|&>;"
SHELL = re.compile(r"```(?:sh|console)\n(.*?)```", re.S)
COMMAND_LINES = sorted(
    {
        (path.relative_to(ROOT).as_posix(), line)
        for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for block in SHELL.findall(path.read_text(encoding="utf-8"))
        for line in LINE.findall(block)
    }
)


def split_words(line: str) -> list[str]:
    """The words of a command, up to what its output goes to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=OPERATORS)
    lexer.whitespace_split = True
    return list(takewhile(lambda word: word.strip(OPERATORS), lexer))


@pytest.mark.parametrize(("page", "line"), COMMAND_LINES)
def test_the_program_knows_the_command_lines_of_all_pages(
    page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read and not run: some of them sign in to a vendor."""
    monkeypatch.chdir(tmp_path)
    for name in ("sandbox.json", "private.pem"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    command: click.Command = program
    context = program.make_context("sales-connectors", split_words(line.replace("…", "x")))
    while isinstance(command, click.Group) and (words := [*context._protected_args, *context.args]):
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        command, context = found, found.make_context(found.name, words, parent=context)


def test_the_pages_of_set_up_have_command_lines() -> None:
    assert {"README.md", "docs/oauth.md", "docs/sandbox.md", "docs/cookbook.md"} <= {page for page, _ in COMMAND_LINES}
