"""The README is true: its session shows what really happens, and its new action and its new component work.

``python tests/test_readme.py`` writes what happens now into the README.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

SESSION = re.compile(
    r"<!-- session: shell -->\n```console\n(?P<shell>.*?)```"
    r"|<!-- session: python -->\n```python\n(?P<python>.*?)```\n\n```text\n(?P<printed>.*?)```",
    re.S,
)
EDIT = re.compile(r"<!-- edit: (?P<path>\S+) -->\n```\w+\n(?P<text>.*?)```", re.S)

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
class Step:
    """One command of the session, or one Python script, and what the README says that it prints."""

    command: str
    printed: str
    python: bool = False

    def script(self, number: int) -> str:
        """The step as shell, its output in a file of its own; one that goes on in the background is waited for."""
        if self.python:
            return f"{{ {sys.executable} {number}.py; }} > {number}.out 2>&1"
        waiting = (
            f"\nuntil [ -s {self.file} ] || ! kill -0 $!; do sleep 0.05; done" if self.command.endswith("&") else ""
        )
        return f"{{ {self.command}\n}} > {number}.out 2>&1{waiting}"

    @property
    def file(self) -> str:
        """The file into which a background command writes once it is ready."""
        return self.command.rpartition(">")[2].strip(" &")


def steps(text: str) -> list[Step]:
    found: list[Step] = []
    for block in SESSION.finditer(text):
        if block["python"]:
            found.append(Step(block["python"], block["printed"], python=True))
        else:
            parts = re.split(r"^\$ ", block["shell"], flags=re.M)[1:]
            found += [Step(command, printed) for command, _, printed in (part.partition("\n") for part in parts)]
    return found


def played(session: list[Step], folder: Path) -> list[str]:
    """What each step really prints, in one shell with a home of its own."""
    for number, step in enumerate(session):
        if step.python:
            (folder / f"{number}.py").write_text(step.command, encoding="utf-8")
    program = folder / "bin" / "sales-connectors"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m sales_connectors "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    ending = "kill $(jobs -p) 2>/dev/null; wait"
    script = "\n".join([*(step.script(number) for number, step in enumerate(session)), ending])
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    home = {"SALES_CONNECTORS_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT / "src"), "PATH": path}
    subprocess.run(["bash", "-c", script], cwd=folder, env={**os.environ, **home}, timeout=120, check=False)
    return [(folder / f"{number}.out").read_text(encoding="utf-8") for number in range(len(session))]


def compared(text: str) -> str:
    for pattern, name in VARYING.items():
        text = re.sub(pattern, name, text)
    return text


def written(text: str, outputs: list[str]) -> str:
    """The README with these outputs in the place of its own."""
    left = iter(outputs)

    def renewed(block: re.Match[str]) -> str:
        if block["python"]:
            return block[0].replace(f"```text\n{block['printed']}```", f"```text\n{next(left)}```")
        shown = "".join(f"$ {step.command}\n{next(left)}" for step in steps(block[0]))
        return block[0].replace(block["shell"], shown)

    return SESSION.sub(renewed, text)


def test_the_session_shows_what_happens(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    session = steps(text)
    assert session
    assert compared(written(text, played(session, tmp_path))) == compared(text)


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


@pytest.mark.timeout(600)  # a whole folder of tests
def test_a_new_action_takes_these_edits_and_no_others(checkout: Path) -> None:
    paths = edit(README, checkout)
    assert len(paths) == 5
    assert paths[-1] == "CHANGELOG.md"
    command(checkout, "docs")
    command(checkout, "check")
    lint(checkout, *(path for path in paths if path.endswith(".py")))
    hold(checkout, "tests/zendesk_sell", *HELD_BY_ALL)


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


def hold(folder: Path, *tests: str) -> None:
    """These tests pass."""
    run(folder, "-m", "pytest", "-n0", "-p", "no:cacheprovider", *tests)


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
        README.write_text(written(current, played(steps(current), Path(scratch))), encoding="utf-8")
