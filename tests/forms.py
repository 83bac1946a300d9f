"""What the tests of components share about forms: what they say of inputs, and inputs to begin with."""

from typing import Any

from sales_connectors import Runtime
from sales_connectors.errors import InvalidInput
from sales_connectors.inputs import accept_inputs
from sales_connectors.manifest import Component


def find_faults(component: Component, key: str, inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """What is wrong with these inputs, as every door says it."""
    try:
        if key in component.actions:
            Runtime().check(component.key, key, inputs)
        else:
            accept_inputs(component.form(key), inputs, key)
    except InvalidInput as refusal:
        return [dict(fault) for fault in refusal.fields]
    return []


def list_bases(form: dict[str, Any]) -> list[dict[str, Any]]:
    """The examples of a form, and as little of the first one as it takes."""
    return [*form["examples"], {name: form["examples"][0][name] for name in form.get("required", [])}]
