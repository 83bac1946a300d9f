"""A new key for the store: everything is sealed with it or nothing is, and nobody who runs meanwhile loses anything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from tests.runtime.commandline import forget, run

from sales_connectors.errors import ConfigurationError, Unavailable
from sales_connectors.store import Store, rekey

CONNECTION = {
    "key": "oauth",
    "fields": {"clientId": "abc", "clientSecret": "s3cret"},
    "token": {"access_token": "access", "refresh_token": "refresh"},
}
READ_TEXTS = (
    "SELECT fields, token, failure, sign_in FROM sales_connectors_connections",
    "SELECT begun FROM sales_connectors_sign_ins",
    "SELECT result FROM sales_connectors_journal",
    "SELECT value FROM sales_connectors_about",
)
BEGUN = {"state": "st4te", "secret": "verifier"}
VALUES = 3 * 2 + 1 + 1 + 2


def fill(store: Store) -> None:
    """Something of everything that is sealed."""
    for name in ("a", "b", "c"):
        store.connections.save(name, "zendesk-sell", CONNECTION)
    row = store.tokens.read("b")
    owner = store.tokens.claim("b", row, 60)
    assert owner
    store.tokens.fail("b", row.version, owner, {"message": "down"}, 1)
    store.sign_ins.begin(BEGUN)
    for key in ("k1", "k2"):
        entry = store.journal.mark_sending(store.journal.begin("me", "createContact", key, "f"))
        store.journal.finish(entry, {"id": key})


def check_all(store: Store) -> None:
    """Everything that was filled in is there."""
    kept = [(one.fields, one.token) for one in store.connections.list_all()]
    assert kept == [(CONNECTION["fields"], CONNECTION["token"])] * 3
    assert store.tokens.read("b").failure == {"message": "down"}
    results = [store.journal.begin("me", "createContact", key, "f").result for key in ("k1", "k2")]
    assert results == [{"id": "k1"}, {"id": "k2"}]


def count_sealed(store: Store, key: bytes) -> int:
    """How many values of the store this key opens."""
    texts = [text for sql in READ_TEXTS for row in store.database.run(sql, {}) for text in row if text]
    return sum(opens(key, text) for text in texts)


def opens(key: bytes, text: str) -> bool:
    try:
        Fernet(key).decrypt(text)
    except InvalidToken:
        return False
    return True


def die(*arguments: Any) -> None:
    raise KeyboardInterrupt


def test_everything_is_sealed_with_the_new_key(open_store: Callable[[], Store], tmp_path: Path) -> None:
    fill(open_store())
    old = (tmp_path / "key").read_bytes()

    count = open_store().rekey()

    new = (tmp_path / "key").read_bytes()
    assert new != old
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    beside = [path for path in tmp_path.iterdir() if path.name.startswith("key.")]
    assert [(path.read_bytes(), path.stat().st_mode & 0o777) for path in beside] == [(old, 0o600)]
    assert (count.sealed, count.damaged) == (VALUES, 0)
    assert count_sealed(open_store(), old) == 0
    assert count_sealed(open_store(), new) == VALUES + 2  # the proof and the older keys
    check_all(open_store())
    assert open_store().sign_ins.take("st4te") == BEGUN


def test_a_long_journal_is_sealed_too(open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekey, "BATCH_ROWS", 2)
    fill(open_store())
    assert open_store().rekey().sealed == VALUES
    check_all(open_store())


@pytest.mark.parametrize("after", [0, 1, 5])
def test_what_ends_in_the_middle_leaves_everything_as_it_was(
    open_store: Callable[[], Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    fill(open_store())
    old = (tmp_path / "key").read_bytes()
    seal, done = rekey._seal_row, list[None]()

    def break_off(*arguments: Any) -> None:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(seal(*arguments))

    monkeypatch.setattr(rekey, "_seal_row", break_off)
    with pytest.raises(KeyboardInterrupt):
        open_store().rekey()
    monkeypatch.undo()

    assert (tmp_path / "key").read_bytes() == old
    check_all(open_store())
    assert open_store().rekey().sealed == VALUES
    check_all(open_store())


def test_who_ends_before_the_file_is_in_its_place_has_lost_nothing(
    open_store: Callable[[], Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(open_store())
    old = (tmp_path / "key").read_bytes()
    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        open_store().rekey()
    monkeypatch.undo()

    assert (tmp_path / "key").read_bytes() == old
    check_all(open_store())
    assert (tmp_path / "key").read_bytes() != old
    assert open_store().rekey().damaged == 0
    check_all(open_store())


def test_another_store_with_the_same_home_keeps_its_key(open_store: Callable[[], Store], tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    for store in (open_store(), Store(other, home=tmp_path)):
        store.connections.save("a", "zendesk-sell", CONNECTION)
    for _ in range(2):
        open_store().rekey()
        for store in (Store(other, home=tmp_path), open_store()):
            assert store.connections.get("a").token == CONNECTION["token"]
        assert Store(other, home=tmp_path).rekey().damaged == 0


def test_a_store_that_ends_with_its_process_is_none(tmp_path: Path) -> None:
    for address in ("other.db?mode=memory", "other%00.db"):
        with pytest.raises(ConfigurationError, match="a file that processes share"):
            Store(f"sqlite:///{tmp_path}/{address}", home=tmp_path)


def test_programs_that_run_read_the_new_key_from_the_file(open_store: Callable[[], Store]) -> None:
    running = open_store()
    fill(running)

    open_store().rekey()

    check_all(running)
    assert running.tokens.keep("a", running.tokens.read("a").version, {"access_token": "next"})
    assert open_store().connections.get("a").token == {"access_token": "next"}


def test_what_they_seal_before_they_hear_of_it_is_not_lost(open_store: Callable[[], Store]) -> None:
    running, idle = open_store(), open_store()
    fill(running)
    version = idle.tokens.read("a").version
    open_store().rekey()

    assert idle.tokens.keep("a", version, {"access_token": "next"})

    assert open_store().connections.get("a").token == {"access_token": "next"}
    assert running.connections.get("a").token == {"access_token": "next"}
    assert open_store().rekey().damaged == 0
    assert open_store().connections.get("a").token == {"access_token": "next"}


def test_a_key_that_is_given_is_changed_for_one_that_is_given(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    monkeypatch.setenv("SALES_CONNECTORS_KEY", old.decode())
    running = Store(store_url, home=tmp_path)
    fill(running)
    version = running.tokens.read("c").version

    for wrong, words in ((None, "--new-key"), (old, "already"), (b"short", "32 bytes")):
        with pytest.raises(ConfigurationError, match=words):
            Store(store_url, home=tmp_path).rekey(wrong)
    Store(store_url, home=tmp_path).rekey(new)

    with pytest.raises(ConfigurationError, match="given a new key, take that and start this program again"):
        running.connections.get("a")
    monkeypatch.setenv("SALES_CONNECTORS_KEY", new.decode())
    check_all(Store(store_url, home=tmp_path))
    assert not (tmp_path / "key").exists()
    assert version == Store(store_url, home=tmp_path).tokens.read("c").version


def test_of_two_at_once_one_does_nothing(
    open_store: Callable[[], Store], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(open_store())
    late = open_store()
    found = late.vault.find_key()
    open_store().rekey()
    monkeypatch.setattr(late.vault, "prove_key", lambda: found)

    with pytest.raises(Unavailable, match="Another process"):
        late.rekey()

    check_all(open_store())


def test_a_damaged_value_does_not_keep_the_others_back(open_store: Callable[[], Store]) -> None:
    store = open_store()
    fill(store)
    alien = Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
    store.database.run("UPDATE sales_connectors_connections SET token = :alien WHERE name = 'c'", {"alien": alien})

    count = store.rekey()

    assert (count.sealed, count.damaged) == (VALUES - 1, 1)
    assert open_store().connections.get("a").token == CONNECTION["token"]


def test_the_command_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_CONNECTORS_HOME", str(tmp_path))
    monkeypatch.delenv("SALES_CONNECTORS_STORE", raising=False)
    forget()
    fill(Store(home=tmp_path))
    assert run("store", "rekey").json == {"sealed": VALUES, "damaged": 0, "keyFile": str(tmp_path / "key")}
    check_all(Store(home=tmp_path))

    mine, typed = tmp_path / "mine", Fernet.generate_key()
    mine.write_bytes(Fernet.generate_key() + b"\n")
    assert run("store", "rekey", "--new-key", f"@{mine}").code == 0
    assert (tmp_path / "key").read_text() == mine.read_text().strip()
    assert run("store", "rekey", "--new-key", "-", typed=typed + b"\n").code == 0
    assert (tmp_path / "key").read_bytes() == typed
    refused = run("store", "rekey", "--new-key", typed.decode())
    assert (refused.code, refused.error["code"]) == (2, "secret_on_command_line")
    assert typed.decode() not in refused.out + refused.err
    check_all(Store(home=tmp_path))
    forget()
