"""Which records an earlier create may have made: those that are as it asked for, in everything that it sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sales_connectors.sdk import Context, Inputs, Unavailable

from ._wire import build_record

MAX_SEARCH_PAGES = 10
"""How far back the search goes; behind that it admits that it does not know."""
AMOUNT_ATTRIBUTES = frozenset({"value"})
"""Attributes that are numbers although they travel as text."""
CONDITIONAL_ATTRIBUTES = frozenset({"billing_address", "shipping_address"})
"""Attributes that come back empty unless the contact is a customer or a prospect."""


def find_candidates(ctx: Context, path: str, inputs: Inputs, filters: tuple[str, ...], **fixed: Any) -> Iterator[Any]:
    """The records of a list that a create with these inputs can have made, newest first, each in its envelope.

    ``filters`` are the attributes that the list can be filtered by.  Ids rise with time (inferred).
    """
    sent = build_record(inputs)["data"]
    narrowed = {name: sent[name] for name in filters if sent.get(name) is not None}
    found = False
    for number, page in enumerate(ctx.pages(path, {**narrowed, **fixed, "sort_by": "id:desc"})):
        if number == MAX_SEARCH_PAGES:
            break
        for entry in ctx.envelope.items(page):
            if is_same(sent, ctx.envelope.record(entry, "id")):
                found = True
                yield entry
    else:
        return
    if not found:
        raise _too_many_error(path)


def is_same(sent: Inputs, found: Inputs) -> bool:
    """Whether a record is as it was sent; what the service does not show at all says nothing."""
    return all(_is_same_value(name, value, found[name]) for name, value in sent.items() if name in found)


def _is_same_value(name: str, sent: Any, found: Any) -> bool:
    if found is None and name in CONDITIONAL_ATTRIBUTES:
        return True
    return (
        _are_equal_numbers(sent, found) if name in AMOUNT_ATTRIBUTES and sent is not None else _are_equal(sent, found)
    )


def _are_equal(sent: Any, found: Any) -> bool:
    if sent is None:
        return True  # the service put its default there
    if isinstance(sent, Mapping):
        shown = found if isinstance(found, Mapping) else {}
        return all(_are_equal(value, shown.get(name)) for name, value in sent.items())
    if isinstance(sent, list):
        entries = found if isinstance(found, list) else []
        return all(item in entries for item in sent) and all(item in sent for item in entries)
    if isinstance(sent, bool) or isinstance(found, bool):
        return sent is found
    if isinstance(sent, str) and isinstance(found, str):
        return sent == found or _are_one_instant(sent, found)
    return _are_equal_numbers(sent, found)


def _are_equal_numbers(sent: Any, found: Any) -> bool:
    """``"5000.00"`` is 5000."""
    try:
        return Decimal(str(sent)) == Decimal(str(found))
    except InvalidOperation:
        return False


def _are_one_instant(sent: str, found: str) -> bool:
    """Times in whatever zone, to the second; where one has no zone it is wall-clock time."""
    try:
        one, other = (datetime.fromisoformat(text).replace(microsecond=0) for text in (sent, found))
    except ValueError:
        return False
    if (one.tzinfo is None) != (other.tzinfo is None):
        one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
    return one == other


def _too_many_error(path: str) -> Unavailable:
    return Unavailable(
        f"Too many records in {path} are like this one to tell whether it was created; look for it in the service",
        code="outcome_unknown",
        retryable=False,
        fix="builder",
    )
