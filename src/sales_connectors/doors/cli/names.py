"""Names that a shell completes: components, what they can do, and kept connections."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from ...errors import SalesError

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def complete_components(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ... import manifest

    return _complete_prefix(incomplete, lambda: ((found.key, found.label) for found in manifest.load_components()))


def build_entry_completer(section: str) -> Completer:
    """Completes keys of one section of the register of the component that stands before."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _complete_prefix(incomplete, lambda: _list_entries(ctx.params.get("component") or "", section))

    return complete


def _list_entries(component: str, section: str) -> Iterable[tuple[str, str | None]]:
    from ... import manifest

    found = manifest.load_component(component)
    return ((entry.key, found.form(entry.key).label) for entry in found.section(section).values())


def complete_connections(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ...runtime.runtime import default_runtime

    return _complete_prefix(incomplete, lambda: ((name, None) for name in default_runtime().store.connections.names()))


def complete_kinds(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return build_entry_completer("connections")(ctx, parameter, incomplete)


def _complete_prefix(incomplete: str, known: Callable[[], Iterable[tuple[str, str | None]]]) -> list[CompletionItem]:
    """Those that begin so; where nothing can be known, nothing is offered."""
    try:
        return [CompletionItem(name, help=label) for name, label in known() if name.startswith(incomplete)]
    except SalesError:
        return []
