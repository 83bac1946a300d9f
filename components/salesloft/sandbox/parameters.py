"""What a request says.  Names with brackets are lists (``ids[]``) and objects (``updated_at[gt]``)."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from sales_connectors.imitation import Request

from .errors import refused

Given = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
NAME = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<key>.*?)\])?(?P<many>\[\])?")


def nested(pairs: Iterable[tuple[str, str]]) -> Given:
    """The pairs as one object; where forms of one name do not go together, the last one holds."""
    read: Given = {}
    for written, value in pairs:
        match = NAME.fullmatch(written)
        if match is None or match["key"] is None:
            read[written] = value
        elif match["key"] == "":
            _add(read, match["name"], value)
        else:
            _enter(_open_inner(read, match["name"]), match["key"], value, many=bool(match["many"]))
    return read


def parameters(request: Request) -> Given:
    """What a writing request says: in its body, as JSON or as a form, or in its query."""
    return {**nested(request.query), **_read_body(request)}


def _read_body(request: Request) -> Given:
    if not request.body.strip():
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        return nested(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        body = request.json()
    except ValueError:
        raise refused(400, "The body is not JSON.") from None  # inferred
    if not isinstance(body, dict):
        raise refused(400, "The body has to be an object.")  # inferred
    return body


def _enter(read: Given, name: str, value: str, *, many: bool) -> None:
    if many:
        _add(read, name, value)
    else:
        read[name] = value


def _add(read: Given, name: str, value: str) -> None:
    if not isinstance(read.get(name), list):
        read[name] = []
    read[name].append(value)


def _open_inner(read: Given, name: str) -> Given:
    if not isinstance(read.get(name), dict):
        read[name] = {}
    inner: Given = read[name]
    return inner
