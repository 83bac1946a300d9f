"""Say in plain words why inputs do not fit their form.

``jsonschema`` finds the faults; this module words them for somebody who sees a form, not a schema.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from ..errors import Fault, suggest_name
from ..manifest.formats import FORMATS
from ..manifest.forms import Form, list_choices, list_types
from ..manifest.references import NAMED, SEVERAL
from .coerce import escape_pointer, find_choice, name_types

FORMAT_CHECKER = FormatChecker(formats=())
for _name, _holds in FORMATS.items():
    FORMAT_CHECKER.checks(_name)(_holds)


def _is_integer(checker: TypeChecker, value: Any) -> bool:
    if isinstance(value, Decimal):
        return bool(value == value.to_integral_value())
    return bool(Draft202012Validator.TYPE_CHECKER.is_type(value, "integer"))


def _check_pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Patterns as JSON Schema means them, which are not quite Python's: ``$`` is the very end, ``\\d`` is 0 to 9."""
    if isinstance(value, str) and not _compile_pattern(pattern).is_valid(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _check_properties(validator: Any, properties: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    """Inputs one by one; the library does not say which one it is that may not be given."""
    for name, part in properties.items() if isinstance(value, dict) else ():
        if name in value and part is False:
            yield ValidationError(
                f"{name!r} may not be given", validator="false", path=[name], schema_path=[name], schema=part
            )
        elif name in value:
            yield from validator.descend(value[name], part, path=name, schema_path=name)


@cache
def _compile_pattern(pattern: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"pattern": pattern})


ExplainingValidator = extend(  # type: ignore[no-untyped-call]  # its stubs leave the function bare
    Draft202012Validator,
    {"pattern": _check_pattern, "properties": _check_properties},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
"""The validator that finds what to explain; it accepts what the fast one accepts."""

HIDDEN = "***"
MAX_LISTED_CHOICES = 12
"""Choices that are all named where a value is none of them; of more, the nearest one says more."""
NOT_BLANK = r"\S"

FORMAT_NAMES = {
    "date": "a date such as 2026-06-30",
    "date-time": "a time with its zone, such as 2026-06-30T10:00:00Z",
    "email": "an e-mail address such as mark@example.com",
}


def explain_faults(form: Form, values: dict[str, Any], told: set[str]) -> list[Fault]:
    """Every fault of the values, one for each input at most; inputs that are already told of are passed over."""
    faults: dict[str, Fault] = {}
    for error in find_errors(form, values):
        for fault in word_error(error, form):
            if fault["path"] not in told:
                faults.setdefault(fault["path"], fault)
    return list(faults.values()) if faults or told else _explain_by_fast_validator(form, values)


def find_errors(form: Form, values: dict[str, Any]) -> Iterator[ValidationError]:
    errors: Iterator[ValidationError] = ExplainingValidator(form.schema, format_checker=FORMAT_CHECKER).iter_errors(
        values
    )
    return errors


def _explain_by_fast_validator(form: Form, values: dict[str, Any]) -> list[Fault]:
    """The fast validator's own words, should it ever refuse what the explaining one lets pass."""
    try:
        return [
            {
                "path": "".join(f"/{escape_pointer(part)}" for part in error.instance_path),
                "message": error.message,
                "rule": "schema",
            }
            for error in form.fast_validator.iter_errors(values)
        ]
    except ValueError as unreadable:
        return [{"path": "", "message": f"cannot be read: {unreadable}", "rule": "unserializable"}]


def word_error(error: ValidationError, form: Form) -> Iterator[Fault]:
    """The faults that one finding of the validator stands for."""
    at = "".join(f"/{escape_pointer(part)}" for part in error.absolute_path)
    if at and form.properties.get(str(error.absolute_path[0]), {}).get("writeOnly"):
        _hide_text(error)
    condition, controlling = _find_condition(error, form), _find_controlling_inputs(error, form)
    for finding in _find_findings(error):
        fault: Fault = {"path": at + finding.path, "message": finding.message + condition, "rule": finding.rule}
        if others := [*finding.others, *controlling]:
            fault["others"] = list(dict.fromkeys(others))
        yield fault


def _hide_text(error: ValidationError) -> None:
    error.instance = HIDDEN if isinstance(error.instance, str) else error.instance
    for found in error.context or ():
        _hide_text(found)


RULES = {"additionalProperties": "unknown", "false": "not", "None": "not"}
"""Rules that are not called as their keyword: an input that there is not, and one that may not be given here."""


VALUES = frozenset({"properties", "items", "additionalProperties", "propertyNames", "prefixItems", "contains"})
"""The keywords below which stands what an input, or a part of one, takes."""


class Finding(NamedTuple):
    """One complaint: where, below the object in which a rule failed, what is wrong, and the rule's other inputs."""

    path: str
    message: str
    others: Sequence[str] = ()
    rule: str = ""


Findings = Iterable[Finding]


def _find_findings(error: ValidationError) -> Iterator[Finding]:
    """What one finding of the validator says, rule by rule."""
    keyword = str(error.validator)
    words = MESSAGES.get(keyword)
    whose = "has a key that " if "propertyNames" in list(error.absolute_schema_path)[-2:-1] else ""
    for finding in words(error) if words else [Finding("", error.message)]:
        yield finding._replace(message=whose + finding.message, rule=finding.rule or RULES.get(keyword, keyword))


def _find_condition(error: ValidationError, form: Form) -> str:
    """Why a rule holds in some case only, where the part of the form that makes it says so."""
    node: Any = form.schema
    words = ""
    path: Iterator[Any] = iter(error.absolute_schema_path)
    for keyword in path:
        node = node.get(keyword, {})
        if keyword in NAMED | SEVERAL and (part := next(path, None)) is not None:
            node = node[part]
        if not isinstance(node, dict):
            break
        # what is said of an input, or of a kind of value that it takes, is no reason
        if keyword not in VALUES and "type" not in node:
            words = str(node.get("description") or words)
    return f": {words[0].lower()}{words[1:].rstrip('.')}" if words else ""


def _find_controlling_inputs(error: ValidationError, form: Form) -> list[str]:
    """The inputs on which the rule depends: those that its ``if`` asks for."""
    node: Any = form.schema
    for part in error.absolute_schema_path:
        if part in ("if", "then", "else") and isinstance(node, dict) and "if" in node:
            return list(_find_named_inputs(node["if"]))
        node = node[int(part)] if isinstance(node, list) else node.get(part, {})
    return []


def _find_named_inputs(condition: Any) -> Iterator[str]:
    if isinstance(condition, dict):
        yield from condition.get("properties", ())
        yield from condition.get("required", ())
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in condition.get(keyword, ()):
                yield from _find_named_inputs(part)
        yield from _find_named_inputs(condition.get("not"))


def get_failed_object(error: ValidationError) -> dict[str, Any]:
    """The object in which a rule about several inputs failed."""
    return error.instance if isinstance(error.instance, dict) else {}


def _explain_type(error: ValidationError) -> Findings:
    schema: Any = error.schema
    if error.instance is None:
        return [Finding("", f"must not be null; wanted is {name_types(schema)}")]
    if list_types(schema) == ("null",):
        return [Finding("", f"must be null, not {show_value(error.instance)}")]
    return [Finding("", f"must be {name_types(schema)}, not {show_value(error.instance)}")]


def _explain_required(error: ValidationError) -> Findings:
    names: Any = error.validator_value
    return [
        Finding(f"/{escape_pointer(name)}", "is required") for name in names if name not in get_failed_object(error)
    ]


def _explain_dependent_required(error: ValidationError) -> Findings:
    rules: Any = error.validator_value
    return [
        Finding(f"/{escape_pointer(name)}", f"is required together with {present}", [present])
        for present, needed in rules.items()
        if present in get_failed_object(error)
        for name in needed
        if name not in get_failed_object(error)
    ]


def _explain_additional(error: ValidationError) -> Findings:
    schema: Any = error.schema
    known = schema.get("properties", {})
    return [
        Finding(f"/{escape_pointer(name)}", f"is not known here; known are {join_names(known)}")
        for name in get_failed_object(error)
        if name not in known
    ]


def _explain_enum(error: ValidationError) -> Findings:
    options = [option for option in error.validator_value if option is not None]  # type: ignore[union-attr]
    near = suggest_name(str(error.instance), map(str, options))
    known = f"its {len(options)} choices" if near and len(options) > MAX_LISTED_CHOICES else join_names(options)
    return [Finding("", f"must be one of {known}, not {show_value(error.instance)}{'.' if near else ''}{near}")]


def _explain_pattern(error: ValidationError) -> Findings:
    schema: Any = error.schema
    if error.validator_value == NOT_BLANK:
        return [Finding("", "must not be blank")]
    examples = schema.get("examples") or [schema["default"]] if "examples" in schema or "default" in schema else []
    such = f"; for example {show_value(examples[0])}" if examples else f"; the pattern is {error.validator_value}"
    return [Finding("", f"does not have the right form: {show_value(error.instance)}{such}")]


def _explain_format(error: ValidationError) -> Findings:
    name = str(error.validator_value)
    return [Finding("", f"must be {FORMAT_NAMES.get(name, name)}, not {show_value(error.instance)}")]


def _list_required(choice: Any) -> list[str]:
    return list(choice.get("required", ())) if isinstance(choice, dict) else []


def _explain_any_of(error: ValidationError) -> Findings:
    """Either-or of inputs, where each choice says which inputs it requires; or of kinds of value."""
    choices: Any = error.validator_value
    schema: Any = error.schema
    names = [name for choice in choices for name in _list_required(choice)]
    if list_choices(schema) != [schema]:
        return _explain_kind(error)
    if not names:
        return _explain_nearest(error)
    return [Finding("/" + escape_pointer(names[0]), f"is required, or else {join_names(names[1:])}", names[1:])]


def _explain_one_of(error: ValidationError) -> Findings:
    choices: Any = error.validator_value
    names = [name for choice in choices for name in _list_required(choice)]
    present = [name for name in names if name in get_failed_object(error)]
    if len(present) > 1:
        message = f"excludes {present[0]}: give one of {join_names(names)}"
        return [Finding(f"/{escape_pointer(present[1])}", message, [name for name in names if name != present[1]])]
    return _explain_any_of(error)


def _explain_kind(error: ValidationError) -> Findings:
    """A value of a kind that is not wanted, or what is wrong with it as one of its kind."""
    schema: Any = error.schema
    choices: Any = error.validator_value
    kind = find_choice(schema, error.instance)
    if kind is schema:
        return [finding._replace(rule="type") for finding in _explain_type(error)]
    inside = [found for found in error.context or [] if choices[found.schema_path[0]] is kind]
    return [finding for found in inside for finding in _explain_inside(found)]


def _explain_nearest(error: ValidationError) -> Findings:
    """The findings of the choice that came nearest."""
    from jsonschema.exceptions import best_match

    found = best_match(error.context or [])
    return _explain_inside(found) if found else [Finding("", error.message)]


def _explain_inside(error: ValidationError) -> Iterator[Finding]:
    """What is said of a part of the value, with the way there."""
    way = "".join(f"/{escape_pointer(part)}" for part in error.path)
    return (finding._replace(path=way + finding.path) for finding in _find_findings(error))


def _explain_not(error: ValidationError) -> Findings:
    """Inputs that exclude one another: ``not: {required: […]}``, alone or as a choice of several."""
    rule: Any = error.validator_value
    choices = [_list_required(choice) for choice in rule.get("anyOf", [rule])]
    excluded = [names for names in choices if names and all(name in get_failed_object(error) for name in names)]
    return [_explain_exclusion(names) for names in excluded] or [
        Finding("", f"is not allowed: {show_value(error.instance)}")
    ]


def _explain_exclusion(names: list[str]) -> Finding:
    *others, last = names
    words = f"excludes {join_names(others)}" if others else "may not be given here"
    return Finding(f"/{escape_pointer(last)}", words, others)


def _explain_false(error: ValidationError) -> Findings:
    return [Finding("", "may not be given here")]


def _build_bound_message(words: str) -> Callable[[ValidationError], Findings]:
    return lambda error: [Finding("", words.format(limit=error.validator_value, value=show_value(error.instance)))]


MESSAGES: dict[str, Callable[[ValidationError], Findings]] = {
    "type": _explain_type,
    "required": _explain_required,
    "dependentRequired": _explain_dependent_required,
    "additionalProperties": _explain_additional,
    "enum": _explain_enum,
    "pattern": _explain_pattern,
    "format": _explain_format,
    "anyOf": _explain_any_of,
    "oneOf": _explain_one_of,
    "not": _explain_not,
    "false": _explain_false,
    "None": _explain_false,
    "const": _build_bound_message("must be {limit!r}, not {value}"),
    "minimum": _build_bound_message("must be at least {limit}, not {value}"),
    "maximum": _build_bound_message("must be at most {limit}, not {value}"),
    "exclusiveMinimum": _build_bound_message("must be more than {limit}, not {value}"),
    "minLength": _build_bound_message("must have at least {limit} characters"),
    "maxLength": _build_bound_message("must have at most {limit} characters"),
    "minItems": _build_bound_message("must have at least {limit} entries"),
    "maxItems": _build_bound_message("must have at most {limit} entries"),
    "minProperties": _build_bound_message("must have at least {limit} entries"),
    "uniqueItems": _build_bound_message("must not have an entry twice"),
}


def join_names(names: Iterable[Any]) -> str:
    return ", ".join(str(name) for name in names)


def show_value(value: Any) -> str:
    """A value as the caller would recognise it, cut when it is long."""
    kinds = {bool: str(value).lower(), str: repr(value), list: "a list", dict: "an object", type(None): "null"}
    text = re.sub(r"//[^/\s]*@", "//***@", kinds[type(value)] if type(value) in kinds else str(value))
    return text if len(text) <= 60 else f"{text[:57]}..."
