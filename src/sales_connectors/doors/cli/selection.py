"""The components that a command is about: those that are named, or all that have what it needs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import NotFound

if TYPE_CHECKING:
    from ...manifest import Component


def select_components(file: str, what: str, keys: Sequence[str]) -> "list[Component]":
    """Components with this file in their folder; one that is named and lacks it is an error."""
    from ... import manifest

    named = [manifest.load_component(key) for key in keys]
    chosen = named or [found for found in manifest.load_components() if (found.folder / file).exists()]
    lacking = [found.key for found in chosen if not (found.folder / file).exists()]
    if lacking or not chosen:
        whose = ", ".join(lacking) or "any component"
        raise NotFound(f"There is no {what} of {whose}", code=f"no_{what}", fix="maintainer")
    return chosen
