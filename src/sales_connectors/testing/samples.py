"""Inputs and records to test with, from the examples of the schemas."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..manifest import Component, Form
from ..manifest.forms import list_types
from ..manifest.output import Output
from ..sdk.envelope import Envelope, Shape

DATE = re.compile(r"\d{4}-\d\d-\d\d")
COMBINING = ("anyOf", "oneOf", "allOf")


def example_inputs(form: Form) -> list[dict[str, Any]]:
    """The examples of a form; of one without, its required inputs with the first example of each."""
    required = form.schema.get("required", ())
    built = {name: form.properties[name]["examples"][0] for name in required if "examples" in form.properties[name]}
    return list(form.schema.get("examples") or [built])


def required_inputs(form: Form) -> dict[str, Any]:
    """As little of the first example as the form takes."""
    example, required = example_inputs(form)[0], form.schema.get("required", ())
    least = {name: example[name] for name in required if name in example}
    return least if form.fast_validator.is_valid(least) else example


def without_fetch_all(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The same inputs, for one page of a list."""
    return {name: value for name, value in inputs.items() if name != "fetchAll"}


def as_text(form: Form, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The same inputs as a form that knows nothing but text sends them, with space around."""
    return {name: _type_in(form.properties.get(name, {}), value) for name, value in inputs.items()}


def _type_in(spec: Mapping[str, Any], value: Any) -> Any:
    if value is None or ("string" in _all_types(spec) and not isinstance(value, str)):
        return value  # text would stay text
    if isinstance(value, str):
        return f" {value} "
    if isinstance(value, list):
        inner = _all_types(spec.get("items", {}))
        if "string" in inner and not all(isinstance(item, str) for item in value):
            return value
        if all(_is_plain(item) for item in value):
            return ", ".join(map(_write, value))
    return f" {_write(value)} "


def _all_types(spec: Mapping[str, Any]) -> set[str]:
    """The types of an input, those of its alternatives too."""
    return {
        *list_types(spec),
        *(name for word in COMBINING for part in spec.get(word, ()) for name in _all_types(part)),
    }


def _is_plain(item: Any) -> bool:
    return isinstance(item, int) or (isinstance(item, str) and "," not in item and item[:1] not in "[{ ")


def _write(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def plain(value: Any) -> Any:
    """A value with its numbers as JSON has them, to be compared."""
    return json.loads(json.dumps(value, default=float))


# --- records ----------------------------------------------------------------------------------------


def example_record(component: Component, name: str) -> dict[str, Any]:
    """The first example of a record type; of one without, the first example of each field."""
    schema = component.record(name)
    fields = schema.get("properties", {}).items()
    built = {field: spec["examples"][0] for field, spec in fields if "examples" in spec}
    return dict((schema.get("examples") or [built])[0])


def blend_records(component: Component, names: Iterator[str]) -> dict[str, Any]:
    """A record with a field of every name that any type has: for lists whose type no action tells."""
    blended: dict[str, Any] = {"id": 1, "name": "Name"}
    for name in names:
        blended = {**example_record(component, name), **blended}
    return blended


def number_record(record: Mapping[str, Any], number: int, attributes: str | None) -> dict[str, Any]:
    """The record with an id of its own, and texts that no other one has."""
    changed: dict[str, Any] = {name: f"{value} {number}" for name, value in record.items() if _is_free_text(value)}
    inside = record.get(attributes) if attributes else None
    if attributes and isinstance(inside, Mapping):
        changed[attributes] = {
            name: f"{value} {number}" if _is_free_text(value) else value for name, value in inside.items()
        }
    return {**record, **changed, "id": str(number) if isinstance(record.get("id"), str) else number}


def _is_free_text(value: Any) -> bool:
    return isinstance(value, str) and not DATE.match(value)


# --- envelopes --------------------------------------------------------------------------------------


def wrap(shape: Shape, one: Shape, records: list[Any]) -> Any:
    """Records in an envelope; ``one`` is that of a single record."""
    if shape == "record":
        return records[0]
    if shape == "one":
        return wrap(one, "record", records)
    if isinstance(shape, list):
        return [wrap(shape[0], one, [record]) for record in records]
    return {name: wrap(part, one, records) for name, part in shape.items()} if isinstance(shape, Mapping) else {}


def hollow_answers(envelope: Envelope) -> list[Any]:
    """Answers with nothing inside: no envelope, one with null in it, or one around no record or an empty one."""
    one, many = envelope.one, envelope.many or ["record"]
    records: list[Any] = [None, {}]
    members = [shape for shape in (one, many) if isinstance(shape, Mapping)]
    return [
        None,
        {},
        [],
        *(dict.fromkeys(shape) for shape in members),
        *({name: [] if isinstance(part, list) else None for name, part in shape.items()} for shape in members),
        *(wrap(shape, one, [record]) for shape in (one, many) for record in records),
    ]


def wrap_entries(component: Component, found: Output | None, records: list[Any]) -> list[Any]:
    """Records as they stand in a list; where no action tells how, as the envelope of the component has it."""
    many = component.envelope.many
    shape, one = (many, component.envelope.one) if found is None else (found.shape, found.one)
    return component.envelope.items(wrap(shape, one, records)) if shape else records
