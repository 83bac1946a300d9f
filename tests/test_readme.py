"""The README is true: its session shows what really happens, and its new action and its new component work.

``python tests/test_readme.py`` writes what happens now into the README.
"""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import venv
from codeop import CommandCompiler
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

SESSION = re.compile(
    r"<!-- session: (?P<kind>shell|python) -->\n```(?:sh|python)\n(?P<block>.*?)```\n\n"
    r"```text\n(?P<printed>.*?)```",
    re.S,
)
EDIT = re.compile(r"<!-- edit: (?P<path>\S+) -->\n```\w+\n(?P<text>.*?)```", re.S)

BARE_PATH = "/usr/bin:/bin"
MARK = "--- what the next block prints ---"
"""Stands before what a block prints."""
COLUMNS = 100
STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
VARYING = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z": "TIME",
    r"127\.0\.0\.1:\d+": "HOST",
    r"\b[0-9a-f]{64}\b": "TOKEN",
    r"\b\d{4,}\b": "NUMBER",
}
"""What differs from run to run, and what it is compared as."""

REPLACEMENT = re.compile(
    r"<!-- replace: (?P<path>\S+) -->\n```\w+\n(?P<old>.*?)```\n.*?<!-- with -->\n```\w+\n(?P<new>.*?)```", re.S
)
COPIED = (
    *("actions", "components", "connections", "datasources", "docs", "sandbox", "schemas", "src", "tests"),
    *("CHANGELOG.md", "LICENSE", "README.md", "component.yaml", "pyproject.toml"),
)
"""What the copy of the checkout holds."""
MIN_STANDARD_TESTS = 10
"""Tests of the standard suite that an action has, at least."""
HELD_BY_ALL = ("tests/test_components.py", "tests/runtime/test_docs.py", "tests/runtime/test_stubs.py")
"""Tests that hold every component, and what is generated of it."""
CONNECTION = '{"token": {"access_token": "secret"}}'
PLAYED = """
from sales_connectors import Runtime
from sales_connectors.imitation import running

with running("acme-crm") as box:
    runtime = Runtime()
    made = runtime.invoke("acme-crm", "createItem", {"name": "Widget"}, box.connection)["data"]
    assert runtime.invoke("acme-crm", "getItem", {"id": made["data"]["id"]}, box.connection)["data"] == made
    given = {"id": made["data"]["id"], "name": "Gadget"}
    assert runtime.invoke("acme-crm", "renameItem", given, box.connection)["data"]["data"]["name"] == "Gadget"
    offered = runtime.pick("acme-crm", "selectItem", {}, box.connection)["result"]
    assert "Gadget" in [option["label"] for option in offered]
    runtime.close()

    import requests

    headers = {"Authorization": "Bearer " + box.connection["token"]["access_token"]}
    unreadable = [
        *(("GET", f"/items?{query}", None) for query in ("page=x", "size=0", "page=" + "9" * 20)),
        *(("POST", "/items", body) for body in ({}, [5], {"name": 5})),
        ("PATCH", f"/items/{given['id']}", {"name": " "}),
    ]
    for method, path, body in unreadable:
        refused = requests.request(method, box.url + path, json=body, headers=headers, timeout=10)
        assert (refused.status_code, list(refused.json())) == (422, ["error"]), (method, path, body)
"""


@dataclass(frozen=True)
class Block:
    """What is pasted as a whole, into a shell or into the ``python`` that it starts, and what that is said to print."""

    text: str
    printed: str
    is_python: bool

    def script(self, number: int) -> str:
        """The block as shell, behind a mark in what is printed."""
        return f"echo {MARK}\n" + (f"python {number}.py\n" if self.is_python else self.text)


def blocks(text: str) -> list[Block]:
    return [Block(found["block"], found["printed"], found["kind"] == "python") for found in SESSION.finditer(text)]


def played(session: list[Block], folder: Path) -> list[str]:
    """What each block really prints, at one terminal in a checkout where ``make`` has run, with a home of its own and
    without the program on the path."""
    checkout, home, scripts = folder / "checkout", folder / "home", folder / "scripts"
    for made in (checkout, home, scripts):
        made.mkdir()
    install(checkout / ".venv")
    for number, block in enumerate(session):
        if block.is_python:
            (scripts / f"{number}.py").write_text(block.text, encoding="utf-8")
    script = "".join(block.script(number) for number, block in enumerate(session))
    script = re.sub(r"^python (?=\d+\.py$)", f"python {scripts}/", script, flags=re.M)
    environment = {"PATH": BARE_PATH, "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    try:
        shown = at_terminal("bash", "--norc", "-c", script, cwd=checkout, env=environment)
    finally:
        stop = [str(checkout / ".venv/bin/sales-connectors"), "sandbox", "--stop", "play"]
        subprocess.run(stop, env=environment, capture_output=True, check=False)
    assert [left.name for left in checkout.iterdir()] == [".venv"]
    return [printed.lstrip("\n") for printed in shown.split(MARK)[1:]]


def install(place: Path) -> None:
    """An environment as ``make`` leaves it, which finds this package and what it needs where they are."""
    venv.create(place, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    found = [str(ROOT / "src"), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    (packages / "here.pth").write_text("\n".join(found) + "\n", encoding="utf-8")
    program = place / "bin" / "sales-connectors"
    program.write_text(f'#!/bin/sh\nexec {place}/bin/python -m sales_connectors "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def at_terminal(*command: str, **options: Any) -> str:
    """What a command shows at a terminal of the usual width, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    shown = b""
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, **options):
        os.close(theirs)
        with suppress(OSError):  # that is how a terminal says that nobody is left
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    lines = STYLES.sub("", shown.decode().replace("\r\n", "\n")).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def compared(text: str) -> str:
    for pattern, name in VARYING.items():
        text = re.sub(pattern, name, text)
    return text


def written(text: str, outputs: list[str]) -> str:
    """The README with these outputs in the place of its own."""
    left = iter(outputs)
    return SESSION.sub(lambda found: found[0][: found.start("printed") - found.start()] + next(left) + "```", text)


def test_the_session_shows_what_happens(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    session = blocks(text)
    assert {block.is_python for block in session} == {True, False}
    assert compared(written(text, played(session, tmp_path))) == compared(text)


def test_what_is_pasted_has_no_prompts_and_no_comments() -> None:
    """They would be obeyed: zsh knows no comments where it is typed to."""
    pasted = re.findall(r"```(?:sh|console)\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert pasted
    assert [line for block in pasted for line in block.splitlines() if re.search(r"^\$ |(^|\s)#", line)] == []


def test_python_can_be_pasted_line_by_line() -> None:
    """As the interpreter reads it: a block of statements ends at an empty line, and nowhere else."""
    for block in blocks(README.read_text(encoding="utf-8")):
        if block.is_python:
            assert unread_lines(block.text) == []


def unread_lines(text: str) -> list[str]:
    """What the interpreter is still waiting for the end of when all has been typed; SyntaxError where it refuses."""
    compiler, typed = CommandCompiler(), list[str]()
    for line in [*text.splitlines(), ""]:
        typed.append(line)
        if compiler("\n".join(typed)) is not None:
            typed.clear()
    return typed


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_every_exit_code_is_told() -> None:
    from sales_connectors import errors

    leaves = errors.SalesError.__subclasses__()
    text = README.read_text(encoding="utf-8")
    assert [leaf for leaf in leaves if f"| `{leaf.__name__}` | {leaf.exit_code} |" not in text] == []


# --- the edits that the pages ask for -------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of everything that is needed to work on a component."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    left_out = shutil.ignore_patterns("__pycache__", "*.pyc", "performance", ".*_cache", ".hypothesis")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def edit(page: Path, folder: Path) -> list[str]:
    """Make the edits of a page, unless they are made: a new file, lines at the end of a module, lines behind one or in
    place of others."""
    paths = []
    text = page.read_text(encoding="utf-8")
    for block in REPLACEMENT.finditer(text):
        file = folder / block["path"]
        before = file.read_text(encoding="utf-8")
        if block["new"] in before:
            continue  # by whoever follows the page in this checkout
        assert before.count(block["old"]) == 1, block["old"]
        file.write_text(before.replace(block["old"], block["new"]), encoding="utf-8")
    for block in EDIT.finditer(text):
        file = folder / block["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        paths.append(block["path"])
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if block["text"] in before:
            continue
        known = block["text"].partition("\n")[0] + "\n"
        if not before or file.suffix == ".py":
            after = f"{before}\n\n{block['text']}" if before else block["text"]
        else:
            assert before.count(known) == 1, f"{block['path']} has no such line, or several: {known}"
            after = before.replace(known, block["text"])
        file.write_text(after, encoding="utf-8")
    return paths


def test_a_new_action_takes_these_edits_and_no_others(checkout: Path) -> None:
    paths = edit(README, checkout)
    assert len(paths) == 5
    assert paths[-1] == "CHANGELOG.md"
    command(checkout, "docs")
    command(checkout, "check")
    lint(checkout, *(path for path in paths if path.endswith(".py")))
    others = " or ".join(sorted(folder.name for folder in (checkout / "components").iterdir()))
    told = hold(checkout, *find_affected(checkout, paths), *HELD_BY_ALL, "-k", f"not ({others})")
    assert len(re.findall(r"test_standard\.py.*\[listOverdueTasks\b.* PASSED", told)) >= MIN_STANDARD_TESTS


def find_affected(checkout: Path, paths: list[str]) -> list[str]:
    """The tests of the component that an edit can reach: those that go through all actions, those of the module that
    was edited, and those that were written.  What tests one other action loads nothing of the new one."""
    tests = sorted((checkout / "tests" / "zendesk_sell").glob("test_*.py"))
    reached = {f"test_{Path(path).stem}" for path in paths} | {Path(path).stem for path in paths}
    everything = re.compile(r"\.actions\b|ComponentSuite")
    found = [test for test in tests if test.stem in reached or everything.search(test.read_text(encoding="utf-8"))]
    assert {"test_tasks", "test_overdue_tasks", "test_standard", "test_schemas"} <= {test.stem for test in found}
    return [str(test.relative_to(checkout)) for test in found]


@pytest.mark.timeout(600)
def test_a_new_component_works_at_once_and_after_the_edits_of_its_page(checkout: Path) -> None:
    for made in ("components/acme_crm", "tests/acme_crm"):  # by whoever follows the page in this checkout
        shutil.rmtree(checkout / made, ignore_errors=True)
    command(checkout, "new", "component", "acme-crm", "--label", "Acme CRM")
    command(checkout, "check")
    hold(checkout, "tests/acme_crm")
    assert command(checkout, "run", "acme-crm", "getItem", "--dry-run", "-c", CONNECTION, "-i", '{"id": "7"}')

    paths = edit(ROOT / "docs" / "new-component.md", checkout)

    assert len(paths) == 5
    command(checkout, "docs")
    command(checkout, "check")
    hold(checkout, "tests/acme_crm", *HELD_BY_ALL)
    lint(checkout, "components/acme_crm", "tests/acme_crm")
    run(checkout, "-c", PLAYED)


def command(folder: Path, *words: str) -> str:
    """One command of the program, which has to succeed."""
    return run(folder, "-m", "sales_connectors", *words)


def hold(folder: Path, *tests: str) -> str:
    """These tests pass; what they are called."""
    return run(folder, "-m", "pytest", "-n0", "-vv", "-p", "no:cacheprovider", *tests)


def lint(folder: Path, *places: str) -> None:
    """What stands there is in style, and its types are right."""
    run(folder, "-m", "ruff", "check", *places)
    run(folder, "-m", "ruff", "format", "--check", *places)
    run(folder, "-m", "mypy", *places)


def run(folder: Path, *arguments: str) -> str:
    """A Python module in the copy; what it prints."""
    ours = ("PYTEST_", "COV", "SALES_CONNECTORS_HOME")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"PYTHONPATH": str(folder / "src"), "SALES_CONNECTORS_HOME": str(folder.parent / "home")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


if __name__ == "__main__":
    current = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        README.write_text(written(current, played(blocks(current), Path(scratch))), encoding="utf-8")
