"""Programs of jq, which make something else of a result; the library comes with an extra."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ... import jsontext
from ...errors import InvalidInput
from ...extras import require_extra
from ...unicode import replace_halves


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
            jq.compile(text)
            # what a program returns stays text, in which a number keeps every digit
            return cls(jq.compile(f"({text}\n) | tojson"))
        except ValueError as wrong:
            raise _program_error(str(wrong)) from None

    def run(self, value: Any) -> Iterator[Any]:
        """Each result of the program; InvalidInput where it fails at the value."""
        try:
            text = jsontext.dumps(value)
        except UnicodeEncodeError:
            text = jsontext.dumps(replace_halves(value))
        try:
            for result in self.compiled.input_text(text.decode()):
                yield jsontext.loads(result.encode())
        except ValueError as wrong:
            raise _program_error(str(wrong)) from None


def _program_error(reason: str) -> InvalidInput:
    """The first line says what is wrong; those below it draw an arrow."""
    first = reason.partition("\n")[0].removeprefix("jq: error: ").rstrip(": ")
    return InvalidInput(f"--jq: {first}", code="invalid_program")
