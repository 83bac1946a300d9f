"""Exchanges with a service as ``--debug`` reports them: for people at a terminal, else a line of JSON each."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from ...unicode import strip_controls
from .output import is_terminal, print_message

MAX_BODY_CHARACTERS = 2000
"""Characters of a body that are shown at a terminal; a program reads all that is reported."""
INDENT = "    "


def debug_options(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a call, with somebody who shows its exchanges where people watch."""
    shown = options.get("debug") and is_terminal(sys.stderr)
    return {**options, "on_debug": print_exchange} if shown else options


def print_exchange(entry: Mapping[str, Any]) -> None:
    again = f"  (attempt {entry['attempt']})" if entry["attempt"] > 1 else ""
    print_message(click.style(strip_controls(f"> {entry['method']} {entry['url']}{again}"), bold=True))
    _print_content(entry["headers"], entry["body"])
    took = f"in {entry['duration'] * 1000:,.0f} ms"
    if entry["status"] is None:
        print_message(click.style(strip_controls(f"< no reply {took}: {entry['error']}"), fg="red"))
    else:
        print_message(click.style(f"< {entry['status']} {took}", fg="green" if entry["status"] < 400 else "red"))
        _print_content(entry["response"]["headers"], entry["response"]["body"])
    print_message()


def _print_content(headers: Mapping[str, Any], body: Any) -> None:
    for name, value in headers.items():
        print_message(click.style(strip_controls(f"{INDENT}{name}: {value}"), dim=True))
    if body is None:
        return
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2, default=str)
    rest = len(text) - MAX_BODY_CHARACTERS
    lines = strip_controls(text[:MAX_BODY_CHARACTERS]).splitlines()
    lines += [f"({rest:,} more characters; all that is reported with 2> FILE)"] if rest > 0 else []
    print_message("\n".join(INDENT + line for line in lines))
