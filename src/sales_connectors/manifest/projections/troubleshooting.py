"""``docs/troubleshooting.md``: each error code, why it comes up and what to do."""

from collections.abc import Iterator

from ...errors import CODES, SalesError
from ..markdown import render_code, render_link
from .page import GENERATED_NOTICE
from .remedies import REMEDIES

INTRODUCTION = """# Troubleshooting

Each error has a code: `error.code` in Python, `error.code` of the JSON that the command line prints. Find it here. The
`message` of the error says it for the case at hand, `fix` who can mend it, and `--debug` shows every exchange with the
service, secrets hidden. A code that is not here is the service's own word; what it means is told in `vendor`.

What the members of an error mean stands in [calls](calls.md#errors)."""


def render_troubleshooting() -> str:
    leaves = SalesError.__subclasses__()
    contents = "\n".join(
        f"- {render_link(leaf.__name__, _build_heading(leaf))}: {' · '.join(map(render_link, _list_codes(leaf)))}"
        for leaf in leaves
    )
    blocks = [block for leaf in leaves for block in _render_class(leaf)]
    return "\n\n".join([GENERATED_NOTICE, INTRODUCTION, contents, *blocks]) + "\n"


def _list_codes(leaf: type[SalesError]) -> list[str]:
    return [code for code, spec in CODES.items() if spec.error is leaf]


def _build_heading(leaf: type[SalesError]) -> str:
    """Another one than that of a code, whatever the case of its letters."""
    return f"{leaf.__name__} errors"


def _render_class(leaf: type[SalesError]) -> Iterator[str]:
    yield f"## {_build_heading(leaf)}"
    first = (leaf.__doc__ or "").partition("\n")[0]
    yield f"{first} Exit code {render_code(leaf.exit_code)}."
    for code in _list_codes(leaf):
        cause, fix = REMEDIES[code]
        yield f"### {code}"
        yield CODES[code].sentence
        yield f"- **Why:** {cause}\n- **What to do:** {fix}"
