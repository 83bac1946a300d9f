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


def test_options_may_stand_beside_the_inputs_of_a_call(shop: Connector, web: RequestsMock) -> None:
    seconds = matchers.request_kwargs_matcher({"timeout": (3.0, 3.0)})
    page = {"items": [{"id": 7, "name": "a"}], "more": False, "position": 5}
    web.add("GET", f"{HOME}/things/7", json={"id": 7}, match=[seconds])
    for path in ("things", "changes"):
        web.add("GET", f"{HOME}/{path}", json=page, match=[seconds])
    assert shop.getThing(id=7, timeout=3) == {"id": 7}
    assert shop.run("getThing", {"id": 7}, timeout=3) == {"id": 7}
    assert list(shop.iterate("listThings", timeout=3)) == page["items"]
    assert shop.pick("selectThing", color="red", timeout=3)["result"] == [{"label": "a", "key": "7"}]
    assert shop.poll("pollThings", timeout=3)["state"] == 5
    assert shop.createThing(name="a", dry_run=True)["request"]["method"] == "POST"


def test_an_option_of_a_call_is_held_to_its_bounds(shop: Connector, web: RequestsMock) -> None:
    for call in (
        lambda: shop.getThing(id=7, timeout=0),
        lambda: shop.run("getThing", {"id": 7}, timeout=0),
        lambda: shop.iterate("listThings", timeout=0),
    ):
        with pytest.raises(InvalidInput, match="Option timeout: must be") as raised:
            call()
        assert raised.value.fields[0]["path"] == "/timeout"
        assert (raised.value.component, raised.value.connection) == ("toy-service", "(given)")
    with pytest.raises(InvalidInput, match="Did you mean 'timeout'"):
        shop.run("getThing", {"id": 7}, timout=3)
    with pytest.raises(InvalidInput, match="timout is no input"):
        shop.getThing(id=7, timout=3)
    assert len(web.calls) == 0


def test_an_input_goes_before_the_option_of_its_name(web: RequestsMock, runtime: Runtime) -> None:
    """A raw request of Zendesk Sell has a timeout of its own, in milliseconds."""
    sell: Any = connect("zendesk-sell", token=SECRET, runtime=runtime)
    seconds = matchers.request_kwargs_matcher({"timeout": (2.0, 2.0)})
    web.get("https://api.getbase.com/v2/tasks", json={"items": []}, match=[seconds])
    assert sell.rawRequest(url="/tasks", method="GET", timeout=2000, retries=0) == {"items": []}


# --- creates under a key --------------------------------------------------------------------------------------------


@pytest.fixture
def named(toy: str, runtime: Runtime) -> Connector:
    """A connection that lasts: whose account is asked for is found by its name."""
    return connect(toy, {"name": "mine", "token": SECRET}, runtime=runtime)


@pytest.fixture
def things_made(web: RequestsMock) -> RequestsMock:
    web.get(f"{HOME}/me", json={"id": 1})
    web.post(f"{HOME}/things", json={"id": 7})
    return web


def test_a_key_changes_nothing_of_what_a_method_returns(named: Connector, things_made: RequestsMock) -> None:
    told: list[str] = []
    once: Any = {"idempotency_key": "lead-7", "on_outcome": told.append}
    assert named.createThing(name="a", **once) == {"id": 7}
    assert named.run("createThing", {"name": "a"}, **once) == {"id": 7}
    assert named.with_options(**once).createThing(name="a") == {"id": 7}
    assert told == ["created", "found", "found"]
    assert [call.request.method for call in things_made.calls].count("POST") == 1


def test_json_has_the_outcome_beside_the_data(named: Connector, things_made: RequestsMock, runtime: Runtime) -> None:
    told: list[str] = []
    where = ("toy-service", "createThing", {"name": "a"}, {"name": "mine", "token": SECRET})
    options = {"idempotencyKey": "lead-7", "onOutcome": told.append}
    for outcome in ("created", "found"):
        assert runtime.invoke(*where, options) == {"data": {"id": 7}, "outcome": outcome}
    assert told == ["created", "found"]
    assert named.createThing(name="a", idempotency_key="lead-7") == {"id": 7}  # one key, whatever the door


def test_a_create_without_a_key_is_told_as_created(named: Connector, things_made: RequestsMock) -> None:
    told: list[str] = []
    listening = named.with_options(on_outcome=told.append)
    assert listening.createThing(name="a") == {"id": 7}
    assert told == ["created"]


def test_only_what_was_created_is_told(named: Connector, things_made: RequestsMock) -> None:
    told: list[str] = []
    listening = named.with_options(on_outcome=told.append)
    things_made.get(f"{HOME}/things/7", json={"id": 7})
    things_made.delete(f"{HOME}/things/7", status=204)
    things_made.replace("POST", f"{HOME}/things", status=422, json={"error": "no"})
    listening.getThing(id=7)
    listening.deleteThing(id=7)
    listening.createThing(name="a", dry_run=True)
    with pytest.raises(InvalidInput):
        listening.createThing(name="a", idempotency_key="k")
    assert told == []


def test_who_fails_at_the_outcome_ends_no_create(named: Connector, things_made: RequestsMock) -> None:
    def fail(outcome: str) -> None:
        raise OSError("the disk is full")

    with pytest.warns(RuntimeWarning, match="fail raised OSError: the disk is full; the call goes on"):
        assert named.createThing(name="a", idempotency_key="k", on_outcome=fail) == {"id": 7}
    assert named.createThing(name="a", idempotency_key="k") == {"id": 7}


@pytest.mark.parametrize(
    ("options", "path"),
    [({"idempotency_key": ""}, "/idempotencyKey"), ({"on_outcome": "x"}, "/onOutcome")],
)
def test_a_key_and_who_hears_of_it_are_held_to_what_they_are(
    named: Connector, web: RequestsMock, options: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        named.createThing(name="a", **options)
    assert (raised.value.fields[0]["path"], raised.value.action) == (path, "createThing")
    assert len(web.calls) == 0


def test_a_key_is_refused_by_a_method_that_creates_nothing(named: Connector, web: RequestsMock) -> None:
    with pytest.raises(InvalidInput, match="is for actions that create") as raised:
        named.getThing(id=7, idempotency_key="k")
    assert (raised.value.fields[0]["path"], len(web.calls)) == ("/idempotencyKey", 0)


# --- names ----------------------------------------------------------------------------------------------------------


def test_every_error_is_a_name_of_the_package() -> None:
    from sales_connectors import errors

    leaves: list[type[SalesError]] = [SalesError, *SalesError.__subclasses__()]
    for leaf in leaves:
        assert getattr(sales_connectors, leaf.__name__) is getattr(errors, leaf.__name__) is leaf
        assert leaf.__name__ in sales_connectors.__all__


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
