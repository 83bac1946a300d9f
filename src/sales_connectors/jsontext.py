"""JSON from and to the wire.  A number with a fraction is a Decimal: money never passes through a float."""

from decimal import Decimal
from typing import Any

import msgspec

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def loads(content: bytes) -> Any:
    """The value of JSON text; ValueError where it is none, or more than anybody could read."""
    try:
        return _decode(content)
    except (ArithmeticError, RecursionError) as beyond:
        raise ValueError("JSON with a number or a nesting beyond all bounds") from beyond


def dumps(value: Any, *, indent: int = 0) -> bytes:
    """JSON as bytes; indented for people."""
    text = _encode(value)
    return msgspec.json.format(text, indent=indent) if indent else text
