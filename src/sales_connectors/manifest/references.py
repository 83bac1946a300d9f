"""Schema files with their references resolved: nobody who is handed a schema has to look anything up."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

from .. import sdk
from ..errors import ConfigurationError
from .merging import Disagreement, merge_schemas

Place = tuple[str | int, ...]
"""Where something stands in a schema: keywords, names and indexes from its root."""

OWN_FILES: Mapping[str, Path] = {
    "urn:sales-connectors:raw-request": Path(sdk.__file__).with_name("raw_request.json"),
}
"""Schema files of ours, to which those of every component may refer."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""What schemas are handed out as: without references, our keywords are annotations that nobody has to know."""

SINGLE = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
    | {"contentSchema", "not", "if", "then", "else"}
)
SEVERAL = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
NAMED = frozenset(["properties", "patternProperties", "dependentSchemas", "$defs"])


def iterate_subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    """The schemas that stand directly in a schema, each with its place there."""
    for keyword, value in schema.items():
        if keyword in SINGLE:
            yield (keyword,), value
        elif keyword in SEVERAL and isinstance(value, list):
            yield from (((keyword, index), part) for index, part in enumerate(value))
        elif keyword in NAMED and isinstance(value, dict):
            yield from (((keyword, name), part) for name, part in value.items())


def walk_schema(schema: Any, place: Place = ()) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """A schema and every schema inside it, each with its place."""
    if isinstance(schema, dict):
        yield place, schema
        for inside, part in iterate_subschemas(schema):
            yield from walk_schema(part, (*place, *inside))


class WrongReference(Exception):
    """A reference that names nothing, leads back to itself, or contradicts what stands beside it."""

    def __init__(self, file: str, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.file, self.place = file, place


class SchemaFolder:
    """The schema files of one component, each read when it is first wanted.

    A file is named by its path below the folder; a reference is relative to the file in which it stands.  The dialect
    knows no other base and no anchors, so a reference is a path and a JSON Pointer: a library that resolves all of JSON
    Schema's would add a tenth to the time of every start.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files: dict[str, Any] = {}

    def read(self, name: str) -> Any:
        """A schema file with its references resolved; ConfigurationError where that cannot be done."""
        try:
            resolved = self.resolve(name)
        except WrongReference as wrong:
            where = "/".join(map(str, wrong.place))
            raise ConfigurationError(f"{self.path / wrong.file}: {where}: {wrong}", fix="maintainer") from wrong
        return {"$schema": DIALECT, **resolved} if isinstance(resolved, dict) else resolved

    def resolve(self, name: str, place: Place = ()) -> Any:
        """What stands at that place of a file, references resolved; WrongReference where one is wrong."""
        node = self._load(name)
        for part in place:
            node = node[part]
        return self._resolve(node, name, place, ())

    def _resolve(self, schema: Any, file: str, place: Place, trail: tuple[str, ...]) -> Any:
        if not isinstance(schema, dict):
            return schema
        own = {keyword: value for keyword, value in schema.items() if keyword not in ("$schema", "$ref", "$defs")}
        for inside, part in iterate_subschemas(own):
            _replace(own, schema, inside, self._resolve(part, file, (*place, *inside), trail))
        if "$ref" not in schema:
            return own
        named = self._follow(schema["$ref"], file, (*place, "$ref"), trail)
        try:
            return merge_schemas(named, own)
        except Disagreement as wrong:
            raise WrongReference(file, (*place, wrong.keyword), str(wrong)) from wrong

    def _follow(self, reference: Any, file: str, place: Place, trail: tuple[str, ...]) -> Any:
        """What a reference names, resolved in its turn; the trail is what led here."""
        name, pointer = resolve_reference(file, str(reference))
        target = f"{name}#{pointer}"
        if target in trail:
            raise WrongReference(file, place, f"{reference} leads back to where it stands")
        found = self._load(name)
        try:
            for part in _parse_pointer(pointer):
                found = found[part]
        except (KeyError, TypeError) as missing:
            raise WrongReference(file, place, f"{reference} names nothing") from missing
        if not isinstance(found, dict | bool):
            raise WrongReference(file, place, f"{reference} names no schema")
        return self._resolve(found, name, _parse_pointer(pointer), (*trail, target))

    def _load(self, name: str) -> Any:
        """A file as it stands; threads that read at once may each read it."""
        if name not in self._files:
            self._files[name] = _read_json(OWN_FILES.get(name) or self.path / name)
        return self._files[name]


def resolve_reference(file: str, reference: str) -> tuple[str, str]:
    """The file and the pointer that a reference names, which stands in a file."""
    target = f"{file}{reference}" if reference.startswith("#") else urljoin(file, reference)
    name, pointer = urldefrag(target)
    return name, pointer


def _replace(own: dict[str, Any], schema: Mapping[str, Any], place: Place, part: Any) -> None:
    """Put a resolved part in its place; what came from the file stays as it is."""
    keyword, *inside = place
    if not inside:
        own[str(keyword)] = part
        return
    if own[str(keyword)] is schema[str(keyword)]:
        own[str(keyword)] = schema[str(keyword)].copy()
    own[str(keyword)][inside[0]] = part


def _parse_pointer(pointer: str) -> Place:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as missing:
        raise ConfigurationError(f"{path}: there is no such schema", fix="maintainer") from missing
    except (ValueError, RecursionError) as wrong:
        raise ConfigurationError(f"{path}: {wrong}", fix="maintainer") from wrong
