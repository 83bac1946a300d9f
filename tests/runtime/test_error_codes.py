"""Every code that our errors carry stands in one table, with its class and a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sales_connectors import errors
from sales_connectors.components import CHECKOUT
from sales_connectors.errors import CODES, SalesError
from sales_connectors.manifest.projections.remedies import REMEDIES
from sales_connectors.manifest.projections.troubleshooting import render_troubleshooting

FOLDERS = ("src/sales_connectors", "actions", "datasources", "connections", "components")
LEAVES = {leaf.__name__: leaf for leaf in SalesError.__subclasses__()}


def sources() -> list[Path]:
    found = [path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py")]
    return [path for path in found if "sandbox" not in path.parts and "imitation" not in path.parts]


def raised() -> Iterator[tuple[str, str, str]]:
    """Where an error is made: the place, its class and its code."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LEAVES:
                for keyword in node.keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield f"{path.name}:{node.lineno}", node.func.id, str(keyword.value.value)


def test_each_code_stands_in_the_table_under_its_class() -> None:
    found = list(raised())
    assert len(found) > 40
    wrong = [
        (place, kind, code) for place, kind, code in found if code not in CODES or CODES[code].error is not LEAVES[kind]
    ]
    assert wrong == []


def test_each_class_has_its_own_code_there() -> None:
    assert {leaf.default_code: leaf for leaf in LEAVES.values()}.items() <= {
        code: spec.error for code, spec in CODES.items()
    }.items()


@pytest.mark.parametrize("code", CODES)
def test_each_sentence_is_one(code: str) -> None:
    assert CODES[code].sentence[0].isupper()
    assert CODES[code].sentence.endswith(".")


def test_no_code_of_the_table_is_left_unused() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources() if path != Path(errors.__file__))
    text += Path(errors.__file__).read_text(encoding="utf-8").partition("CODES:")[0]
    made = {"no_demo", "no_sandbox", *(code for code in CODES if code.startswith("unknown_"))}  # from the kind of thing
    assert [code for code in CODES if f'"{code}"' not in text and code not in made] == []


def test_each_code_has_its_cause_and_its_remedy() -> None:
    assert list(REMEDIES) == list(CODES)
    unfinished = [code for code, told in REMEDIES.items() if not all(words[:1].strip() for words in told)]
    assert unfinished == []


@pytest.mark.parametrize("code", CODES)
def test_the_page_of_troubles_tells_each_code_under_its_class(code: str) -> None:
    chapter = render_troubleshooting().partition(f"\n## {CODES[code].error.__name__} errors\n")[2].partition("\n## ")[0]
    told = chapter.partition(f"\n### {code}\n")[2].partition("\n### ")[0]
    assert told.split() == [
        *CODES[code].sentence.split(),
        *f"- **Why:** {REMEDIES[code].cause} - **What to do:** {REMEDIES[code].fix}".split(),
    ]
