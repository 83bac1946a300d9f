"""Coerce, validate, and report every fault at once."""

from collections.abc import Mapping
from typing import Any

from ..errors import Fault, InvalidInput, quote_value, suggest_name
from ..manifest.forms import Form
from .coerce import coerce, escape_pointer
from .deprecated import rename_faults, replace_deprecated
from .json_compatibility import find_unserializable
from .samples import rename_sample

MAX_PATH_CHARACTERS = 100


def accept_inputs(form: Form, given: Any, what: str) -> dict[str, Any]:
    """The inputs as a handler gets them: coerced, defaults filled in, valid; else InvalidInput names every fault."""
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        raise InvalidInput(
            f"{what}: the inputs must be an object with one entry for each input, not {quote_value(given)}"
        )
    validator = form.fast_validator  # before anything else is read of a form that is no schema
    faults: list[Fault] = []
    named = rename_sample(form, given, faults)
    given = replace_deprecated(form, named, faults)
    faults += find_unknown_inputs(form, given)
    values = {**form.defaults, **coerce_inputs(form, given, faults)}
    faults += find_unserializable(values)
    if faults or not _is_accepted(validator, values):
        faults += _explain_rest(form, values, faults)
    if faults:
        rename_faults(form, named, faults)
        raise invalid_inputs_error(what, faults)
    return values


def _explain_rest(form: Form, values: dict[str, Any], faults: list[Fault]) -> list[Fault]:
    """What else is wrong; nothing is said about inputs that hold what no validator could read."""
    from .explain import explain_faults

    odd = {name for name, value in values.items() if any(find_unserializable(value))}
    readable = {name: value for name, value in values.items() if name not in odd}
    told = {fault["path"] for fault in faults} | {f"/{escape_pointer(name)}" for name in odd}
    return explain_faults(form, readable, told)


def coerce_inputs(form: Form, given: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The known inputs in the types of the form; absent ones and empty text are left out, null stays."""
    values: dict[str, Any] = {}
    for name, spec in form.properties.items():
        value = given.get(name, "")
        if isinstance(value, str):
            value = value.strip()
        if value is None or (value and name in form.texts and isinstance(value, str)):
            values[name] = value  # most inputs: there is nothing to convert
        elif value != "":
            values[name] = coerce(value, spec, f"/{escape_pointer(name)}", faults)
    return values


def find_unknown_inputs(form: Form, given: Mapping[str, Any]) -> list[Fault]:
    if form.schema.get("additionalProperties", True) is not False:
        return []
    return [
        {
            "path": f"/{escape_pointer(name)}",
            "message": f"is no input of this form.{suggest_name(str(name), form.properties)}".removesuffix("."),
            "rule": "unknown",
        }
        for name in given
        if name not in form.properties
    ]


def invalid_inputs_error(what: str, faults: list[Fault]) -> InvalidInput:
    """One readable line for all faults."""
    return InvalidInput(f"{what}: {'; '.join(map(word_fault, faults))}", fields=faults)


def word_fault(fault: Fault) -> str:
    """A fault of the inputs as a line tells it."""
    return f"{_shorten_path(fault['path'])} {fault['message']}"


def _shorten_path(pointer: str) -> str:
    """An input as one line names it; what is nested without end has a pointer without end."""
    path = pointer.lstrip("/") or "input"
    return path if len(path) <= MAX_PATH_CHARACTERS else f"{path[: MAX_PATH_CHARACTERS - 1]}…"


def _is_accepted(validator: Any, values: Mapping[str, Any]) -> bool:
    try:
        return bool(validator.is_valid(values))
    except ValueError:  # a value that it cannot read: let the explaining validator decide
        return False
