"""What can be wrong with what a client sends, and the page of a gateway that did not get through."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from ..exchange import Reply

GATEWAY = "<html><head><title>{status} {phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"


class Problem(NamedTuple):
    """One thing that is wrong with a request: the field, why, and the vendor's code for it where there are codes."""

    field: str
    details: str
    code: str = ""


class Wrong(ValueError):
    """A value that a field or a filter cannot hold: why, the vendor's code, and where inside the value."""

    def __init__(self, details: str, code: str = "", below: str = "") -> None:
        super().__init__(details)
        self.details, self.code, self.below = details, code, below


def read_each(given: Mapping[str, Any], read: Callable[[str, Any], Any]) -> tuple[dict[str, Any], list[Problem]]:
    """What each named value is read as, and what is wrong with those that cannot be read."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        try:
            values[name] = read(name, value)
        except Wrong as wrong:
            problems.append(Problem(name + wrong.below, wrong.details, wrong.code))
    return values, problems


def gateway_page(status: int) -> Reply:
    """What stands in front of a vendor answers with a page of its own."""
    body = GATEWAY.format(status=status, phrase=HTTPStatus(status).phrase)
    return Reply(status, body.encode(), content_type="text/html; charset=utf-8")
