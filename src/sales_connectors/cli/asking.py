"""Asking for what must not stand on the command line: secrets, and the address that a browser was sent back to."""

import os
import re
import sys

import click

from ..errors import InvalidInput


def secret(title: str, variable: str) -> str:
    """A secret from the environment, from a hidden prompt, or else the next line of standard input."""
    given = os.environ.get(variable, "").strip()
    return given or answer(title, hidden=True, otherwise=f"set {variable}, or hand it over on standard input")


def answer(title: str, *, hidden: bool = False, otherwise: str = "hand it over on standard input") -> str:
    """What somebody types, or the next line of standard input."""
    at_terminal = sys.stdin.isatty()
    text = click.prompt(title, hide_input=hidden, err=True) if at_terminal else sys.stdin.readline()
    if not text.strip():
        raise InvalidInput(f"{title} is missing: {otherwise}", code="missing_secret" if hidden else "missing_answer")
    return str(text).strip()


def variable(field: str) -> str:
    """The environment variable of a connection field: ``clientSecret`` is SALES_CONNECTORS_CLIENT_SECRET."""
    return "SALES_CONNECTORS_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", field).upper()
