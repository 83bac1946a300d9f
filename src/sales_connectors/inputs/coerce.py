"""Forms send text: turn it into the types that the schema names.

What does not convert is left as it came, with a fault that says what is wanted; nothing is guessed.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ..errors import Fault

WANTED = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object, as JSON or as a list of key and value pairs",
    "array": "a list, as JSON or separated by commas",
    "string": "text",
    "null": "null",
}


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that a schema allows; all of them where it names none."""
    names = schema.get("type", ())
    return (names,) if isinstance(names, str) else tuple(names)


def wanted(schema: Mapping[str, Any]) -> str:
    """The allowed types, in words."""
    return " or ".join(WANTED[name] for name in types_of(schema) if name != "null")


def coerce(value: Any, schema: Mapping[str, Any], at: str, faults: list[Fault]) -> Any:
    """``value`` in a type of the schema, and its members in theirs."""
    types = types_of(schema)
    if isinstance(value, str):
        value = _from_text(value.strip(), types, at, faults)
    elif _is_number(value):
        value = _from_number(value, types)
    elif isinstance(value, list) and "object" in types and "array" not in types and _are_pairs(value):
        value = {pair["key"]: pair.get("value") for pair in value}
    if "array" in types and isinstance(value, int | str | Decimal | float) and not _fits(value, types):
        value = [value]
    return _members(value, schema, at, faults)


def _from_text(text: str, types: tuple[str, ...], at: str, faults: list[Fault]) -> Any:
    for convert in (_structure, _scalar):
        found, value = convert(text, types)
        if found:
            return value
    if "array" in types and "string" not in types:
        return (
            [part for part in map(str.strip, text.split(",")) if part]
            if text[:1] not in "[{"
            else _not(text, types, at, faults)
        )
    return text if "string" in types or not types else _not(text, types, at, faults)


def _not(text: str, types: tuple[str, ...], at: str, faults: list[Fault]) -> str:
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    faults.append({"path": at, "message": f"must be {wanted({'type': types})}, not the text {shown!r}"})
    return text


def _structure(text: str, types: tuple[str, ...]) -> tuple[bool, Any]:
    """JSON text, where an object or a list is allowed."""
    if text[:1] in ("[", "{") and ("object" in types or "array" in types):
        try:
            value = json.loads(text, parse_float=Decimal)
        except ValueError:
            return False, None
        if isinstance(value, list) and "array" not in types:
            return (True, {pair["key"]: pair.get("value") for pair in value}) if _are_pairs(value) else (False, None)
        return ("object" in types or isinstance(value, list)), value
    return False, None


def _scalar(text: str, types: tuple[str, ...]) -> tuple[bool, Any]:
    """A number, a flag or null, where text itself is not allowed."""
    if "string" in types:
        return False, None
    if "boolean" in types and text.lower() in ("true", "false"):
        return True, text.lower() == "true"
    if "null" in types and text == "null":
        return True, None
    if ("integer" in types or "number" in types) and re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        number = _plain(Decimal(text))
        if "number" in types or isinstance(number, int):
            return True, number
    return False, None


def _from_number(value: Any, types: tuple[str, ...]) -> Any:
    if "number" in types:
        return value
    if "integer" in types:
        return _plain(value)
    # money and telephone numbers are text on the wire, whatever the caller's JSON made of them
    return _as_text(value) if "string" in types else value


def _plain(value: Any) -> Any:
    """A whole number as an int."""
    try:
        return int(value) if value == int(value) and abs(value) < 10**18 else value
    except (InvalidOperation, OverflowError, ValueError):
        return value


def _as_text(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def _members(value: Any, schema: Mapping[str, Any], at: str, faults: list[Fault]) -> Any:
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [coerce(item, schema["items"], f"{at}/{index}", faults) for index, item in enumerate(value)]
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return {key: coerce(item, known.get(key, {}), f"{at}/{escaped(key)}", faults) for key, item in value.items()}
    return value


def escaped(key: Any) -> str:
    """A key as one part of a JSON Pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _are_pairs(value: list[Any]) -> bool:
    return all(
        isinstance(pair, dict) and isinstance(pair.get("key"), str) and set(pair) <= {"key", "value"} for pair in value
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _fits(value: Any, types: tuple[str, ...]) -> bool:
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, str):
        return "string" in types
    return "number" in types or "integer" in types
