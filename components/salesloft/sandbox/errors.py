"""The vendor's errors: a text under ``error``, or texts for each field under ``errors``."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from sales_connectors.imitation import Refused, Reply

Problem = tuple[str, str]
"""A field of the request, and what is wrong with it."""

GATEWAY = "<html><head><title>{status} {phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"
REQUIRED = "is required"
TAKEN = "is already taken"


class Wrong(Exception):
    """A value that a field or a filter cannot hold, and why."""


def refuse(status: int, detail: str) -> Reply:
    """The error that the engine asks for, by its status; the bodies of 429 and of 5xx are inferred."""
    if status in (502, 504):
        body = GATEWAY.format(status=status, phrase=HTTPStatus(status).phrase)
        return Reply(status, body.encode(), content_type="text/html; charset=utf-8")
    return Reply(404 if status == 405 else status, {"error": detail})  # inferred: 405 is in no list of the vendor's


def refused(status: int, detail: str) -> Refused:
    """A request that cannot be carried out, ready to be raised."""
    return Refused(refuse(status, detail))


def not_found() -> Refused:
    return refused(404, "Not Found")


def invalid(problems: Iterable[Problem]) -> Refused:
    """Everything that is wrong with a request, field by field."""
    errors: dict[str, list[str]] = {}
    for field, text in problems:
        errors.setdefault(field, []).append(text)
    return Refused(Reply(422, {"errors": errors}))


def told(errors: Mapping[str, Iterable[str]]) -> str:
    """The same problems in one line."""
    return "; ".join(f"{field} {text}" for field, texts in errors.items() for text in texts)
