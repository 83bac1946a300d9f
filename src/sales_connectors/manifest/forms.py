"""Forms: JSON Schemas with their references resolved, and what they make of the inputs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError

TEXTUAL: tuple[Any, ...] = ("string", ["string"], ["string", "null"])


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
        return {name: spec["default"] for name, spec in self.properties.items() if "default" in spec}

    @cached_property
    def texts(self) -> frozenset[str]:
        """The inputs that take text and nothing else."""
        return frozenset(name for name, spec in self.properties.items() if spec.get("type") in TEXTUAL)

    @cached_property
    def fast(self) -> Any:
        """The compiled validator that accepts; what it does not accept, ``jsonschema`` explains."""
        import jsonschema_rs

        from .formats import FORMATS

        return jsonschema_rs.Draft202012Validator(self.schema, validate_formats=True, formats=dict(FORMATS))


def read_json(schemas: Path, name: str) -> dict[str, Any]:
    """A schema file of that folder, every reference replaced by what it names, siblings of ``$ref`` over it."""
    resolved: dict[str, Any] = _resolved(_file(schemas / name), schemas, name)
    return resolved


@cache
def _file(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as missing:
        raise ConfigurationError(f"{path}: there is no such schema", fix="maintainer") from missing
    except ValueError as wrong:
        raise ConfigurationError(f"{path}: {wrong}", fix="maintainer") from wrong


def _resolved(node: Any, schemas: Path, name: str) -> Any:
    if isinstance(node, list):
        return [_resolved(item, schemas, name) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        siblings = {key: value for key, value in node.items() if key != "$ref"}
        return _referred(node["$ref"], schemas, name) | _resolved(siblings, schemas, name)
    return {key: _resolved(value, schemas, name) for key, value in node.items() if key != "$defs"}


def _referred(reference: str, schemas: Path, name: str) -> Any:
    file, _, pointer = reference.partition("#")
    # a reference is relative to the file in which it stands; records/ refer to ../shared.json or shared.json
    home = str(Path(name).parent / file) if file else name
    if file and not (schemas / home).exists():
        home = file
    node = _file((schemas / home).resolve())
    try:
        for part in filter(None, pointer.split("/")):
            node = node[part.replace("~1", "/").replace("~0", "~")]
    except (KeyError, TypeError) as missing:
        raise ConfigurationError(f"{schemas / name}: {reference} names nothing", fix="maintainer") from missing
    return _resolved(node, schemas, home)


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that a schema allows; all of them where it names none."""
    names = schema.get("type", ())
    return (names,) if isinstance(names, str) else tuple(names)
