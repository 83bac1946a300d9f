"""Inputs as the vendor's documents write them in their samples, which people paste: put under the names of the form."""

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import Fault
from ..jsontext import loads_strict
from ..manifest.forms import Form
from ..sdk.text import to_snake_case
from .coerce import escape_pointer

Part = tuple[str, str, Any]
"""Where an input stands, the name that it was given by, and its value."""


def rename_sample(form: Form, given: Mapping[str, Any], faults: list[Fault]) -> Mapping[str, Any]:
    """The inputs by their own names, where the form says how samples write them (``x-samples``); else as they came."""
    samples: Mapping[str, Any] | None = form.schema.get("x-samples")
    if samples is None or given.keys() <= form.properties.keys():
        return given
    names = _list_names(form)
    values: dict[str, Any] = {}
    gathered: dict[str, dict[str, Any]] = {}
    for place, name, value in _unwrap(form, samples, given):
        known = name if name in form.properties else names.get(name, name)
        home = next((home for home, named in samples.get("gathered", {}).items() if re.search(named, name)), None)
        if home and known not in form.properties:
            gathered.setdefault(home, {})[name] = value
        elif known in values:
            message = f"is given twice: it is the input {known}"
            faults.append({"path": place, "message": message, "rule": "unknown"})
        elif known not in form.properties and name in samples.get("ignored", ()):
            warnings.warn(f"{name} is ignored: it is no input, the connection holds it", RuntimeWarning, stacklevel=4)
        else:
            values[known] = value
    for home, parts in gathered.items():
        beside = _read_object(values.get(home, {}))
        if beside is None:
            message = f"has to be an object, as {', '.join(parts)} go into it"
            faults.append({"path": f"/{home}", "message": message, "rule": "type"})
        values[home] = {**(beside or {}), **parts}
    return values


def _list_names(form: Form) -> Mapping[str, str]:
    """The inputs by what else they are called: in snake_case, and as the service names them."""
    api_names = {spec["x-api-name"]: name for name, spec in form.properties.items() if "x-api-name" in spec}
    return {**api_names, **{to_snake_case(name): name for name in form.properties}}


def _unwrap(form: Form, samples: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Part]:
    """Each input with its place and the name that it was given by, those inside a wrapper among them."""
    for name, value in given.items():
        place = f"/{escape_pointer(name)}"
        inside = _read_object(value) if name in samples.get("wrappers", ()) and name not in form.properties else None
        if inside is None:
            yield from _flatten(form, place, name, value)
        else:
            for part, content in inside.items():
                yield from _flatten(form, f"{place}/{escape_pointer(part)}", part, content)


def _flatten(form: Form, place: str, name: str, value: Any) -> Iterator[Part]:
    """An input; of an object whose members are inputs, as ``subject: {type, id}``, these: ``subjectType``, …"""
    members = {f"{name}{part[:1].upper()}{part[1:]}": part for part in value} if isinstance(value, Mapping) else {}
    if members and name not in form.properties and members.keys() <= form.properties.keys():
        yield from ((f"{place}/{part}", full, value[part]) for full, part in members.items())
    else:
        yield place, name, value


def _read_object(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str) and value.strip()[:1] == "{":
        try:
            value = loads_strict(value)
        except ValueError:  # told as an input that the form does not have
            return None
    return value if isinstance(value, Mapping) else None
