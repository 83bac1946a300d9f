"""The scripts of the README and of the docs hold in pyright, in its default mode, as in mypy, strict; the types too.

Run by `make test-all`.  Those of the cookbook are files.  Each page is one script: its Python blocks one after the
other, but for those that are pieces of files, which a comment in front says.  On a generated page each block stands for
itself.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest
from tests.runtime.test_stubs import RIGHT, WRONG, mypy

from sales_connectors.manifest import load_components
from sales_connectors.manifest.projections import GENERATED_BY
from sales_connectors.manifest.projections.page import build_variable_name

pytestmark = pytest.mark.pyright

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted(ROOT.glob("docs/**/*.md"))]
EXAMPLES = sorted(ROOT.glob("examples/*.py"))
BLOCK = re.compile(r"(?:<!-- (?P<mark>[^\n]*) -->\n)?```python\n(?P<code>.*?)```", re.S)
EDIT = re.compile(r"edit: (?P<path>\S+)")
PIECES = ("edit:", "file:", "replace:", "with", "piece")
"""What the comment in front of a block begins with that is a piece of a file."""


def write_preamble() -> str:
    """What reference pages take for granted: a connector of each component."""
    made = (f'{build_variable_name(found)} = connect("{found.key}", "my-account")\n' for found in load_components())
    return f"from sales_connectors import connect\n\n{''.join(made)}"


def name_script(page: str) -> str:
    return page.replace("/", "_").replace("-", "_")


def list_scripts(page: Path) -> Iterator[tuple[str, str]]:
    """The scripts of a page, by name; files that it adds whole are scripts too."""
    name = name_script(page.relative_to(ROOT).with_suffix("").as_posix())
    text = page.read_text(encoding="utf-8")
    blocks = [
        (block["mark"] or "", block["code"], text.count("\n", 0, block.start())) for block in BLOCK.finditer(text)
    ]
    steps = [(code, line) for mark, code, line in blocks if not mark.startswith(PIECES)]
    if steps and GENERATED_BY in text:
        examples = [f"\n\ndef line_{line + 1}() -> None:\n{indent(code, '    ')}" for code, line in steps]
        yield name, write_preamble() + "".join(examples)
    elif steps:
        yield name, "".join(code for code, _ in steps)
    for mark, code, _ in blocks:
        added = EDIT.match(mark)
        if added and not (ROOT / added["path"]).exists() and "import " in code:
            yield f"{name}_{Path(added['path']).stem}", code


def run_pyright(folder: Path) -> list[tuple[str, int, str]]:
    """What pyright says of the scripts in a folder: file, line and message of each error."""
    settings = {"typeCheckingMode": "standard", "include": ["*.py"], "extraPaths": [str(ROOT / "src")]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--project", str(folder), "--pythonpath", sys.executable]
    done = subprocess.run([*command, "--outputjson"], cwd=folder, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert told["summary"]["filesAnalyzed"] == len(list(folder.glob("*.py"))), done.stdout
    return [
        (Path(found["file"]).name, found["range"]["start"]["line"] + 1, found["message"])
        for found in told["generalDiagnostics"]
        if found["severity"] == "error"
    ]


def test_the_scripts_of_all_pages_are_accepted(tmp_path: Path) -> None:
    scripts = dict(script for page in PAGES for script in list_scripts(page))
    scripts |= {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES}
    for name, code in scripts.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    references = {page.relative_to(ROOT).with_suffix("").as_posix() for page in ROOT.glob("docs/*/*.md")}
    assert len(references) > len(load_components())
    assert {"README", "docs_calls", "docs_python", "export_deals", *map(name_script, references)} <= set(scripts)
    assert run_pyright(tmp_path) == []
    assert mypy(*tmp_path.glob("*.py")) == []


def test_pyright_sees_what_mypy_sees(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    told = {(file, line) for file, line, _ in run_pyright(tmp_path)}
    assert told == {("wrong.py", number) for number, line in enumerate(WRONG.splitlines(), 1) if "  # " in line}
