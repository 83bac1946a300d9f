"""The register as ``describe`` hands it out."""

from collections.abc import Mapping
from typing import Any

from ..register import Component, Entry
from ..register.output import output_schema


def listed(components: list[Component]) -> dict[str, Any]:
    """Every component, by its key."""
    return {"components": [_titled(found) for found in components]}


def described(found: Component) -> dict[str, Any]:
    """A component with everything that it can do, schemas resolved."""
    register = found.register
    return {
        **_titled(found),
        "category": register.get("category"),
        "documentation": register.get("documentation"),
        "connections": [_form(found, entry) for entry in found.connections.values()],
        "actions": [
            {**_form(found, entry, effect=entry.effect), "output": output_schema(found, entry)}
            for entry in found.actions.values()
        ],
        "dataSources": [_form(found, entry, type=entry.type) for entry in found.data_sources.values()],
        "triggers": [_form(found, entry) for entry in found.triggers.values()],
    }


def entries(found: Component, section: str) -> Mapping[str, Entry]:
    """One section of the register, by the name that it has there."""
    sections = {
        "connections": found.connections,
        "actions": found.actions,
        "dataSources": found.data_sources,
        "triggers": found.triggers,
    }
    return sections[section]


def _titled(found: Component) -> dict[str, Any]:
    register = found.register
    return {"key": found.key, "label": register.get("label", found.key), "description": register.get("description", "")}


def _form(found: Component, entry: Entry, **more: str) -> dict[str, Any]:
    form = found.form(entry.key)
    return {"key": entry.key, "label": form.label, "description": form.description, **more, "input": form.schema}
