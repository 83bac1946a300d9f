"""What an action returns, as JSON Schema: a record, or records, in the envelope in which the service wraps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..sdk.envelope import Shape
from .component import Component, Entry

NOT_RECORDS = ("nothing", "anything")
"""What an action may return that has no record schema."""


@dataclass(frozen=True)
class Output:
    """What stands under ``data``: which record, how many, and what is around them."""

    record: str | None
    many: bool
    returns: str
    """As the manifest says it: a record type, ``nothing`` or ``anything``."""
    shape: Shape | None
    """The envelope; None where the component does not describe it."""
    one: Shape
    """The envelope of one record, which may stand in ``shape``."""
    beside: Mapping[str, Shape] = field(default_factory=dict)
    """What else may stand in ``shape``."""


def resolve_output(component: Component, entry: Entry) -> Output:
    """What an action returns."""
    record, many = get_record_type(entry.returns), isinstance(entry.returns, list)
    envelope = component.envelope
    if record is None or envelope.many is None:
        return Output(record, many, record or str(entry.returns), None, "record")
    bare = component.record(record).get("x-bare", False)
    one = "record" if bare else envelope.one
    shape = envelope.many if many else one
    return Output(record, many, record, shape, one, envelope.beside if isinstance(shape, Mapping) else {})


@dataclass(frozen=True)
class PolledRecords:
    """What a trigger reports: records without an envelope."""

    by: str | None
    """The input whose value says of which type the records are; None where they are of one type."""
    records: Mapping[Any, str]
    """The record type for each of its values; none where the manifest names none."""


def resolve_polled(entry: Entry) -> PolledRecords:
    """What a trigger reports, as the manifest says it: a record type, or one for each value of an input."""
    if isinstance(entry.returns, Mapping):
        by, records = next(iter(entry.returns.items()), (None, {}))
        return PolledRecords(by, records if isinstance(records, Mapping) else {})
    return PolledRecords(None, {None: entry.returns} if isinstance(entry.returns, str) else {})


def build_polled_schema(component: Component, entry: Entry) -> dict[str, Any]:
    """The JSON Schema of what stands under ``data`` of a poll."""
    records = [component.record(record) for record in resolve_polled(entry).records.values()]
    one: dict[str, Any] = {"anyOf": records} if len(records) > 1 else next(iter(records), {"type": "object"})
    changed = {"type": "array", "items": one}
    properties: dict[str, Any] = {
        "created": changed,
        "updated": changed,
        "deleted": {"type": "array", "items": {"type": "object"}},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def list_returned_records(entry: Entry) -> list[str]:
    """The record types that an entry of the manifest names."""
    if entry.section == "triggers":
        return list(resolve_polled(entry).records.values())
    record = get_record_type(entry.returns)
    return [record] if record else []


def get_record_type(returns: Any) -> str | None:
    """The record type in what an action returns: ``contact`` and ``[contact]`` are contacts."""
    name = returns[0] if isinstance(returns, list) and returns else returns
    return name if isinstance(name, str) and name not in NOT_RECORDS else None


def build_output_schema(component: Component, entry: Entry) -> dict[str, Any]:
    """The JSON Schema of what stands under ``data``; ``{}`` where anything may."""
    found = resolve_output(component, entry)
    if found.returns == "nothing":
        return {"type": "null"}
    if found.record is None or found.shape is None:
        return {}
    record = component.record(found.record)
    schema = _apply_shape(found.shape, record, found.one)
    beside = {name: _apply_shape(part, record, found.one) for name, part in found.beside.items()}
    return {**schema, "properties": {**schema["properties"], **beside}} if beside else schema


def _apply_shape(shape: Shape, record: dict[str, Any], one: Shape) -> dict[str, Any]:
    if shape == "record":
        return record
    if shape == "one":
        return _apply_shape(one, record, "record")
    if isinstance(shape, list):
        return {"type": "array", "items": _apply_shape(shape[0], record, one)}
    if isinstance(shape, Mapping):
        properties = {name: _apply_shape(part, record, one) for name, part in shape.items()}
        return {"type": "object", "properties": properties, "required": list(shape)}
    return {"type": "object"}
