"""Words and Markdown for the reference pages."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any


def join_words(words: Iterable[str], last: str = "and") -> str:
    """``a, b and c``."""
    listed = list(words)
    return f" {last} ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def capitalize(words: str) -> str:
    return words[:1].upper() + words[1:]


def render_code(value: Any) -> str:
    """A value as people write it in JSON; text without its quotes."""
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def render_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table without the columns in which nothing stands."""
    kept = [index for index, _ in enumerate(columns) if any(row[index] for row in rows)]
    lines = [[columns[index] for index in kept], ["---" for _ in kept]]
    lines += [[escape_cell(row[index]) for index in kept] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escape_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def escape_prose(text: str) -> str:
    """Plain words, in which Markdown and HTML mean nothing."""
    return text.replace("<", "&lt;").replace("*", "\\*")


def render_fence(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


def render_details(summary: str, *blocks: str) -> str:
    """Blocks that a reader unfolds."""
    return "\n\n".join([f"<details><summary>{summary}</summary>", *blocks, "</details>"])


def build_anchor(heading: str) -> str:
    """The anchor that GitHub gives to a heading which stands once on its page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def render_link(text: str, heading: str | None = None, page: str = "") -> str:
    """A link to a heading, of the same page unless it is said which; without a heading the text is one."""
    return f"[{text}]({page}#{build_anchor(heading or text)})"
