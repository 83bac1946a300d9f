"""Names that a shell completes: components, what they can do, and kept connections."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from ...errors import SalesError


def complete_components(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ... import manifest

    return _complete_prefix(incomplete, lambda: ((found.key, found.label) for found in manifest.load_components()))


def complete_entries(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of the section that the command is about, of the component that stands before."""
    section = getattr(ctx.command, "section", "connections")
    return _complete_prefix(incomplete, lambda: _list_entries(ctx.params.get("component") or "", section))


def _list_entries(component: str, section: str) -> Iterable[tuple[str, str | None]]:
    from ... import manifest

    found = manifest.load_component(component)
    return ((entry.key, found.form(entry.key).label) for entry in found.section(section).values())


def complete_connections(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ...runtime.runtime import default_runtime

    return _complete_prefix(
        incomplete, lambda: ((name, None) for name in default_runtime().store.connections.list_names())
    )


def _complete_prefix(incomplete: str, known: Callable[[], Iterable[tuple[str, str | None]]]) -> list[CompletionItem]:
    """Those that begin so; where nothing can be known, nothing is offered."""
    try:
        return [CompletionItem(name, help=label) for name, label in known() if name.startswith(incomplete)]
    except SalesError:
        return []
