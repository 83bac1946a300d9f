"""``new component`` refuses what cannot be one, before anything is written; what it writes is tried in test_readme."""

from pathlib import Path

import pytest
from tests.runtime.commandline import run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["zendesk-sell"], 5, "There is a component 'zendesk-sell' already"),
        (["salesloft"], 5, "There is a component 'salesloft' already"),
        (["runtime"], 5, str(ROOT / "tests" / "runtime")),
        (["performance"], 5, str(ROOT / "docs" / "performance.md")),
        (["options"], 5, str(ROOT / "src" / "sales_connectors" / "typed" / "options.py")),
        (["forms"], 5, str(ROOT / "tests" / "forms.py")),
        (["Acme"], 2, "small letters"),
        (["acme_crm"], 2, "small letters"),
        (["../acme"], 2, "small letters"),
        (["class"], 2, "no keyword"),
        (["acme", "--label", 'Acme "the" CRM'], 2, "label"),
        (["acme", "--label", ""], 2, "label"),
    ],
)
def test_what_cannot_be_a_component_is_refused_before_anything_is_written(
    words: list[str], code: int, told: str
) -> None:
    before = {*ROOT.glob("components/*"), *ROOT.glob("tests/*")}

    refused = run("new", "component", *words)

    assert refused.code == code
    assert told in refused.error["message"]
    assert {*ROOT.glob("components/*"), *ROOT.glob("tests/*")} == before
