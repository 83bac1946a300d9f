"""``docs/README.md``: the map of all pages, the components, and what their pages have in common."""

import re
from collections.abc import Iterable
from os.path import normpath
from pathlib import Path

from .. import Component
from ..markdown import render_code, render_table
from .page import EFFECTS, GENERATED_NOTICE

PURPOSES = {
    "begin": "[README](../README.md)",
    "sign in to a real account": "[Signing in to a vendor](oauth.md)",
    "try things without one": "[Sandbox](sandbox.md)",
    "call from Python": "[Python](python.md)",
    "see whole workflows": "[Cookbook](cookbook.md)",
    "look up an action, a picklist or a record": "the [components](#components) below",
    "look up an option or an error": "[Calls](calls.md)",
    "choose what the command line prints": "[Output](output.md): tables, CSV, a record a line, and jq",
    "mend what went wrong": "[Troubleshooting](troubleshooting.md), by error code",
    "build it into a runtime, a queue, several machines": "[Embedding](embedding.md)",
    "write a component of your own": "[A new component](new-component.md)",
    "write a form": "[Forms](forms.md)",
    "know what it withstands": "[Reliability](reliability.md)",
    "know what it costs": "[Performance](performance.md)",
    "upgrade": "[Releases](releases.md)",
    "see what changed": "[Changelog](../CHANGELOG.md)",
    "know whom it trusts, or report a hole": "[Security](../SECURITY.md)",
}
"""What people come for, and the page that has it."""
GENERATED = ("", "calls.md", "forms.md", "troubleshooting.md")
"""Pages that are there wherever this one is."""
TARGET = re.compile(r"\]\(([^)#]*)")


def render_index(components: Iterable[Component], docs: Path) -> str:
    """The map of the pages in a folder; those by hand are in a checkout alone."""
    rows = [_render_row(component) for component in components]
    effects = [[render_code(effect), words, repeated] for effect, (words, repeated) in EFFECTS.items()]
    pages = [[purpose, page] for purpose, page in PURPOSES.items() if _is_there(docs, page)]
    return f"""{GENERATED_NOTICE}
# Documentation

{render_table(["To", "Read"], pages)}

## Components

Written from their manifests and schemas: a page for each component, which leads to one for each group of actions, its
picklists and its triggers.

{render_table(["Component", "Key", "Connections", "Actions", "Picklists", "Triggers"], rows)}

## Inputs

Inputs are checked before anything is sent, and every fault is told at once.

- Text is turned into the type that an input has: `"42"` into 42, `"true"` into true, JSON text into an object or a
  list, `7,8` into a list.
- An input that is left out, or is empty text, is not sent.
- Where a type says *or null*, null is sent and clears the field.
- A picklist fills an input with choices; *by* names the inputs that narrow it.

## Effects

What an action does to the records of the service says how it is treated. A call is repeated, up to `retries` times,
when its reply was lost or was 408, 425, 429, 502, 503, 504 or 520 to 524; a delete that is repeated and finds
nothing has done its work.

{render_table(["Effect", "The action", "After a failure it is repeated"], effects)}
"""


def _is_there(docs: Path, page: str) -> bool:
    (target,) = TARGET.findall(page)
    return target in GENERATED or Path(normpath(docs / target)).exists()  # before the folder is there, too


def _render_row(component: Component) -> list[str]:
    counts = (component.actions, component.data_sources, component.triggers)
    label = f"[{component.label}]({component.key}.md)"
    connections = ", ".join(component.form(key).label for key in component.connections)
    return [label, render_code(component.key), connections, *(str(len(entries)) for entries in counts)]
