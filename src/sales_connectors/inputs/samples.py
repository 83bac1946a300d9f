"""Inputs as the vendor's documents write them in their samples, which people paste: put under the names of the form."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import Fault
from ..jsontext import loads_strict
from ..manifest.forms import Form
from ..sdk.text import to_snake_case
from .coerce import escape_pointer


def rename_sample(form: Form, given: Mapping[str, Any], faults: list[Fault]) -> Mapping[str, Any]:
    """The inputs by their own names, where the form says how samples write them (``x-samples``); else as they came."""
    samples: Mapping[str, Any] | None = form.schema.get("x-samples")
    if samples is None or given.keys() <= form.properties.keys():
        return given
    names = {to_snake_case(name): name for name in form.properties}
    values: dict[str, Any] = {}
    for place, name, value in _unwrap(form, samples, given):
        known = name if name in form.properties else names.get(name, name)
        if known in values:
            message = f"is given twice: it is the input {known}"
            faults.append({"path": place, "message": message, "rule": "unknown"})
        elif known not in form.properties and name in samples.get("ignored", ()):
            warnings.warn(f"{name} is ignored: it is no input, the connection holds it", RuntimeWarning, stacklevel=4)
        else:
            values[known] = value
    return values


def _unwrap(form: Form, samples: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Each input with its place and the name that it was given by, those inside the wrapper among them."""
    for name, value in given.items():
        inside = _read_object(value) if name == samples.get("wrapper") and name not in form.properties else None
        if inside is None:
            yield f"/{escape_pointer(name)}", name, value
        else:
            yield from ((f"/{escape_pointer(name)}/{escape_pointer(part)}", part, inside[part]) for part in inside)


def _read_object(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str) and value.strip()[:1] == "{":
        try:
            value = loads_strict(value)
        except ValueError:  # told as an input that the form does not have
            return None
    return value if isinstance(value, Mapping) else None
