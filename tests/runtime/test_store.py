"""The store: connections kept, secrets sealed, and a clear word where it cannot be used."""

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import responses
from tests.runtime.processes import environment, spawn

from sales_connectors import Runtime, connect
from sales_connectors.errors import ConfigurationError, Conflict, InvalidInput, NotFound, Unavailable
from sales_connectors.store import Store, migrations, sqlite, vault
from sales_connectors.store import postgresql as postgresql_module
from sales_connectors.store.postgresql import PostgreSQL
from sales_connectors.store.sign_ins import MAX_SIGN_IN_SECONDS
from sales_connectors.testing import FakeClock

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
    assert [kept.name for kept in store.connections.list_all()] == store.connections.list_names() == ["a", "b"]

    store.connections.remove("a")

    assert store.connections.list_names() == ["b"]


def test_a_connection_knows_when_it_was_saved(store: Store, clock: "FakeClock") -> None:
    store.connections.save("a", "zendesk-sell", CONNECTION)
    assert store.connections.get("a").created_at == clock.now()
    clock.pass_by(60)

    store.connections.save("a", "zendesk-sell", CONNECTION)

    assert store.connections.get("a").created_at == clock.now()


def test_a_connection_is_renamed_with_its_token(store: Store) -> None:
    store.connections.save("old", "zendesk-sell", CONNECTION)
    before = store.connections.get("old")

    store.connections.rename("old", "new")

    kept = store.connections.get("new")
    assert store.connections.list_names() == ["new"]
    assert (kept.fields, kept.token, kept.version) == (before.fields, before.token, before.version)
    assert kept.created_at == before.created_at


def test_a_name_that_is_taken_is_not_given_again(store: Store) -> None:
    for name in ("a", "b"):
        store.connections.save(name, "zendesk-sell", CONNECTION)

    with pytest.raises(Conflict, match="a connection 'b' already") as raised:
        store.connections.rename("a", "b")

    assert raised.value.code == "name_taken"
    assert store.connections.list_names() == ["a", "b"]


def test_a_connection_is_not_renamed_while_its_token_is_refreshed(store: Store, clock: "FakeClock") -> None:
    """The token endpoint has spent the old token: the new one must find its row."""
    store.connections.save("a", "zendesk-sell", CONNECTION)
    assert store.tokens.claim("a", store.tokens.read("a"), lease=30)

    with pytest.raises(Unavailable, match="being refreshed") as raised:
        store.connections.rename("a", "b")
    assert raised.value.code == "busy"
    clock.pass_by(31)
    store.connections.rename("a", "b")

    assert store.connections.list_names() == ["b"]


@pytest.mark.parametrize("new", ["", "a b"])
def test_a_connection_is_not_renamed_to_a_strange_name(store: Store, new: str) -> None:
    store.connections.save("a", "zendesk-sell", CONNECTION)

    with pytest.raises(InvalidInput, match="cannot be the name of a connection"):
        store.connections.rename("a", new)


@pytest.mark.parametrize("what", ["get", "remove", "rename"])
def test_an_unknown_connection_is_named_with_the_nearest_one(store: Store, what: str) -> None:
    store.connections.save("my-account", "zendesk-sell", CONNECTION)

    with pytest.raises(NotFound, match="Did you mean 'my-account'") as raised:
        getattr(store.connections, what)("my-acount", *(["other"] if what == "rename" else []))

    assert raised.value.code == "unknown_connection"


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "é", "a" * 101, "a\n"])
def test_a_strange_name_is_refused(file_store: Store, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a connection"):
        file_store.connections.save(name, "zendesk-sell", CONNECTION)


def test_no_secret_stands_in_the_files_or_shows_when_printed(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    entry = file_store.journal.begin("a", "createContact", "k", "f")
    file_store.journal.finish(entry, {"note": SECRET})

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


# --- a store that an earlier version made ---------------------------------------------------------

FIRST_LAYOUT = {
    "about": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "connections": """
        name TEXT PRIMARY KEY, component TEXT NOT NULL, kind TEXT NOT NULL, fields TEXT NOT NULL, token TEXT,
        version BIGINT NOT NULL, owner TEXT, held_until DOUBLE PRECISION NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0, failure TEXT, retry_at DOUBLE PRECISION NOT NULL DEFAULT 0, sign_in TEXT
    """,
    "budget": """
        identity TEXT PRIMARY KEY, slot DOUBLE PRECISION NOT NULL, free_at DOUBLE PRECISION NOT NULL,
        paused_until DOUBLE PRECISION NOT NULL, touched DOUBLE PRECISION NOT NULL
    """,
    "journal": """
        identity TEXT NOT NULL, action TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
        owner TEXT, held_until DOUBLE PRECISION NOT NULL, started DOUBLE PRECISION NOT NULL, attempts INTEGER NOT NULL,
        sent_at DOUBLE PRECISION, record TEXT, result TEXT,
        PRIMARY KEY (identity, action, key), UNIQUE (identity, action, record)
    """,
}
FIRST_COLUMNS = {
    "about": "name, value",
    "connections": "name, component, kind, fields, token, version, sign_in",
    "budget": "identity, slot, free_at, paused_until, touched",
    "journal": "identity, action, key, fingerprint, state, held_until, started, attempts, sent_at, record, result",
}


def make_first_layout(url: str, filled: Store) -> None:
    """A store as the first version made it, with the rows of this one."""
    execute = run_plainly(url)
    for table, columns in FIRST_LAYOUT.items():
        execute(f"CREATE TABLE sales_connectors_{table} ({columns})", ())
    for table, columns in FIRST_COLUMNS.items():
        rows = filled.database.run(f"SELECT {columns} FROM sales_connectors_{table}", {})
        assert rows
        for row in rows:
            values = ("schema", "1") if row[0] == "schema" else row
            marks = ", ".join(["?" if url.startswith("sqlite") else "%s"] * len(row))
            execute(f"INSERT INTO sales_connectors_{table} ({columns}) VALUES ({marks})", values)


def run_plainly(url: str) -> Callable[[str, Any], None]:
    """Runs statements on the database itself."""

    def execute(sql: str, values: Any) -> None:
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as file:
                file.execute(sql, values)
            Path(url.removeprefix("sqlite:///")).chmod(0o600)
            return
        import psycopg

        with psycopg.connect(url, autocommit=True) as server:
            server.execute(sql.encode(), values or None)

    return execute


@pytest.fixture
def first_layout(
    toy: str,
    store_url: str,
    tmp_path: Path,
    clock: "FakeClock",
    web: responses.RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A store of the first version in which a connection, a rate and a create under a key are kept."""
    with monkeypatch.context() as patch:
        patch.setattr(vault, "_compute_mark", lambda place: 1_700_000_000)  # a time, and bound to no place
        web.post("https://toy.example/things", json={"id": 7, "name": "Lamp"})
        filled = Store(f"sqlite:///{tmp_path / 'filled.db'}", home=tmp_path, clock=clock)
        given = {"key": "token", "fields": {"rateLimit": 10}, "token": {"access_token": SECRET}}
        filled.connections.save("mine", toy, given)
        filled.database.run("UPDATE sales_connectors_connections SET journal = NULL, sign_in = 'told in clear'", {})
        create_once(filled, clock)
        filled.rate_limiter.pause("toy-service/mine", 20)
        make_first_layout(store_url, filled)
        filled.close()
    return store_url


def create_once(store: Store, clock: "FakeClock") -> Any:
    runtime = Runtime(store, clock=clock)
    return runtime.invoke("toy-service", "createThing", {"name": "Lamp"}, "mine", {"idempotencyKey": "k"})


def test_a_store_of_the_first_version_is_used_on(
    first_layout: str, open_store: Callable[..., Store], clock: "FakeClock", web: responses.RequestsMock
) -> None:
    store = open_store(clock)

    assert create_once(store, clock) == {"data": {"id": 7, "name": "Lamp"}, "outcome": "found"}
    assert len(web.calls) == 1  # the create of then
    web.get("https://toy.example/things/7", json={"id": 7})
    mine = connect("toy-service", "mine", runtime=Runtime(store, clock=clock))
    assert mine.run("getThing", {"id": 7}) == {"id": 7}
    assert web.calls[-1].request.headers["Authorization"] == f"Bearer {SECRET}"
    assert sum(clock.slept) == pytest.approx(20)  # the pause of then

    kept = store.connections.get("mine")
    assert (kept.created_at, kept.sign_in) == (None, "the service no longer takes the refresh token")
    assert store.database.run("SELECT sign_in FROM sales_connectors_connections", {}) == [("",)]
    store.connections.rename("mine", "ours")
    store.sign_ins.begin(BEGUN)
    assert store.sign_ins.take("state-7d1e") == BEGUN
    assert open_store(clock).connections.list_names() == ["ours"]


def test_a_store_that_lacks_a_column_of_a_step_that_it_has_taken_gets_it(open_store: Callable[..., Store]) -> None:
    store = open_store()
    store.connections.save("mine", "zendesk-sell", CONNECTION)
    for column in ("began_with", "account_name", "is_default"):
        store.database.run(f"ALTER TABLE sales_connectors_connections DROP COLUMN {column}", {})
    store.database.run("UPDATE sales_connectors_about SET value = '4' WHERE name = 'schema'", {})
    store.close()

    again = open_store()
    assert [kept.name for kept in again.connections.list_all()] == ["mine"]
    again.connections.save("other", "zendesk-sell", CONNECTION)
    assert again.connections.get("other").began_with is not None


def test_many_processes_bring_a_store_up_to_date_at_once(first_layout: str, tmp_path: Path) -> None:
    workers = [spawn(__file__, "open", first_layout, tmp_path, str(number)) for number in range(6)]

    assert [finished(worker) for worker in workers] == [CONNECTION["token"]] * 6


def test_a_step_that_fails_leaves_the_store_as_it_was(
    first_layout: str, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, (add, *_), *_ = migrations.MIGRATIONS
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", (first, (add, "CREATE NONSENSE")))
        with pytest.raises(ConfigurationError, match=r"CREATE|NONSENSE") as raised:
            open_store().connections.list_names()
    assert raised.value.code == "store_failed"

    assert open_store().connections.get("mine").component == "toy-service"


# --- what is sealed ---------------------------------------------------------------------------------


def move(store: Store, column: str, source: str, target: str) -> None:
    """Put what is sealed in one row and column into the same column of another row."""
    store.database.run(
        f"UPDATE sales_connectors_connections SET {column} ="
        f" (SELECT other.{column} FROM sales_connectors_connections other WHERE other.name = :source)"
        " WHERE name = :target",
        {"source": source, "target": target},
    )


@pytest.mark.parametrize("column", ["token", "fields"])
def test_what_is_sealed_for_one_row_does_not_open_in_another(store: Store, column: str) -> None:
    for name in ("mine", "theirs"):
        store.connections.save(name, "zendesk-sell", CONNECTION)
    move(store, column, "theirs", "mine")

    with pytest.raises(ConfigurationError, match=f"connections/mine/{column}.* moved") as raised:
        store.connections.get("mine")
    assert raised.value.code == "store_corrupt"
    with pytest.raises(ConfigurationError):
        store.tokens.read("mine")
    assert store.connections.get("theirs").token == CONNECTION["token"]


def test_what_is_sealed_for_one_column_does_not_open_in_another(store: Store) -> None:
    store.connections.save("mine", "zendesk-sell", CONNECTION)
    store.database.run("UPDATE sales_connectors_connections SET fields = token", {})

    with pytest.raises(ConfigurationError, match="connections/mine/fields"):
        store.connections.get("mine")


@pytest.mark.parametrize("change", ["component = 'salesloft', kind = 'oauth2'", "kind = 'other'"])
def test_no_token_goes_where_an_edited_row_says(
    store: Store, clock: "FakeClock", web: responses.RequestsMock, change: str
) -> None:
    """The component and the kind of a row are no secrets, and decide for which host its token is."""
    api = web.get(re.compile("https://"), json={"data": {"id": 1}})
    kept = Runtime(store, clock=clock).kept
    store.connections.save("mine", "zendesk-sell", {"key": "oauth", "token": CONNECTION["token"]})
    kept.rename("mine", "ours")
    kept.test("ours")
    assert api.calls[0].request.url == "https://api.getbase.com/v2/users/self"

    store.database.run(f"UPDATE sales_connectors_connections SET {change}", {})
    with pytest.raises(ConfigurationError, match=r"connections/ours/fields.* moved"):
        kept.test("ours")
    with pytest.raises(ConfigurationError, match=r"connections/ours/fields.* moved"):
        Runtime(store, clock=clock).invoke("salesloft", "getPerson", {"personId": 1}, "ours")
    assert api.call_count == 1


def test_fields_that_were_sealed_before_their_kind_was_covered_still_open(store: Store) -> None:
    store.connections.save("mine", "zendesk-sell", CONNECTION)
    fields = store.vault.seal(CONNECTION["fields"], "connections/mine/fields")
    store.database.run("UPDATE sales_connectors_connections SET fields = :fields", {"fields": fields})

    store.connections.rename("mine", "ours")

    assert store.connections.get("ours").fields == CONNECTION["fields"]


def test_a_result_of_one_key_is_not_given_to_another(store: Store) -> None:
    for key in ("one", "other"):
        store.journal.finish(store.journal.begin("a", "createContact", key, "f"), {"id": key})
    store.database.run(
        "UPDATE sales_connectors_journal SET result ="
        " (SELECT them.result FROM sales_connectors_journal them WHERE them.key = 'other') WHERE key = 'one'",
        {},
    )

    with pytest.raises(ConfigurationError, match="moved there from another place"):
        store.journal.begin("a", "createContact", "one", "f")


@pytest.mark.parametrize("column", ["fields", "token", "sign_in"])
def test_what_is_no_text_hides_no_other_row_either(file_store: Store, column: str) -> None:
    """SQLite keeps bytes in a column of text."""
    for name in ("a", "b"):
        file_store.connections.save(name, "zendesk-sell", CONNECTION)
    file_store.database.run(f"UPDATE sales_connectors_connections SET {column} = x'ff' WHERE name = 'a'", {})

    told = Runtime(file_store).kept.describe()

    assert [(one["name"], bool(one["signIn"])) for one in told] == [("a", True), ("b", False)]


@pytest.mark.parametrize("damage", ["gAAAAA-nonsense", "", "é"])
def test_one_bad_row_hides_no_other(store: Store, clock: "FakeClock", damage: str) -> None:
    for name in ("a", "b", "c"):
        store.connections.save(name, "zendesk-sell", CONNECTION)
    store.database.run("UPDATE sales_connectors_connections SET fields = :damage WHERE name = 'b'", {"damage": damage})

    told = Runtime(store, clock=clock).kept.describe()

    assert [(one["name"], one["apiUrl"] is not None) for one in told] == [("a", True), ("b", False), ("c", True)]
    assert [bool(one["signIn"]) for one in told] == [False, True, False]
    assert "connections/b/fields" in told[1]["signIn"]
    store.connections.save("b", "zendesk-sell", CONNECTION)
    assert store.connections.get("b").token == CONNECTION["token"]


def test_one_connection_of_a_component_is_its_default(store: Store) -> None:
    for name, component in (("a", "zendesk-sell"), ("b", "zendesk-sell"), ("c", "salesloft")):
        store.connections.save(name, component, CONNECTION)
    for name, component in (("a", "zendesk-sell"), ("b", "zendesk-sell"), ("c", "salesloft")):
        assert store.connections.choose_default(name) == component
    assert store.connections.list_of("zendesk-sell") == {"a": False, "b": True}
    store.connections.save("b", "zendesk-sell", CONNECTION)
    store.connections.rename("b", "d")
    assert store.connections.list_of("zendesk-sell") == {"a": False, "d": True}
    store.connections.save("d", "salesloft", CONNECTION)  # it is another one now
    assert store.connections.list_of("salesloft") == {"c": True, "d": False}
    with pytest.raises(NotFound):
        store.connections.choose_default("b")


def test_whose_account_it_is_stays_sealed_wherever_it_goes(store: Store) -> None:
    store.connections.save("mine", "zendesk-sell", CONNECTION, account_name="Anna Lindqvist")
    assert store.connections.get("mine").account_name == "Anna Lindqvist"
    before = store.connections.get("mine")
    store.connections.note_account(before, "Bo Berg")
    store.connections.rename("mine", "ours")
    store.connections.note_account(before, "Nobody")  # of a connection that is gone
    assert store.connections.get("ours").account_name == "Bo Berg"
    assert "Bo Berg" not in str(store.database.run("SELECT * FROM sales_connectors_connections", {}))
    assert "Bo Berg" not in repr(store.connections.get("ours"))


def test_why_somebody_has_to_sign_in_is_sealed(store: Store) -> None:
    store.connections.save("mine", "zendesk-sell", CONNECTION)
    row = store.tokens.read("mine")
    owner = store.tokens.claim("mine", row, lease=30)
    assert owner
    assert store.tokens.require_sign_in("mine", row.version, owner, f"the vendor said {SECRET}")

    rows = store.database.run("SELECT * FROM sales_connectors_connections", {})
    assert SECRET not in str(rows)
    assert store.connections.get("mine").sign_in == store.tokens.read("mine").sign_in == f"the vendor said {SECRET}"
    store.connections.rename("mine", "ours")
    assert store.connections.get("ours").sign_in == f"the vendor said {SECRET}"


# --- sign-ins that were begun ---------------------------------------------------------------------

BEGUN = {
    "state": "state-7d1e",
    "verifier": "verifier-90ab",
    "redirect_uri": "http://127.0.0.1:8731/callback",
    "component": "zendesk-sell",
    "key": "oauth",
    "fields": CONNECTION["fields"],
    "name": "my-account",
}


def test_another_process_takes_a_begun_sign_in_once(open_store: Callable[[], Store]) -> None:
    open_store().sign_ins.begin(BEGUN)
    other = open_store()

    assert other.sign_ins.take("state-of-nobody") is None
    assert other.sign_ins.take("state-7d1e") == BEGUN
    assert other.sign_ins.take("state-7d1e") is None


def test_one_of_many_takes_a_begun_sign_in(store: Store) -> None:
    store.sign_ins.begin(BEGUN)
    taken: list[Any] = []
    threads = [threading.Thread(target=lambda: taken.append(store.sign_ins.take("state-7d1e"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [one for one in taken if one is not None] == [BEGUN]
    assert len(taken) == 8


@pytest.mark.parametrize("passed", [MAX_SIGN_IN_SECONDS + 1, -MAX_SIGN_IN_SECONDS - 1])
def test_a_sign_in_is_kept_for_ten_minutes(store: Store, clock: "FakeClock", passed: float) -> None:
    store.sign_ins.begin(BEGUN)
    store.sign_ins.begin({**BEGUN, "state": "another"})
    clock.pass_by(599)
    assert store.sign_ins.take("state-7d1e") == BEGUN
    clock.pass_by(passed - 599)

    assert store.sign_ins.take("another") is None
    assert store.database.run("SELECT * FROM sales_connectors_sign_ins", {}) == []


def hash_of(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def test_a_begun_sign_in_is_sealed_and_bound_to_its_state(store: Store) -> None:
    store.sign_ins.begin(BEGUN)
    store.sign_ins.begin({**BEGUN, "state": "another"})
    rows = store.database.run("SELECT * FROM sales_connectors_sign_ins", {})
    assert not [secret for secret in (SECRET, "state-7d1e", "verifier-90ab", "another") if secret in str(rows)]

    first, second = (row[0] for row in rows)
    store.database.run(
        "UPDATE sales_connectors_sign_ins"
        " SET begun = (SELECT other.begun FROM sales_connectors_sign_ins other WHERE other.state_hash = :second)"
        " WHERE state_hash = :first",
        {"first": first, "second": second},
    )

    moved, whole = ("state-7d1e", "another") if hash_of("state-7d1e") == first else ("another", "state-7d1e")
    assert (store.sign_ins.take(whole) or {})["state"] == whole
    with pytest.raises(ConfigurationError, match="moved there from another place"):
        store.sign_ins.take(moved)


# --- what can be wrong with a store ---------------------------------------------------------------


def refused(store: Store, code: str) -> ConfigurationError:
    """The error that the store gives, which must be the wanted one."""
    with pytest.raises(ConfigurationError) as raised:
        store.connections.save("b", "zendesk-sell", CONNECTION)
    store.close()
    assert raised.value.code == code
    return raised.value


def test_a_wrong_key_is_said_and_never_mixes_with_the_right_one(
    open_store: Callable[[], Store], tmp_path: Path
) -> None:
    from cryptography.fernet import Fernet

    store = open_store()
    store.connections.save("a", "zendesk-sell", CONNECTION)
    (tmp_path / "key").write_bytes(Fernet.generate_key())

    assert "SALES_CONNECTORS_KEY" in refused(open_store(), "store_key").message
    assert store.connections.list_names() == ["a"]


def test_a_lost_key_is_not_replaced_by_a_new_one(open_store: Callable[[], Store], tmp_path: Path) -> None:
    open_store().connections.save("a", "zendesk-sell", CONNECTION)
    (tmp_path / "key").unlink()

    assert "is gone" in refused(open_store(), "store_key").message
    assert not (tmp_path / "key").exists()


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    assert "generate_key" in refused(Store(home=tmp_path, key=b"password"), "store_key").message


@pytest.mark.parametrize("key", ["password", "p\udcff", "é" * 43, "A" * 43])
def test_a_key_of_the_environment_that_is_none_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("SALES_CONNECTORS_KEY", key)
    error = refused(Store(home=tmp_path), "store_key")
    assert "generate_key" in error.message
    assert key not in "".join(traceback.format_exception(error))


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is no database, whatever its name says" * 100)
    (tmp_path / "store.db").chmod(0o600)

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

    assert read_only.connections.list_names() == ["a"]
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
    assert store.connections.list_names() == ["a"]
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("is_open", [True, False])
def test_a_locked_store_keeps_nobody_waiting_who_uses_another(
    toy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: responses.RequestsMock, is_open: bool
) -> None:
    """Neither the key of the first nor the fork that has to wait for it holds up the second."""
    runtimes = [Runtime(Store(f"sqlite:///{tmp_path}/{name}.db", home=tmp_path / name)) for name in ("locked", "free")]
    connection = {"token": {"access_token": SECRET}}
    for runtime in runtimes:
        runtime.store.connections.save("mine", toy, connection)
        if not is_open:
            runtime.store.vault.forget_key()
    web.get("https://toy.example/things/7", json={"id": 7})
    is_met, is_busy = threading.Event(), sqlite._is_busy
    over = threading.Event()

    def note_busy(error: sqlite3.Error) -> bool:
        is_met.set()
        return is_busy(error)

    monkeypatch.setattr(sqlite, "_is_busy", note_busy)

    def wait_for_lock() -> None:
        runtimes[0].store.connections.save("mine", toy, connection)
        over.set()

    def fork() -> None:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)

    with closing(sqlite3.connect(tmp_path / "locked.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting, forking = threading.Thread(target=wait_for_lock), threading.Thread(target=fork)
        waiting.start()
        is_met.wait()
        forking.start()
        found = runtimes[1].invoke(toy, "getThing", {"id": 7}, "mine", {"deadline": 5})
        forking.join()
        assert (found, over.is_set()) == ({"data": {"id": 7}}, False)
    waiting.join()
    for runtime in runtimes:
        runtime.close()


def test_a_deadline_ends_the_wait_for_a_store(toy: str, tmp_path: Path, web: responses.RequestsMock) -> None:
    """A store that another process writes to keeps nobody longer than the call may take."""
    runtime = Runtime(Store(home=tmp_path))
    given = {"fields": {"rateLimit": 50}, "token": SECRET}
    web.get("https://toy.example/things/7", json={"id": 7})
    runtime.invoke(toy, "getThing", {"id": 7}, given)
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    began = time.monotonic()
    with pytest.raises(ConfigurationError) as raised:
        runtime.invoke(toy, "getThing", {"id": 7}, given, {"deadline": 0.2})
    assert (raised.value.code, raised.value.retryable) == ("store_locked", True)
    assert time.monotonic() - began < sqlite.BUSY_TIMEOUT_SECONDS / 2
    other.close()
    runtime.close()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_deadline_ends_the_wait_for_a_server(
    toy: str, store_url: str, tmp_path: Path, web: responses.RequestsMock
) -> None:
    import psycopg

    runtime = Runtime(Store(store_url, home=tmp_path))
    runtime.store.connections.save("mine", toy, {"key": "token", "token": {"access_token": SECRET}})
    web.get("https://toy.example/things/7", json={"id": 7})
    with psycopg.connect(store_url) as other:
        other.execute("LOCK TABLE sales_connectors_connections IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with pytest.raises(ConfigurationError, match="does not answer") as raised:
            runtime.invoke(toy, "getThing", {"id": 7}, "mine", {"deadline": 0.2})
        assert time.monotonic() - began < 5
    assert (raised.value.code, raised.value.retryable) == ("store_unreachable", True)

    assert runtime.invoke(toy, "getThing", {"id": 7}, "mine", {"deadline": 10}) == {"data": {"id": 7}}
    runtime.close()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_nobody_waits_for_a_server_without_end(
    toy: str, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: responses.RequestsMock
) -> None:
    """Neither a call without a deadline nor what is written down after one, as a create under a key."""
    import psycopg

    monkeypatch.setattr(postgresql_module, "MAX_STATEMENT_SECONDS", 0.3)
    runtime = Runtime(Store(store_url, home=tmp_path))
    runtime.store.connections.save("mine", toy, {"key": "token", "token": {"access_token": SECRET}})
    web.get("https://toy.example/things/7", json={"id": 7})
    with psycopg.connect(store_url) as other, ThreadPoolExecutor(1) as thread:

        def answer(request: Any) -> tuple[int, dict[str, str], str]:
            other.execute("LOCK TABLE sales_connectors_journal IN ACCESS EXCLUSIVE MODE")
            return 201, {}, '{"id": 8}'

        def ask(*call: Any) -> Any:
            asked = thread.submit(runtime.invoke, toy, *call)
            try:
                return asked.result(timeout=10)
            except TimeoutError:
                return "it waits without end"
            finally:
                other.rollback()

        web.add_callback("POST", "https://toy.example/things", answer)
        options = {"idempotencyKey": "the key", "deadline": 5}
        made = ask("createThing", {"name": "Lamp"}, "mine", options)
        assert made == {"data": {"id": 8}, "outcome": "created"}

        other.execute("LOCK TABLE sales_connectors_connections IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(ConfigurationError, match="no answer in time") as raised:
            ask("getThing", {"id": 7}, "mine")
    assert (raised.value.code, raised.value.retryable) == ("store_unreachable", True)
    runtime.close()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_text_is_text_whatever_the_environment_says_of_the_server(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "SQL_ASCII")
    for _ in range(2):
        store = Store(store_url, home=tmp_path)
        store.connections.save("mine", "zendesk-sell", CONNECTION)
        assert store.connections.get("mine").token == CONNECTION["token"]
        store.close()


@pytest.mark.parametrize("value", [None, "many"])
def test_a_store_that_does_not_say_its_layout_is_said(file_store: Store, tmp_path: Path, value: str | None) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    file_store.database.run("DELETE FROM sales_connectors_about WHERE name = 'schema'", {})
    if value:
        file_store.database.run("INSERT INTO sales_connectors_about VALUES ('schema', :value)", {"value": value})
    file_store.close()

    assert "which layout" in refused(Store(home=tmp_path), "store_corrupt").message


@pytest.mark.parametrize(("closed", "replaced"), [(False, False), (False, True), (True, False)])
def test_a_store_that_is_taken_away_is_said(file_store: Store, tmp_path: Path, closed: bool, replaced: bool) -> None:
    """What is written to a file without a name is lost, and another file is another store."""
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    if closed:
        file_store.close()
    for file in tmp_path.glob("store.db*"):
        file.unlink()
    if replaced:
        other = Store(f"sqlite:///{tmp_path / 'store.db'}", home=tmp_path)
        other.connections.save("b", "zendesk-sell", CONNECTION)
        other.close()

    error = refused(file_store, "store_replaced")

    assert ("replaced" if replaced else "deleted") in error.message
    assert (tmp_path / "store.db").exists() == replaced
    with pytest.raises(ConfigurationError):
        file_store.connections.list_names()


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes elsewhere")
def test_a_key_that_others_could_read_is_taken_away_from_them(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    (tmp_path / "key").chmod(0o644)

    with pytest.warns(RuntimeWarning, match="Other users could read .*now only its owner can"):
        Store(f"sqlite:///{tmp_path / 'store.db'}", home=tmp_path).connections.get("a")

    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    file_store.close()


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes elsewhere")
def test_a_store_that_everybody_could_write_is_taken_away_from_them(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    file = tmp_path / "store.db"
    file.chmod(0o666)
    tmp_path.chmod(0o777)

    with pytest.warns(RuntimeWarning) as told:
        Store(f"sqlite:///{file}", home=tmp_path).connections.get("a")

    assert (file.stat().st_mode & 0o777, tmp_path.stat().st_mode & 0o777) == (0o660, 0o777)
    assert [str(warning.message).split(str(tmp_path))[0] for warning in told] == [
        "Every user could read or write ",
        "Every user can replace what lies in ",
    ]
    file_store.close()


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes elsewhere")
@pytest.mark.filterwarnings("error")
def test_a_store_that_a_group_shares_is_left_to_it(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    file = tmp_path / "store.db"
    file.chmod(0o660)
    tmp_path.chmod(0o770)
    Store(f"sqlite:///{file}", home=tmp_path).connections.get("a")
    assert file.stat().st_mode & 0o777 == 0o660
    file_store.close()


def test_a_home_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    refused(Store(home=tmp_path / "home"), "store_unwritable")


def test_a_store_of_a_later_version_is_left_alone(file_store: Store, tmp_path: Path) -> None:
    file_store.connections.save("a", "zendesk-sell", CONNECTION)
    file_store.database.run("UPDATE sales_connectors_about SET value = '999' WHERE name = 'schema'", {})
    file_store.close()

    assert (
        "newer version of sales-connectors (its layout is 999" in refused(Store(home=tmp_path), "store_version").message
    )
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("SELECT value FROM sales_connectors_about WHERE name = 'schema'").fetchone() == (
            "999",
        )
    connection.close()


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_an_address_that_is_no_store_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Store(url, home=tmp_path)
    assert raised.value.code == "store_address"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"postgresql://user:{SECRET}@127.0.0.1:1/db", "store_unreachable"),
        (f"postgres://user:{SECRET}@127.0.0.1:1/db?sslmode=disable&application_name=us", "store_unreachable"),
        (f"postgresql+psycopg://user:{SECRET}@127.0.0.1:1,127.0.0.1:2/db", "store_unreachable"),
        (f"postgresql://user:{SECRET}@127.0.0.1:port/db", "store_address"),
        (f"postgresql://user:{SECRET}@[127.0.0.1/db", "store_address"),
        (f"postgresql://user:begin@{SECRET}@127.0.0.1:1/db", "store_address"),
        (f"postgresql://user:be?gin@{SECRET}@127.0.0.1:1/db", "store_address"),
        (f"postgresql://user:12/{SECRET}@127.0.0.1:1/db", "store_address"),
        (f"postgresql://user:begin/{SECRET}@127.0.0.1:1/db", "store_address"),
        (f"postgresql://user:{SECRET}%zz@127.0.0.1/db", "store_address"),
        (f"postgresql://user:{SECRET}@127.0.0.1/db?nothing=1", "store_address"),
        (f"postgresql+nothing://user:{SECRET}@127.0.0.1/db", "store_address"),
        (f"postgresql://user:{SECRET}@127.0.0.1/\udcff", "store_address"),
    ],
)
def test_a_server_that_cannot_be_used_is_said_without_its_password(url: str, code: str, tmp_path: Path) -> None:
    error = refused(Store(url, home=tmp_path), code)

    assert SECRET not in "".join(traceback.format_exception(error))
    assert error.retryable == (code == "store_unreachable")


def test_a_missing_driver_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    assert "pip install" in refused(Store("postgresql://127.0.0.1/db", home=tmp_path), "store_driver").message


# --- processes ------------------------------------------------------------------------------------


def test_many_processes_open_a_new_store_at_once(store_url: str, tmp_path: Path) -> None:
    workers = [spawn(__file__, "open", store_url, tmp_path, str(number)) for number in range(6)]
    results = [finished(worker) for worker in workers]

    assert results == [CONNECTION["token"]] * 6
    store = Store(store_url, home=tmp_path)
    assert len(store.connections.list_all()) == 6
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_store_survives_a_fork(store_url: str, tmp_path: Path) -> None:
    assert finished(spawn(__file__, "fork", store_url, tmp_path)) == [0, 0, 0]


def test_a_server_that_restarts_is_found_again(store_url: str, tmp_path: Path) -> None:
    store = Store(store_url, home=tmp_path)
    store.connections.save("a", "zendesk-sell", CONNECTION)
    if isinstance(store.database, PostgreSQL):
        end_sessions(store_url)

    assert store.connections.get("a").token == CONNECTION["token"]
    store.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_every_way_to_write_the_address_of_a_server(store_url: str, scheme: str, tmp_path: Path) -> None:
    store = Store(f"{scheme}{store_url.removeprefix('postgresql')}&application_name=ours", home=tmp_path)

    assert store.database.run("SELECT current_setting('application_name'), '100%'", {}) == [("ours", "100%")]
    store.close()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_statement_whose_connection_is_lost_is_not_repeated(store_url: str, tmp_path: Path) -> None:
    store = Store(store_url, home=tmp_path)
    store.database.run("CREATE SEQUENCE runs", {})  # it counts on even where nothing is committed

    with pytest.raises(ConfigurationError, match="cannot be reached") as raised:
        store.database.run("SELECT nextval('runs'), pg_terminate_backend(pg_backend_pid()), pg_sleep(5)", {})

    assert (raised.value.code, raised.value.retryable) == ("store_unreachable", True)
    assert store.database.run("SELECT nextval('runs')", {}) == [(2,)]
    store.close()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_threads_share_a_few_connections_to_the_server(store_url: str, tmp_path: Path) -> None:
    store = Store(f"{store_url}&application_name=few", home=tmp_path)
    count = "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity WHERE application_name = 'few'"
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(store.database.run(count, {})[0][0])) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 16
    assert max(seen) <= postgresql_module.MAX_CONNECTIONS
    store.close()


def test_who_waits_too_long_for_a_connection_is_told(
    postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_module, "MAX_CONNECTIONS", 0)
    monkeypatch.setattr(postgresql_module, "MAX_CONNECTION_WAIT_SECONDS", 0.01)

    error = refused(Store(postgresql, home=tmp_path), "store_unreachable")

    assert "all connections of this process are in use" in error.message


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    program = (
        "import sys; before = set(sys.modules)\n"
        "import sales_connectors.store, sales_connectors.auth.stored_tokens, sales_connectors.auth.oauth2\n"
        "import sales_connectors.auth.token_files\n"
        "print({'psycopg', 'cryptography', 'authlib', 'requests', 'sqlite3'} & (set(sys.modules) - before))"
    )

    assert subprocess.check_output([sys.executable, "-c", program], env=environment(), text=True).strip() == "set()"


def test_neither_driver_nor_cipher_is_loaded_for_a_budget_in_a_file(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from sales_connectors.store import Store;"
        "store = Store(home=Path(sys.argv[1])); store.rate_limiter.reserve('a', 10); store.connections.list_names();"
        "print({'psycopg', 'cryptography'} & set(sys.modules))"
    )

    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.check_output(command, env=environment(), text=True).strip() == "set()"


def end_sessions(url: str) -> None:
    """End every other session of the server, as its restart would."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


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
            database: Any = store.database
            os._exit(0 if not database._idle and store.connections.get("a").token == CONNECTION["token"] else 1)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return [*codes, 0 if store.connections.get("a").token == CONNECTION["token"] else 1]


if __name__ == "__main__":
    work: dict[str, Callable[..., Any]] = {"open": open_and_keep, "fork": fork_and_use}
    print(json.dumps(work[sys.argv[1]](*sys.argv[2:])))
