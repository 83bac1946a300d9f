"""The README is true: its session shows what really happens, and its new action works.

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

HOLDS = """
from sales_connectors.checks import check

problems = check("zendesk-sell")
assert not problems, problems
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


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the component that the README extends, with this runtime."""
    for name in ("actions", "connections", "datasources", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("component.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "src").symlink_to(ROOT / "src")
    return tmp_path


def edited(folder: Path) -> list[str]:
    """Make the edits of the README: a new file, lines at the end of a module, or lines behind one of the register."""
    paths = []
    for block in EDIT.finditer(README.read_text(encoding="utf-8")):
        file = folder / block["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        known, _, _ = block["text"].partition("\n")
        after = (
            before.replace(f"{known}\n", block["text"]) if known.strip() and known in before else before + block["text"]
        )
        assert after != before
        file.write_text(after, encoding="utf-8")
        paths.append(block["path"])
    return paths


def test_a_new_action_takes_these_edits_and_no_others(checkout: Path) -> None:
    paths = edited(checkout)
    assert len([path for path in paths if "records/" not in path]) == 4
    run(checkout, "-c", HOLDS)
    run(checkout, "-m", "pytest", "-p", "no:cacheprovider", *(path for path in paths if path.startswith("tests/")))


def run(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True)


if __name__ == "__main__":
    current = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        README.write_text(written(current, played(steps(current), Path(scratch))), encoding="utf-8")
