"""JSON from and to the wire, and from people.  A number with a fraction is a Decimal: money never passes a float."""

import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec

MAX_DIGITS = 1000
"""Digits of a whole number that are read; nobody means one that is longer."""

ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
"""An escape in a JSON text: a whole pair of halves of a character counts as one."""
HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def loads(content: bytes) -> Any:
    """The value of JSON text from a service; ValueError where it is none, or more than anybody could read."""
    try:
        return _decode(content)
    except msgspec.DecodeError as wrong:  # a ValueError in newer versions only
        mended = _mend(content)
        if mended == content:
            raise ValueError(str(wrong)) from None
        return loads(mended)
    except (ArithmeticError, RecursionError) as beyond:
        raise ValueError("JSON with a number or a nesting beyond all bounds") from beyond


def _mend(content: bytes) -> bytes:
    """What a sensible reader makes of text that is nearly JSON: without a byte order mark, in UTF-8, and with the sign
    for a broken character where a text holds half of one, which hides a whole page else."""
    try:
        text = content.decode(json.detect_encoding(content))
    except UnicodeDecodeError:
        return content
    return ESCAPE.sub(lambda found: "\\ufffd" if HALF.fullmatch(found[0]) else found[0], text).encode()


def loads_strict(text: str, *, fraction: type[Decimal] | type[float] = Decimal) -> Any:
    """The value of JSON text that a person or a program hands in.

    A key that stands twice, a number such as NaN and half a character are mistakes, not choices.  ValueError says what
    is wrong without quoting the text, which may hold a secret.
    """
    try:
        value = json.loads(
            text,
            parse_int=_parse_integer,
            parse_float=fraction,
            parse_constant=_refuse_constant,
            object_pairs_hook=_build_object,
        )
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False, default=str).encode()  # halves of characters cannot be sent
    except json.JSONDecodeError as wrong:
        raise ValueError(f"{wrong.msg}, line {wrong.lineno}, column {wrong.colno}") from None
    except UnicodeEncodeError:
        raise ValueError("it is not all Unicode text") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ArithmeticError:
        raise ValueError("it holds a number beyond all bounds") from None
    return value


def dumps(value: Any, *, indent: int = 0) -> bytes:
    """JSON as bytes; indented for people."""
    text = _encode(value)
    return msgspec.json.format(text, indent=indent) if indent else text


def find_duplicate(keys: list[str]) -> str | None:
    """A key that stands twice."""
    return next((key for key, count in Counter(keys).items() if count > 1), None)


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) < len(pairs):
        raise ValueError(f"{find_duplicate([key for key, _ in pairs])!r} stands in it twice")
    return built


def _parse_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("it holds a number beyond all bounds")
    return int(digits)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
