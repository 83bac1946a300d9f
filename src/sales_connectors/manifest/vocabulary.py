"""The dialect of forms, ``form.schema.json``: its keywords, their prose, and what in a schema does not keep to it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import suggest_name
from .references import Place, walk_schema

FORM_DIALECT = "urn:sales-connectors:form"
"""What a form, the shared fields and a record name as their ``$schema``."""


@cache
def load_vocabulary() -> Mapping[str, Any]:
    """The meta-schema of forms."""
    vocabulary: dict[str, Any] = json.loads(Path(__file__).with_name("form.schema.json").read_bytes())
    return vocabulary


def list_own_keywords() -> Mapping[str, Mapping[str, Any]]:
    """Our keywords, each with its schema: title, description, type and an example."""
    properties: Mapping[str, Mapping[str, Any]] = load_vocabulary()["properties"]
    return {name: spec for name, spec in properties.items() if name.startswith("x-")}


@cache
def load_standard_parts() -> Mapping[str, Mapping[str, Any]]:
    """The meta-schemas of the standard vocabularies that forms use, by their ids."""
    from jsonschema_specifications import REGISTRY

    return {part["$ref"]: REGISTRY.contents(part["$ref"]) for part in load_vocabulary()["allOf"]}


@cache
def list_keywords() -> frozenset[str]:
    """Every keyword that a form may use."""
    standard = {name for part in load_standard_parts().values() for name in part.get("properties", ())}
    refused = {name for name, spec in load_vocabulary()["properties"].items() if spec.get("not") == {}}
    return frozenset(standard | list_own_keywords().keys()) - refused


def find_faults(schema: Any) -> Iterator[tuple[Place, str]]:
    """What is wrong with a schema by its dialect, each with its place: unknown keywords, values of the wrong kind."""
    for place, part in walk_schema(schema):
        for keyword in part.keys() - list_keywords():
            yield (*place, keyword), f"{keyword} is no keyword of a form.{suggest_name(keyword, list_keywords())}"
    for error in _build_explainer().iter_errors(schema):
        # an unknown keyword is told of above; whatever stands around one counts as unevaluated, too
        if error.validator not in ("unevaluatedProperties", "not"):
            yield tuple(error.absolute_path), f"is no valid schema: {error.message}"


def is_valid_form(schema: Any) -> bool:
    """Whether a schema keeps to the dialect."""
    return bool(_build_validator().is_valid(schema))


@cache
def _build_validator() -> Any:
    import jsonschema_rs

    registry = jsonschema_rs.Registry([(name, dict(part)) for name, part in load_standard_parts().items()])
    return jsonschema_rs.Draft202012Validator(dict(load_vocabulary()), registry=registry)


@cache
def _build_explainer() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(dict(load_vocabulary()))
