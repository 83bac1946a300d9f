"""Components as their ``component.yaml`` registers them; nothing is loaded before a call needs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import components as places
from ..errors import ConfigurationError, named
from .forms import Form, read_json

KINDS = {"connections": "connections", "actions": "actions", "dataSources": "datasources", "triggers": "actions"}
"""Each section of a register, and the folder in which its handlers stand."""

NAMES = {"connections": "connection", "actions": "action", "dataSources": "data source", "triggers": "trigger"}


@dataclass(frozen=True)
class Entry:
    """One line of a register."""

    section: str
    key: str
    handler: str
    effect: str = "read"
    returns: Any = None
    type: str = "picklist"
    find: str | None = None
    """For creates: the handler that looks for a record whose creation was never confirmed."""


@dataclass(frozen=True)
class Component:
    """One component: its folder, and what its register says."""

    folder: Path
    package: str
    register: Mapping[str, Any]

    @cached_property
    def key(self) -> str:
        return str(self.register["key"])

    @cached_property
    def connections(self) -> Mapping[str, Entry]:
        return self._section("connections")

    @cached_property
    def actions(self) -> Mapping[str, Entry]:
        return self._section("actions")

    @cached_property
    def data_sources(self) -> Mapping[str, Entry]:
        return self._section("dataSources")

    @cached_property
    def triggers(self) -> Mapping[str, Entry]:
        return self._section("triggers")

    def entry(self, section: str, key: str) -> Entry:
        """One entry by its key; an unknown key is NotFound, with the nearest name."""
        entries = self._sections[section]
        if key not in entries:
            raise named(f"{NAMES[section]}", key, entries, f" See: sales-connectors describe {self.key}")
        return entries[key]

    def form(self, key: str) -> Form:
        """The form of an action, data source, trigger or connection."""
        return form_of(self.folder, key)

    def record(self, name: str) -> dict[str, Any]:
        """The schema of a record type, references resolved."""
        return form_of(self.folder, f"records/{name}").schema

    def handler(self, entry: Entry, name: str | None = None) -> Callable[..., Any]:
        """The function that an entry names; its module is imported now."""
        wanted = name or entry.handler
        try:
            found = function_of(self.package, KINDS[entry.section], wanted)
        except ModuleNotFoundError as missing:
            raise self._no_handler(entry, wanted, f"there is no module {missing.name!r}") from missing
        if found is None:
            raise self._no_handler(entry, wanted, "its module has no such function")
        return found

    def _no_handler(self, entry: Entry, wanted: str, why: str) -> ConfigurationError:
        register = self.folder / "component.yaml"
        return ConfigurationError(f"{register}: {entry.key}: handler {wanted!r}: {why}", fix="maintainer")

    @cached_property
    def _sections(self) -> Mapping[str, Mapping[str, Entry]]:
        return {
            "connections": self.connections,
            "actions": self.actions,
            "dataSources": self.data_sources,
            "triggers": self.triggers,
        }

    def _section(self, section: str) -> Mapping[str, Entry]:
        entries = self.register.get(section) or {}
        try:
            return {key: Entry(section, key, **line) for key, line in entries.items()}
        except TypeError as wrong:
            raise ConfigurationError(
                f"{self.folder / 'component.yaml'}: {section}: {wrong}", fix="maintainer"
            ) from wrong


@cache
def component(key: str) -> Component:
    """The component of that key; an unknown one is NotFound, with the nearest name."""
    # a key becomes a part of a path and of a module's name
    folder = places.folder_of(key) if key.replace("-", "_").isidentifier() else None
    if folder is None:
        raise named("component", key, [found.key for found in components()])
    return _load(folder)


def components() -> list[Component]:
    """Every component, by key."""
    return sorted((_load(folder) for folder in places.folders()), key=lambda found: found.key)


@cache
def _load(folder: Path) -> Component:
    register = read_yaml(folder / "component.yaml")
    if not isinstance(register, dict) or not isinstance(register.get("key"), str):
        raise ConfigurationError(f"{folder / 'component.yaml'}: a register is a mapping with a key", fix="maintainer")
    return Component(folder, places.mount(folder, register["key"]), register)


@cache
def form_of(folder: Path, key: str) -> Form:
    return Form(read_json(folder / "schemas", f"{key}.json"))


@cache
def function_of(package: str, folder: str, name: str) -> Callable[..., Any] | None:
    """``module:function`` in a folder of a component; None where the module has no such function."""
    module, _, function = name.partition(":")
    found = getattr(import_module(f"{package}.{folder}.{module}"), function, None)
    return found if callable(found) else None


def read_yaml(path: Path) -> Any:
    """A YAML file; the C loader is ten times as fast where PyYAML has it."""
    import yaml

    try:
        return yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as wrong:
        raise ConfigurationError(f"{path}: {wrong}", fix="maintainer") from wrong
