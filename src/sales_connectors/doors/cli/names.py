"""Names that a shell completes: components, what they can do, and kept connections."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from ...errors import SalesError

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def components(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ... import manifest

    return _starting(incomplete, lambda: ((found.key, found.label) for found in manifest.load_components()))


def entries(section: str) -> Completer:
    """Completes keys of one section of the register of the component that stands before."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _starting(incomplete, lambda: _entries(ctx.params.get("component") or "", section))

    return complete


def _entries(component: str, section: str) -> Iterable[tuple[str, str | None]]:
    from ... import manifest

    found = manifest.load_component(component)
    return ((entry.key, found.form(entry.key).label) for entry in found.section(section).values())


def connections(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from ...runtime.runtime import default_runtime

    return _starting(incomplete, lambda: ((name, None) for name in default_runtime().store.connections.names()))


def kinds(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return entries("connections")(ctx, parameter, incomplete)


def _starting(incomplete: str, known: Callable[[], Iterable[tuple[str, str | None]]]) -> list[CompletionItem]:
    """Those that begin so; where nothing can be known, nothing is offered."""
    try:
        return [CompletionItem(name, help=label) for name, label in known() if name.startswith(incomplete)]
    except SalesError:
        return []
