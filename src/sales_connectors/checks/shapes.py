"""The shapes that people, forms and generators can all work with; the standard allows more.

Each rule says what to write instead.  What stands in one place alone is told in the file that says it, what binds
several inputs in the form in which they meet.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import jsonschema_rs

from ..manifest.fields import find_sources
from ..manifest.forms import MAX_ID, Form, list_choices, list_types
from ..manifest.references import NAMED, SchemaFolder, WrongReference, walk_schema
from .document import Document, Place, Problem

MAX_UNGROUPED = 12
"""The most inputs that a form shows without a heading over them."""
ID_NAME = re.compile(r"(^|_)(id|guid)s?$|[a-z0-9](Id|Guid)s?$")
SHAPING = frozenset(
    {"type", "enum", "items", "anyOf", "oneOf", "x-data-source", "x-enum-labels", "additionalProperties"}
)
"""What beside a reference gives a value a shape of its own; else what it names is told where it stands."""

Finding = tuple[Place, str]
Schema = Mapping[str, Any]


# --- in the file that says it -----------------------------------------------------------------------


def find_part_problems(folder: SchemaFolder, name: str, document: Document) -> Iterator[Problem]:
    """What is wrong with the inputs of a file one by one, whoever refers to them."""
    for place, part in _iterate_values(document.data):
        if "$ref" in part and not SHAPING & part.keys():
            continue
        try:
            resolved = folder.resolve(name, tuple(place))
        except WrongReference:  # told already
            continue
        for inside, message in _find_value_faults(resolved, is_entry=_is_entry(place)):
            yield document.report([*place, *inside], f"{_name_place(place)} {message}")
    yield from _find_exclusion_problems(document)


def _is_entry(place: Place) -> bool:
    """Whether it is the entries of a list that stand there, and no input of that name."""
    return place[-1] == "items" and place[-2] not in NAMED


def _iterate_values(schema: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Schema]]:
    """The parts of a schema that describe a value; conditions only narrow what these say."""
    for inside, part in _list_parts(schema):
        if isinstance(part, dict):
            yield (*place, *inside), part
            yield from _iterate_values(part, (*place, *inside))


def _list_parts(schema: Schema) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    for keyword in ("$defs", "properties"):
        yield from (((keyword, name), part) for name, part in schema.get(keyword, {}).items())
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if keyword in schema:
            yield (keyword,), schema[keyword]
    for keyword in ("anyOf", "oneOf"):
        choices = schema.get(keyword, ())
        yield from (((keyword, index), part) for index, part in enumerate(choices) if not _is_rule(part))


def _is_rule(choice: Any) -> bool:
    """Whether a choice asks for inputs, and is no choice of a value."""
    return isinstance(choice, dict) and "required" in choice and "type" not in choice


def _name_place(place: Place) -> str:
    """The input that a place belongs to, in words."""
    names = [str(part) for before, part in pairwise(place) if before in ("properties", "$defs")]
    return names[-1] if names else "the schema"


def _find_value_faults(part: Schema, *, is_entry: bool) -> Iterator[Finding]:
    types = [name for name in _list_own_types(part) if name != "null"]
    if len(types) > 1:
        told = ", ".join(f'{{"title": "…", "type": "{name}"}}' for name in types)
        yield ("type",), f'takes several types at once: say "anyOf": [{told}], each with its own keywords'
    if not types:
        yield from _find_choice_faults(part)
    if "array" in types and "items" not in part:
        yield ("type",), 'is a list of nobody knows what: say "items"'
    labels = part.get("x-enum-labels", {})
    unlabelled = [value for value in part.get("enum", ()) if value is not None and str(value) not in labels]
    if unlabelled:
        told = ", ".join(f'"{value}": "…"' for value in unlabelled)
        yield ("enum",), f'has choices without a label: say "x-enum-labels": {{{told}}}'
    if "x-data-source" in part and "object" in types:
        yield ("x-data-source",), 'is an object, whose keys are picked: x-data-source belongs under "propertyNames"'
    if "x-data-source" in part and is_entry:
        yield ("x-data-source",), 'is a list: x-data-source belongs on the list, not under "items"'


def _list_own_types(part: Schema) -> tuple[str, ...]:
    return list_types(part) if "type" in part else ()


def _find_choice_faults(part: Schema) -> Iterator[Finding]:
    """Alternatives that a person could not choose between."""
    for keyword in ("anyOf", "oneOf"):
        for index, choice in enumerate(part.get(keyword, ())):
            if _is_rule(choice):
                continue
            types = list_types(choice) if isinstance(choice, dict) else ()
            if len(set(types) - {"null"}) > 1 or not types or not str(choice.get("title") or "").strip():
                told = f'say "title" and one "type" in each choice of {keyword}'
                yield (keyword, index), f"has a choice that nobody could name: {told}"


def _find_exclusion_problems(document: Document) -> Iterator[Problem]:
    """Inputs that are excluded by demanding that they are not there, which no form reads."""
    for place, part in walk_schema(document.data):
        rule = part.get("not")
        if "if" in place or not isinstance(rule, dict):
            continue
        choices = [choice for choice in rule.get("anyOf", [rule]) if isinstance(choice, dict)]
        names = [name for choice in choices for name in choice.get("required", ())]
        if names:
            told = ", ".join(f'"{name}": false' for name in names)
            fix = f'say "if": {{…}}, "then": {{"properties": {{{told}}}}} of those that do not apply'
            yield document.report([*place, "not"], f"inputs are excluded by not and required: {fix}")


# --- in the form in which inputs meet ---------------------------------------------------------------


def find_shape_problems(document: Document, form: Form, *, is_connection: bool) -> Iterator[Problem]:
    """What is wrong with how the inputs of a form go together; nobody picks the ids of a connection."""
    for place, part in [((), form.schema), *_iterate_values(form.schema)]:
        if isinstance(part.get("properties"), dict):
            for inside, message in _find_object_faults(part, is_connection=is_connection):
                yield document.report([*place, *inside], message)
    for inside, message in _find_group_faults(form):
        yield document.report(inside, message)


def _find_object_faults(part: Schema, *, is_connection: bool) -> Iterator[Finding]:
    fields = {name: spec for name, spec in part["properties"].items() if isinstance(spec, dict)}
    yield from _find_order_faults(part, fields)
    for name in dict.fromkeys(_iterate_required(part)):
        if name in fields and _takes_blank_text(fields[name]):
            yield ("properties", name), f'{name} is required, and takes blank text: say "pattern": "\\\\S"'
    for name, spec in fields.items():
        is_id = bool(ID_NAME.search(name)) and not is_connection
        if (is_id or "x-data-source" in spec) and any(map(_is_unbounded, _iterate_integers(spec))):
            fix = f'refer to the id that forms share, or say "maximum": {MAX_ID}'
            yield ("properties", name), f"{name} takes ids that no JSON reader holds exactly: {fix}"
        if is_id and _is_picked_kind(name, spec) and not any(find_sources(spec)):
            fix = 'say "x-data-source": "select…", the picklist of what it names'
            yield ("properties", name), f"{name} is an id that nobody knows by heart: {fix}"


# --- order


def _find_order_faults(part: Schema, fields: Mapping[str, Schema]) -> Iterator[Finding]:
    """Inputs that stand before those that say whether, or which of them, are wanted."""
    order = {name: index for index, name in enumerate(fields)}
    for controlling, controlled in _iterate_controls(part, fields):
        if order.get(controlled, 0) < order.get(controlling, -1):
            message = f"{controlled} stands before {controlling}, which controls it: move {controlling} before it"
            yield ("properties", controlled), message


def _iterate_controls(part: Schema, fields: Mapping[str, Schema]) -> Iterator[tuple[str, str]]:
    """Pairs of inputs, the first of which says something about the second."""
    for name, spec in fields.items():
        for source in find_sources(spec):
            yield from ((other, name) for other in source.get("x-depends-on", ()))
    for rule in _iterate_rules(part):
        controlling = list(_iterate_named(rule.get("if")))
        told = [name for keyword in ("then", "else") for name in _iterate_named(rule.get(keyword))]
        yield from ((first, name) for first in controlling for name in told if name not in controlling)
        for first, then in rule.get("dependentSchemas", {}).items():
            yield from ((first, name) for name in _iterate_named(then) if name != first)


def _iterate_rules(part: Any) -> Iterator[Schema]:
    """An object schema, and what else it says about the same object."""
    if not isinstance(part, dict):
        return
    yield part
    for keyword in ("then", "else"):
        yield from _iterate_rules(part.get(keyword))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for choice in part.get(keyword, ()):
            yield from _iterate_rules(choice)
    for then in part.get("dependentSchemas", {}).values():
        yield from _iterate_rules(then)


def _iterate_named(rule: Any) -> Iterator[str]:
    """The inputs that a rule speaks of."""
    if not isinstance(rule, dict):
        return
    yield from rule.get("properties", ())
    yield from rule.get("required", ())
    yield from _iterate_named(rule.get("not"))
    for keyword in ("if", "then", "else"):
        yield from _iterate_named(rule.get(keyword))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for choice in rule.get(keyword, ()):
            yield from _iterate_named(choice)


# --- required text


def _iterate_required(part: Schema) -> Iterator[str]:
    """The inputs that are required, always or in some case."""
    for rule in _iterate_rules(part):
        yield from rule.get("required", ())


def _takes_blank_text(spec: Schema) -> bool:
    if set(list_types(spec)) - {"null"} != {"string"} or "contentEncoding" in spec:  # no bytes at all are bytes, too
        return False
    validator = jsonschema_rs.Draft202012Validator(dict(spec), validate_formats=True)
    return any(validator.is_valid(blank) for blank in ("", " "))


# --- ids


def _iterate_integers(spec: Schema) -> Iterator[Schema]:
    """The whole numbers that a value is, or that its entries are."""
    for choice in list_choices(spec):
        if "integer" in list_types(choice):
            yield choice
        if isinstance(choice.get("items"), dict):
            yield from _iterate_integers(choice["items"])


def _is_unbounded(number: Schema) -> bool:
    return "enum" not in number and number.get("maximum", MAX_ID + 1) > MAX_ID


def _is_picked_kind(name: str, spec: Schema) -> bool:
    """Whether the service lists what an id names: numbers and guids are its own, other text is somebody else's."""
    return name.lower().rstrip("s").endswith("guid") or any(_iterate_integers(spec))


# --- groups


def _find_group_faults(form: Form) -> Iterator[Finding]:
    """A wall of inputs, and groups that a form could not show in the order in which the inputs stand."""
    groups = {name: str(spec.get("x-group", "")) for name, spec in form.properties.items() if isinstance(spec, dict)}
    alone = [name for name, group in groups.items() if not group]
    if len(alone) > MAX_UNGROUPED:
        told = f"{len(alone)} inputs without a group are a wall, {MAX_UNGROUPED} are not"
        yield ("properties", alone[MAX_UNGROUPED]), f'{told}: say "x-group" of those that are seldom wanted'
    before, done = "", set[str]()
    for name, group in groups.items():
        if group != before:
            done.add(before)
        if group != before and (not group or group in done):
            told = f"its group {group!r}" if group else "the inputs without a group, which stand first"
            yield ("properties", name), f"{name} stands apart from {told}: move it there"
        before = group
    for name in form.schema.get("required", ()):
        if groups.get(name):
            yield ("properties", name), f'{name} is required, and folded away: take "x-group" from it'
