"""Completion in bash, which breaks words at ``=`` and ``:`` too, and replaces only what stands behind the last of them.

So the script hands over the line as it is, and the part of its last word that bash is going to replace.
"""

import os
from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

WORDS_OF_BASH = 'COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD'
LINE_OF_BASH = 'COMP_LINE="$COMP_LINE" COMP_POINT=$COMP_POINT COMP_WORD="$2"'
ADD_REPLY = "COMPREPLY+=($value)"
ADD_OPEN_REPLY = f"{ADD_REPLY}\n            [[ $value == *[=/] ]] && compopt -o nospace"
"""Nothing is done with a name that waits for its value, or with a folder: no blank follows them."""


class LineComplete(BashComplete):
    """Words as a shell would split the line up to the cursor."""

    source_template = BashComplete.source_template.replace(WORDS_OF_BASH, LINE_OF_BASH).replace(
        ADD_REPLY, ADD_OPEN_REPLY
    )
    _kept = 0
    """Characters of the word that bash leaves as they are."""

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_LINE"][: int(os.environ["COMP_POINT"])]
        words = split_arg_string(line)[1:]
        incomplete = words.pop() if words and not line[-1:].isspace() else ""
        value = incomplete.partition("=")[2] if incomplete.startswith("-") and "=" in incomplete else incomplete
        replaced = os.environ["COMP_WORD"]
        self._kept = len(value) - len(replaced) if value.endswith(replaced) else 0
        return words, incomplete

    def format_completion(self, item: "CompletionItem[Any]") -> str:  # older versions of click have it plain
        return f"{item.type},{str(item.value)[self._kept :]}"


def register() -> None:
    """Let click use it in the place of its own."""
    add_completion_class(LineComplete, "bash")
