"""What ``make audit`` makes of the answers of the services that know vulnerabilities."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "audit.py"
SOUND = {"name": "requests", "version": "2.32.2", "vulns": []}
FAULTY = {"name": "urllib3", "version": "2.2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.5.0"]}]}
UNKNOWN = {"name": "click", "skip_reason": "Dependency not found"}


def load_tool() -> Any:
    spec = importlib.util.spec_from_file_location("audit", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("found", "code", "told"),
    [
        ([SOUND], 0, "1 packages were checked; 0 known vulnerabilities"),
        ([SOUND, FAULTY], 1, "urllib3 2.2: PYSEC-1, mended in 2.5.0"),
        ([SOUND, UNKNOWN], 0, "they were not checked: click"),
        ([UNKNOWN, UNKNOWN], 3, "NOTHING WAS CHECKED"),
        ([], 3, "NOTHING WAS CHECKED"),
    ],
)
def test_silence_is_not_taken_for_good_news(
    found: list[dict[str, Any]], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load_tool().judge(found) == code
    seen = capsys.readouterr()
    assert told in seen.out + seen.err
