"""Kept connections over their life: how they are listed, and how their tokens end."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from tests.runtime.commandline import at_terminal, forget, run
from tests.sandboxes import PassingClock

from sales_connectors import Runtime
from sales_connectors.errors import ConfigurationError, InvalidResponse, RateLimited, Unavailable
from sales_connectors.imitation import Box, running
from sales_connectors.runtime.runtime import default_runtime
from sales_connectors.store import Store
from sales_connectors.testing import FakeClock

SELL = "zendesk-sell"
API = "https://api.getbase.com"
DAY = 86_400.0


@pytest.fixture(autouse=True)
def new_process(home: Any) -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def box() -> Iterator[Box]:
    with running(SELL, rate=0) as started:
        yield started


def keep(box: Box, name: str = "mine", **token: Any) -> dict[str, Any]:
    connection = {**box.connection, "token": box.token(**token)}
    default_runtime().store.connections.save(name, SELL, connection)
    return connection


def list_one() -> dict[str, Any]:
    (one,) = run("connections").json["connections"]
    return dict(one)


# --- the list ---------------------------------------------------------------------------------------


def test_the_list_tells_scopes_age_and_use(box: Box) -> None:
    keep(box, scope="read write")
    before = list_one()
    assert (before["scopes"], before["usedAt"], before["idle"]) == (["read", "write"], None, False)

    run("run", SELL, "listContacts", "--connection", "mine")

    used = list_one()
    assert used["usedAt"] >= used["createdAt"] > 0
    told = at_terminal("connections", columns=120, COLUMNS="120").text
    assert "read write" in told.replace("\n", " ")
    assert "today" in told


def test_a_connection_that_nobody_used_for_a_month_is_idle(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = PassingClock()
    runtime = Runtime(Store(clock=clock), clock=clock)
    keep(box)
    (kept,) = runtime.kept.describe()
    clock.pass_by(31 * DAY)
    assert [kept["idle"], *(one["idle"] for one in runtime.kept.describe())] == [False, True]

    box.advance(31 * DAY)
    runtime.invoke(SELL, "listContacts", {}, "mine")
    assert [one["idle"] for one in runtime.kept.describe()] == [False]

    store = default_runtime().store
    store.database.run("UPDATE sales_connectors_connections SET used_at = used_at - 9000000", {})
    assert list_one()["idle"]
    assert "not used for 30 days" in at_terminal("connections").text.replace("\n", " ")


def test_use_is_written_down_once_an_hour(box: Box) -> None:
    clock = PassingClock()
    runtime = Runtime(Store(clock=clock), clock=clock)
    keep(box)
    times = []
    for pause in (0.0, 600.0, 3000.0, 60.0):
        clock.pass_by(pause)
        runtime.invoke(SELL, "listContacts", {}, "mine")
        times.append(runtime.kept.describe()[0]["usedAt"])
    assert times[0] == times[1] < times[2] == times[3]


def test_one_that_cannot_be_read_does_not_hide_the_others(box: Box) -> None:
    for name in ("a", "b", "c"):
        keep(box, name)
    store = default_runtime().store
    store.database.run("UPDATE sales_connectors_connections SET token = 'gAAAAAbroken' WHERE name = 'b'", {})

    listed = run("connections").json["connections"]

    assert [one["name"] for one in listed] == ["a", "b", "c"]
    assert [bool(one["signIn"]) for one in listed] == [False, True, False]
    assert run("connections", "test", "a").code == 0
    assert run("connections", "test", "b").code == 9
    assert "b: An entry of the store" in at_terminal("connections").text.replace("\n", " ")


# --- revoking ---------------------------------------------------------------------------------------


def test_a_revoked_token_is_dead_at_the_service_and_gone_here(box: Box) -> None:
    connection = keep(box)

    assert run("connections", "revoke", "mine").json == {"revoked": "mine"}

    assert run("connections").json == {"connections": []}
    asked = ("run", SELL, "listContacts", "--connection", json.dumps(connection))
    assert run(*asked).error["type"] == "NotAuthenticated"
    paths = [seen["path"] for seen in box.requests]
    assert paths[:2] == ["/oauth2/revoke", "/oauth2/revoke"]
    assert {"/v2/users/self", "/oauth2/token"} <= set(paths)  # the proof


def test_a_token_that_ended_before_is_forgotten_too(box: Box) -> None:
    keep(box, expires_in=-10)
    assert run("connections", "revoke", "mine").code == 0
    keep(box)
    run("connections", "revoke", "mine")
    assert run("connections").json == {"connections": []}


def test_a_vendor_that_has_no_such_call_is_named(home: Any) -> None:
    with running("salesloft", rate=0) as box:
        default_runtime().store.connections.save("sl", "salesloft", box.connection)
        refused = run("connections", "revoke", "sl")
    assert (refused.code, refused.error["code"], refused.error["fix"]) == (2, "no_revocation", "end_user")
    assert "Salesloft" in refused.error["message"]
    assert default_runtime().store.connections.list_names() == ["sl"]


def save_real(token: dict[str, Any]) -> None:
    fields = {"clientId": "abc", "clientSecret": "s3cret"}
    default_runtime().store.connections.save("mine", SELL, {"key": "oauth", "fields": fields, "token": token})


@responses.activate
@pytest.mark.parametrize("status", [200, 403])
def test_a_token_that_still_works_is_kept(status: int) -> None:
    save_real({"access_token": "one"})
    responses.post(f"{API}/oauth2/revoke", status=200)
    responses.get(f"{API}/v2/users/self", json={"data": {"id": 1}, "meta": {"type": "user"}}, status=status)

    with pytest.raises(InvalidResponse, match="still takes it") as raised:
        default_runtime().kept.revoke("mine")

    assert raised.value.code == "token_still_works"
    assert default_runtime().store.connections.get("mine").token == {"access_token": "one"}


@responses.activate
def test_a_pair_that_the_proof_brought_is_kept() -> None:
    save_real({"access_token": "one", "refresh_token": "two"})
    responses.post(f"{API}/oauth2/revoke", status=200)
    responses.get(f"{API}/v2/users/self", json={"errors": []}, status=401)
    responses.post(f"{API}/oauth2/token", json={"access_token": "three", "refresh_token": "four"})

    with pytest.raises(InvalidResponse):
        default_runtime().kept.revoke("mine")

    token = default_runtime().store.connections.get("mine").token or {}
    assert (token["access_token"], token["refresh_token"]) == ("three", "four")


@responses.activate
@pytest.mark.parametrize(("status", "error"), [(503, Unavailable), (500, Unavailable)])
def test_what_cannot_be_asked_is_not_forgotten(status: int, error: type[Exception]) -> None:
    save_real({"access_token": "one"})
    responses.post(f"{API}/oauth2/revoke", status=status)

    with pytest.raises(error):
        default_runtime().kept.revoke("mine")

    assert default_runtime().store.connections.list_names() == ["mine"]
    row = default_runtime().store.tokens.read("mine")
    assert default_runtime().store.tokens.claim("mine", row, 1)  # nobody holds it any more


@responses.activate
def test_a_token_that_is_being_refreshed_is_left_alone() -> None:
    save_real({"access_token": "one", "refresh_token": "two"})
    store = default_runtime().store
    assert store.tokens.claim("mine", store.tokens.read("mine"), 60)

    refused = run("connections", "revoke", "mine")

    assert (refused.code, refused.error["code"]) == (7, "busy")
    assert len(responses.calls) == 0


@responses.activate
def test_a_token_endpoint_that_rests_is_no_reason_not_to_revoke() -> None:
    save_real({"access_token": "one", "refresh_token": "two"})
    tokens = default_runtime().store.tokens
    row = tokens.read("mine")
    tokens.fail(
        "mine", row.version, tokens.claim("mine", row, 60) or "", RateLimited("not now").as_json()["error"], 3000
    )
    responses.post(f"{API}/oauth2/revoke", json={})
    responses.post(f"{API}/oauth2/token", json={"error": "invalid_grant"}, status=400)
    responses.get(f"{API}/v2/users/self", status=401)

    assert run("connections", "revoke", "mine").code == 0
    assert default_runtime().store.connections.list_names() == []


# --- a pair that the test of a new connection spends ------------------------------------------------

ENDED = {"access_token": "access-0", "refresh_token": "refresh-0", "expires_at": 1}
GIVEN = {"fields": {"clientId": "cid", "clientSecret": "very-secret"}, "token": ENDED}


@pytest.fixture
def renewal() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        pair = {"access_token": "access-1", "refresh_token": "refresh-1"}
        web.post(f"{API}/oauth2/token", json=pair)
        web.get(f"{API}/v2/users/self", json={"data": {"id": 1}})
        yield web


def test_no_pair_is_spent_for_a_store_that_takes_no_connection(
    home: Any, clock: FakeClock, renewal: responses.RequestsMock
) -> None:
    store = Store(home=home)
    store.vault.prove_key()
    store.close()
    runtime = Runtime(Store(f"sqlite:///{home / 'store.db'}?mode=ro", home=home, clock=clock), clock=clock)
    with pytest.raises(ConfigurationError) as raised:
        runtime.kept.keep_given(SELL, "mine", GIVEN)
    assert (raised.value.code, len(renewal.calls)) == ("store_read_only", 0)
    runtime.close()


def test_a_store_that_is_busy_is_asked_again_to_take_a_new_connection(
    runtime: Runtime, renewal: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_busy(*arguments: Any, **options: Any) -> bool:
        monkeypatch.undo()
        raise ConfigurationError("another process is writing", code="store_locked")

    monkeypatch.setattr(runtime.store.connections, "save", be_busy)
    assert runtime.kept.keep_given(SELL, "mine", GIVEN)["account"] == {"data": {"id": 1}}
    assert (runtime.store.connections.get("mine").token or {})["refresh_token"] == "refresh-1"
