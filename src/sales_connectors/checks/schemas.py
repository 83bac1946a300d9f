"""Hold the schema files of a component against the manifest, against their dialect and against each other."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from ..errors import ConfigurationError, InvalidInput
from ..inputs import accept_inputs
from ..manifest.columns import has_column, list_fields, list_telling_columns
from ..manifest.component import Entry, parse_envelope
from ..manifest.forms import Form
from ..manifest.output import list_returned_records, resolve_polled
from ..manifest.references import OWN_FILES, SchemaFolder, WrongReference, resolve_reference, walk_schema
from ..manifest.vocabulary import FORM_DIALECT, find_faults, is_valid_form
from .document import Document, Place, Problem
from .shapes import find_part_problems, find_shape_problems

SHARED_FILE = "shared.json"
SchemaFiles = Mapping[str, Document]
"""The schema files of a component by their path below its ``schemas`` folder."""


def find_schema_problems(path: Path, manifest: Document, entries: list[Entry]) -> Iterator[Problem]:
    folder = SchemaFolder(path)
    files = {file.relative_to(path).as_posix(): Document(file) for file in sorted(path.rglob("*.json"))}
    for name, document in files.items():
        yield from _find_file_problems(folder, files, name)
        if not name.startswith("records/") and not document.find_fault() and is_valid_form(document.data):
            yield from find_part_problems(folder, name, document)
    yield from _find_missing_files(files, manifest, entries)
    yield from _find_unclaimed_files(files, entries)
    connections = {f"{entry.key}.json" for entry in entries if entry.section == "connections"}
    yield from _find_polled_problems(folder, manifest, entries)
    for name, document in files.items():
        form = _load_form(folder, name)
        if form and name.startswith("records/"):
            yield from _find_record_problems(document, form)
            yield from _find_column_problems(document, form, manifest)
        elif form and name != SHARED_FILE:
            yield from _find_form_problems(document, form, folder, entries)
            yield from find_shape_problems(document, form, is_connection=name in connections)


def _load_form(folder: SchemaFolder, name: str) -> Form | None:
    """A file with its references resolved; None where it is broken, which is told already."""
    try:
        schema = folder.read(name)
    except ConfigurationError:
        return None
    fine = isinstance(schema, dict) and is_valid_form(schema) and not any(_find_wrong_patterns(schema))
    return Form(schema) if fine else None


def load_examples(path: Path, key: str) -> list[dict[str, Any]]:
    """The examples of a form as a handler gets them; of one without, the first example of each required input.

    There are none where the form is broken or refuses them, which is told elsewhere.
    """
    form = _load_form(SchemaFolder(path / "schemas"), f"{key}.json")
    if form is None:
        return []
    fields = {name: spec for name, spec in form.properties.items() if isinstance(spec, dict)}
    needed = {
        name: fields[name]["examples"][0] for name in form.schema.get("required", ()) if _has_example(fields, name)
    }
    try:
        return [accept_inputs(form, example, key) for example in form.schema.get("examples") or [needed]]
    except InvalidInput:
        return []


def _has_example(fields: Mapping[str, Any], name: str) -> bool:
    return bool(fields.get(name, {}).get("examples"))


# --- one file as such -------------------------------------------------------------------------------


def _find_file_problems(folder: SchemaFolder, files: SchemaFiles, name: str) -> Iterator[Problem]:
    document = files[name]
    broken = document.find_fault()
    if broken:
        yield broken
        return
    yield from document.find_duplicates()
    yield from _find_dialect_problems(document)
    for place, reference in _find_references(document.data):
        yield from _find_reference_problems(folder, files, name, place, reference)


def _find_dialect_problems(document: Document) -> Iterator[Problem]:
    """Not in our dialect, or not a schema at all."""
    schema = document.data
    if not isinstance(schema, dict) or schema.get("$schema") != FORM_DIALECT:
        yield document.report(["$schema"], f"$schema must be {FORM_DIALECT}")
    elif not is_valid_form(schema):
        for place, message in find_faults(schema):
            yield document.report(place, message)
    else:
        for wrong in _find_wrong_patterns(schema):
            yield document.report(wrong, f"{wrong[-1]} is no regular expression")


def _find_wrong_patterns(schema: Any) -> Iterator[Place]:
    """Where a pattern is no regular expression, which the dialect does not look at."""
    for place, part in walk_schema(schema):
        if not _is_pattern(part.get("pattern", "")):
            yield (*place, "pattern")
        named = part.get("patternProperties")
        yield from ((*place, "patternProperties", name) for name in named or () if not _is_pattern(name))


def _is_pattern(text: Any) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except jsonschema_rs.ValidationError:
        return False
    return True


def _find_references(schema: Any) -> Iterator[tuple[Place, str]]:
    """Every reference in a schema, and where the schema stands that makes it."""
    return ((place, str(part["$ref"])) for place, part in walk_schema(schema) if "$ref" in part)


def _find_reference_problems(
    folder: SchemaFolder, files: SchemaFiles, name: str, place: Place, reference: str
) -> Iterator[Problem]:
    file = resolve_reference(name, reference)[0]
    if file not in files and file not in OWN_FILES:
        yield files[name].report([*place, "$ref"], f"{reference} names nothing")
    elif file in OWN_FILES or not files[file].find_fault():
        try:
            folder.resolve(name, tuple(place))
        except WrongReference as wrong:
            at, where = (wrong.file, wrong.place) if wrong.file in files else (name, (*place, "$ref"))
            yield files[at].report(where, str(wrong))
        except ConfigurationError:  # a file further on, told of where it is named
            return


# --- files and the manifest -------------------------------------------------------------------------


def _find_missing_files(files: SchemaFiles, manifest: Document, entries: list[Entry]) -> Iterator[Problem]:
    for entry in entries:
        line = [entry.section, entry.key]
        if f"{entry.key}.json" not in files:
            yield manifest.report(line, f"{entry.key} has no schema: schemas/{entry.key}.json is missing")
        for record in list_returned_records(entry):
            if f"records/{record}.json" not in files:
                place = [*line, "returns"]
                yield manifest.report(place, f"{entry.key} returns {record!r}, but records/{record}.json is missing")


def _find_polled_problems(folder: SchemaFolder, manifest: Document, entries: list[Entry]) -> Iterator[Problem]:
    """Triggers that name record types by an input, and not one for each of its choices."""
    for entry in entries:
        polled = resolve_polled(entry)
        if polled.by is None or entry.section != "triggers":
            continue
        form = _load_form(folder, f"{entry.key}.json")
        choices = [str(choice) for choice in form.properties.get(polled.by, {}).get("enum", ())] if form else []
        if form and set(choices) != set(map(str, polled.records)):
            there = ", ".join(choices) or "none"
            message = f"{entry.key} returns a record for each choice of {polled.by!r}, and its choices are: {there}"
            yield manifest.report([entry.section, entry.key, "returns"], message)


def _find_unclaimed_files(files: SchemaFiles, entries: list[Entry]) -> Iterator[Problem]:
    """Files that neither the manifest nor a claimed file names, and shared fields that no form uses."""
    claimed, used = _collect_claimed(files, entries)
    for name, document in files.items():
        if name not in claimed:
            yield document.report([], "nobody claims this schema: neither component.yaml nor a schema names it")
    shared = files.get(SHARED_FILE)
    if shared and SHARED_FILE in claimed and is_valid_form(shared.data):
        for field in shared.data.get("$defs", {}):
            if (SHARED_FILE, f"/$defs/{field}") not in used:
                yield shared.report(["$defs", field], f"no schema refers to {field!r}")


def _collect_claimed(files: SchemaFiles, entries: list[Entry]) -> tuple[set[str], set[tuple[str, str]]]:
    """The files that are reached from the manifest, and every reference that led there."""
    forms = {f"{entry.key}.json" for entry in entries}
    records = {f"records/{record}.json" for entry in entries for record in list_returned_records(entry)}
    claimed: set[str] = set()
    used: set[tuple[str, str]] = set()
    waiting = [name for name in files if name in forms | records]
    while waiting:
        name = waiting.pop()
        claimed.add(name)
        if not files[name].find_fault():
            targets = {resolve_reference(name, reference) for _, reference in _find_references(files[name].data)}
            used |= targets
            waiting += [file for file, _ in targets if file in files and file not in claimed]
    return claimed, used


# --- what a form says -------------------------------------------------------------------------------


def _find_form_problems(
    document: Document, form: Form, folder: SchemaFolder, entries: list[Entry]
) -> Iterator[Problem]:
    yield from _find_unsaid(document, form.schema, "title description")
    if form.schema.get("additionalProperties") is not False:
        place = ["additionalProperties"]
        yield document.report(place, 'a form says "additionalProperties": false, or a misspelt input would pass')
    for name, field in form.properties.items():
        place = ["properties", name]
        if not isinstance(field, dict):
            yield document.report(place, f"{name} is no schema of an input")
            continue
        yield from _find_unsaid(document, field, "title description", *place)
        yield from _find_value_problems(document, field, *place)
        successor = field.get("x-replaced-by", {}).get("name")
        if successor is not None and (successor == name or successor not in form.properties):
            yield document.report(
                [*place, "x-replaced-by"], f"{name} is replaced by {successor!r}, which is no other input"
            )
        for _, part in walk_schema(field):
            yield from _find_choice_problems(document, place, part, form)
            if "x-data-source" in part:
                yield from _find_source_problems(document, place, part, folder, entries)
    for name in form.schema.get("required", ()):
        if name not in form.properties:
            yield document.report(["required"], f"requires {name!r}, which is no input of the form")
    if all(isinstance(field, dict) for field in form.properties.values()):
        yield from _find_example_problems(document, form)


def _find_unsaid(document: Document, schema: Mapping[str, Any], keywords: str, *place: str | int) -> Iterator[Problem]:
    for keyword in keywords.split():
        if not str(schema.get(keyword) or "").strip():
            yield document.report(place, f"{place[-1] if place else 'the schema'} has no {keyword}")


def _find_value_problems(document: Document, field: dict[str, Any], *place: str | int) -> Iterator[Problem]:
    """Examples and defaults of a field that the field itself would refuse."""
    validator = jsonschema_rs.Draft202012Validator(field, validate_formats=True)
    values = [("examples", example) for example in field.get("examples", ())]
    if "default" in field:
        values.append(("default", field["default"]))
    for keyword, value in values:
        if not validator.is_valid(value):
            yield document.report([*place, keyword], f"{place[-1]} does not take its own {keyword}: {value!r}")


def _find_choice_problems(document: Document, place: Place, part: Mapping[str, Any], form: Form) -> Iterator[Problem]:
    for name in part.get("x-depends-on", ()):
        if name not in form.properties:
            yield document.report([*place, "x-depends-on"], f"{place[-1]} depends on {name!r}, which is no input")
    for value in part.get("x-enum-labels", ()):
        if value not in map(str, part.get("enum", ())):
            yield document.report([*place, "x-enum-labels"], f"{place[-1]} labels {value!r}, which is no choice")
    for keyword in ("x-special", "x-suggestions"):
        for value in part.get(keyword, ()):
            if not jsonschema_rs.Draft202012Validator(dict(part), validate_formats=True).is_valid(value):
                yield document.report([*place, keyword], f"{place[-1]} does not take its own {keyword}: {value!r}")


def _find_source_problems(
    document: Document, place: Place, part: Mapping[str, Any], folder: SchemaFolder, entries: list[Entry]
) -> Iterator[Problem]:
    source = part["x-data-source"]
    if source not in {entry.key for entry in entries if entry.section == "dataSources"}:
        yield document.report([*place, "x-data-source"], f"{place[-1]}: there is no data source {source!r}")
        return
    form = _load_form(folder, f"{source}.json")
    if form is None:
        return
    given = [(keyword, name) for keyword in ("x-data-source-inputs", "x-depends-on") for name in part.get(keyword, ())]
    for keyword, name in given:
        if name not in form.properties:
            yield document.report([*place, keyword], f"{place[-1]}: {name!r} is no input of {source}")
    for name in form.schema.get("required", ()):
        if name not in form.defaults and name not in [told for _, told in given]:
            fix = 'name an input of the form that gives it in "x-depends-on", or its value in "x-data-source-inputs"'
            yield document.report([*place, "x-data-source"], f"{place[-1]}: {source} needs {name!r}: {fix}")


def _find_example_problems(document: Document, form: Form) -> Iterator[Problem]:
    """Examples are shown to people and agents: they hold as they are, and as the runtime reads them."""
    for index, example in enumerate(form.schema.get("examples", ())):
        if not form.fast_validator.is_valid(example):
            yield document.report(["examples", index], f"example {index + 1} does not fit the form as it stands")
        try:
            accept_inputs(form, example, f"example {index + 1}")
        except InvalidInput as refused:
            yield document.report(["examples", index], refused.message)


# --- what a record says -----------------------------------------------------------------------------


def _find_record_problems(document: Document, record: Form) -> Iterator[Problem]:
    yield from _find_unsaid(document, record.schema, "title description type")
    yield from _find_undescribed(document, record.schema)
    for name, field in record.properties.items():
        yield from _find_unsaid(document, field, "description", "properties", name)
        yield from _find_value_problems(document, field, "properties", name)
    for index, example in enumerate(record.schema.get("examples", ())):
        if not record.fast_validator.is_valid(example):
            yield document.report(["examples", index], f"example {index + 1} does not fit the record")


def _find_column_problems(document: Document, record: Form, manifest: Document) -> Iterator[Problem]:
    """Telling columns that no record has."""
    try:
        envelope = parse_envelope(manifest.data)
    except (TypeError, ValueError):  # told by the manifest's own schema
        return
    fields = list_fields(record.schema, envelope)
    for index, column in enumerate(list_telling_columns(record.schema)):
        if not has_column(fields, column):
            yield document.report(["x-columns", index], f"x-columns names {column!r}, which is no field of the record")


def _find_undescribed(document: Document, record: dict[str, Any]) -> Iterator[Problem]:
    """Keys that always come, and that nothing describes."""
    for place, part in walk_schema(record):
        for name in part.get("required", ()):
            if name not in part.get("properties", {}):
                yield document.report([*place, "required"], f"requires {name!r}, which is no field of the record")
