"""The fields of a record as columns of a table: which there are, by its schema, and which of them tell most."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..sdk import Envelope

Fields = Mapping[str, Any]
"""Fields of a record by name, each with its schema."""


def list_fields(record: Mapping[str, Any], envelope: Envelope) -> Fields:
    """The fields of a record by its schema, those behind what identifies it, and the records that it refers to."""
    properties: Fields = record.get("properties", {})
    inside = _find_parts(properties.get(envelope.attributes or ""))
    if inside is None or record.get("x-bare"):
        return properties
    named = _find_parts(properties.get(envelope.references or "")) or {}
    references = {name: _unwrap(spec, envelope) for name, spec in named.items()}
    return {
        **{name: properties[name] for name in ("id", "type") if name in properties},
        **inside,
        **{name: spec for name, spec in references.items() if spec is not None and name not in inside},
    }


def list_columns(fields: Fields) -> list[str]:
    """A column for each value of a record; a dot leads into an object, unless it is a reference or open."""
    return list(_walk_columns(fields, ""))


def has_column(fields: Fields, column: str) -> bool:
    """Whether a record may have a value there."""
    if column in fields:
        return True
    ends = [end for end, sign in enumerate(column) if sign == "." and column[:end] in fields]
    return any(_has_part(fields[column[:end]], column[end + 1 :]) for end in ends)


def list_telling_columns(record: Mapping[str, Any]) -> list[str]:
    """What the schema of a record says that a table should show."""
    return list(record.get("x-columns", ()))


def _has_part(spec: Any, column: str) -> bool:
    parts = _find_parts(spec)
    return _is_open(spec) if parts is None else has_column(parts, column) or bool(spec.get("additionalProperties"))


def _walk_columns(fields: Fields, before: str) -> Iterator[str]:
    for name, spec in fields.items():
        parts = _find_parts(spec)
        if parts is None or is_reference(parts):
            yield before + name
        else:
            yield from _walk_columns(parts, f"{before}{name}.")


def is_reference(parts: Mapping[str, Any]) -> bool:
    """Whether an object stands for another record: its id, and at most one thing beside it."""
    return "id" in parts and len(parts) <= 2


def _unwrap(spec: Any, envelope: Envelope) -> Any:
    """The schema of what a reference holds; None where it holds an address alone."""
    parts = _find_parts(spec)
    held = None if parts is None else envelope.unwrap(parts)
    return None if held is parts else held


def _find_parts(spec: Any) -> Fields | None:
    """The fields of an object; None where the schema names none."""
    if not isinstance(spec, Mapping):
        return None
    kinds = (spec, *spec.get("anyOf", ()))
    return next((kind["properties"] for kind in kinds if isinstance(kind, Mapping) and kind.get("properties")), None)


def _is_open(spec: Any) -> bool:
    """Whether it may be an object whose fields no schema names."""
    if not isinstance(spec, Mapping):
        return bool(spec)
    kinds = [kind.get("type") for kind in (spec, *spec.get("anyOf", ())) if isinstance(kind, Mapping)]
    return any(kind == "object" or (isinstance(kind, list) and "object" in kind) for kind in kinds)
