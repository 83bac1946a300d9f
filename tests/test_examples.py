"""Every example of the documentation does what it says, against a sandbox that is as new."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.sandboxes import PassingClock

from sales_connectors import Runtime, SalesError
from sales_connectors.imitation import running
from sales_connectors.manifest import Component, load_components
from sales_connectors.testing.samples import example_inputs

COMPONENTS = {component.key: component for component in load_components()}
PLAYED = [key for key, component in COMPONENTS.items() if (component.folder / "sandbox" / "service.py").exists()]


def list_examples(component: Component) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The section, the key and the inputs of each example that a page shows."""
    for section in ("actions", "dataSources", "triggers"):
        for key in component.section(section):
            for inputs in example_inputs(component.form(key)):
                yield section, key, inputs


def test_every_component_has_a_sandbox_to_try_its_examples_with() -> None:
    assert [key for key, component in COMPONENTS.items() if component.connections] == PLAYED


@pytest.mark.parametrize("component", PLAYED)
def test_the_examples_of_all_forms_succeed(component: str) -> None:
    refused: dict[str, str] = {}
    examples = list(list_examples(COMPONENTS[component]))
    with running(component, rate=0) as box:
        runtime = Runtime(clock=PassingClock(box))
        connection = {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0}}
        calls: Mapping[str, Callable[..., Any]] = {
            "actions": runtime.invoke,
            "dataSources": runtime.pick,
            "triggers": runtime.poll,
        }
        for section, key, inputs in examples:
            with box.undoing():
                try:
                    calls[section](component, key, inputs, connection, {"retries": 0})
                except SalesError as error:
                    refused[f"{key} {inputs}"] = f"{error.code}: {error}"
        runtime.close()
    assert refused == {}
    assert len(examples) >= len(COMPONENTS[component].actions)


def test_what_happened_meanwhile_is_undone() -> None:
    with running("zendesk-sell", rate=0) as box:
        runtime = Runtime()
        count = len(list(runtime.iterate("zendesk-sell", "listNotes", {}, box.connection)))
        with box.undoing():
            runtime.invoke("zendesk-sell", "deleteNote", {"id": 60000001}, box.connection)
            assert len(list(runtime.iterate("zendesk-sell", "listNotes", {}, box.connection))) == count - 1
        assert len(list(runtime.iterate("zendesk-sell", "listNotes", {}, box.connection))) == count
        runtime.close()
