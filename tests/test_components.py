"""What the components of this repository say, beyond what `check` demands of any component."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from sales_connectors.manifest import Form, load_components
from sales_connectors.manifest.output import get_record_type
from sales_connectors.manifest.references import walk_schema

COMPONENTS = {component.key: component for component in load_components()}
SECTIONS = ("connections", "actions", "dataSources", "triggers")
FORMS = [(key, name) for key, component in COMPONENTS.items() for part in SECTIONS for name in component.section(part)]
RECORDS = [
    (key, record)
    for key, component in COMPONENTS.items()
    for record in sorted({get_record_type(entry.returns) or "" for entry in component.actions.values()} - {""})
]
UNUSED = {"zendesk-sell": {"selectAccount", "selectProduct"}}
"""Picklists of the contract that fill no input."""


def picked(form: Form) -> Iterator[dict[str, Any]]:
    """The parts of a form that a picklist fills."""
    return (dict(part) for spec in form.properties.values() for _, part in walk_schema(spec) if "x-data-source" in part)


def test_there_is_something_to_look_at() -> None:
    assert {"zendesk-sell", "salesloft", "outreach"} <= COMPONENTS.keys()
    assert len(FORMS) > 150
    assert len(RECORDS) > 30


@pytest.mark.parametrize(("component", "name"), FORMS)
def test_a_form_says_all_that_is_shown_of_it(component: str, name: str) -> None:
    schema = COMPONENTS[component].form(name).schema
    assert schema["description"].endswith(".")
    assert schema["examples"]
    assert schema["additionalProperties"] is False
    for field, spec in schema["properties"].items():
        assert spec["description"].endswith("."), field
        assert spec["examples"], field
        for _, part in walk_schema(spec):
            if "x-enum-labels" in part:
                assert list(part["x-enum-labels"]) == [str(value) for value in part["enum"] if value is not None], field


@pytest.mark.parametrize(("component", "name"), FORMS)
def test_a_picklist_takes_what_narrows_it(component: str, name: str) -> None:
    for part in picked(COMPONENTS[component].form(name)):
        source = COMPONENTS[component].form(part["x-data-source"]).schema
        assert set(part.get("x-depends-on", ())) <= source["properties"].keys()
        jsonschema_rs.validate({**source, "required": []}, part.get("x-data-source-inputs", {}))


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_picklist_fills_an_input(component: str) -> None:
    forms = [COMPONENTS[component].form(name) for key, name in FORMS if key == component]
    bound = {part["x-data-source"] for form in forms for part in picked(form)}
    assert COMPONENTS[component].data_sources.keys() - bound == UNUSED.get(component, set())


@pytest.mark.parametrize(("component", "name"), RECORDS)
def test_a_record_describes_its_fields_and_tolerates_others(component: str, name: str) -> None:
    record = COMPONENTS[component].record(name)
    assert record["examples"]
    for example in record["examples"]:
        assert example.keys() <= record["properties"].keys()
        jsonschema_rs.validate(record, {**example, "brand_new": 1})
    for _, part in walk_schema(record):
        assert "enum" not in part, "a value that the service adds would be refused"
