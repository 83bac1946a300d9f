"""Stores to torture: a SQLite file and a PostgreSQL server, as ``make torture`` uses them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sales_connectors.chaos.stores import STORES

Tortured = tuple[str, Path]
"""The address of a store, and the home of its key."""


@pytest.fixture(scope="session")
def opened() -> dict[str, Tortured]:
    """The stores that have been asked for so far."""
    return {}


@pytest.fixture(scope="session")
def open_until_the_end() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, opened: dict[str, Tortured], open_until_the_end: ExitStack) -> Tortured:
    kind: str = request.param
    if kind not in opened:
        opened[kind] = open_until_the_end.enter_context(STORES[kind]())
    return opened[kind]
