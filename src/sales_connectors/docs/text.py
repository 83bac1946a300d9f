"""Words and Markdown for the reference pages."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any


def joined(words: Iterable[str], last: str = "and") -> str:
    """``a, b and c``."""
    listed = list(words)
    return f" {last} ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


def code(value: Any) -> str:
    """A value as people write it in JSON; text without its quotes."""
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table without the columns in which nothing stands."""
    kept = [index for index, _ in enumerate(columns) if any(row[index] for row in rows)]
    lines = [[columns[index] for index in kept], ["---" for _ in kept]]
    lines += [[cell(row[index]) for index in kept] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def prose(text: str) -> str:
    """Plain words, in which Markdown and HTML mean nothing."""
    return text.replace("<", "&lt;").replace("*", "\\*")


def fence(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


def details(summary: str, *blocks: str) -> str:
    """Blocks that a reader unfolds."""
    return "\n\n".join([f"<details><summary>{summary}</summary>", *blocks, "</details>"])


def anchor(heading: str) -> str:
    """The anchor that GitHub gives to a heading which stands once on its page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def link(text: str, heading: str | None = None) -> str:
    return f"[{text}](#{anchor(heading or text)})"
