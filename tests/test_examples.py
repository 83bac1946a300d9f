"""Every example of the documentation does what it says, against a sandbox that is as new."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from tests.runtime.commandline import forget, run
from tests.sandboxes import PassingClock

from sales_connectors import Runtime, SalesError, connect
from sales_connectors.imitation import Box, running
from sales_connectors.manifest import Component, load_components
from sales_connectors.manifest.projections.examples import EXAMPLE_CONNECTION
from sales_connectors.manifest.projections.page import build_variable_name
from sales_connectors.manifest.projections.reference import render_reference
from sales_connectors.runtime import default_runtime
from sales_connectors.testing.samples import example_inputs

COMPONENTS = {component.key: component for component in load_components()}
PLAYED = [key for key, component in COMPONENTS.items() if (component.folder / "sandbox" / "service.py").exists()]


EXAMPLE_LINE = re.compile(
    r"(?:`input.json`\n\n```json\n([^`]*)```\n\n)?```sh\nsales-connectors ((?:run|pick|poll) .*)\n```"
)
"""What a reference page has people type, and the file that goes with it."""


def list_entries(component: Component) -> Iterator[tuple[str, str]]:
    """The section and the key of whatever can be called."""
    return ((part, key) for part in ("actions", "dataSources", "triggers") for key in component.section(part))


def list_examples(component: Component) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """The section, the key and the inputs of each example that a page shows."""
    for section, key in list_entries(component):
        for inputs in example_inputs(component.form(key)):
            yield section, key, inputs


def test_every_component_has_a_sandbox_to_try_its_examples_with() -> None:
    assert [key for key, component in COMPONENTS.items() if component.connections] == PLAYED


@contextmanager
def playing(component: str) -> Iterator[tuple[Box, Runtime, Mapping[str, Any]]]:
    """A sandbox, a runtime whose time is that of the sandbox, and a connection without a rate."""
    with running(component, rate=0) as box:
        runtime = Runtime(clock=PassingClock(box))
        yield box, runtime, {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0}}
        runtime.close()


@pytest.mark.parametrize("component", PLAYED)
def test_the_examples_of_all_forms_succeed(component: str) -> None:
    refused: dict[str, str] = {}
    examples = list(list_examples(COMPONENTS[component]))
    with playing(component) as (box, runtime, connection):
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
    assert refused == {}
    assert len(examples) >= len(COMPONENTS[component].actions)


@pytest.mark.parametrize("component", PLAYED)
def test_the_scripts_of_the_reference_run(component: str) -> None:
    pages = render_reference(COMPONENTS[component])
    scripts = [(name, code) for name, text in pages.items() for code in re.findall(r"```python\n(.*?)```", text, re.S)]
    refused: dict[str, str] = {}
    with playing(component) as (box, runtime, connection), redirect_stdout(StringIO()):
        connector = connect(component, connection, runtime=runtime, retries=0)
        for name, code in scripts:
            with box.undoing():
                try:
                    exec(code, {build_variable_name(COMPONENTS[component]): connector})
                except Exception as error:
                    refused[code] = f"{name}: {error!r}"
    assert refused == {}
    assert len(scripts) >= len(list(list_entries(COMPONENTS[component])))


@pytest.mark.parametrize("component", PLAYED)
def test_the_command_lines_of_the_reference_run(
    component: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = render_reference(COMPONENTS[component]).values()
    lines = [found for text in texts for found in EXAMPLE_LINE.findall(text)]
    refused: dict[str, str] = {}
    with playing(component) as (box, _, connection):
        forget()
        default_runtime().kept.keep_given(component, EXAMPLE_CONNECTION, connection)
        for given, line in lines:
            if given:
                (tmp_path / "input.json").write_text(given, encoding="utf-8")
            with box.undoing():
                ran = run(*shlex.split(line))
                if ran.code:
                    refused[line] = ran.err
        default_runtime().close()
        forget()
    assert refused == {}
    assert len(lines) >= len(list(list_entries(COMPONENTS[component])))


def test_what_happened_meanwhile_is_undone() -> None:
    with running("zendesk-sell", rate=0) as box:
        runtime = Runtime()
        count = len(list(runtime.iterate("zendesk-sell", "listNotes", {}, box.connection)))
        with box.undoing():
            runtime.invoke("zendesk-sell", "deleteNote", {"id": 60000001}, box.connection)
            assert len(list(runtime.iterate("zendesk-sell", "listNotes", {}, box.connection))) == count - 1
        assert len(list(runtime.iterate("zendesk-sell", "listNotes", {}, box.connection))) == count
        runtime.close()
