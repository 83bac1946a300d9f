"""Hold the whole manifest of a component against its files.

A call checks only the entry that it uses; ``sales-connectors check`` and the tests hold everything against everything
and name the file and the line of each problem.
"""

import ast
import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, signature
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from .. import components as places
from ..manifest.component import HANDLER_FOLDERS, Component, Entry, load_component
from ..sdk import Service
from ..sdk.service import find_service_fault
from .document import Document, Problem
from .schemas import find_schema_problems, load_examples

MANIFEST_SCHEMA = Path(__file__).parents[1] / "manifest" / "component.schema.json"

HANDLER_PARAMETERS = {"actions": ["ctx", "inputs"], "datasources": ["ctx", "inputs"], "connections": ["fields"]}
"""The parameters of a handler, by its folder: a public function that takes them is one."""

SERVICE_PARAMETERS = {
    "sign": ["request", "token"],
    "pages": ["ctx", "path", "query", "size"],
    "error": ["payload"],
    "cost": ["path", "query"],
    "spent": ["status", "headers"],
}
"""The functions of a Service, and what they are called with."""
OPTIONAL_PARTS = ("cost", "spent")
MAX_TOOL_CHARACTERS = 40
"""Characters of a tool's name: some programs cut at 60, and put the name of the server before it."""


def check(component_key: str) -> list[Problem]:
    """Everything that is wrong with a component, by file and line; an unknown component is NotFound."""
    folder = places.find_folder(component_key) or load_component(component_key).folder
    manifest = Document(folder / "component.yaml")
    problem = manifest.find_fault()
    return [problem] if problem else sorted(set(_find_problems(component_key, folder, manifest)))


def _find_problems(key: str, folder: Path, manifest: Document) -> Iterator[Problem]:
    yield from manifest.find_duplicates()
    yield from _find_shape_problems(manifest)
    if not isinstance(manifest.data, dict):
        return
    entries = _read_entries(manifest.data)
    yield from _find_key_problems(key, manifest, entries)
    yield from _find_tool_problems(folder, manifest, entries)
    package = places.mount(folder, key)
    yield from _find_handler_problems(package, manifest, entries)
    yield from _find_connection_problems(package, folder, manifest, entries)
    yield from _find_unclaimed_handlers(folder, entries)
    yield from find_schema_problems(folder / "schemas", manifest, entries)


# --- the manifest itself ----------------------------------------------------------------------------


def _find_shape_problems(manifest: Document) -> Iterator[Problem]:
    """What the manifest's own JSON Schema finds."""
    for error in _load_validator().iter_errors(manifest.data):
        name = ".".join(map(str, error.absolute_path)) or "the manifest"
        yield manifest.report([*error.absolute_path, *_find_unexpected(error)], f"{name}: {error.message}")


@cache
def _load_validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(MANIFEST_SCHEMA.read_bytes()))


def _find_unexpected(error: ValidationError) -> list[str]:
    """The first key that the schema does not know, so that the problem names its line and not its parent's."""
    if error.validator != "additionalProperties" or not isinstance(error.schema, dict):
        return []
    given: Any = error.instance
    return [key for key in given if key not in error.schema.get("properties", {})][:1]


def _read_entries(manifest: dict[str, Any]) -> list[Entry]:
    """The entries that can be read; what is wrong with the others is told already."""
    sections = [(section, manifest.get(section)) for section in HANDLER_FOLDERS]
    return [
        Entry(section, key, **line)
        for section, entries in sections
        if isinstance(entries, dict)
        for key, line in entries.items()
        if isinstance(line, dict) and isinstance(line.get("handler"), str) and set(line) <= set(Entry.__annotations__)
    ]


def _find_key_problems(key: str, manifest: Document, entries: list[Entry]) -> Iterator[Problem]:
    written = str(manifest.data.get("key"))
    if written.replace("-", "_") != key.replace("-", "_"):
        yield manifest.report(["key"], f"the key is {written!r}, but the component lies under {key!r}")
    taken: dict[str, Entry] = {}
    for entry in entries:
        other = taken.setdefault(entry.key, entry)
        if other is not entry:
            yield manifest.report([entry.section, entry.key], f"{entry.key} stands under {other.section} too")


def _find_tool_problems(folder: Path, manifest: Document, entries: list[Entry]) -> Iterator[Problem]:
    """Names that agents could not tell apart from those of another component, or that their programs would cut."""
    if not _has_key(manifest.data):  # told already
        return
    component = Component(folder, "", manifest.data)
    for other in _iterate_others(folder):
        if other.prefix == component.prefix:
            place = ["prefix" if "prefix" in manifest.data else "key"]
            yield manifest.report(place, f"the prefix {component.prefix!r} is that of {other.key}")
    for entry in entries:
        tool = component.name_tool(entry)
        if entry.section != "connections" and len(tool) > MAX_TOOL_CHARACTERS:
            told = f"{tool} has {len(tool)} characters, and a tool {MAX_TOOL_CHARACTERS} at most"
            yield manifest.report([entry.section, entry.key], f"{told}: give the component a shorter prefix")


def _iterate_others(folder: Path) -> Iterator[Component]:
    """The components beside this one whose manifests can be read."""
    for place in places.list_folders():
        manifest = Document(place / "component.yaml")
        if place != folder and not manifest.find_fault() and _has_key(manifest.data):
            yield Component(place, "", manifest.data)


def _has_key(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("key"), str)


# --- handlers ---------------------------------------------------------------------------------------


def _find_handler_problems(package: str, manifest: Document, entries: list[Entry]) -> Iterator[Problem]:
    for entry in entries:
        for field, name in _list_handlers(entry):
            reason = _explain_missing(package, entry, name) or _explain_kind(package, entry, name)
            if reason:
                yield manifest.report([entry.section, entry.key, field], f"{entry.key}: {field} {name!r}: {reason}")


def _list_handlers(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "handler", entry.handler
    if entry.find:
        yield "find", entry.find


def _explain_missing(package: str, entry: Entry, name: str) -> str | None:
    """Why the runtime would not find this handler."""
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(f"{package}.{HANDLER_FOLDERS[entry.section]}.{module}"), function, None)
    except ModuleNotFoundError as missing:
        return f"there is no module {missing.name!r}"
    except (Exception, SystemExit) as broken:  # whatever a module does when it is imported
        return f"the module cannot be imported: {type(broken).__name__}: {broken}"
    if not callable(found):
        return f"{module}.py has no function {function!r}"
    parameters = HANDLER_PARAMETERS[HANDLER_FOLDERS[entry.section]]
    return None if _takes(found, parameters) else f"{function} must take {' and '.join(parameters)}"


def _explain_kind(package: str, entry: Entry, name: str) -> str | None:
    """Why a handler that is there could not be called as one."""
    function = _load_handler(package, entry, name)
    if iscoroutinefunction(function) or isasyncgenfunction(function):
        return "handlers are plain functions, not async ones"
    if isgeneratorfunction(function) and name == entry.handler:
        return "handlers return what they have, and do not yield it"
    return None


def _load_handler(package: str, entry: Entry, name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(f"{package}.{HANDLER_FOLDERS[entry.section]}.{module}"), function)


def _find_connection_problems(
    package: str, folder: Path, manifest: Document, entries: list[Entry]
) -> Iterator[Problem]:
    """Connections that cannot be opened with the examples of their own forms; nothing is sent."""
    for entry in entries:
        name = entry.handler
        usable = entry.section == "connections" and not _explain_missing(package, entry, name)
        if usable and not _explain_kind(package, entry, name):
            for reason in _explain_service(_load_handler(package, entry, name), load_examples(folder, entry.key)):
                place = [entry.section, entry.key, "handler"]
                yield manifest.report(place, f"{entry.key}: handler {name!r}: {reason}")


def _explain_service(connection: Callable[..., Any], examples: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with what a connection says of its vendor."""
    for number, fields in enumerate(examples, 1):
        try:
            service = connection(fields)
        except (Exception, SystemExit) as broken:
            yield f"fails with example {number} of its form: {type(broken).__name__}: {broken}"
            continue
        if not isinstance(service, Service):
            yield f"returns a {type(service).__name__}, where a Service belongs"
            continue
        fault = find_service_fault(service)
        if fault:
            yield fault
        for part, parameters in SERVICE_PARAMETERS.items():
            function = getattr(service, part)
            if function is None and part in OPTIONAL_PARTS:
                continue
            if not callable(function) or not _takes(function, parameters):
                yield f"{part} must be a function of {' and '.join(parameters)}"


def _takes(function: Callable[..., Any], parameters: list[str]) -> bool:
    try:
        signature(function).bind(*parameters)
    except TypeError:
        return False
    return True


def _find_unclaimed_handlers(folder: Path, entries: list[Entry]) -> Iterator[Problem]:
    """Handlers that no line of the manifest names."""
    claimed = {(HANDLER_FOLDERS[entry.section], name) for entry in entries for _, name in _list_handlers(entry)}
    for kind in sorted(set(HANDLER_FOLDERS.values())):
        for path in sorted((folder / kind).glob("[!_]*.py")):
            for function in _find_functions(path, HANDLER_PARAMETERS[kind]):
                if (kind, f"{path.stem}:{function.name}") not in claimed:
                    yield Problem(path, function.lineno, f"no line of component.yaml names {path.stem}:{function.name}")


def _find_functions(path: Path, parameters: list[str]) -> Iterator[ast.FunctionDef]:
    """The public functions of a module that take these parameters."""
    try:
        body = ast.parse(path.read_bytes()).body
    except SyntaxError:  # told where the manifest names this module
        return
    for node in body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if [argument.arg for argument in node.args.args] == parameters:
            yield node


__all__ = ["Problem", "check"]
