"""The conditions of a form, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from .markdown import escape_prose, join_words, render_code


def describe_rules(schema: Mapping[str, Any]) -> list[str]:
    """One sentence for each rule that binds several inputs."""
    return list(dict.fromkeys([*_describe_dependencies(schema), *_describe_schema(schema, top=True)]))


def _describe_dependencies(schema: Mapping[str, Any]) -> Iterator[str]:
    needs: Mapping[str, list[str]] = schema.get("dependentRequired", {})
    for name, needed in needs.items():
        mutual = all(name in needs.get(other, ()) for other in needed)
        if not mutual:
            yield f"{render_code(name)} needs {join_words(map(render_code, needed))}."
        elif name < min(needed):
            yield f"{join_words(map(render_code, [name, *needed]))} go together."


def _describe_schema(schema: Any, *, top: bool = False) -> Iterator[str]:
    """What a part of a schema says about itself, and its conditions about themselves."""
    if not isinstance(schema, dict):
        return
    if not top and "description" in schema:
        yield escape_prose(str(schema["description"]))
    excluded = [name for name, spec in schema.get("properties", {}).items() if spec is False]
    if not top and excluded and "description" not in schema:
        yield f"Not with {join_words(map(render_code, excluded))}."
    if not top and "required" in schema:
        yield f"Required: {join_words(map(render_code, schema['required']))}."
    for part in schema.get("allOf", ()):
        yield from _describe_schema(part)
    yield from _describe_alternatives(schema)
    yield from _describe_conditional(schema)


def _describe_alternatives(schema: Mapping[str, Any]) -> Iterator[str]:
    for keyword, words in (("anyOf", "At least one of"), ("oneOf", "Exactly one of")):
        choices = [choice.get("required", ()) for choice in schema.get(keyword, ()) if isinstance(choice, dict)]
        if choices and all(choices) and "description" not in schema:
            yield f"{words} {join_words((join_words(map(render_code, names)) for names in choices), 'or')} is required."


def _describe_conditional(schema: Mapping[str, Any]) -> Iterator[str]:
    then, other = (" ".join(_describe_schema(schema.get(part))) for part in ("then", "else"))
    if then:
        yield f"{_describe_condition(schema['if'])}: {_lower_first(then)}"
    if other:
        yield f"{'Otherwise' if then else 'Else'}: {_lower_first(other)}"


def _describe_condition(condition: Any) -> str:
    values = {name: spec["const"] for name, spec in condition.get("properties", {}).items() if "const" in spec}
    if values:
        return f"When {join_words(f'{render_code(name)} is {render_code(value)}' for name, value in values.items())}"
    if "not" in condition:
        return f"Without {_describe_presence(condition['not'])}"
    return f"With {_describe_presence(condition)}"


def _describe_presence(condition: Any) -> str:
    """The inputs whose presence a condition asks for."""
    choices = [choice for choice in condition.get("anyOf", [condition]) if isinstance(choice, dict)]
    names = dict.fromkeys(name for choice in choices for name in choice.get("required", ()))
    return join_words(map(render_code, names), "or" if "anyOf" in condition else "and")


def _lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]
