"""What the program prints: results on standard output, everything else on standard error."""

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from shutil import get_terminal_size
from stat import S_ISREG
from traceback import extract_tb
from typing import Any, TextIO

import click

from ...errors import ConfigurationError, Fault, InternalError, SalesError
from ...unicode import escape_all, escape_controls, replace_halves, strip_controls

PIPE_CLOSED_EXIT_CODE = 141
"""The exit code of a program whose reader went away, as a shell reports it."""

MAX_TERMINAL_SIZE = 1000
"""Columns and lines that are believed of a terminal; all of them are filled."""

DUMB_TERMINALS = ("dumb", "unknown")
"""How TERM calls what only prints one letter behind the other."""

STANDARD_STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}
"""The streams in the order of their numbers, and how each is opened."""


class PipeClosed(Exception):
    """Nobody reads standard output any more."""


class ErrorAfterResult(Exception):
    """Something failed when the result was out already, so that standard output must stay as it is."""

    def __init__(self, error: SalesError) -> None:
        super().__init__(error.message)
        self.error = error


def open_standard_streams() -> None:
    """Let nothing come and go where a stream was closed when we were started; a socket would take its number else.

    What a stream cannot show is replaced there: a result is worth more than one of its letters.  ConfigurationError
    where nobody could read the result, before anything is done that has one.
    """
    closed = [name for name in STANDARD_STREAMS if getattr(sys, name) is None]
    for name in closed:
        number = os.open(os.devnull, os.O_RDWR)  # the lowest that is free, which is the stream's own
        setattr(sys, name, os.fdopen(number, STANDARD_STREAMS[name], encoding="utf-8", closefd=False))
    for name in STANDARD_STREAMS:
        _make_usual(getattr(sys, name), errors="backslashreplace" if name == "stderr" else "replace")
    if "stdout" in closed:
        raise ConfigurationError("Standard output is closed; send it somewhere, or to /dev/null", code="output")


def _make_usual(stream: TextIO, errors: str) -> None:
    """Let a stream wait for its other end, whoever else has it open, and end at no letter that it does not know."""
    with suppress(OSError, AttributeError):  # in tests it is none of the system's; Windows knows no other
        os.set_blocking(stream.fileno(), True)
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors=errors)


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def is_dumb_terminal(stream: TextIO) -> bool:
    """Whether a terminal can neither move its cursor nor show a style."""
    return is_terminal(stream) and os.environ.get("TERM") in DUMB_TERMINALS


def shows_styles(stream: TextIO) -> bool:
    """Whether colours and the like are wanted there."""
    return is_terminal(stream) and not is_dumb_terminal(stream) and not os.environ.get("NO_COLOR")


def measure_terminal() -> tuple[int, int]:
    """Columns and lines to draw for, whatever the environment and a terminal without a size say."""
    columns, lines = get_terminal_size()
    return min(columns, MAX_TERMINAL_SIZE), min(lines, MAX_TERMINAL_SIZE)


def wants_json(as_json: bool) -> bool:
    """Whether a result is printed as JSON: asked for, or read by a program."""
    return as_json or not is_terminal(sys.stdout)


def print_json(value: Any) -> None:
    _print_json(value, indent=2)


def print_json_line(value: Any) -> None:
    """JSON on one line."""
    _print_json(value, indent=0)


def _print_json(value: Any, indent: int) -> None:
    from ... import jsontext

    try:
        content = jsontext.dumps(value, indent=indent) + b"\n"
    except UnicodeEncodeError:  # a path may hold what is no text
        content = jsontext.dumps(replace_halves(value), indent=indent) + b"\n"
    if is_terminal(sys.stdout):
        text = content.decode()
        content = (escape_controls(text) if speaks_unicode(sys.stdout) else escape_all(text)).encode()
    write(content)


@contextmanager
def carry_json(component: str, key: str) -> Iterator[None]:
    """Print what a component handed back; ConfigurationError where JSON cannot carry it."""
    try:
        yield
    except (TypeError, ValueError, RecursionError) as wrong:
        reason = "it is nested without end" if isinstance(wrong, RecursionError) else wrong
        raise ConfigurationError(
            f"{key} returned what JSON cannot carry: {reason}", code="component", fix="maintainer"
        ).add_context(component, key, None) from None


def print_lines(text: str) -> None:
    """Lines that hold what a service sent: as it is for a program, harmless at a terminal."""
    if is_terminal(sys.stdout):
        return print_text(strip_controls(text))
    return write(text.encode("utf-8", "replace"))


def print_line(text: str) -> None:
    """A result that is a line of text by its nature."""
    print_text(f"{strip_controls(text)}\n")


def print_text(text: str) -> None:
    """A result for people, in what their terminal speaks."""
    write(text.encode(sys.stdout.encoding if is_terminal(sys.stdout) else "utf-8", "replace"))


def speaks_unicode(stream: TextIO) -> bool:
    """Whether every letter can be shown there."""
    return codecs.lookup(stream.encoding).name.startswith("utf-")


def write(content: bytes) -> None:
    """Write to standard output, all the way."""
    with watch_stdout():
        sys.stdout.flush()
        rest = memoryview(content)
        while rest:  # a signal may cut a write short
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()


def protect_stdout() -> None:
    """Let nobody else read the file that standard output goes to, before a secret does."""
    with suppress(OSError):
        number = sys.stdout.fileno()
        if S_ISREG(os.fstat(number).st_mode) and hasattr(os, "fchmod"):
            os.fchmod(number, 0o600)


def flush() -> None:
    """What a library printed may still be on its way."""
    with watch_stdout():
        sys.stdout.flush()


@contextmanager
def watch_stdout() -> Iterator[None]:
    """Standard output fails as what it is."""
    try:
        yield
    except BrokenPipeError as closed:
        _give_up_stdout()
        raise PipeClosed from closed
    except OSError as error:
        raise give_up_result(error) from error


def give_up_result(error: OSError) -> ErrorAfterResult:
    """What is told where standard output takes no more; nothing else is tried to be written there."""
    _give_up_stdout()
    return ErrorAfterResult(ConfigurationError(f"Standard output cannot be written: {error.strerror}", code="output"))


def _give_up_stdout() -> None:
    """Let what is left go nowhere, or Python would complain about it on its way out."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def print_message(text: str = "") -> None:
    """A message for people, on standard error; styles vanish where it is no terminal."""
    with suppress(OSError):  # where nobody can read it, the exit code and standard output still tell
        click.echo(text, err=True, color=shows_styles(sys.stderr))


def warn(text: str) -> None:
    """Something that is well, and better done otherwise."""
    print_message(f"{click.style('warning:', fg='yellow', bold=True)} {strip_controls(text)}")


def print_notes(interrupt: BaseException | None) -> None:
    """What was noted on an interrupt on its way."""
    for note in getattr(interrupt, "__notes__", ()):
        warn(note)


@contextmanager
def warn_of_loss(done: str) -> Iterator[None]:
    """Say what is done although its result cannot be told."""
    try:
        yield
    except (SalesError, PipeClosed, ErrorAfterResult, KeyboardInterrupt, SystemExit):
        warn(f"{done} is done, and nobody was told the result: look before repeating it")
        raise


def fail(error: SalesError, *, as_json: bool) -> int:
    """Show an error at both places; the exit code is returned."""
    if wants_json(as_json):
        # where nobody can read it, the line on standard error still says what matters
        with suppress(PipeClosed, ErrorAfterResult):
            print_json(error.as_json())
    return complain(error)


def complain(error: SalesError) -> int:
    lines = format_error_lines(error) if is_terminal(sys.stderr) else [format_error(error)]
    print_message("\n  ".join([f"{click.style('error:', fg='red', bold=True)} {lines[0]}", *lines[1:]]))
    return error.exit_code


def format_error(error: SalesError) -> str:
    """The error as one line: what happened, which inputs it is about, and what to name when asking the vendor."""
    return _add_details("; ".join([error.message, *_list_news(error)]), error)


def format_error_lines(error: SalesError) -> list[str]:
    """The error for a terminal: several inputs that it is about stand below it, each on a line."""
    from ...inputs.accept import word_fault

    own, news = [*map(word_fault, error.fields)], _list_news(error)
    if len(own) > 1 and error.message.endswith(told := "; ".join(own)):
        head, below = f"{error.message.removesuffix(told)}{len(own)} inputs do not fit", own
    elif len(news) > 1:
        head, below = error.message, news
    else:
        return [format_error(error)]
    return [_add_details(head, error), *(strip_controls(line).replace("\n", " ") for line in below)]


def _list_news(error: SalesError) -> list[str]:
    """What the service says of inputs, as far as its message does not."""
    found = [] if error.status is None else error.fields  # our own messages name their fields
    return [
        f"{fault['path'].lstrip('/')}: {fault['message']}" for fault in found if _is_unmentioned(fault, error.message)
    ]


def _add_details(text: str, error: SalesError) -> str:
    if error.retry_after:
        text += f" (retry after {error.retry_after:g} s)"
    if error.request_id:
        text += f" (request {error.request_id})"
    where = format_location(error.__cause__) if isinstance(error, InternalError) and error.__cause__ else ""
    if where not in text:  # what fails in a component names its place already
        text += f" ({where})"
    return strip_controls(text).replace("\n", " ")


def format_location(defect: BaseException) -> str:
    """Where in the code something went wrong, for a report; its own text may hold anything, secrets too."""
    last = extract_tb(defect.__traceback__)[-1]
    return f"{Path(last.filename).name}, line {last.lineno}"


def shorten_path(path: Path) -> str:
    """A path as seen from the folder that we are in, if it lies there; that folder may be gone."""
    try:
        return os.path.relpath(path) if path.absolute().is_relative_to(os.getcwd()) else str(path)
    except OSError:
        return str(path)


def _is_unmentioned(fault: Fault, message: str) -> bool:
    return fault["message"] not in message or fault["path"].lstrip("/") not in message
