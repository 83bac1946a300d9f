"""What a shell completes: components, what they can do, their inputs and fields, kept connections, and files."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from ...errors import SalesError

Known = Iterable[tuple[str, str | None]]
"""What can stand there, and what it is called."""
SECTIONS = ("actions", "dataSources", "triggers", "connections")


def complete_components(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ... import manifest

    return _complete_prefix(incomplete, lambda: ((found.key, found.label) for found in manifest.load_components()))


def complete_entries(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of the section that the command is about, of the component that stands before."""
    section = getattr(ctx.command, "section", "connections")
    return _complete_prefix(incomplete, lambda: _list_entries(ctx, section))


def complete_all_entries(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of every section of the component that stands before."""
    return _complete_prefix(
        incomplete, lambda: (known for section in SECTIONS for known in _list_entries(ctx, section))
    )


def _list_entries(ctx: click.Context, section: str) -> Known:
    found = _load_component(ctx)
    return ((entry.key, found.form(entry.key).label) for entry in found.section(section).values())


def complete_inputs(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Inputs of the form that stands before, as ``name=``; behind that the values that it lists."""
    return _complete_prefix(incomplete, lambda: _list_pairs(_load_form(ctx), incomplete))


def complete_fields(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Fields of the connection that is made, as ``name=``; behind ``name=@`` the files."""
    name, _, value = incomplete.partition("=")
    if value.startswith("@"):
        return _complete_prefix(incomplete, lambda: ((f"{name}={file}", None) for file in _list_files(value)))
    return _complete_prefix(incomplete, lambda: _list_pairs(_load_kind(ctx), incomplete))


def complete_files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, as ``@FILE``; what else can be given there is nobody's to know."""
    return _complete_prefix(incomplete, lambda: ((file, None) for file in _list_files(incomplete)))


def complete_connections(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Kept connections, of the component that stands before where one does; or files."""
    from ...runtime.runtime import default_runtime

    def list_fitting() -> Known:
        table, component = default_runtime().store.connections, find_argument(ctx, "component")
        has_own = component and _load_component(ctx).connections
        return ((name, None) for name in (table.list_of(component) if component and has_own else table.list_names()))

    if incomplete.startswith("@"):
        return complete_files(ctx, parameter, incomplete)
    return _complete_prefix(incomplete, list_fitting)


# --- what there is ----------------------------------------------------------------------------------


def find_argument(ctx: click.Context, name: str) -> str:
    """An argument that stands before the word that is completed; empty where none does.

    Behind an option that waits for its value the library has not come to reading arguments.
    """
    arguments = [parameter.name for parameter in ctx.command.params if isinstance(parameter, click.Argument)]
    return str(ctx.params.get(name) or dict(zip(arguments, ctx.args, strict=False)).get(name) or "")


def _load_component(ctx: click.Context) -> Any:
    from ... import manifest

    return manifest.load_component(find_argument(ctx, "component"))


def _load_form(ctx: click.Context) -> Mapping[str, Any]:
    """The inputs of the action, data source or trigger that stands before."""
    found = _load_component(ctx)
    section = getattr(ctx.command, "section", "")
    properties: Mapping[str, Any] = found.form(found.entry(section, find_argument(ctx, "key")).key).properties
    return properties


def _load_kind(ctx: click.Context) -> Mapping[str, Any]:
    """The fields of the kind of connection that is made."""
    found = _load_component(ctx)
    kind = found.entry("connections", ctx.params.get("kind") or next(iter(found.connections))).key
    properties: Mapping[str, Any] = found.form(kind).properties
    return properties


def _list_pairs(properties: Mapping[str, Any], incomplete: str) -> Iterator[tuple[str, str | None]]:
    name, sign, _ = incomplete.partition("=")
    if not sign:
        yield from ((f"{known}=", spec.get("title")) for known, spec in properties.items())
        return
    spec = properties.get(name, {})
    labels = spec.get("x-enum-labels") or {}
    for value in _list_values(spec):
        yield f"{name}={value}", labels.get(value)


def _list_values(spec: Mapping[str, Any]) -> list[str]:
    from ...manifest.forms import list_types

    if spec and "boolean" in list_types(spec):
        return ["true", "false"]
    values = spec.get("enum") or (spec.get("items") or {}).get("enum") or ()
    return [str(value) for value in values if value is not None]


def _list_files(incomplete: str) -> list[str]:
    """Files that begin so, as ``@FILE``; a folder that is the only one is looked into, so that no blank follows it."""
    folder, start = os.path.split(incomplete[1:])
    try:
        names = sorted(name for name in os.listdir(folder or ".") if name.startswith(start))
    except OSError:
        return []
    shown = [name for name in names if start.startswith(".") or not name.startswith(".")]
    paths = [os.path.join(folder, name) for name in shown]
    found = [f"@{path}{os.sep if os.path.isdir(path) else ''}" for path in paths]
    if len(found) == 1 and found[0].endswith(os.sep) and found[0] != incomplete:
        return _list_files(found[0]) or found
    return found


def _complete_prefix(incomplete: str, known: Callable[[], Known]) -> list[CompletionItem]:
    """Those that begin so; where nothing can be known, nothing is offered."""
    try:
        return [CompletionItem(name, help=label) for name, label in known() if name.startswith(incomplete)]
    except SalesError:
        return []
