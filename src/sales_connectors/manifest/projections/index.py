"""``docs/README.md``: the components, and what their pages have in common."""

from collections.abc import Iterable

from .. import Component
from ..markdown import render_code, render_table
from .page import EFFECTS, GENERATED_NOTICE


def render_index(components: Iterable[Component]) -> str:
    rows = [_render_row(component) for component in components]
    effects = [[render_code(effect), words, repeated] for effect, (words, repeated) in EFFECTS.items()]
    return f"""{GENERATED_NOTICE}
# Reference

One page for each component, written from its manifest and its schemas.

{render_table(["Component", "Key", "Connections", "Actions", "Picklists", "Triggers"], rows)}

How to install, connect an account and call is told in the [README](../README.md); how forms are written, in
[Forms](forms.md).

## Inputs

Inputs are checked before anything is sent, and every fault is told at once.

- Text is turned into the type that an input has: `"42"` into 42, `"true"` into true, JSON text into an object or a
  list, `7,8` into a list.
- An input that is left out, or is empty text, is not sent.
- Where a type says *or null*, null is sent and clears the field.
- A picklist fills an input with choices; *by* names the inputs that narrow it.

## Effects

What an action does to the records of the service says how it is treated. A call is repeated, up to `retries` times,
when its reply was lost or was 408, 429, 502, 503 or 504; a delete that is repeated and finds nothing has done its work.

{render_table(["Effect", "The action", "After a failure it is repeated"], effects)}
"""


def _render_row(component: Component) -> list[str]:
    counts = (component.actions, component.data_sources, component.triggers)
    label = f"[{component.label}]({component.key}.md)"
    connections = ", ".join(component.form(key).label for key in component.connections)
    return [label, render_code(component.key), connections, *(str(len(entries)) for entries in counts)]
