"""Tables of inputs and of record fields."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..inputs.coerce import types_of
from ..register import Form
from .text import code, joined, link, prose, table


def input_table(form: Form, name: str = "Input") -> str:
    """The inputs of a form, in its order."""
    columns = [name, "Type", "Required", "Default", "Picklist", "Description"]
    required = form.schema.get("required", ())
    return table(columns, [_input_row(name, spec, name in required) for name, spec in form.properties.items()])


def _input_row(name: str, spec: Mapping[str, Any], required: bool) -> list[str]:
    default = code(spec["default"]) if "default" in spec else ""
    return [code(name), type_words(spec), "yes" if required else "", default, picklist_words(spec), described(spec)]


def record_table(schema: Mapping[str, Any]) -> str:
    """The fields of a record, those inside an object under a dotted name."""
    rows = [[code(name), type_words(spec), described(spec, inside=False)] for name, spec in _fields(schema)]
    return table(["Field", "Type", "Description"], rows)


def _fields(schema: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, spec in schema.get("properties", {}).items():
        yield before + name, spec
        yield from _fields(spec, f"{before}{name}.")
        if isinstance(spec.get("items"), dict):
            yield from _fields(spec["items"], f"{before}{name}[].")


def type_words(spec: Mapping[str, Any]) -> str:
    """``integer``, ``array of string``, ``string (date) or null``."""
    names = [_type_name(name, spec) for name in types_of(spec)]
    return " or ".join(names) or "anything"


def _type_name(name: str, spec: Mapping[str, Any]) -> str:
    if name == "string" and "format" in spec:
        return f"string ({spec['format']})"
    if name == "array" and types_of(spec.get("items", {})):
        return f"array of {type_words(spec['items'])}"
    return name


def picklist_words(spec: Mapping[str, Any]) -> str:
    """The data source that fills an input, or its entries or its keys, and the inputs that narrow it."""
    source = next(_sources(spec), None)
    if source is None:
        return ""
    by = joined(code(name) for name in source.get("x-depends-on", ()))
    return link(source["x-data-source"]) + (f" by {by}" if by else "")


def _sources(spec: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(spec, dict):
        if "x-data-source" in spec:
            yield spec
        for name in ("items", "propertyNames"):
            yield from _sources(spec.get(name))


def described(spec: Mapping[str, Any], *, inside: bool = True) -> str:
    """The description, with what the schema knows beside it: choices, bounds, and what an object holds."""
    parts = [prose(str(spec.get("description", ""))), _choices(spec), _bounds(spec), _members(spec) if inside else ""]
    return " ".join(filter(None, parts))


def _choices(spec: Mapping[str, Any]) -> str:
    known = [value for value in spec.get("enum", spec.get("items", {}).get("enum", ())) if value is not None]
    labels = spec.get("x-enum-labels", {})
    return f"One of {joined((_choice(value, labels) for value in known), 'or')}." if known else ""


def _choice(value: Any, labels: Mapping[str, str]) -> str:
    label = labels.get(str(value), "")
    return code(value) if label.lower() in ("", str(value).lower()) else f"{code(value)} ({label})"


def _bounds(spec: Mapping[str, Any]) -> str:
    low, high = spec.get("minimum"), spec.get("maximum")
    if low is not None and high is not None:
        return f"From {low} to {high}."
    if high is not None:
        return f"At most {high}."
    return f"At least {low}." if low not in (None, 0, 1) else ""  # every id is at least 1, every count at least 0


def _members(spec: Mapping[str, Any]) -> str:
    names: Iterable[str] = spec.get("properties", {})
    return f"Holds {joined(map(code, names))}." if names else ""
