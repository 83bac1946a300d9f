"""Run the tests on the lowest and on the newest versions of Python and of what the package depends on.

``make lanes`` calls it.  The lowest lane installs every lower bound of pyproject.toml as it stands there, so that a
bound is never a guess.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LANES = ROOT / ".lanes"
NEWEST_FIRST = ("python3.14", "python3.13", "python3.12", "python3.11")


def find_python(newest: bool) -> str:
    """The newest or the oldest Python here that the package works with."""
    names = NEWEST_FIRST if newest else reversed(NEWEST_FIRST)
    for name in names:
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
            return path
    return sys.executable


def list_requirements(project: dict[str, Any]) -> list[str]:
    """What the package and its extras depend on, and what the tests need beside it."""
    about = project["project"]
    extras = [wanted for wanted_of in about["optional-dependencies"].values() for wanted in wanted_of]
    return [*about["dependencies"], *extras, *project["dependency-groups"]["dev"]]


def pin_lowest(requirement: str) -> str:
    """``requests>=2.32`` at its lower bound; one without a bound as it is."""
    return re.sub(r">=([^,;\s]+).*", r"==\1", requirement)


def run_lane(name: str, python: str, requirements: list[str]) -> bool:
    folder = LANES / name
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    own = str(folder / "bin" / "python")
    install = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, *requirements], check=True)
    subprocess.run([*install, "--no-deps", "--editable", "."], cwd=ROOT, check=True)
    print(f"--- {name}: {subprocess.check_output([own, '--version'], text=True).strip()}", flush=True)
    return subprocess.run([own, "-m", "pytest"], cwd=ROOT, check=False).returncode == 0


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list_requirements(project)
    lanes = {
        "lowest": (find_python(newest=False), list(dict.fromkeys(map(pin_lowest, wanted)))),
        "newest": (find_python(newest=True), ["--upgrade", "--upgrade-strategy", "eager", *dict.fromkeys(wanted)]),
    }
    chosen = sys.argv[1:] or list(lanes)
    failed = [name for name in chosen if not run_lane(name, *lanes[name])]
    print(f"lanes: {', '.join(failed)} failed" if failed else f"lanes: {', '.join(chosen)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
