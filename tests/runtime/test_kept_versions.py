"""The fields, the client and the token of a kept connection are one version: whatever changes in the store holds from
the next call on, and no token ever goes where it does not belong."""

import base64
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from responses import RequestsMock
from tests.conftest import Server, http
from tests.runtime.commandline import environment

from sales_connectors import Runtime, connect
from sales_connectors.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, SalesError, Unavailable
from sales_connectors.runtime.runtime import default_runtime
from sales_connectors.store import Store
from sales_connectors.testing import FakeClock

OLD, NEW = "https://old.example", "https://new.example"
KEY = "token"


def connection(host: str, name: str, client: str = "cid", **token: Any) -> dict[str, Any]:
    fields = {"apiUrl": host, "tokenUrl": f"{host}/token", "clientId": client, "clientSecret": f"secret-of-{client}"}
    return {
        "key": KEY,
        "fields": fields,
        "token": {"access_token": f"access-of-{name}", "refresh_token": f"refresh-of-{name}", **token},
    }


@pytest.fixture
def elsewhere(runtime: Runtime, home: Path, clock: FakeClock) -> Store:
    """The same store, as another process has it."""
    return Store(f"sqlite:///{home / 'store.db'}", home=home, clock=clock)


@pytest.fixture
def shop(toy: str, runtime: Runtime) -> Any:
    runtime.store.connections.save("mine", toy, connection(OLD, "old"))
    return connect(toy, "mine", runtime=runtime, retries=0)


def seen(web: RequestsMock, host: str) -> str:
    """All that a host was sent."""
    return " ".join(
        f"{call.request.url} {call.request.headers} {call.request.body!r}"
        for call in web.calls
        if str(call.request.url).startswith(host)
    )


@pytest.mark.parametrize("status", [200, 401])
def test_a_connection_that_moves_to_another_host_takes_its_token_there(
    shop: Any, elsewhere: Store, web: RequestsMock, status: int
) -> None:
    web.get(f"{OLD}/things/7", json={"of": "old"})
    web.get(f"{NEW}/things/7", status=status, json={"of": "new"})
    web.post(f"{NEW}/token", status=400, json={"error": "invalid_grant"})
    assert shop.getThing(id=7) == {"of": "old"}
    elsewhere.connections.save("mine", "toy-service", connection(NEW, "new"))

    for _ in range(2):
        try:
            assert shop.getThing(id=7) == {"of": "new"}
        except NotAuthenticated:
            assert status == 401

    assert "access-of-new" in seen(web, NEW)
    assert "of-new" not in seen(web, OLD)
    assert "of-old" not in seen(web, NEW)


def test_a_pair_is_spent_with_the_client_that_it_was_given_to(
    shop: Any, elsewhere: Store, web: RequestsMock, clock: FakeClock
) -> None:
    web.get(f"{OLD}/things/7", json={"id": 7})
    web.post(f"{OLD}/token", json={"access_token": "access-1", "refresh_token": "refresh-1"})
    shop.getThing(id=7)
    moved = connection(OLD, "new", "other", expires_at=clock.now() + 1)
    elsewhere.connections.save("mine", "toy-service", moved)

    shop.getThing(id=7)

    (asked,) = [call.request for call in web.calls if call.request.method == "POST"]
    client = base64.b64decode(str(asked.headers["Authorization"]).removeprefix("Basic ")).decode()
    form = dict(parse_qsl((asked.body or b"").decode()))  # type: ignore[union-attr]
    assert (client, form["refresh_token"]) == ("other:secret-of-other", "refresh-of-new")


def test_what_is_removed_is_gone_at_the_next_call(shop: Any, elsewhere: Store, web: RequestsMock) -> None:
    web.get(f"{OLD}/things/7", json={"id": 7})
    shop.getThing(id=7)
    elsewhere.connections.remove("mine")

    with pytest.raises(NotFound) as raised:
        shop.getThing(id=7)
    assert raised.value.code == "unknown_connection"
    with pytest.raises(NotFound):
        shop.whoami()
    with pytest.raises(NotFound):
        list(shop.iterate("listThings"))


def test_what_is_removed_and_saved_again_is_another_one(shop: Any, elsewhere: Store, web: RequestsMock) -> None:
    web.get(f"{OLD}/things/7", json={"of": "old"})
    web.get(f"{NEW}/things/7", json={"of": "new"})
    shop.getThing(id=7)
    elsewhere.connections.remove("mine")
    elsewhere.connections.save("mine", "toy-service", connection(NEW, "new"))

    assert shop.getThing(id=7) == {"of": "new"}


def test_a_name_that_belongs_to_another_component_now_is_refused(shop: Any, elsewhere: Store) -> None:
    elsewhere.connections.save("mine", "zendesk-sell", {"key": "oauth", "fields": {}, "token": {"access_token": "x"}})
    with pytest.raises(InvalidInput) as raised:
        shop.getThing(id=7)
    assert raised.value.code == "wrong_connection"


def test_a_call_does_not_go_on_with_a_token_of_another_connection(
    shop: Any, elsewhere: Store, web: RequestsMock
) -> None:
    """The connection is changed while its token is being refreshed."""

    def change(request: Any) -> tuple[int, dict[str, str], str]:
        elsewhere.connections.save("mine", "toy-service", connection(NEW, "new"))
        return 200, {}, json.dumps({"access_token": "access-1", "refresh_token": "refresh-1"})

    web.get(f"{OLD}/things/7", status=401)
    web.add_callback("POST", f"{OLD}/token", change)
    web.get(f"{NEW}/things/7", json={"of": "new"})
    with pytest.raises(Unavailable) as raised:
        shop.getThing(id=7)
    assert (raised.value.code, raised.value.retryable) == ("connection_changed", True)

    assert shop.getThing(id=7) == {"of": "new"}
    assert "of-new" not in seen(web, OLD)
    assert (elsewhere.connections.get("mine").token or {})["access_token"] == "access-of-new"


def test_a_new_token_of_another_process_is_used_over_the_same_sockets(
    toy: str, runtime: Runtime, elsewhere: Store, serve: Callable[..., Server]
) -> None:
    server = serve(http(body=b'{"id": 7}'))
    runtime.store.connections.save("mine", toy, connection(server.url, "old"))
    shop: Any = connect(toy, "mine", runtime=runtime)
    shop.getThing(id=7)
    row = elsewhere.tokens.read("mine")
    assert elsewhere.tokens.keep("mine", row.version, {"access_token": "access-1"})

    shop.getThing(id=7)

    assert b"Bearer access-1" in server.requests[-1]
    assert server.connections == 1


def test_a_store_that_keeps_one_waiting_keeps_no_other_waiting(
    toy: str, runtime: Runtime, web: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stand_still(name: str) -> Any:
        reached.set()
        assert over.wait(10)
        return read(name)

    reached, over = threading.Event(), threading.Event()
    web.get(f"{OLD}/things/7", json={"id": 7})
    runtime.store.connections.save("mine", toy, connection(OLD, "old"))
    read = runtime.store.tokens.read
    monkeypatch.setattr(runtime.store.tokens, "read", stand_still)
    waiting = threading.Thread(target=lambda: runtime.invoke(toy, "getThing", {"id": 7}, "mine"))
    waiting.start()
    assert reached.wait(10)

    given = {"fields": {"apiUrl": OLD}, "token": "x"}
    assert runtime.invoke(toy, "getThing", {"id": 7}, given) == {"data": {"id": 7}}
    over.set()
    waiting.join()
    assert len(web.calls) == 2


# --- making one -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"), [(503, Unavailable), (401, NotAuthenticated), (403, NotAllowed), (0, KeyboardInterrupt)]
)
def test_what_was_not_tested_does_not_replace_a_good_one(
    toy: str, runtime: Runtime, web: RequestsMock, status: int, error: type[BaseException]
) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        if not status:
            raise KeyboardInterrupt
        return status, {}, ""

    runtime.store.connections.save("mine", toy, connection(OLD, "good"))
    web.add_callback("GET", f"{NEW}/me", answer)
    with pytest.raises(error):
        runtime.kept.keep_given(toy, "mine", {"fields": {"apiUrl": NEW}, "token": "mistyped"})
    kept = runtime.store.connections.get("mine")
    assert (kept.fields["apiUrl"], (kept.token or {})["access_token"]) == (OLD, "access-of-good")


@pytest.mark.parametrize(("status", "is_kept"), [(503, True), (403, True), (401, False)])
def test_a_pair_that_was_refreshed_for_the_test_is_kept(
    toy: str, runtime: Runtime, web: RequestsMock, status: int, is_kept: bool
) -> None:
    """Unless the service refuses it: the pair that was brought is spent."""
    runtime.store.connections.save("mine", toy, connection(OLD, "good"))
    web.post(f"{NEW}/token", json={"access_token": "access-1", "refresh_token": "refresh-1"})
    web.get(f"{NEW}/me", status=status)
    with pytest.raises(SalesError):
        runtime.kept.keep_given(toy, "mine", connection(NEW, "new", expires_at=1))
    token = runtime.store.connections.get("mine").token or {}
    assert token["refresh_token"] == ("refresh-1" if is_kept else "refresh-of-good")


def test_an_older_pair_is_never_put_back(toy: str, runtime: Runtime, elsewhere: Store, web: RequestsMock) -> None:
    """Another process refreshes the pair while the same one is being tested to be kept."""

    def refresh(request: Any) -> tuple[int, dict[str, str], str]:
        newer = {"access_token": "access-1", "refresh_token": "refresh-1"}
        assert elsewhere.tokens.keep("mine", elsewhere.tokens.read("mine").version, newer)
        return 200, {}, json.dumps({"id": 1})

    same = connection(OLD, "good")
    runtime.store.connections.save("mine", toy, same)
    web.add_callback("GET", f"{OLD}/me", refresh)
    runtime.kept.keep_given(toy, "mine", same)
    assert (runtime.store.connections.get("mine").token or {})["refresh_token"] == "refresh-1"


# --- in another process -----------------------------------------------------------------------------

UNPICKLE = """
import pickle, sys
sell = pickle.loads(sys.stdin.buffer.read())
print(sell.getContact(id=7)["data"]["id"], sell._options.retries)
"""


def test_a_connector_over_a_kept_connection_goes_to_another_process(serve: Callable[..., Server]) -> None:
    server = serve(http(body=b'{"data": {"id": 7}}'))
    default_runtime.cache_clear()
    fields = {"apiUrl": server.url, "rateLimit": 0}
    kept = {"key": "oauth", "fields": fields, "token": {"access_token": "secret-of-the-test"}}
    default_runtime().store.connections.save("mine", "zendesk-sell", kept)
    sell = connect("zendesk-sell", "mine", retries=2)
    told = subprocess.run(
        [sys.executable, "-c", UNPICKLE], input=pickle.dumps(sell), env=environment(), capture_output=True, check=True
    )
    assert told.stdout.split() == [b"7", b"2"]
    assert b"secret-of-the-test" not in pickle.dumps(sell)
    default_runtime().store.close()
    default_runtime.cache_clear()


def test_what_cannot_go_to_another_process_says_what_to_hand_over(toy: str, runtime: Runtime, shop: Any) -> None:
    given = connect(toy, token="secret-of-the-test", runtime=runtime)
    for one, advice in ((given, "Keep it under a name"), (shop, "the address of the store and the name")):
        with pytest.raises(InvalidInput, match=advice) as raised:
            pickle.dumps(one)
        assert raised.value.code == "cannot_be_pickled"
        assert "secret-of-the-test" not in raised.value.message
