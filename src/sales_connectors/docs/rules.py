"""The conditions of a form, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from .text import code, joined, prose


def rules(schema: Mapping[str, Any]) -> list[str]:
    """One sentence for each rule that binds several inputs."""
    return list(dict.fromkeys([*_together(schema), *_said(schema, top=True)]))


def _together(schema: Mapping[str, Any]) -> Iterator[str]:
    needs: Mapping[str, list[str]] = schema.get("dependentRequired", {})
    for name, needed in needs.items():
        mutual = all(name in needs.get(other, ()) for other in needed)
        if not mutual:
            yield f"{code(name)} needs {joined(map(code, needed))}."
        elif name < min(needed):
            yield f"{joined(map(code, [name, *needed]))} go together."


def _said(schema: Any, *, top: bool = False) -> Iterator[str]:
    """What a part of a schema says about itself, and its conditions about themselves."""
    if not isinstance(schema, dict):
        return
    if not top and "description" in schema:
        yield prose(str(schema["description"]))
    if not top and "required" in schema:
        yield f"Required: {joined(map(code, schema['required']))}."
    for part in schema.get("allOf", ()):
        yield from _said(part)
    yield from _alternatives(schema)
    yield from _conditional(schema)


def _alternatives(schema: Mapping[str, Any]) -> Iterator[str]:
    for keyword, words in (("anyOf", "At least one of"), ("oneOf", "Exactly one of")):
        choices = [choice.get("required", ()) for choice in schema.get(keyword, ()) if isinstance(choice, dict)]
        if choices and all(choices) and "description" not in schema:
            yield f"{words} {joined((joined(map(code, names)) for names in choices), 'or')} is required."


def _conditional(schema: Mapping[str, Any]) -> Iterator[str]:
    then, other = (" ".join(_said(schema.get(part))) for part in ("then", "else"))
    if then:
        yield f"{_when(schema['if'])}: {_lower(then)}"
    if other:
        yield f"{'Otherwise' if then else 'Else'}: {_lower(other)}"


def _when(condition: Any) -> str:
    values = {name: spec["const"] for name, spec in condition.get("properties", {}).items() if "const" in spec}
    if values:
        return f"When {joined(f'{code(name)} is {code(value)}' for name, value in values.items())}"
    if "not" in condition:
        return f"Without {_given(condition['not'])}"
    return f"With {_given(condition)}"


def _given(condition: Any) -> str:
    """The inputs whose presence a condition asks for."""
    choices = [choice for choice in condition.get("anyOf", [condition]) if isinstance(choice, dict)]
    names = dict.fromkeys(name for choice in choices for name in choice.get("required", ()))
    return joined(map(code, names), "or" if "anyOf" in condition else "and")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
