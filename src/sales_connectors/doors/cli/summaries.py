"""What a command does, in its first sentence, whole: lists of commands wrap what the library would cut."""

import re
from inspect import cleandoc

import click


def keep_summaries(command: click.Command) -> click.Command:
    """Let a command, and those below it, be listed with the whole sentence."""
    command.short_help = command.short_help or summarize(command.help or "")
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        keep_summaries(below)
    return command


def summarize(text: str) -> str:
    paragraph = " ".join(cleandoc(text).partition("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", paragraph, maxsplit=1)[0]
