"""Components as their manifest, ``component.yaml``, says what they are; nothing is loaded before a call needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from .. import components as places
from ..errors import ConfigurationError, NotFound, quote_name, suggest_name, unknown_name_error
from ..fork import hold_off_forks
from ..lazy import cached_property
from ..sdk import Effect, Envelope, to_snake_case
from .forms import Form
from .references import SchemaFolder

HANDLER_FOLDERS = {
    "connections": "connections",
    "actions": "actions",
    "dataSources": "datasources",
    "triggers": "actions",
}
"""Each section of a manifest, and the folder in which its handlers stand."""

SECTION_NAMES = {"connections": "connection", "actions": "action", "dataSources": "data source", "triggers": "trigger"}
MAX_KEY_CHARACTERS = 100
Kind = TypeVar("Kind")
"""Characters of a component's key, which names a folder."""


@dataclass(frozen=True)
class Entry:
    """One line of a manifest."""

    section: str
    key: str
    handler: str
    effect: Effect = Effect.READ
    returns: Any = None
    type: str = "picklist"
    find: str | None = None
    """For creates: the handler that looks for a record whose creation was never confirmed."""
    group: str = ""
    """The heading under which people find it."""
    scopes: Sequence[str] = ()
    """What the token must be allowed, as the vendor calls it; none where any token will do, or nobody knows."""


ENTRY_PARTS = tuple(part.name for part in fields(Entry) if part.name not in ("section", "key"))
EFFECTS = tuple(effect.value for effect in Effect)


@dataclass(frozen=True)
class Component:
    """One component: its folder, and what its manifest says."""

    folder: Path
    package: str
    manifest: Mapping[str, Any]

    @cached_property
    def key(self) -> str:
        return str(self.manifest["key"])

    @cached_property
    def prefix(self) -> str:
        """The word before the names of its tools."""
        return str(self.manifest.get("prefix", self.key.replace("-", "_")))

    def name_tool(self, entry: Entry) -> str:
        """What an agent knows an action, data source or trigger by: ``sell_create_contact``."""
        return f"{self.prefix}_{to_snake_case(entry.key)}"

    @property
    def label(self) -> str:
        return str(self.manifest.get("label", self.key))

    @property
    def description(self) -> str:
        return str(self.manifest.get("description", ""))

    @property
    def category(self) -> str | None:
        """Which kind of system it connects."""
        return self.manifest.get("category")

    @property
    def documentation(self) -> str | None:
        """Where the vendor documents its API."""
        return self.manifest.get("documentation")

    @cached_property
    def envelope(self) -> Envelope:
        """What the service wraps around its records."""
        return parse_envelope(self.manifest)

    @cached_property
    def connections(self) -> Mapping[str, Entry]:
        return self._parse_section("connections")

    @cached_property
    def actions(self) -> Mapping[str, Entry]:
        return self._parse_section("actions")

    @cached_property
    def data_sources(self) -> Mapping[str, Entry]:
        return self._parse_section("dataSources")

    @cached_property
    def triggers(self) -> Mapping[str, Entry]:
        return self._parse_section("triggers")

    def section(self, section: str) -> Mapping[str, Entry]:
        """One section of the manifest, by the name that it has there."""
        return self._sections[section]

    def entry(self, section: str, key: str) -> Entry:
        """One entry by its key; an unknown key is NotFound, with the nearest name."""
        entries = self._sections[section]
        if not isinstance(key, str) or key not in entries:
            raise unknown_name_error(
                f"{SECTION_NAMES[section]}", key, entries, f" See: sales-connectors describe {self.key}"
            )
        return entries[key]

    def any_entry(self, key: str) -> Entry:
        """An entry of whichever section, by its key; an unknown key is NotFound, with the nearest name."""
        everything = {name: entry for section in self._sections.values() for name, entry in section.items()}
        if key not in everything:
            kinds = "action, data source, trigger or connection"
            message = f"There is no {kinds} {quote_name(key)}.{suggest_name(key, everything)}"
            raise NotFound(f"{message} See: sales-connectors describe {self.key}", code="unknown_entry")
        return everything[key]

    def form(self, key: str) -> Form:
        """The form of an action, data source, trigger or connection."""
        return load_form(self.folder, key)

    def record(self, name: str) -> dict[str, Any]:
        """The schema of a record type, references resolved."""
        return load_form(self.folder, f"records/{name}").schema

    def handler(self, entry: Entry, name: str | None = None) -> Callable[..., Any]:
        """The function that an entry names; its module is imported now."""
        wanted = name or entry.handler
        try:
            found = load_function(self.package, HANDLER_FOLDERS[entry.section], wanted)
        except ModuleNotFoundError as missing:
            raise self._handler_error(entry, wanted, f"there is no module {missing.name!r}") from missing
        except SyntaxError as wrong:
            place = f"{Path(wrong.filename or '').name}, line {wrong.lineno}"
            raise self._handler_error(entry, wanted, f"its module is no Python: {wrong.msg} ({place})") from wrong
        if found is None:
            raise self._handler_error(entry, wanted, "its module has no such function")
        return found

    def _handler_error(self, entry: Entry, wanted: str, why: str) -> ConfigurationError:
        manifest = self.folder / "component.yaml"
        return ConfigurationError(f"{manifest}: {entry.key}: handler {wanted!r}: {why}", fix="maintainer")

    @cached_property
    def _sections(self) -> Mapping[str, Mapping[str, Entry]]:
        return {
            "connections": self.connections,
            "actions": self.actions,
            "dataSources": self.data_sources,
            "triggers": self.triggers,
        }

    def _parse_section(self, section: str) -> Mapping[str, Entry]:
        entries = self.manifest.get(section) or {}
        try:
            if not isinstance(entries, Mapping):
                raise ValueError("it is a mapping from keys to handlers")
            return {key: parse_entry(section, key, line) for key, line in entries.items()}
        except ValueError as wrong:
            manifest = self.folder / "component.yaml"
            raise ConfigurationError(f"{manifest}: {section}: {wrong}", fix="maintainer") from None


def parse_envelope(manifest: Mapping[str, Any]) -> Envelope:
    """What a manifest says of the envelope."""
    said = dict(manifest.get("envelope") or {})
    return Envelope(**{"many" if name == "list" else name: part for name, part in said.items()})


def parse_entry(section: str, key: str, line: Mapping[str, Any]) -> Entry:
    """One line of a manifest; ValueError says why it is none."""
    parts = line if isinstance(line, Mapping) else {}
    unknown = next((name for name in parts if name not in ENTRY_PARTS), None)
    if unknown is not None:
        raise ValueError(f"{key}: {unknown!r} is not known.{suggest_name(str(unknown), ENTRY_PARTS)}")
    if "handler" not in parts:
        raise ValueError(f"{key} names no handler: {key}: {{handler: module:function, …}}")
    effect = line.get("effect", Effect.READ)
    if effect not in EFFECTS:
        raise ValueError(f"{key}: {effect!r} is no effect, which are {', '.join(EFFECTS)}")
    return Entry(section, key, **{**line, "effect": Effect(effect)})


def load_component(key: str) -> Component:
    """The component of that key; an unknown one is NotFound, with the nearest name."""
    if not isinstance(key, str) or len(key) > MAX_KEY_CHARACTERS:
        raise unknown_name_error("component", key, [])
    return _load_known(key)


@cache
def _load_known(key: str) -> Component:
    # a key becomes a part of a path and of a module's name
    folder = places.find_folder(key) if key.replace("-", "_").isidentifier() else None
    if folder is None:
        raise unknown_name_error("component", key, [found.key for found in load_components()])
    return _load_manifest(folder)


def load_components() -> list[Component]:
    """Every component, by key."""
    return sorted((_load_manifest(folder) for folder in places.list_folders()), key=lambda found: found.key)


@cache
def _load_manifest(folder: Path) -> Component:
    manifest = read_yaml(folder / "component.yaml")
    if not isinstance(manifest, dict) or not isinstance(manifest.get("key"), str):
        raise ConfigurationError(f"{folder / 'component.yaml'}: a manifest is a mapping with a key", fix="maintainer")
    return Component(folder, places.mount(folder, manifest["key"]), manifest)


@cache
def load_form(folder: Path, key: str) -> Form:
    schema = _open_schemas(folder).read(f"{key}.json")
    if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
        message = f"{folder / 'schemas' / key}.json: a form is an object, and so are its properties"
        raise ConfigurationError(message, fix="maintainer")
    return Form(schema)


@cache
def _open_schemas(folder: Path) -> SchemaFolder:
    return SchemaFolder(folder / "schemas")


@cache
def load_function(package: str, folder: str, name: str) -> Callable[..., Any] | None:
    """``module:function`` in a folder of a component; None where the module has no such function."""
    module, _, function = name.partition(":")
    with hold_off_forks():  # whose child would wait for ever for a module that is half there
        found = getattr(import_module(f"{package}.{folder}.{module}"), function, None)
    return found if callable(found) else None


def read_yaml(path: Path) -> Any:
    """A YAML file; the C loader is ten times as fast where PyYAML has it."""
    import yaml

    try:
        return yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as wrong:
        raise ConfigurationError(f"{path}: {wrong}", fix="maintainer") from wrong


# --- what a component's functions hand back ------------------------------------------------------------


def demand(kind: type[Kind], found: Any, handler: str) -> Kind:
    """What a handler returned; ConfigurationError where it is of another kind."""
    if not isinstance(found, kind):
        told = "nothing" if found is None else f"a {type(found).__name__}"
        raise ConfigurationError(
            f"{handler} returned {told}, where a {kind.__name__} belongs", code="component", fix="maintainer"
        )
    return found


def demanding(kind: type[Kind], function: Callable[..., Any], name: str) -> Callable[..., Kind]:
    """The function, held to what it must return each time."""
    return lambda *given: demand(kind, function(*given), name)
