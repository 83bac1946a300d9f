"""Picklists: what a data source hands back, to be paged, searched and labelled by the runtime."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from .pages import Pages


class Option(NamedTuple):
    """One choice: what a person sees, and what is stored."""

    label: str
    key: str


@dataclass(frozen=True)
class Picklist:
    """How a data source finds its options."""

    pages: Pages
    """Every record, in an order that does not change while it is walked."""
    options: Callable[[list[Any]], list[Option]]
    """The options of the entries of a page; it may ask the service for what the labels need."""
    search: Callable[[str], Pages | None] | None = None
    """Entries that match a text, where the service can search; None for a text for which it cannot."""
    find: Callable[[list[str]], Iterable[Any]] | None = None
    """The entries with these keys that still exist; None where there is nothing to look up."""
