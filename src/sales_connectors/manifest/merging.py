"""What stands beside a ``$ref``, put together with what the reference names, into one schema that means both.

As JSON Schema has it, both hold.  Words for people (titles, examples, picklists) say the last word where they stand;
what restricts a value is narrowed to what fits both, and where that is not simple it is refused.
"""

import json
from collections.abc import Callable, Mapping
from operator import ge, gt
from typing import Any

ANNOTATIONS = {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"}
"""The standard keywords that restrict nothing; all of ours are of that kind, too."""

INTERLOCKED: tuple[frozenset[str], ...] = (
    frozenset({"if", "then", "else"}),
    frozenset({"contains", "minContains", "maxContains"}),
    frozenset({"prefixItems", "items", "unevaluatedItems"}),
    frozenset({"properties", "patternProperties", "additionalProperties", "unevaluatedProperties"}),
)
"""Keywords that only mean something together: half of them from here and half from there would mean a third thing."""


BOUNDS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("minimum", "maximum", gt),
    ("minimum", "exclusiveMaximum", ge),
    ("exclusiveMinimum", "maximum", ge),
    ("exclusiveMinimum", "exclusiveMaximum", ge),
    ("minLength", "maxLength", gt),
    ("minItems", "maxItems", gt),
    ("minProperties", "maxProperties", gt),
)
"""Bounds from both sides, and when nothing is left between them."""

JSON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
"""The types of JSON, as Python reads them; to Python, true and false are numbers too."""


class Disagreement(ValueError):
    """Two schemas of which no simple one says what both say."""

    def __init__(self, keyword: str) -> None:
        super().__init__(f"{keyword} beside $ref cannot be put together with what the reference names")
        self.keyword = keyword


def merge_schemas(base: Any, own: Any) -> Any:
    """One schema for two that both hold; of what people read, ``own`` wins."""
    if isinstance(base, bool) or isinstance(own, bool):
        return own if base is True else base if own is True else False
    _refuse_interlocked(base, own)
    merged = dict(base)
    for keyword, value in own.items():
        merged[keyword] = _merge_keyword(keyword, base[keyword], value) if keyword in base else value
    _refuse_impossible(merged, own)
    return merged


def _refuse_impossible(merged: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Refuse what both sides say together where no value fits it; the keyword to blame is one that is our own."""
    for least, most, is_void in BOUNDS:
        low, high = merged.get(least), merged.get(most)
        if isinstance(low, int | float) and isinstance(high, int | float) and is_void(low, high):
            _blame(own, most, least)
    choices = merged.get("enum")
    values = [merged["const"]] if "const" in merged else choices
    if not isinstance(values, list):
        return
    if isinstance(choices, list) and not {*map(_write, values)} & {*map(_write, choices)}:
        _blame(own, "const", "enum")
    types = merged.get("type", ())
    types = [types] if isinstance(types, str) else types
    if isinstance(types, list) and types and not any(_is_of_type(value, name) for value in values for name in types):
        _blame(own, "const", "enum", "type")


def _blame(own: Mapping[str, Any], *keywords: str) -> None:
    """Nothing is said where the contradiction stands on the other side alone, which is a schema in its own right."""
    for keyword in keywords:
        if keyword in own:
            raise Disagreement(keyword)


def _is_of_type(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, float) and name == "integer":
        return value.is_integer()
    return isinstance(value, JSON_TYPES.get(str(name), object))


def _refuse_interlocked(base: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    for keywords in INTERLOCKED:
        mixed = sorted(keywords & own.keys()) if keywords & base.keys() else []
        # the same single keyword on both sides stands in nobody's way
        if mixed and len(keywords & (base.keys() | own.keys())) > 1:
            raise Disagreement(mixed[0])


def _merge_keyword(keyword: str, base: Any, own: Any) -> Any:
    if keyword in ANNOTATIONS or keyword.startswith("x-") or _write(base) == _write(own):
        return own
    if keyword not in NARROWED:
        raise Disagreement(keyword)
    try:
        return NARROWED[keyword](base, own)
    except Disagreement as inside:
        raise Disagreement(keyword) from inside


def _common_types(base: str | list[str], own: str | list[str]) -> str | list[str]:
    ours, theirs = ([names] if isinstance(names, str) else names for names in (own, base))
    common = [name for name in ours if name in theirs or (name == "integer" and "number" in theirs)]
    common += ["integer"] if "integer" in theirs and "number" in ours and "integer" not in ours else []
    if not common:
        raise Disagreement("type")
    return common[0] if len(common) == 1 else common


def _common_values(base: list[Any], own: list[Any]) -> list[Any]:
    known = {_write(value) for value in base}
    common = [value for value in own if _write(value) in known]
    if not common:
        raise Disagreement("enum")
    return common


def _write(value: Any) -> str:
    """A value such that equal text is equal JSON: to Python, 1 and true are equal."""
    return json.dumps(value, sort_keys=True)


def _merge_members(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {**base, **{name: merge_schemas(base[name], part) if name in base else part for name, part in own.items()}}


def _join(base: list[Any], own: list[Any]) -> list[Any]:
    return [*base, *(value for value in own if value not in base)]


def _join_names(base: Mapping[str, list[str]], own: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {**base, **{name: _join(base.get(name, []), needed) for name, needed in own.items()}}


NARROWED: Mapping[str, Callable[[Any, Any], Any]] = {
    "type": _common_types,
    "enum": _common_values,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    "uniqueItems": max,
    "required": _join,
    "dependentRequired": _join_names,
    "allOf": _join,
    "properties": _merge_members,
    "items": merge_schemas,
    "propertyNames": merge_schemas,
}
"""How two values of a keyword become the one that says both; of every other keyword both sides must say the same."""
