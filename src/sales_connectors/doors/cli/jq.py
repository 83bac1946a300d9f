"""Programs of jq, which make something else of a result; the library comes with an extra."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ... import jsontext
from ...auth.errand import is_errand_under_way
from ...errors import InvalidInput
from ...extras import require_extra
from ...unicode import replace_halves

ENDS = """
def halt: error("halt ends no program here; use empty");
def halt_error: error;
def halt_error(code): error;
"""
"""The library stops in silence at these, and what was to come would be lost without a word."""
STOPPING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class JqProgram:
    """A program that is one."""

    compiled: Any

    @classmethod
    def compile(cls, text: str) -> "JqProgram":
        """ConfigurationError without the extra; InvalidInput where jq does not understand the text."""
        require_extra("jq")
        import jq

        if not text.strip():
            raise _program_error("it is empty; . is the whole result")
        try:
            jq.compile(text)  # first as it is, so that an error points into it
            # what a program returns stays text, in which a number keeps every digit
            return cls(jq.compile(f"{ENDS}({text}\n) | tojson"))
        except ValueError as wrong:
            raise _program_error(str(wrong)) from None

    def run(self, value: Any) -> Iterator[Any]:
        """Each result of the program; InvalidInput where it fails at the value."""
        try:
            text = jsontext.dumps(value)
        except UnicodeEncodeError:
            text = jsontext.dumps(replace_halves(value))
        try:
            results = iter(self.compiled.input_text(text.decode()))
            while True:
                with _stoppable():
                    result = next(results, None)
                if result is None:
                    return
                yield jsontext.loads(result.encode())
        except ValueError as wrong:
            raise _program_error(str(wrong)) from None


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let a signal end the process at once, as it does by default: no handler of Python runs while jq does.

    Nothing is under way by then that could be lost, but for a token that is being refreshed: then the signal waits.
    """
    if threading.current_thread() is not threading.main_thread() or is_errand_under_way():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in STOPPING}
    ours = {number: handler for number, handler in handlers.items() if callable(handler)}
    try:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)


def _program_error(reason: str) -> InvalidInput:
    """The first line says what is wrong; those below it draw an arrow."""
    first = reason.partition("\n")[0].removeprefix("jq: error: ").rstrip(": ")
    return InvalidInput(f"--jq: {first}", code="invalid_program")
