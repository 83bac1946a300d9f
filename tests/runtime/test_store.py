"""The store: connections kept, secrets sealed, and a clear word where it cannot be used."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sales_connectors.errors import ConfigurationError, InvalidInput
from sales_connectors.store import Store, sqlite
from sales_connectors.store.postgresql import PostgreSQL

SECRET = "s3cret-5f1c"
CONNECTION = {
    "key": "oauth",
    "fields": {"clientId": "abc", "clientSecret": SECRET},
    "token": {"access_token": f"access-{SECRET}", "refresh_token": f"refresh-{SECRET}"},
}


@pytest.fixture
def file_store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'store.db'}", home=tmp_path)


def test_a_connection_comes_back_as_it_was_kept(open_store: Callable[[], Store]) -> None:
    open_store().connections.save("my-account", "zendesk-sell", CONNECTION)

    kept = open_store().connections.get("my-account")

    assert (kept.name, kept.component, kept.key, kept.sign_in) == ("my-account", "zendesk-sell", "oauth", None)
    assert kept.fields == CONNECTION["fields"]
    assert kept.token == CONNECTION["token"]


def test_saving_again_replaces_and_moves_the_version_on(store: Store) -> None:
    store.connections.save("a", "zendesk-sell", CONNECTION)
    first = store.connections.get("a")

    store.connections.save("a", "salesloft", {"key": "apiKey", "fields": {}})

    again = store.connections.get("a")
    assert (again.component, again.key, again.fields, again.token) == ("salesloft", "apiKey", {}, None)
    assert again.version == first.version + 1


def test_connections_are_listed_and_removed(store: Store) -> None:
    for name in ("b", "a"):
        store.connections.save(name, "zendesk-sell", CONNECTION)
    assert [kept.name for kept in store.connections.all()] == store.connections.names() == ["a", "b"]

    store.connections.remove("a")

    assert store.connections.names() == ["b"]


@pytest.mark.parametrize("what", ["get", "remove"])
def test_an_unknown_connection_is_named_with_the_nearest_one(store: Store, what: str) -> None:
    store.connections.save("my-account", "zendesk-sell", CONNECTION)

    with pytest.raises(ConfigurationError, match="Did you mean 'my-account'") as raised:
        getattr(store.connections, what)("my-acount")

    assert raised.value.code == "unknown_connection"


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "é", "a" * 101, "a\n"])
def test_a_strange_name_is_refused(file_store: Store, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a connection"):
        file_store.connections.save(name, "zendesk-sell", CONNECTION)


def test_no_secret_stands_in_the_files_or_shows_when_printed(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    entry = file_store.journal.begin("a", "createContact", "k", "f")
    file_store.journal.done(entry, {"note": SECRET})

    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    printed = f"{file_store.connections.get('a')} {file_store.tokens.read('a')}"

    assert SECRET.encode() not in everything
    assert SECRET not in printed


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes elsewhere")
def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    store = Store(home=home)
    store.connections.save("a", "zendesk-sell", CONNECTION)

    modes = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir()}
    store.close()

    assert home.stat().st_mode & 0o777 == 0o700
    assert modes.pop("key") == 0o600
    assert set(modes.values()) == {0o600}


def test_home_store_and_key_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.fernet import Fernet

    monkeypatch.setenv("SALES_CONNECTORS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SALES_CONNECTORS_STORE", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    monkeypatch.setenv("SALES_CONNECTORS_KEY", Fernet.generate_key().decode())

    store = Store()
    store.connections.save("a", "zendesk-sell", CONNECTION)
    store.close()

    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "home").exists()


# --- what can be wrong with a store ---------------------------------------------------------------


def refused(store: Store, code: str) -> ConfigurationError:
    """The error that the store gives, which must be the wanted one."""
    with pytest.raises(ConfigurationError) as raised:
        store.connections.save("b", "zendesk-sell", CONNECTION)
    store.close()
    assert raised.value.code == code
    assert "sqlalchemy" not in raised.value.message.lower()
    return raised.value


def test_a_wrong_key_is_said_and_never_mixes_with_the_right_one(
    open_store: Callable[[], Store], tmp_path: Path
) -> None:
    from cryptography.fernet import Fernet

    store = open_store()
    store.connections.save("a", "zendesk-sell", CONNECTION)
    (tmp_path / "key").write_bytes(Fernet.generate_key())

    assert "SALES_CONNECTORS_KEY" in refused(open_store(), "store_key").message
    assert store.connections.names() == ["a"]


def test_a_lost_key_is_not_replaced_by_a_new_one(open_store: Callable[[], Store], tmp_path: Path) -> None:
    open_store().connections.save("a", "zendesk-sell", CONNECTION)
    (tmp_path / "key").unlink()

    assert "is gone" in refused(open_store(), "store_key").message
    assert not (tmp_path / "key").exists()


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    assert "generate_key" in refused(Store(home=tmp_path, key=b"password"), "store_key").message


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is no database, whatever its name says" * 100)

    refused(Store(home=tmp_path), "store_corrupt")


def test_damage_in_the_middle_is_said(tmp_path: Path) -> None:
    store = Store(home=tmp_path)
    for number in range(20):
        store.connections.save(f"a{number}", "zendesk-sell", CONNECTION)
    store.close()
    file = tmp_path / "store.db"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)

    refused(Store(home=tmp_path), "store_corrupt")


def test_a_read_only_store_is_said(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    read_only = Store(f"sqlite:///{tmp_path / 'store.db'}?mode=ro", home=tmp_path)

    assert read_only.connections.names() == ["a"]
    refused(read_only, "store_read_only")
    file_store.close()


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(home=tmp_path)
    store.connections.save("a", "zendesk-sell", CONNECTION)
    store.close()
    monkeypatch.setattr(sqlite3, "connect", _connect_to_small_disk(sqlite3.connect))
    big = {**CONNECTION, "fields": {"clientId": "x" * 1_000_000}}

    with pytest.raises(ConfigurationError, match="the disk is full") as raised:
        store.connections.save("b", "zendesk-sell", big)
    assert raised.value.code == "store_full"
    assert store.connections.names() == ["a"]
    store.close()


def _connect_to_small_disk(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    def connect_small(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 1")  # not below what there is
        return connection

    return connect_small


def test_a_locked_store_is_waited_for_and_then_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(home=tmp_path)
    store.connections.save("a", "zendesk-sell", CONNECTION)
    store.close()
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    error = refused(store, "store_locked")
    other.close()

    assert error.retryable


def test_a_home_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    refused(Store(home=tmp_path / "home"), "store_unwritable")


def test_a_store_of_a_later_version_is_left_alone(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    file_store.database.run("UPDATE sales_connectors_about SET value = '2' WHERE name = 'schema'", {})
    file_store.close()

    assert "Upgrade" in refused(Store(home=tmp_path), "store_version").message


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_an_address_that_is_no_store_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Store(url, home=tmp_path)
    assert raised.value.code == "store_address"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"postgresql://user:{SECRET}@127.0.0.1:1/db", "store_unreachable"),
        (f"postgresql://user:{SECRET}@127.0.0.1:port/db", "store_address"),
        (f"postgresql+nothing://user:{SECRET}@127.0.0.1/db", "store_address"),
    ],
)
def test_a_server_that_cannot_be_used_is_said_without_its_password(url: str, code: str, tmp_path: Path) -> None:
    error = refused(Store(url, home=tmp_path), code)

    assert SECRET not in error.message
    assert error.retryable == (code == "store_unreachable")


def test_a_missing_driver_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    assert "pip install" in refused(Store("postgresql://127.0.0.1/db", home=tmp_path), "store_driver").message


# --- processes ------------------------------------------------------------------------------------


def test_many_processes_open_a_new_store_at_once(store_url: str, tmp_path: Path) -> None:
    workers = [spawn("open", store_url, tmp_path, str(number)) for number in range(6)]
    results = [finished(worker) for worker in workers]

    assert results == [CONNECTION["token"]] * 6
    store = Store(store_url, home=tmp_path)
    assert len(store.connections.all()) == 6
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_store_survives_a_fork(store_url: str, tmp_path: Path) -> None:
    assert finished(spawn("fork", store_url, tmp_path)) == [0, 0, 0]


def test_a_server_that_restarts_is_found_again(store_url: str, tmp_path: Path) -> None:
    store = Store(store_url, home=tmp_path)
    store.connections.save("a", "zendesk-sell", CONNECTION)
    if isinstance(store.database, PostgreSQL):
        end_sessions(store_url)

    assert store.connections.get("a").token == CONNECTION["token"]
    store.close()


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    program = (
        "import sys, sales_connectors.store, sales_connectors.auth.tokens, sales_connectors.auth.oauth2,"
        " sales_connectors.auth.token_files;"
        "print({'sqlalchemy', 'cryptography', 'authlib', 'requests', 'sqlite3'} & set(sys.modules))"
    )

    assert subprocess.check_output([sys.executable, "-c", program], env=environment(), text=True).strip() == "set()"


def test_sqlalchemy_is_not_loaded_for_a_file(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from sales_connectors.store import Store;"
        "store = Store(home=Path(sys.argv[1])); store.rate_limiter.reserve('a', 10); store.connections.names();"
        "print({'sqlalchemy', 'cryptography'} & set(sys.modules))"
    )

    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.check_output(command, env=environment(), text=True).strip() == "set()"


def end_sessions(url: str) -> None:
    """End every other session of the server, as its restart would."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def spawn(*arguments: object) -> "subprocess.Popen[str]":
    """This file as a program: a process that shares the store."""
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)


def finished(worker: "subprocess.Popen[str]") -> Any:
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0
    return json.loads(output)


def open_and_keep(url: str, home: str, number: str) -> Any:
    store = Store(url, home=Path(home))
    store.connections.save(f"connection-{number}", "zendesk-sell", CONNECTION)
    store.rate_limiter.reserve("a", 10)
    return store.connections.get(f"connection-{number}").token


def fork_and_use(url: str, home: str) -> list[int]:
    """Children use what their parent had opened, and the parent goes on."""
    store = Store(url, home=Path(home))
    store.connections.save("a", "zendesk-sell", CONNECTION)
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            inherited = getattr(store.database, "_idle", []) or getattr(store.database, "_engine", None)
            os._exit(0 if not inherited and store.connections.get("a").token == CONNECTION["token"] else 1)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return [*codes, 0 if store.connections.get("a").token == CONNECTION["token"] else 1]


if __name__ == "__main__":
    work: dict[str, Callable[..., Any]] = {"open": open_and_keep, "fork": fork_and_use}
    print(json.dumps(work[sys.argv[1]](*sys.argv[2:])))
