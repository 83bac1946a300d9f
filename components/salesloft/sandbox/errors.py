"""The vendor's errors: a text under ``error``, or texts for each field under ``errors``."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sales_connectors.imitation import Refused, Reply
from sales_connectors.imitation.kit import Problem, Wrong

T = TypeVar("T")
REQUIRED = "is required"
TAKEN = "is already taken"


def refuse(status: int, detail: str) -> Reply:
    """The error that the engine asks for, by its status; the bodies of 429 and of 5xx are inferred."""
    return Reply(404 if status == 405 else status, {"error": detail})  # inferred: 405 is in no list of the vendor's


def refused(status: int, detail: str) -> Refused:
    """A request that cannot be carried out, ready to be raised."""
    return Refused(refuse(status, detail))


def not_found() -> Refused:
    return refused(404, "Not Found")


def invalid(problems: Iterable[Problem]) -> Refused:
    """Everything that is wrong with a request, field by field."""
    errors: dict[str, list[str]] = {}
    for problem in problems:
        errors.setdefault(problem.field, []).append(problem.details)
    return Refused(Reply(422, {"errors": errors}))


def read_parameter(name: str, read: Callable[[object], T], value: object) -> T:
    """The value of one parameter, which is refused by itself."""
    try:
        return read(value)
    except Wrong as wrong:
        raise invalid([Problem(name, wrong.details)]) from None


def join_errors(errors: Mapping[str, Iterable[str]]) -> str:
    """The same problems in one line."""
    return "; ".join(f"{field} {text}" for field, texts in errors.items() for text in texts)
