"""Tables of inputs and of record fields."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import Form
from .forms import MAX_ID, list_choices, list_types
from .markdown import escape_prose, join_words, render_code, render_link, render_table

PICKLISTS = "picklists"
"""The page on which the picklists of a component stand, beside those of its actions."""


def render_input_table(form: Form, name: str = "Input") -> str:
    """The inputs of a form, in its order, each group under its heading."""
    columns = [name, "Type", "Required", "Default", "Picklist", "Description"]
    required = form.schema.get("required", ())
    rows: list[list[str]] = []
    group = None
    for input_name, spec in form.properties.items():
        if "x-group" in spec and spec["x-group"] != group:
            group = spec["x-group"]
            rows.append([f"**{escape_prose(group)}**", *[""] * (len(columns) - 1)])
        rows.append(_render_input_row(input_name, spec, input_name in required))
    return render_table(columns, rows)


def _render_input_row(name: str, spec: Mapping[str, Any], required: bool) -> list[str]:
    default = render_code(spec["default"]) if "default" in spec else ""
    return [
        render_code(name),
        describe_type(spec),
        "yes" if required else "",
        default,
        describe_picklist(spec),
        describe_field(spec),
    ]


def render_record_table(schema: Mapping[str, Any]) -> str:
    """The fields of a record, those inside an object under a dotted name."""
    rows = [
        [render_code(name), describe_type(spec), "yes" if always else "", describe_field(spec, inside=False)]
        for name, spec, always in _walk_fields(schema)
    ]
    return render_table(["Field", "Type", "Always", "Description"], rows)


def _walk_fields(schema: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """The fields, and whether each always comes with what it stands in."""
    for name, spec in schema.get("properties", {}).items():
        yield before + name, spec, name in schema.get("required", ())
        yield from _walk_fields(spec, f"{before}{name}.")
        if isinstance(spec.get("items"), dict):
            yield from _walk_fields(spec["items"], f"{before}{name}[].")


def describe_type(spec: Mapping[str, Any]) -> str:
    """``integer``, ``array of string``, ``string (date) or null``."""
    names = [_describe_type_name(name, choice) for choice in list_choices(spec) for name in list_types(choice)]
    return " or ".join(dict.fromkeys(names)) or "anything"


def _describe_type_name(name: str, spec: Mapping[str, Any]) -> str:
    if name == "string" and "format" in spec:
        return f"string ({spec['format']})"
    if name == "array" and list_types(spec.get("items", {})):
        return f"array of {describe_type(spec['items'])}"
    return name


def describe_picklist(spec: Mapping[str, Any]) -> str:
    """The data source that fills an input, or its entries or its keys, and the inputs that narrow it."""
    source = next(find_sources(spec), None)
    if source is None:
        return ""
    by = join_words(render_code(name) for name in source.get("x-depends-on", ()))
    return render_link(source["x-data-source"], page=f"{PICKLISTS}.md") + (f" by {by}" if by else "")


def find_sources(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The parts of an input that a data source fills: itself, or of an object its keys."""
    for part in (spec, spec.get("propertyNames")):
        if isinstance(part, dict) and "x-data-source" in part:
            yield part


def describe_field(spec: Mapping[str, Any], *, inside: bool = True) -> str:
    """The description, with what the schema knows beside it: choices, bounds, and what an object holds."""
    parts = [
        escape_prose(str(spec.get("description", ""))),
        _describe_choices(spec),
        _describe_special(spec),
        _describe_bounds(spec),
        _describe_members(spec) if inside else "",
    ]
    return " ".join(filter(None, parts))


def _describe_choices(spec: Mapping[str, Any]) -> str:
    known = [value for value in spec.get("enum", spec.get("items", {}).get("enum", ())) if value is not None]
    labels = spec.get("x-enum-labels", {})
    return f"One of {join_words((_describe_choice(value, labels) for value in known), 'or')}." if known else ""


def _describe_special(spec: Mapping[str, Any]) -> str:
    kinds = [spec, *list_choices(spec.get("items", {}))]
    special = {value: label for kind in kinds for value, label in kind.get("x-special", {}).items()}
    known = join_words((_describe_choice(value, special) for value in special), "or")
    return f"With a meaning of its own: {known}." if known else ""


def _describe_choice(value: Any, labels: Mapping[str, str]) -> str:
    label = labels.get(str(value), "")
    return render_code(value) if label.lower() in ("", str(value).lower()) else f"{render_code(value)} ({label})"


def _describe_bounds(spec: Mapping[str, Any]) -> str:
    low, high = spec.get("minimum"), spec.get("maximum")
    high = None if high == MAX_ID else high  # nobody reaches it
    if low is not None and high is not None:
        return f"From {low} to {high}."
    if high is not None:
        return f"At most {high}."
    return f"At least {low}." if low not in (None, 0, 1) else ""  # every id is at least 1, every count at least 0


def _describe_members(spec: Mapping[str, Any]) -> str:
    names: Iterable[str] = spec.get("properties", {})
    return f"Holds {join_words(map(render_code, names))}." if names else ""
