"""The command line as its users meet it: in this process, in one of its own, and at a terminal."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import sales_connectors
from sales_connectors.doors.cli.program import program
from sales_connectors.runtime import runtime

COMMAND = [sys.executable, "-m", "sales_connectors"]
STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return self.json["error"]


def run(*words: str, typed: str | bytes | None = None) -> Ran:
    """Run a command in this process; standard output is no terminal."""
    result = CliRunner().invoke(program, list(words), input=typed)
    return Ran(result.exit_code, result.stdout, result.stderr)


def forget() -> None:
    """Let the next command begin with a runtime of its own, as a new process would."""
    if "store" in vars(runtime.default_runtime()):
        runtime.default_runtime().store.close()
    runtime.default_runtime.cache_clear()


def environment(**more: str) -> dict[str, str]:
    """Where a process of its own finds this package, whether it is installed or not."""
    source = str(Path(sales_connectors.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": source, "PYTHONWARNINGS": "error", **more}


def spawn(*words: str, **options: Any) -> "subprocess.Popen[str]":
    """Run a command in a process of its own, which Ctrl-C reaches even where the tests run in the background."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    heeding = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    return subprocess.Popen([*COMMAND, *words], env=environment(), **{**pipes, "text": True, **heeding, **options})


@dataclass(frozen=True)
class Seen:
    """What a terminal showed."""

    code: int
    screen: str

    @property
    def text(self) -> str:
        """Without colours and movements."""
        return STYLES.sub("", self.screen)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.text.splitlines()]


def at_terminal(
    *words: str,
    columns: int = 100,
    typed: Callable[[str], str | None] = lambda screen: None,
    command: Sequence[str] = COMMAND,
    **variables: str,
) -> Seen:
    """Run a command at a terminal; ``typed`` sees the screen so far and may answer."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {**environment(TERM="xterm-256color"), **variables}
    process = subprocess.Popen(
        [*command, *words], stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # that is how a terminal says that nobody is left
        while chunk := os.read(ours, 65536):
            shown += chunk
            answer = typed(shown.decode("utf-8", "replace"))
            if answer is not None:
                os.write(ours, answer.encode())
    os.close(ours)
    screen = shown.decode(variables.get("PYTHONIOENCODING", "utf-8"))
    return Seen(process.wait(), screen.replace("\r\n", "\n"))
