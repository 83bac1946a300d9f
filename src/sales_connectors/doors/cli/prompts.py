"""Asking for what must not stand on the command line: secrets, and the address that a browser was sent back to."""

import os
import re
import select
import sys
from typing import TextIO

import click

from ...errors import InvalidInput
from .output import print_message

UNREADABLE = "\ufffd"
"""What stands where standard input is no text."""


def ask_secret(title: str, variable: str, *, optional: bool = False) -> str:
    """A secret from the environment, from a hidden prompt, or else the next line of standard input."""
    text = os.environ.get(variable, "").strip() or _ask(title, hidden=True, otherwise=f"; {variable} would do as well")
    if not text and not optional:
        raise InvalidInput(
            f"{title} is missing: set {variable}, or hand it over on standard input", code="missing_secret"
        )
    return text


def ask_text(title: str) -> str:
    """What somebody types, or the next line of standard input."""
    text = _ask(title)
    if not text:
        raise InvalidInput(f"{title} is missing: hand it over on standard input", code="missing_answer")
    return text


def _ask(title: str, *, hidden: bool = False, otherwise: str = "") -> str:
    if sys.stdin.isatty():
        try:
            text = str(click.prompt(title, hide_input=hidden, err=True, default="", show_default=False))
        except click.Abort:  # an exception like others, which would be taken for a defect on its way
            raise KeyboardInterrupt from None
    else:
        if not _has_something(sys.stdin):
            print_message(f"{title}: waiting for a line on standard input, which is no terminal{otherwise}")
        try:
            text = sys.stdin.readline()
        except OSError as error:
            raise InvalidInput(f"Standard input cannot be read: {error.strerror}", code="unreadable_file") from error
    if UNREADABLE in text:
        raise InvalidInput(f"{title} is no text in {sys.stdin.encoding}, which standard input speaks")
    return text.strip()


def _has_something(stream: TextIO) -> bool:
    """Whether a line, or the end, is there to be read; who waits for one without a word looks as if it hung."""
    try:
        return bool(select.select([stream], [], [], 0)[0])
    except (OSError, ValueError):  # no stream of the system, as in tests, or no socket on Windows
        return True


def build_variable_name(field: str) -> str:
    """The environment variable of a connection field: ``clientSecret`` is SALES_CONNECTORS_CLIENT_SECRET."""
    return "SALES_CONNECTORS_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", field).upper()
