"""Forms: JSON Schemas with their references resolved, and what they make of the inputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError
from ..lazy import cached_property

MAX_ID = 2**53 - 1
"""The largest id that a form takes: every language reads whole numbers up to here exactly."""

TEXT_TYPES: tuple[Any, ...] = ("string", ["string"], ["string", "null"])


@dataclass(frozen=True)
class Form:
    """The input form of one action, data source, trigger or connection."""

    schema: dict[str, Any]

    @property
    def label(self) -> str:
        return str(self.schema.get("title", ""))

    @property
    def description(self) -> str:
        return str(self.schema.get("description", ""))

    @property
    def properties(self) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self.schema.get("properties", {})
        return properties

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        fields = ((name, spec) for name, spec in self.properties.items() if isinstance(spec, dict))
        return {name: spec["default"] for name, spec in fields if "default" in spec}

    @cached_property
    def replaced(self) -> Mapping[str, Any]:
        """The deprecated inputs, each with what has taken its place."""
        fields = ((name, spec) for name, spec in self.properties.items() if isinstance(spec, dict))
        return {name: spec["x-replaced-by"] for name, spec in fields if "x-replaced-by" in spec}

    @cached_property
    def texts(self) -> frozenset[str]:
        """The inputs that take text and nothing else."""
        return frozenset(name for name, spec in self.properties.items() if spec.get("type") in TEXT_TYPES)

    @cached_property
    def fast_validator(self) -> Any:
        """The compiled validator that accepts; what it does not accept, ``jsonschema`` explains."""
        import jsonschema_rs

        from .formats import FORMATS

        try:
            return jsonschema_rs.Draft202012Validator(self.schema, validate_formats=True, formats=dict(FORMATS))
        except jsonschema_rs.ValidationError as wrong:
            place = "/".join(map(str, wrong.instance_path))
            message = f"The form {self.label!r} is no valid schema: {place}: {wrong.message}"
            raise ConfigurationError(message, code="register", fix="maintainer") from None


def list_choices(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The kinds of value that a schema takes, each with its own type: its alternatives, or else itself alone."""
    if "type" in schema:
        return [schema]
    choices = [choice for keyword in ("anyOf", "oneOf") for choice in schema.get(keyword, ())]
    return [choice for choice in choices if isinstance(choice, dict) and "type" in choice] or [schema]


def list_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that a schema allows; all of them where it names none."""
    own = schema.get("type")  # nearly all have one; every input of every call comes by here
    if own is not None:
        return (own,) if isinstance(own, str) else tuple(own)
    found = [choice.get("type", ()) for choice in list_choices(schema)]
    return tuple(dict.fromkeys(name for names in found for name in ([names] if isinstance(names, str) else names)))
