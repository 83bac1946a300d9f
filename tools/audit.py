"""Look for known vulnerabilities in what is installed here: the package, its extras and the tools around it.

``make audit`` calls it.  It needs pip-audit and the data that this asks for over the network; where either cannot be
had, it says that nothing was checked and ends with 3, so that nobody takes silence for good news.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".lanes" / "audit"
"""An environment of its own, or the tool would be audited with the rest."""
SERVICES = ("pypi", "osv")
OWN = "sales-connectors"
NOT_CHECKED = 3


def install_tool() -> Path | None:
    """pip-audit in its own environment; None where it cannot be had."""
    tool = HOME / "bin" / "pip-audit"
    if not tool.exists():
        shutil.rmtree(HOME, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        command: list[str | Path] = [
            HOME / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        done = subprocess.run([*command, *project["dependency-groups"]["audit"]], check=False)
        if done.returncode:
            shutil.rmtree(HOME, ignore_errors=True)
            return None
    return tool


def ask(tool: Path, service: str) -> list[dict[str, Any]]:
    """What a service knows of each package; nothing where it cannot be asked."""
    packages = sysconfig.get_path("purelib")
    command: list[str | Path] = [
        tool,
        "--path",
        packages,
        "--vulnerability-service",
        service,
        "--format",
        "json",
        "--desc",
        "off",
    ]
    done = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return found


def judge(found: list[dict[str, Any]]) -> int:
    """Say what was found, and the exit code that goes with it."""
    skipped = [package["name"] for package in found if "skip_reason" in package and package["name"] != OWN]
    checked = [package for package in found if "skip_reason" not in package]
    faults = [(package, fault) for package in checked for fault in package["vulns"]]
    for package, fault in faults:
        fixed = ", ".join(fault["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {fault['id']}, mended in {fixed}")
    if not checked:
        return say_nothing_was_checked("the data of known vulnerabilities cannot be had here")
    if skipped:
        print(f"audit: nobody knows these, and they were not checked: {', '.join(skipped)}")
    print(f"audit: {len(checked)} packages were checked; {len(faults)} known vulnerabilities")
    return 1 if faults else 0


def say_nothing_was_checked(why: str) -> int:
    print(f"audit: NOTHING WAS CHECKED: {why}. Run it where pypi.org or osv.dev can be reached", file=sys.stderr)
    return NOT_CHECKED


def main() -> int:
    tool = install_tool()
    if tool is None:
        return say_nothing_was_checked("pip-audit cannot be installed")
    for service in SERVICES:
        found = ask(tool, service)
        if any("skip_reason" not in package for package in found):
            break
    return judge(found)


if __name__ == "__main__":
    sys.exit(main())
