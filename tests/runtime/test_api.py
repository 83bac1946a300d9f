"""A component as a Python object."""

import copy
import json
import pickle
from importlib import import_module
from typing import Any

import pytest
from responses import RequestsMock, matchers
from tests.conftest import SECRET

import sales_connectors
from sales_connectors import Connector, Runtime, connect
from sales_connectors.errors import ConfigurationError, InvalidInput, NotFound, SalesError
from sales_connectors.runtime import runtime as runtimes

HOME = "https://toy.example"


@pytest.fixture
def shop(toy: str, runtime: Runtime) -> Connector:
    return connect(toy, token=SECRET, runtime=runtime)


def test_an_action_is_a_method(shop: Connector, web: RequestsMock) -> None:
    web.add("POST", f"{HOME}/things", json={"id": 7})
    assert shop.createThing(name="a", tags="x,y") == {"id": 7}
    assert json.loads(web.calls[0].request.body or b"") == {"name": "a", "tags": ["x", "y"], "kind": "plain"}


def test_a_delete_returns_nothing(shop: Connector, web: RequestsMock) -> None:
    for reply in ({"status": 204}, {"json": {"data": 1}}, {"body": b""}):
        web.replace("DELETE", f"{HOME}/things/7", **reply) if web.registered() else web.add(
            "DELETE", f"{HOME}/things/7", **reply
        )
        assert shop.run("deleteThing", {"id": 7}) is None


def test_inputs_whose_names_are_no_python_names(shop: Connector, web: RequestsMock) -> None:
    with pytest.raises(InvalidInput, match="from is no input"):
        shop.run("createThing", {"from": "x", "name": "a"})


def test_iterating_picking_polling(shop: Connector, web: RequestsMock) -> None:
    page = {"items": [{"id": 1, "name": "a"}], "more": False, "position": 5}
    for path in ("things", "changes", "me"):
        web.add("GET", f"{HOME}/{path}", json=page)
    assert [entry["id"] for entry in shop.iterate("listThings", name="x")] == [1]
    assert shop.pick("selectThing", color="red")["result"] == [{"label": "a", "key": "1"}]
    assert shop.poll("pollThings", state=4) == {
        "data": {"created": page["items"], "updated": [], "deleted": []},
        "state": 5,
    }
    assert shop.whoami() == page
    assert [str(call.request.url).partition("?")[2] for call in web.calls] == [
        "name=x&page=1&size=3", "color=red&page=1&size=3", "since=4", "",
    ]  # fmt: skip


def test_an_input_may_have_the_name_of_an_argument(shop: Connector) -> None:
    with pytest.raises(InvalidInput, match="action is no input"):
        shop.iterate("listThings", action="x")
    with pytest.raises(InvalidInput, match="source is no input"):
        shop.pick("selectThing", source="x")
    with pytest.raises(InvalidInput, match="trigger is no input"):
        shop.poll("pollThings", trigger="x")


def test_options_make_another_object(shop: Connector, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things/7", json={}, match=[matchers.request_kwargs_matcher({"timeout": (3.0, 3.0)})])
    assert shop.with_options(timeout=3).getThing(id=7) == {}
    assert shop.with_options(dry_run=True).createThing(name="a")["request"]["method"] == "POST"
    with pytest.raises(InvalidInput, match="Did you mean 'timeout'"):
        shop.with_options(timout=3)
    untyped: Any = connect
    with pytest.raises(InvalidInput, match="Did you mean 'retries'"):
        untyped("toy-service", token="abcd", retrys=3)


def test_an_unknown_action_suggests_the_nearest(shop: Connector) -> None:
    with pytest.raises(AttributeError, match=r"toy-service has no action 'getThings'\. Did you mean 'getThing'"):
        shop.getThings(id=7)
    with pytest.raises(NotFound, match="Did you mean 'getThing'"):
        shop.run("getThings", {"id": 7})


def test_an_object_knows_what_it_can_do(shop: Connector) -> None:
    assert {"createThing", "listThings", "iterate", "run"} <= set(dir(shop))
    assert (shop.createThing.__name__, shop.createThing.__doc__) == ("createThing", "createThing.")
    assert repr(shop) == "<toy-service over (given)>"
    assert not hasattr(shop, "_anything")


def test_an_object_may_be_copied(shop: Connector, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things/7", json={"id": 7})
    assert copy.copy(shop).getThing(id=7) == {"id": 7}


def test_errors_may_be_pickled(shop: Connector, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things/7", status=404, json={"error": "gone"})
    with pytest.raises(NotFound) as raised:
        shop.getThing(id=7)
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.as_json() == raised.value.as_json()


@pytest.mark.parametrize("token", [SECRET, {"access_token": SECRET}])
@pytest.mark.parametrize(
    "connection", [None, {}, {"fields": {"apiUrl": HOME}}, {"key": "token", "token": {"access_token": "x"}}]
)
def test_a_token_goes_with_a_connection(
    toy: str, runtime: Runtime, web: RequestsMock, token: Any, connection: Any
) -> None:
    web.add("GET", f"{HOME}/things/7", json={}, match=[matchers.header_matcher({"Authorization": f"Bearer {SECRET}"})])
    assert connect(toy, connection, token=token, runtime=runtime).getThing(id=7) == {}


def test_a_kept_connection_has_its_own_token(toy: str, runtime: Runtime) -> None:
    with pytest.raises(InvalidInput, match="leave out token"):
        connect(toy, "mine", token=SECRET, runtime=runtime)


def test_a_connection_is_needed(toy: str, runtime: Runtime) -> None:
    with pytest.raises(InvalidInput, match="needs a connection"):
        connect(toy, runtime=runtime)
    with pytest.raises(SalesError, match="There is no component"):
        connect("no-such", token="x", runtime=runtime)


def test_a_new_token_is_told_before_it_is_used(toy: str, runtime: Runtime, web: RequestsMock) -> None:
    told: list[Any] = []
    web.add("POST", f"{HOME}/token", json={"access_token": "new-token", "expires_in": 60})
    web.add(
        "GET", f"{HOME}/things/7", status=401, match=[matchers.header_matcher({"Authorization": "Bearer old-token"})]
    )
    web.add("GET", f"{HOME}/things/7", json={}, match=[matchers.header_matcher({"Authorization": "Bearer new-token"})])
    given = {
        "fields": {"clientId": "cid", "clientSecret": "secret"},
        "token": {"access_token": "old-token", "refresh_token": "again"},
    }
    connect(toy, given, runtime=runtime, on_token=told.append).getThing(id=7)
    assert [(token["access_token"], token["refresh_token"]) for token in told] == [("new-token", "again")]


def test_a_new_token_that_nobody_takes_is_told_again(toy: str, runtime: Runtime, web: RequestsMock) -> None:
    def take(token: Any) -> None:
        told.append(token["access_token"])
        if len(told) == 1:
            raise OSError("the disk is full")

    told: list[str] = []
    web.add("POST", f"{HOME}/token", json={"access_token": "new-token", "expires_in": 60})
    web.add("GET", f"{HOME}/things/7", json={"id": 7})
    given = {
        "fields": {"clientId": "cid", "clientSecret": "secret"},
        "token": {"access_token": "old-token", "refresh_token": "again", "expires_at": 0},
    }
    shop = connect(toy, given, runtime=runtime, on_token=take)
    with pytest.raises(ConfigurationError, match="on_token raised OSError") as raised:
        shop.getThing(id=7)
    assert raised.value.code == "callback_failed"
    assert shop.getThing(id=7) == {"id": 7}
    assert told == ["new-token", "new-token"]
    assert [call.request.method for call in web.calls] == ["POST", "GET"]


def test_what_takes_tokens_is_a_function(toy: str, runtime: Runtime) -> None:
    untyped: Any = connect
    with pytest.raises(InvalidInput, match="onToken: must be a function, not 'x'"):
        untyped(toy, {"token": SECRET}, runtime=runtime, on_token="x")


def test_the_functions_of_the_package_use_the_default_store(
    toy: str, home: Any, web: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtimes.default_runtime.cache_clear()
    web.add("GET", f"{HOME}/things/7", json={"id": 7})
    web.add("GET", f"{HOME}/plain", json={"items": [], "more": False})
    web.add("GET", f"{HOME}/changes", json={"items": [], "position": 1})
    given = {"token": SECRET}
    assert runtimes.invoke(toy, "getThing", {"id": 7}, given) == {"data": {"id": 7}}
    assert runtimes.pick(toy, "selectPlain", {}, given, query="x")["result"] == []
    assert runtimes.poll(toy, "pollThings", {}, given)["state"] == 1
    assert runtimes.default_runtime().store.home == home
    runtimes.default_runtime().store.close()
    runtimes.default_runtime.cache_clear()


def test_a_kept_connection_by_its_name(toy: str, runtime: Runtime, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things/7", json={"id": 7})
    runtime.store.connections.save("mine", toy, {"key": "token", "token": {"access_token": SECRET}})
    assert connect(toy, "mine", runtime=runtime).getThing(id=7) == {"id": 7}
    with pytest.raises(InvalidInput, match="belongs to toy-service, not to zendesk-sell"):
        connect("zendesk-sell", "mine", runtime=runtime)
    with pytest.raises(SalesError, match=r"There is no connection 'mien'.* Did you mean 'mine'"):
        connect(toy, "mien", runtime=runtime)


@pytest.mark.parametrize(
    ("name", "home", "now"),
    [
        ("Connected", "sales_connectors", "Connector"),
        ("Context", "sales_connectors.sdk", "Context"),
        ("Pages", "sales_connectors.sdk", "Pages"),
        ("Problem", "sales_connectors.sdk", "VendorError"),
        ("Reply", "sales_connectors.sdk", "Response"),
        ("Service", "sales_connectors.sdk", "Service"),
    ],
)
def test_a_name_that_moved_works_on_and_says_where_it_is(name: str, home: str, now: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"sales_connectors.{name} is {home}.{now} now"):
        old = getattr(sales_connectors, name)
    assert old is getattr(import_module(home), now)


def test_a_name_that_never_was_is_none() -> None:
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = sales_connectors.Nonsense
