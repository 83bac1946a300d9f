"""A file of tests as a program of its own, for what several processes do to one store or one file."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """Where a process finds this package and these tests, as we do."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}


def spawn(file: str, *arguments: object) -> "subprocess.Popen[str]":
    """The file as a program."""
    command = [sys.executable, file, *map(str, arguments)]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
