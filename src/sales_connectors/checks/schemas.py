"""Hold the schema files of a component against the register, against their dialect and against each other."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator

from ..errors import ConfigurationError, InvalidInput
from ..inputs import accept_inputs
from ..manifest.component import Entry
from ..manifest.forms import Form, read_json
from ..manifest.output import record_of
from .document import Document, Place, Problem

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHARED = "shared.json"
Files = Mapping[str, Document]
"""The schema files of a component by their path below its ``schemas`` folder."""


def schema_problems(folder: Path, register: Document, entries: list[Entry]) -> Iterator[Problem]:
    files = {path.relative_to(folder).as_posix(): Document(path) for path in sorted(folder.rglob("*.json"))}
    for name in files:
        yield from _file_problems(folder, files, name)
    yield from _missing_files(files, register, entries)
    yield from _unclaimed_files(files, entries)
    for name, document in files.items():
        form = _whole(folder, name)
        if form and name.startswith("records/"):
            yield from _record_problems(document, form)
        elif form and name != SHARED:
            yield from _form_problems(document, form, folder, entries)


def _whole(folder: Path, name: str) -> Form | None:
    """A file with its references resolved; None where it is broken, which is told already."""
    try:
        schema = read_json(folder, name)
    except (ConfigurationError, RecursionError):
        return None
    return Form(schema) if isinstance(schema, dict) and jsonschema_rs.meta.is_valid(schema) else None


# --- one file as such -------------------------------------------------------------------------------


def _file_problems(folder: Path, files: Files, name: str) -> Iterator[Problem]:
    document = files[name]
    broken = document.broken()
    if broken:
        yield broken
        return
    yield from document.duplicates()
    yield from _dialect_problems(document)
    for place, reference in _references(document.data):
        if not _names_something(files, name, reference):
            yield document.problem(place, f"{reference} names nothing")
    if _goes_round(folder, name):
        yield document.problem([], "the references lead back to where they stand")


def _dialect_problems(document: Document) -> Iterator[Problem]:
    """Not 2020-12, or not a schema at all."""
    schema = document.data
    if not isinstance(schema, dict) or schema.get("$schema") != DIALECT:
        yield document.problem(["$schema"], f"$schema must be {DIALECT}")
    elif not jsonschema_rs.meta.is_valid(schema):
        for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
            yield document.problem(error.absolute_path, f"is no valid schema: {error.message}")


def _references(node: Any, *place: str | int) -> Iterator[tuple[Place, str]]:
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield (*place, "$ref"), node["$ref"]
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        yield from _references(value, *place, key)


def _target(files: Files, name: str, reference: str) -> tuple[str, str]:
    """The file and the pointer that a reference names: beside its own file, else in the schemas folder."""
    file, _, pointer = reference.partition("#")
    beside = normpath(join(dirname(name), file)) if file else name
    return (beside if beside in files else file), pointer


def _names_something(files: Files, name: str, reference: str) -> bool:
    file, pointer = _target(files, name, reference)
    node = files[file].data if file in files and not files[file].broken() else None
    for part in filter(None, pointer.split("/")):
        node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node is not None


def _goes_round(folder: Path, name: str) -> bool:
    try:
        read_json(folder, name)
    except ConfigurationError:  # told of at the reference
        return False
    except RecursionError:
        return True
    return False


# --- files and the register -------------------------------------------------------------------------


def _missing_files(files: Files, register: Document, entries: list[Entry]) -> Iterator[Problem]:
    for entry in entries:
        line = [entry.section, entry.key]
        if f"{entry.key}.json" not in files:
            yield register.problem(line, f"{entry.key} has no schema: schemas/{entry.key}.json is missing")
        record = record_of(entry.returns)
        if record and f"records/{record}.json" not in files:
            place = [*line, "returns"]
            yield register.problem(place, f"{entry.key} returns {record!r}, but records/{record}.json is missing")


def _unclaimed_files(files: Files, entries: list[Entry]) -> Iterator[Problem]:
    """Files that neither the register nor a claimed file names, and shared fields that no form uses."""
    claimed, used = _claimed(files, entries)
    for name, document in files.items():
        if name not in claimed:
            yield document.problem([], "nobody claims this schema: neither component.yaml nor a schema names it")
    shared = files.get(SHARED)
    if shared and SHARED in claimed and isinstance(shared.data, dict):
        for field in shared.data.get("$defs", {}):
            if (SHARED, f"/$defs/{field}") not in used:
                yield shared.problem(["$defs", field], f"no schema refers to {field!r}")


def _claimed(files: Files, entries: list[Entry]) -> tuple[set[str], set[tuple[str, str]]]:
    """The files that are reached from the register, and every reference that led there."""
    forms = {f"{entry.key}.json" for entry in entries}
    records = {f"records/{record_of(entry.returns)}.json" for entry in entries}
    claimed: set[str] = set()
    used: set[tuple[str, str]] = set()
    waiting = [name for name in files if name in forms | records]
    while waiting:
        name = waiting.pop()
        claimed.add(name)
        if not files[name].broken():
            targets = {_target(files, name, reference) for _, reference in _references(files[name].data)}
            used |= targets
            waiting += [file for file, _ in targets if file in files and file not in claimed]
    return claimed, used


# --- what a form says -------------------------------------------------------------------------------


def _form_problems(document: Document, form: Form, folder: Path, entries: list[Entry]) -> Iterator[Problem]:
    yield from _unsaid(document, form.schema, "title description")
    for name, field in form.properties.items():
        place = ["properties", name]
        if not isinstance(field, dict):
            yield document.problem(place, f"{name} is no schema of an input")
            continue
        yield from _unsaid(document, field, "title description", *place)
        yield from _value_problems(document, field, *place)
        for part in _parts(field):
            yield from _choice_problems(document, place, part, form)
            if "x-data-source" in part:
                yield from _source_problems(document, place, part, folder, entries)
    for name in form.schema.get("required", ()):
        if name not in form.properties:
            yield document.problem(["required"], f"requires {name!r}, which is no input of the form")
    yield from _example_problems(document, form)


def _unsaid(document: Document, schema: Mapping[str, Any], keywords: str, *place: str | int) -> Iterator[Problem]:
    for keyword in keywords.split():
        if not str(schema.get(keyword) or "").strip():
            yield document.problem(place, f"{place[-1] if place else 'the schema'} has no {keyword}")


def _value_problems(document: Document, field: dict[str, Any], *place: str | int) -> Iterator[Problem]:
    """Examples and defaults of a field that the field itself would refuse."""
    validator = jsonschema_rs.Draft202012Validator(field, validate_formats=True)
    values = [("examples", example) for example in field.get("examples", ())]
    if "default" in field:
        values.append(("default", field["default"]))
    for keyword, value in values:
        if not validator.is_valid(value):
            yield document.problem([*place, keyword], f"{place[-1]} does not take its own {keyword}: {value!r}")


def _parts(node: Any) -> Iterator[Mapping[str, Any]]:
    """A field and everything inside it: keys of an object may have a picklist of their own."""
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key not in ("examples", "default", "enum", "const"):
                yield from _parts(value)


def _choice_problems(document: Document, place: Place, part: Mapping[str, Any], form: Form) -> Iterator[Problem]:
    for name in part.get("x-depends-on", ()):
        if name not in form.properties:
            yield document.problem([*place, "x-depends-on"], f"{place[-1]} depends on {name!r}, which is no input")
    for value in part.get("x-enum-labels", ()):
        if value not in map(str, part.get("enum", ())):
            yield document.problem([*place, "x-enum-labels"], f"{place[-1]} labels {value!r}, which is no choice")


def _source_problems(
    document: Document, place: Place, part: Mapping[str, Any], folder: Path, entries: list[Entry]
) -> Iterator[Problem]:
    source = part["x-data-source"]
    if source not in {entry.key for entry in entries if entry.section == "dataSources"}:
        yield document.problem([*place, "x-data-source"], f"{place[-1]}: there is no data source {source!r}")
        return
    form = _whole(folder, f"{source}.json")
    for name in part.get("x-data-source-inputs", ()) if form else ():
        if form and name not in form.properties:
            yield document.problem([*place, "x-data-source-inputs"], f"{place[-1]}: {name!r} is no input of {source}")


def _example_problems(document: Document, form: Form) -> Iterator[Problem]:
    """Examples are shown to people and agents: they hold as they are, and as the runtime reads them."""
    for index, example in enumerate(form.schema.get("examples", ())):
        if not form.fast.is_valid(example):
            yield document.problem(["examples", index], f"example {index + 1} does not fit the form as it stands")
        try:
            accept_inputs(form, example, f"example {index + 1}")
        except InvalidInput as refused:
            yield document.problem(["examples", index], refused.message)


# --- what a record says -----------------------------------------------------------------------------


def _record_problems(document: Document, record: Form) -> Iterator[Problem]:
    yield from _unsaid(document, record.schema, "title description type")
    for name, field in record.properties.items():
        yield from _unsaid(document, field, "description", "properties", name)
        yield from _value_problems(document, field, "properties", name)
    for index, example in enumerate(record.schema.get("examples", ())):
        if not record.fast.is_valid(example):
            yield document.problem(["examples", index], f"example {index + 1} does not fit the record")
