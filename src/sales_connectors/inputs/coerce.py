"""Forms send text: turn it into the types that the schema names.

What does not convert is left as it came, with a fault that says what is wanted; nothing is guessed.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from ..errors import Fault
from ..jsontext import find_duplicate, loads_strict
from ..manifest.forms import list_choices, list_types

TYPE_NAMES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object, as JSON or as a list of key and value pairs",
    "array": "a list, as JSON or separated by commas",
    "string": "text",
    "null": "null",
}

MAX_DIGITS = 400
"""Digits that a number may have before the point, or zeros behind it; nobody means one that is longer."""


def name_types(schema: Mapping[str, Any]) -> str:
    """The allowed types, in words."""
    return " or ".join(TYPE_NAMES[name] for name in list_types(schema) if name != "null")


def coerce(value: Any, schema: Mapping[str, Any], at: str, faults: list[Fault]) -> Any:
    """``value`` in a type of the schema, and its members in theirs."""
    types = list_types(schema)
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, str):
        value = _convert_text(value.strip(), types, at, faults)
    elif is_number(value):
        value = _convert_number(value, types)
    elif isinstance(value, list) and "object" in types and "array" not in types and _is_pair_list(value):
        value = _convert_pairs(value, at, faults)
    if "array" in types and isinstance(value, int | float | Decimal) and not _is_allowed(value, types):
        value = [value]
    return _coerce_members(value, schema, at, faults)


def _convert_text(text: str, types: tuple[str, ...], at: str, faults: list[Fault]) -> Any:
    if text[:1] in ("[", "{") and ("object" in types or "array" in types):
        return _convert_json(text, types, at, faults)
    found, value = _parse_scalar(text, types)
    if found:
        return value
    if "array" in types and "string" not in types:
        return [part for part in map(str.strip, text.split(",")) if part]
    return text if "string" in types or not types else _report_mismatch(text, types, at, faults)


def _report_mismatch(text: str, types: tuple[str, ...], at: str, faults: list[Fault]) -> str:
    faults.append(
        {
            "path": at,
            "message": f"must be {name_types({'type': types})}, not the text {_shorten(text)!r}",
            "rule": "type",
        }
    )
    return text


def _convert_json(text: str, types: tuple[str, ...], at: str, faults: list[Fault]) -> Any:
    """JSON text, where an object or a list is allowed."""
    try:
        value = loads_strict(text)
    except ValueError as broken:
        if "string" not in types:
            faults.append({"path": at, "message": f"is broken JSON ({broken}): {_shorten(text)!r}", "rule": "type"})
        return text
    if ("object" if isinstance(value, dict) else "array") in types:
        return value
    if isinstance(value, list) and _is_pair_list(value):
        return _convert_pairs(value, at, faults)
    return text if "string" in types else _report_mismatch(text, types, at, faults)


def _convert_pairs(pairs: list[Any], at: str, faults: list[Fault]) -> dict[str, Any]:
    """An object from the key and value pairs of a form."""
    if twice := find_duplicate([pair["key"] for pair in pairs]):
        faults.append({"path": at, "message": f"has the key {twice!r} twice", "rule": "type"})
    return {pair["key"]: pair.get("value") for pair in pairs}


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _parse_scalar(text: str, types: tuple[str, ...]) -> tuple[bool, Any]:
    """A number, a flag or null, where text itself is not allowed."""
    if "string" in types:
        return False, None
    if "boolean" in types and text.lower() in ("true", "false"):
        return True, text.lower() == "true"
    if "null" in types and text == "null":
        return True, None
    if ("integer" in types or "number" in types) and re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", text):
        number = _simplify_number(Decimal(text))
        if "number" in types or isinstance(number, int):
            return True, number
    return False, None


def _convert_number(value: Any, types: tuple[str, ...]) -> Any:
    if "number" in types:
        return value
    if "integer" in types:
        return _simplify_number(value)
    # money and telephone numbers are text on the wire, whatever the caller's JSON made of them
    return _format_number(value) if "string" in types else value


def _simplify_number(value: Any) -> Any:
    """A whole number as an int."""
    return int(value) if is_sane(value) and value == int(value) else value


def _format_number(value: Any) -> Any:
    """A number in full, without an exponent; one that cannot be written so stays a number, which is no text."""
    if not is_sane(value):
        return value
    return format(value if isinstance(value, Decimal) else Decimal(repr(value)), "f")


def _coerce_members(value: Any, alternatives: Mapping[str, Any], at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, list | dict):
        return value
    schema = find_choice(alternatives, value)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [coerce(item, schema["items"], f"{at}/{index}", faults) for index, item in enumerate(value)]
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return {
            key: coerce(item, known.get(key, {}), f"{at}/{escape_pointer(key)}", faults) for key, item in value.items()
        }
    return value


def find_choice(schema: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """Of the kinds of value that a schema takes, the one that this value is; the schema itself where it is none."""
    return next((choice for choice in list_choices(schema) if _is_of_types(value, list_types(choice))), schema)


def _is_of_types(value: Any, types: tuple[str, ...]) -> bool:
    if isinstance(value, dict | list) or value is None:
        return ("object" if isinstance(value, dict) else "null" if value is None else "array") in types
    return _is_allowed(value, types)


def escape_pointer(key: Any) -> str:
    """A key as one part of a JSON Pointer; what could not be printed is spelt out."""
    text = str(key)
    if text.isalnum() and text.isascii():  # most are
        return text
    text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("~", "~0").replace("/", "~1")


def _is_pair_list(value: list[Any]) -> bool:
    return all(
        isinstance(pair, dict) and isinstance(pair.get("key"), str) and set(pair) <= {"key", "value"} for pair in value
    )


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def is_sane(number: int | float | Decimal) -> bool:
    """Whether a number is finite, and short enough to be written without an exponent."""
    if isinstance(number, Decimal):
        return number.is_finite() and abs(number.adjusted()) < MAX_DIGITS
    return abs(number) < 10**MAX_DIGITS if isinstance(number, int) else isfinite(number)


def _is_allowed(value: Any, types: tuple[str, ...]) -> bool:
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, str):
        return "string" in types
    return "number" in types or "integer" in types
