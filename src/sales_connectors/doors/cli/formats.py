"""In which form a result is printed: as the options say, and where they say nothing, as its reader needs it."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import click

from .jq import JqProgram
from .output import is_terminal

FORMATS = ("json", "ndjson", "csv", "table")
ROW_FORMATS = ("ndjson", "csv")
"""Those that are written record by record."""
COLUMN_FORMATS = ("csv", "table")
"""Those that have columns to choose."""


@dataclass(frozen=True)
class Format:
    """How one result is printed."""

    kind: str
    """One of FORMATS, or ``text``: each result of a program on a line, texts as they are."""
    columns: tuple[str, ...] = ()
    """The columns that were asked for; none where the most telling are."""
    program: JqProgram | None = None
    """What makes the result, out of the one that the call has."""

    @classmethod
    def parse(cls, as_json: bool, kind: str | None, columns: str | None, program: str | None) -> "Format":
        """The values of ``--json``, ``--output``, ``--columns`` and ``--jq``; UsageError where they contradict."""
        if as_json and kind:
            raise click.UsageError(f"--json and --output {kind} are two ways of giving the output; give one.")
        given = "json" if as_json else kind
        if program is not None and columns is not None:
            raise click.UsageError("--columns and --jq are two ways of choosing fields; give one.")
        if program is not None and given in COLUMN_FORMATS:
            raise click.UsageError(f"--jq makes JSON, and --output {given} is none; leave one of them out.")
        if columns is not None and given not in (None, *COLUMN_FORMATS):
            raise click.UsageError(f"--columns is for tables and CSV; fields of {given.upper()} are chosen with --jq.")
        chosen = () if columns is None else _parse_columns(columns)
        if program is not None:
            return cls(given or "text", program=JqProgram.compile(program))
        return cls(given or ("table" if chosen or is_terminal(sys.stdout) else "json"), chosen)

    @property
    def shows_records(self) -> bool:
        """Whether it matters which fields a record has."""
        return self.kind in (*ROW_FORMATS, *COLUMN_FORMATS)

    @property
    def has_rows(self) -> bool:
        """Whether each record is written by itself, as it comes."""
        return self.kind in ROW_FORMATS


def asks_for_json(words: Sequence[str]) -> bool:
    """Whether a command line, which may be wrong, asks for JSON at a terminal too."""
    return bool({"--json", "--output=json", "-ojson"} & set(words)) or any(
        pair in (("--output", "json"), ("-o", "json")) for pair in pairwise(words)
    )


def _parse_columns(text: str) -> tuple[str, ...]:
    """Names with commas between them; a name with a comma in it stands in quotes, as in a CSV file."""
    names = [name.strip() for line in csv.reader([text], skipinitialspace=True) for name in line]
    if not names or not all(names):
        raise click.UsageError("--columns takes names with commas between them, such as id,name.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise click.UsageError(f"--columns names {twice!r} twice.")
    return tuple(names)
