"""The wheel holds one package, and in it every file of every component."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("component.yaml", "actions", "datasources", "connections", "schemas", "sandbox")
HOME = "sales_connectors/components"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def tracked(folder: Path) -> Iterator[Path]:
    """The files of a folder that belong to the project, as paths inside it."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


def component_files() -> Iterator[tuple[Path, str]]:
    """Every file of every component, and its name in the wheel."""
    for room in ROOMS:
        for path in tracked(ROOT / room):
            yield path, f"{HOME}/zendesk_sell/{path.relative_to(ROOT)}"
    for path in tracked(ROOT / "components"):
        yield path, f"{HOME}/{path.relative_to(ROOT / 'components')}"


def test_one_top_level_package(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sales_connectors"}


def test_every_file_of_every_component_is_there(wheel: set[str]) -> None:
    missing = [str(path) for path, name in component_files() if name not in wheel]
    assert missing == []


def test_every_file_of_the_runtime_is_there(wheel: set[str]) -> None:
    source = ROOT / "src"
    missing = [str(path) for path in tracked(source / "sales_connectors") if str(path.relative_to(source)) not in wheel]
    assert missing == []


def test_nothing_else_is_there(wheel: set[str]) -> None:
    known = {name for _, name in component_files()}
    known |= {str(path.relative_to(ROOT / "src")) for path in tracked(ROOT / "src" / "sales_connectors")}
    assert {name for name in wheel if ".dist-info/" not in name} <= known


def test_no_python_file_at_the_root() -> None:
    assert list(ROOT.glob("*.py")) == []
