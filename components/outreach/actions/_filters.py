"""Filters of lists: https://developers.outreach.io/api/making-requests/#filtering

The service knows two ways to write them.  In the usual one a comma separates values and two dots make a range, so a
value that holds one of these needs the newer one, which is switched on for the whole query.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from sales_connectors.sdk import Inputs, InvalidInput

SEPARATOR = re.compile(r",(?=\S)")
"""Between several values there is no space; a comma with one behind it belongs to a value, as in ``Acme, Inc.``"""
RANGE = re.compile(r"(?P<least>\S+?)\.\.(?P<most>\S+)")
LOWEST, HIGHEST = "neginf", "inf"
NULL_TESTS = ("__null__", "__notnull__")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")


class Range(NamedTuple):
    """Both ends belong to it; LOWEST and HIGHEST stand for an open one."""

    least: str
    most: str


Criteria = Range | list[str]
"""A range, or any of these values."""


def build_filters(filters: Iterable[Inputs]) -> dict[str, Any]:
    """``[{field, criteria}]`` as query parameters; InvalidInput where a range ends before it begins.

    A field that is given twice takes either.
    """
    told: dict[str, list[Criteria]] = {}
    for index, each in enumerate(filters):
        told.setdefault(each["field"], []).append(_read_criteria(each["criteria"], f"/filters/{index}/criteria"))
    if any(_needs_new_syntax(criteria) for several in told.values() for criteria in several):
        return {"newFilterSyntax": True, **_write_new(told)}
    return {_name_parameter(name): ",".join(map(_write_old, several)) for name, several in told.items()}


# --- what is meant


def _read_criteria(given: Any, path: str) -> Criteria:
    if isinstance(given, Mapping):
        return _check_range(Range(_write(given.get("gte", LOWEST)), _write(given.get("lte", HIGHEST))), path)
    if isinstance(given, list):
        return [_write(value) for value in given]
    text = _write(given)
    found = RANGE.fullmatch(text)
    if found and all(_is_bound(end) for end in found.groups()):
        return _check_range(Range(found["least"], found["most"]), path)
    return SEPARATOR.split(text)


def _write(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_bound(text: str) -> bool:
    return text in (LOWEST, HIGHEST) or _measure(text) is not None


def _check_range(found: Range, path: str) -> Range:
    least, most = _measure(found.least), _measure(found.most)
    misplaced = found.least == HIGHEST or found.most == LOWEST
    if misplaced or (least is not None and most is not None and type(least) is type(most) and least > most):
        message = f"the range ends before it begins: {found.least} is more than {found.most}"
        raise InvalidInput(f"filters: {message}", fields=[{"path": path, "message": message}])
    return found


def _measure(text: str) -> Any:
    """A number or a moment that can be compared; None for anything else."""
    if MOMENT.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text)
            return moment.timestamp() if "T" in text or " " in text else date.fromisoformat(text).toordinal()
        except ValueError:
            return None
    try:
        number = Decimal(text)
        return number if number.is_finite() else None
    except InvalidOperation:
        return None


# --- how it is written


def _needs_new_syntax(criteria: Criteria) -> bool:
    return not isinstance(criteria, Range) and any("," in value or ".." in value for value in criteria)


def _write_old(criteria: Criteria) -> str:
    return "..".join(criteria) if isinstance(criteria, Range) else ",".join(criteria)


def _write_new(told: Mapping[str, list[Criteria]]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, several in told.items():
        parameter = _name_parameter(name)
        for criteria in several:
            if isinstance(criteria, Range):
                ends = {"gte": criteria.least, "lte": criteria.most}
                parameters |= {f"{parameter}[{at}]": end for at, end in ends.items() if end not in (LOWEST, HIGHEST)}
            elif criteria[0] in NULL_TESTS:
                parameters[parameter] = criteria[0]
            else:
                parameters.setdefault(f"{parameter}[]", []).extend(criteria)
    return parameters


def _name_parameter(name: str) -> str:
    """``account.id`` is the id of the account that a record belongs to: ``filter[account][id]``."""
    return "filter" + "".join(f"[{part}]" for part in name.split("."))
