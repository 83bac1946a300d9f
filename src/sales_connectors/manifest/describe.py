"""A component in plain JSON, as every door hands it out: an index to choose from, and each entry with its schemas."""

from collections.abc import Iterable
from typing import Any

from .component import Component, Entry
from .output import build_output_schema, build_polled_schema

Description = dict[str, Any]

OUTPUT_SCHEMAS = {"actions": build_output_schema, "triggers": build_polled_schema}
"""How the schema of an answer is built, by the section of the manifest."""


def describe_components(components: Iterable[Component]) -> Description:
    """``{"components": [{key, label, description}]}``."""
    return {"components": [_describe_title(found) for found in components]}


def describe_index(component: Component) -> Description:
    """What a component can do, without the schemas: small enough to be sent whole."""
    return _describe_sections(component, describe_heading)


def describe_component(component: Component) -> Description:
    """A component with everything that it can do, schemas resolved."""
    return _describe_sections(component, describe_entry)


def describe_heading(component: Component, entry: Entry) -> Description:
    """``{key, label, description, tool}`` of one entry, with an action's effect, group and scopes."""
    form = component.form(entry.key)
    heading: Description = {"key": entry.key, "label": form.label, "description": form.description}
    if entry.section == "connections":
        return heading
    heading["tool"] = component.name_tool(entry)
    if entry.section == "actions":
        return {**heading, "effect": entry.effect, "group": entry.group, "scopes": list(entry.scopes)}
    return {**heading, "type": entry.type} if entry.section == "dataSources" else heading


def describe_entry(component: Component, entry: Entry) -> Description:
    """The same with the JSON Schema of its inputs, and for actions and triggers of what they return under ``data``."""
    described = {**describe_heading(component, entry), "input": component.form(entry.key).schema}
    build = OUTPUT_SCHEMAS.get(entry.section)
    return {**described, "output": build(component, entry)} if build else described


def _describe_sections(component: Component, describe: Any) -> Description:
    return {
        **_describe_title(component),
        "prefix": component.prefix,
        "category": component.category,
        "documentation": component.documentation,
        **{
            section: [describe(component, entry) for entry in component.section(section).values()]
            for section in ("connections", "actions", "dataSources", "triggers")
        },
    }


def _describe_title(component: Component) -> Description:
    return {"key": component.key, "label": component.label, "description": component.description}
