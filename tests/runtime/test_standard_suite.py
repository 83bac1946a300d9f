"""The standard suite takes a component from anywhere, and notices what is wrong with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sales_connectors.doors.cli.component_template import COMPONENT_FILES, TEST_FILES
from sales_connectors.doors.cli.new_component import write_files

SOURCE = Path(__file__).parents[2] / "src"
MISTAKES = [
    ("connections/oauth.py", '(page.get("paging") or {}).get("next")', "None", "test_picklist[selectItem]"),
    ("connections/oauth.py", '(page.get("paging") or {}).get("next")', "None", "test_list[listItems]"),
    ("connections/oauth.py", 'whoami="/me"', 'whoami="https://elsewhere.example/me"', "test_connection[oauth]"),
    ("actions/items.py", 'ctx.client.delete(f"', 'ctx.client.post(f"', "test_wire[deleteItem]"),
    (
        "actions/items.py",
        "client.get(f\"/items/{inputs['id']}\")",
        'client.get("/items/7")["data"]',
        "test_record[getItem]",
    ),
    ("actions/items.py", 'client.post("/items", json=inputs)', 'client.get("/items")', "test_wire[createItem]"),
    ("datasources/items.py", 'str(item["id"])', '"1"', "test_picklist[selectItem]"),
    (
        "actions/items.py",
        "return ctx.client.get(f\"/items/{inputs['id']}\")",
        'return {"data": {**ctx.client.get(f"/items/{inputs[\'id\']}")["data"]}}',
        "test_hollow_answer[getItem]",
    ),
    (
        "schemas/createItem.json",
        '"additionalProperties": false',
        '"additionalProperties": true',
        "test_unknown_input[createItem]",
    ),
    ("schemas/createItem.json", '"type": "string"', '"type": ["string", "null"]', "test_required_inputs[createItem]"),
    ("schemas/records/item.json", '"type": "integer"}', '"type": "string"}', "test_record[getItem]"),
    ("component.yaml", "items:get_item", "items:fetch_item", "test_manifest"),
]


PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


def run_suite(folder: Path, beside: str = "", case: str = "") -> tuple[int, list[str]]:
    """The exit code, and the cases that failed; of one case alone where it is named."""
    write_files(folder / "tests", TEST_FILES, "acme-crm", "Acme CRM")
    suite = folder / "tests" / "test_standard.py"
    text = suite.read_text(encoding="utf-8")
    text = text.replace("from typing import Any\n", "from pathlib import Path\nfrom typing import Any\n")
    here = '    key = "acme-crm"\n'
    suite.write_text(
        text.replace(here, f"{here}    folder = Path({str(folder / 'acme')!r})\n") + beside, encoding="utf-8"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    done = subprocess.run(
        [*PYTEST, "-k", case.partition("[")[0], str(suite)],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(SOURCE), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = [line.split()[1].rpartition("::")[2] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return done.returncode, failed


def test_a_component_may_lie_anywhere(tmp_path: Path) -> None:
    write_files(tmp_path / "acme", COMPONENT_FILES, "acme-crm", "Acme CRM")
    assert run_suite(tmp_path) == (0, [])


@pytest.mark.parametrize(("name", "right", "wrong", "case"), MISTAKES)
def test_a_mistake_is_noticed_where_it_is(tmp_path: Path, name: str, right: str, wrong: str, case: str) -> None:
    write_files(tmp_path / "acme", COMPONENT_FILES, "acme-crm", "Acme CRM")
    file = tmp_path / "acme" / name
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")

    assert case in run_suite(tmp_path, case=case)[1]


GLUE_FILES = {
    "component.yaml": """\
key: glue
label: Glue
description: Puts together what other components do.
category: Helpers
documentation: https://example.com/api
actions:
  copyItem: {handler: items:copy_item, effect: create, returns: item, group: Items}
dataSources:
  selectItem: {handler: items:select_item}
""",
    "actions/items.py": '''\
"""Items, over the connection of whoever has them."""


def copy_item(ctx, inputs):
    """Make another item of the same name."""
    found = ctx.envelope.record(ctx.invoke("getItem", {"id": inputs["itemId"]}), "name")
    return ctx.invoke("createItem", {"name": found["name"]})
''',
    "schemas/copyItem.json": """\
{
  "$schema": "urn:sales-connectors:form",
  "title": "Copy Item",
  "description": "Makes another item of the same name.",
  "type": "object",
  "properties": {
    "itemId": {
      "title": "Item", "description": "Which one.", "type": "integer", "minimum": 1, "maximum": 9007199254740991,
      "x-data-source": "selectItem", "examples": [7]
    }
  },
  "required": ["itemId"],
  "additionalProperties": false,
  "examples": [{"itemId": 7}]
}
""",
    **{
        name: COMPONENT_FILES[name]
        for name in ("datasources/items.py", "schemas/selectItem.json", "schemas/records/item.json")
    },
}
GLUE_SUITE = """\


class TestGlue(ComponentSuite):
    key, folder, over = "glue", Path({folder!r}), TestAcmeCrm
    composed = {{"copyItem"}}
"""


def test_a_component_without_connections_passes_over_those_of_another(tmp_path: Path) -> None:
    write_files(tmp_path / "acme", COMPONENT_FILES, "acme-crm", "Acme CRM")
    write_files(tmp_path / "glue", GLUE_FILES, "glue", "Glue")
    suite = GLUE_SUITE.format(folder=str(tmp_path / "glue"))

    assert run_suite(tmp_path, suite) == (0, [])

    without = suite.replace(", over =", ", other =")
    assert "test_wire[copyItem]" in run_suite(tmp_path, without)[1]
