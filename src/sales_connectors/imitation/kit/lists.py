"""The pages of lists: by number, or by a position in the list that stays where it is while records come and go."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from ..store import ANY, Collection, Condition, Document, Order, field

Position = Sequence[Any]
"""Where a record stands in an order: its values of the fields that it is sorted by, and its id."""


def fetch_page(
    records: Collection, where: Condition = ANY, order: Order = (), *, number: int, size: int
) -> tuple[list[Document], bool]:
    """The records of a numbered page, and whether another page follows."""
    found = records.find(where, order=order, limit=size + 1, offset=(number - 1) * size)
    return found[:size], len(found) > size


def fetch_behind(
    records: Collection, where: Condition = ANY, order: Order = (), *, position: Position | None, size: int
) -> tuple[list[Document], bool]:
    """The records behind a position, or the first ones of all, and whether more follow."""
    whole = _with_id(order)
    within = where if position is None else Condition.every([where, _stand_behind(whole, position)])
    found = records.find(within, order=whole, limit=size + 1)
    return found[:size], len(found) > size


def fetch_ahead(
    records: Collection, where: Condition = ANY, order: Order = (), *, position: Position, size: int
) -> tuple[list[Document], bool]:
    """The last records ahead of a position, and whether there are more before them."""
    backwards = [(path, not down) for path, down in _with_id(order)]
    found, more = fetch_behind(records, where, backwards, position=position, size=size)
    return found[::-1], more


def find_position(record: Document, order: Order) -> Position:
    """Where a record stands in an order."""
    return [reduce(_look_into, path.split("."), record) for path, _ in _with_id(order)]


def _with_id(order: Order) -> Order:
    """An order in which no two records are equal; ids go the way of the last field."""
    named = list(order)
    return named if any(path == "id" for path, _ in named) else [*named, ("id", bool(named) and named[-1][1])]


def _look_into(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _stand_behind(order: Order, position: Position) -> Condition:
    """Records that come later: equal in the first fields, and later in the next one; nulls are the smallest values."""
    ways = []
    for index, ((path, down), value) in enumerate(zip(order, position, strict=True)):
        equal = [
            Condition(f"{field(known)} is ?", (same,))
            for (known, _), same in zip(order[:index], position, strict=False)
        ]
        ways.append(Condition.every([*equal, _come_later(path, down, value)]))
    return Condition.some(ways)


def _come_later(path: str, down: bool, value: Any) -> Condition:
    if value is None:
        return Condition("0") if down else Condition.missing(path, False)
    later = Condition(f"{field(path)} {'<' if down else '>'} ?", (value,))
    return Condition.some([later, Condition.missing(path)]) if down else later
