"""Requests through the front door: what is sent, what is repeated, and how long anybody waits for it."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from responses import RequestsMock, matchers
from tests.conftest import SECRET, Server, Toy, hang_up, http

from sales_connectors import Runtime, __version__, connect
from sales_connectors.auth.tokens import REFRESH_LEASE_SECONDS
from sales_connectors.errors import (
    InternalError,
    InvalidInput,
    InvalidResponse,
    NotAuthenticated,
    NotFound,
    RateLimited,
    SalesError,
    Unavailable,
)
from sales_connectors.options import MAX_OPTION_SECONDS
from sales_connectors.runtime.connections import MAX_OPEN_CONNECTIONS
from sales_connectors.testing import FakeClock

HOME = "https://toy.example"
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "read": ("GET", "getThing", {"id": 7}),
    "create": ("POST", "createThing", {"name": "a"}),
    "update": ("PATCH", "updateThing", {"id": 7, "name": "a"}),
    "upsert": ("POST", "upsertThing", {"name": "a"}),
    "delete": ("DELETE", "deleteThing", {"id": 7}),
    **{method: (method, "rawCall", {"method": method, "path": "/things"}) for method in
       ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH")},
}  # fmt: skip
SAFE = ("read", "update", "upsert", "delete", "GET", "HEAD", "OPTIONS", "PUT", "DELETE")
UNSAFE = ("create", "POST", "PATCH")
ANY_URL = re.compile(r"https://toy\.example/things.*")


def call(things: Toy, effect: str, **options: Any) -> Any:
    _, action, inputs = CALLS[effect]
    return things.run(action, inputs, **options)


def answer(web: RequestsMock, effect: str, *replies: dict[str, Any]) -> None:
    method = CALLS[effect][0]
    for reply in replies:
        web.add(method, ANY_URL, **({**reply, "json": None} if method == "HEAD" else reply))


def failure(status: int, **headers: str) -> dict[str, Any]:
    return {"status": status, "json": {"error": "no"}, "headers": {k.replace("_", "-"): v for k, v in headers.items()}}


GOOD: dict[str, Any] = {"json": {"id": 7}}


# --- what is sent -----------------------------------------------------------------------------------


def test_a_request_says_who_asks_and_for_what(things: Toy, web: RequestsMock) -> None:
    answer(web, "create", GOOD)
    assert things.data("createThing", {"name": "Ünï"}) == {"id": 7}
    sent = web.calls[0].request
    assert sent.headers["User-Agent"] == f"sales-connectors/{__version__}"
    assert sent.headers["Authorization"] == f"Bearer {SECRET}"
    assert sent.headers["Content-Type"] == "application/json"
    assert json.loads(sent.body or b"") == {"name": "Ünï", "kind": "plain"}


def test_lists_and_flags_in_a_query(things: Toy, web: RequestsMock) -> None:
    answer(web, "GET", GOOD)
    query = {"a": [1, "b c"], "hot": True, "cold": False, "text": "ä&="}
    things.data("rawCall", {"method": "GET", "path": "/things", "query": query})
    assert web.calls[0].request.url == f"{HOME}/things?a=1&a=b+c&hot=true&cold=false&text=%C3%A4%26%3D"


def test_a_query_of_the_path_is_kept(things: Toy, web: RequestsMock) -> None:
    answer(web, "GET", GOOD)
    things.data("rawCall", {"method": "GET", "path": "/things?a=1#top", "query": {"b": 2}})
    assert web.calls[0].request.url == f"{HOME}/things?a=1&b=2"


def test_null_in_a_query_is_a_defect_of_the_handler(things: Toy, web: RequestsMock) -> None:
    with pytest.raises(InternalError):
        things.run("rawCall", {"method": "GET", "path": "/things", "query": {"a": None}})
    assert not web.calls


def test_numbers_beyond_64_bits_travel_both_ways(things: Toy, web: RequestsMock) -> None:
    answer(web, "create", {"body": b'{"id": 123456789012345678901234567890, "price": 0.10, "mass": 1e400}'})
    data = things.data("createThing", {"name": "a", "count": 2**70, "price": 0.1, "size": "1.10"})
    assert (data["id"], str(data["price"]), str(data["mass"])) == (123456789012345678901234567890, "0.10", "1E+400")
    body = str(web.calls[0].request.body)
    assert all(part in body for part in (f'"count":{2**70}', '"price":"0.1"', '"size":1.10'))


@pytest.mark.parametrize(
    "path", [f"{HOME}/things", f"{HOME.upper()}/things", f"{HOME}:443/things", "things", "/things"]
)
def test_paths_and_addresses_on_the_own_host(things: Toy, web: RequestsMock, path: str) -> None:
    answer(web, "GET", GOOD)
    things.run("rawCall", {"method": "GET", "path": path})
    assert web.calls[0].request.url == f"{HOME}/things"


def test_an_address_inside_a_query_is_no_address(things: Toy, web: RequestsMock) -> None:
    answer(web, "GET", GOOD)
    things.run("rawCall", {"method": "GET", "path": "/things?back=https://elsewhere.example/x"})
    assert web.calls[0].request.url == f"{HOME}/things?back=https://elsewhere.example/x"


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/things",
        "//elsewhere.example/things",
        "http://toy.example/things",
        "https://toy.example:8443/things",
        "https://toy.example@elsewhere.example/",
        "https://elsewhere.example\\@toy.example/",
        "https://toy.example.elsewhere.example/",
        " https://elsewhere.example/",
        "ftp://toy.example/",
        "https://[",
        "https://toy.example:99999/",
    ],
)
def test_a_token_never_leaves_home(things: Toy, web: RequestsMock, path: str) -> None:
    with pytest.raises(InvalidInput, match="must be a path") as raised:
        things.run("rawCall", {"method": "GET", "path": path})
    assert raised.value.fields[0]["path"] == "/url"
    assert not web.calls


@pytest.mark.parametrize(
    "path", ["/\\elsewhere.example", "/@elsewhere.example", "http:elsewhere.example", "/a b\r\nX: y"]
)
def test_odd_paths_stay_on_the_host(things: Toy, web: RequestsMock, path: str) -> None:
    web.add("GET", re.compile(r"https://toy\.example/.*"), json={})
    things.run("rawCall", {"method": "GET", "path": path})
    url = str(web.calls[0].request.url)
    assert url.startswith(f"{HOME}/")
    assert not set(url) & set("\r\n ")


@pytest.mark.parametrize(
    "header",
    [
        {"X-A": "b\r\nX-C: d"},
        {"X-A\r\nX-C": "d"},
        {"X A": "b"},
        {"X-A": "€"},
        {"": "b"},
        {"Host": "elsewhere.example"},
        {"content-length": "3"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "keep-alive"},
    ],
)
def test_headers_smuggle_nothing(things: Toy, web: RequestsMock, header: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="header"):
        things.run("rawCall", {"method": "POST", "path": "/things", "headers": header})
    assert not web.calls


def test_nobody_overrides_the_signature(things: Toy, web: RequestsMock) -> None:
    answer(web, "GET", GOOD)
    things.run("rawCall", {"method": "GET", "path": "/things", "headers": {"authorization": "Bearer mine"}})
    assert web.calls[0].request.headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "tok€n", "to\x00ken"])
def test_a_token_that_is_no_header_is_told_without_being_shown(things: Toy, web: RequestsMock, token: str) -> None:
    with pytest.raises(NotAuthenticated, match="characters that no token has") as raised:
        things.with_token(access_token=token).run("getThing", {"id": 7})
    assert (raised.value.code, raised.value.fix) == ("malformed_token", "end_user")
    assert token not in repr(raised.value.__cause__) + repr(raised.value.__context__)
    assert not web.calls


@pytest.mark.parametrize("token", [f" {SECRET}\n", {"access_token": f"{SECRET} "}, f"bearer  {SECRET}"])
def test_the_space_around_a_pasted_token_is_dropped(things: Toy, web: RequestsMock, token: Any) -> None:
    answer(web, "read", GOOD)
    Toy(things.runtime, {"token": token}).run("getThing", {"id": 7})
    assert web.calls[0].request.headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("token", [None, "", "  ", {}, {"access_token": ""}])
def test_without_a_token_nothing_is_sent(things: Toy, web: RequestsMock, token: Any) -> None:
    with pytest.raises(NotAuthenticated, match="Sign in") as raised:
        Toy(things.runtime, {"token": token}).run("getThing", {"id": 7})
    assert raised.value.code == "no_token"


def test_a_dry_run_shows_the_request_and_sends_nothing(things: Toy, web: RequestsMock) -> None:
    request = things.run("createThing", {"name": "a"}, dry_run=True)["request"]
    assert (request["method"], request["url"], request["body"]) == (
        "POST", f"{HOME}/things", {"name": "a", "kind": "plain"},
    )  # fmt: skip
    assert request["headers"]["Authorization"] == "***"
    assert not web.calls


def test_what_reads_is_not_kept_from_reading_by_a_dry_run(things: Toy, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things", json={"items": [{"id": 1, "name": "a"}], "more": False})
    found = things.runtime.iterate("toy-service", "listThings", {}, things.connection, {"dryRun": True})
    assert [entry["id"] for entry in found] == [1]
    picked = things.runtime.pick("toy-service", "selectThing", {}, things.connection, {"dryRun": True})
    assert picked["result"] == [{"label": "a", "key": "1"}]


# --- repeating --------------------------------------------------------------------------------------


@pytest.mark.parametrize("effect", SAFE)
@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_what_is_safe_is_repeated(things: Toy, web: RequestsMock, effect: str, status: int) -> None:
    answer(web, effect, failure(status), failure(status), GOOD)
    call(things, effect)
    assert len(web.calls) == 3


@pytest.mark.parametrize("effect", UNSAFE)
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_what_is_not_safe_is_not_repeated(things: Toy, web: RequestsMock, effect: str, status: int) -> None:
    answer(web, effect, failure(status), GOOD)
    with pytest.raises(Unavailable, match="Nobody knows") as raised:
        call(things, effect)
    assert (raised.value.code, raised.value.retryable, len(web.calls)) == ("outcome_unknown", False, 1)


@pytest.mark.parametrize("effect", UNSAFE)
def test_a_create_that_was_refused_for_haste_is_repeated(things: Toy, web: RequestsMock, effect: str) -> None:
    answer(web, effect, failure(429), GOOD)
    call(things, effect)
    assert len(web.calls) == 2


@pytest.mark.parametrize("effect", CALLS)
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 415, 422, 501])
def test_what_will_not_get_better_is_not_repeated(things: Toy, web: RequestsMock, effect: str, status: int) -> None:
    answer(web, effect, failure(status), GOOD)
    with pytest.raises(SalesError):
        call(things, effect)
    assert len(web.calls) == 1


def test_retries_end(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", failure(503))
    with pytest.raises(Unavailable):
        call(things, "read", retries=2)
    assert (len(web.calls), clock.slept) == (3, [0.25, 0.5])


def test_without_retries_one_attempt_is_made(things: Toy, web: RequestsMock) -> None:
    answer(web, "read", failure(503))
    with pytest.raises(Unavailable):
        call(things, "read", retries=0)
    assert len(web.calls) == 1


def test_backoff_doubles_up_to_a_cap(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", failure(503))
    with pytest.raises(Unavailable):
        call(things, "read", retries=8)
    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


def test_a_header_about_limits_alone_repeats_nothing(things: Toy, web: RequestsMock) -> None:
    answer(web, "read", {**GOOD, "headers": {"Retry-After": "5", "X-RateLimit-Remaining": "0"}})
    call(things, "read")
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("retry_after", "waits"), [("7", 7.0), ("0", 0.0), (" 3 ", 3.0), ("²", 0.25), ("soon", 0.25), ("-1", 0.25)]
)
def test_retry_after_in_seconds(
    things: Toy, web: RequestsMock, clock: FakeClock, retry_after: str, waits: float
) -> None:
    answer(web, "create", failure(429, Retry_After=retry_after), GOOD)
    call(things, "create")
    assert clock.slept == [waits]


@pytest.mark.parametrize("off", [0, 3600, -3600])
def test_retry_after_as_a_date_by_the_clock_of_the_service(
    things: Toy, web: RequestsMock, clock: FakeClock, off: float
) -> None:
    now = datetime.fromtimestamp(clock.now() + off, UTC)
    dates = {
        "Retry_After": format_datetime(now + timedelta(seconds=9), usegmt=True),
        "Date": format_datetime(now, usegmt=True),
    }
    answer(web, "read", failure(503, **dates), GOOD)
    call(things, "read")
    assert clock.slept == [9.0]


@pytest.mark.parametrize("write", [lambda until: until.isoformat(), lambda until: f"{until.timestamp():.0f}"])
def test_retry_after_as_a_moment_in_iso_8601_or_in_seconds_since_1970(
    things: Toy, web: RequestsMock, clock: FakeClock, write: Callable[[datetime], str]
) -> None:
    until = datetime.fromtimestamp(clock.now() + 9, UTC)
    answer(web, "read", failure(503, Retry_After=write(until)), GOOD)
    call(things, "read")
    assert clock.slept == [pytest.approx(9.0, abs=0.5)]


def test_who_has_no_limit_writes_down_no_pause(things: Toy, web: RequestsMock, home: Path) -> None:
    answer(web, "read", failure(429, Retry_After="7"), GOOD)
    call(things, "read")
    assert not home.exists()


def test_a_retry_after_that_has_passed_is_no_wait(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    dates = {"Retry_After": "Sun, 06 Nov 1994 08:49:37 GMT", "Date": "Sun, 06 Nov 1994 08:49:40 GMT"}
    answer(web, "read", failure(503, **dates))
    with pytest.raises(Unavailable) as raised:
        call(things, "read", retries=1)
    assert (raised.value.retry_after, clock.slept) == (0.0, [0.0])


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time of this machine is that of another place."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_from_greenwich")
@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S -0000", "%a %b %d %H:%M:%S %Y"])
def test_retry_after_as_a_date_by_our_clock(things: Toy, web: RequestsMock, clock: FakeClock, form: str) -> None:
    until = datetime.fromtimestamp(clock.now() + 9, UTC).strftime(form)
    answer(web, "read", failure(503, Retry_After=until), GOOD)
    call(things, "read")
    assert clock.slept == [9.0]


@pytest.mark.parametrize("asked", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_retry_after_without_measure_is_a_number_all_the_same(things: Toy, web: RequestsMock, asked: str) -> None:
    answer(web, "read", failure(503, Retry_After=asked))
    with pytest.raises(Unavailable) as raised:
        call(things, "read")
    assert raised.value.retry_after == MAX_OPTION_SECONDS
    assert "Infinity" not in json.dumps(raised.value.as_json())


def test_nobody_waits_for_a_service_that_asks_for_too_much(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", failure(429, Retry_After="3000"), GOOD)
    with pytest.raises(RateLimited, match="due in 3e\\+03 s") as raised:
        call(things, "read")
    assert (raised.value.retry_after, raised.value.retryable, clock.slept) == (3000.0, True, [])


def test_a_caller_with_patience_waits_longer(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", failure(429, Retry_After="3000"), GOOD)
    call(things, "read", deadline=4000)
    assert clock.slept == [3000.0]


def test_a_deadline_is_kept_without_waiting_for_it(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", failure(503, Retry_After="7"), GOOD)
    with pytest.raises(Unavailable, match="due in 7 s, but the deadline is in 5 s") as raised:
        call(things, "read", deadline=5)
    assert (raised.value.retry_after, clock.slept, len(web.calls)) == (7.0, [], 1)


@pytest.mark.parametrize("replies", [(503, 404), (503, 410), (503, 429, 404)])
def test_a_delete_that_is_repeated_and_finds_nothing_has_done_its_work(
    things: Toy, web: RequestsMock, replies: tuple[int, ...]
) -> None:
    for status in replies:
        web.add("DELETE", ANY_URL, status=status)
    assert things.data("deleteThing", {"id": 7}) is None
    assert len(web.calls) == len(replies)


@pytest.mark.parametrize("replies", [(404,), (429, 404)])
def test_a_delete_that_surely_did_nothing_before_is_told_what_it_does_not_find(
    things: Toy, web: RequestsMock, replies: tuple[int, ...]
) -> None:
    for status in replies:
        web.add("DELETE", ANY_URL, status=status)
    with pytest.raises(NotFound):
        things.run("deleteThing", {"id": 7})
    assert len(web.calls) == len(replies)


def test_a_deadline_spans_all_attempts(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", failure(503, Retry_After="4"))
    with pytest.raises(Unavailable):
        call(things, "read", deadline=9, retries=50)
    assert (len(web.calls), clock.slept) == (3, [4.0, 4.0])


def test_an_attempt_may_take_the_timeout_or_what_is_left(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    patience = [matchers.request_kwargs_matcher({"timeout": (left, left)}) for left in (3.0, 2.5)]
    web.add("GET", ANY_URL, status=503, headers={"Retry-After": "0.25"}, match=[patience[0]])
    web.add("GET", ANY_URL, status=503, headers={"Retry-After": "8"}, match=[patience[0]])
    web.add("GET", ANY_URL, json={}, match=[patience[1]])
    call(things, "read", timeout=3, deadline=10.75)


def test_a_timeout_beyond_what_a_socket_can_hold(things: Toy, serve: Callable[..., Server]) -> None:
    assert things.at(serve(http()).url).data("getThing", {"id": 7}, timeout=MAX_OPTION_SECONDS) == {}


def test_a_rule_of_the_callers_own_replaces_ours(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "GET", failure(500), failure(500), GOOD)
    raw = {"method": "GET", "path": "/things", "repeat": {"times": 2, "delay": 1.5}}
    assert things.data("rawCall", raw)["status"] == 200
    assert clock.slept == [1.5, 1.5]


def test_exponential_waiting_without_a_delay_waits(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "GET", failure(500))
    raw = {"method": "GET", "path": "/things", "repeat": {"times": 3, "exponential": True}}
    with pytest.raises(Unavailable):
        things.run("rawCall", raw)
    assert clock.slept == [0.5, 1.0, 2.0]


def test_exponential_waiting_has_an_end(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "GET", failure(500))
    raw = {"method": "GET", "path": "/things", "repeat": {"times": 4, "delay": 50, "exponential": True}}
    with pytest.raises(Unavailable):
        things.run("rawCall", raw)
    assert clock.slept == [50.0, 100.0, 120.0, 120.0]


def test_an_own_rule_heeds_retry_after_and_does_not_repeat_a_post(
    things: Toy, web: RequestsMock, clock: FakeClock
) -> None:
    answer(web, "POST", failure(429, Retry_After="4"), failure(500))
    with pytest.raises(Unavailable, match="Nobody knows"):
        things.run("rawCall", {"method": "POST", "path": "/things", "repeat": {"times": 5}})
    assert (clock.slept, len(web.calls)) == ([4.0], 2)


def test_an_own_rule_may_repeat_everything(things: Toy, web: RequestsMock) -> None:
    answer(web, "POST", failure(500), failure(422), GOOD)
    repeat = {"times": 5, "all_errors": True}
    assert things.data("rawCall", {"method": "POST", "path": "/things", "repeat": repeat})["status"] == 200
    assert len(web.calls) == 3


# --- tokens -----------------------------------------------------------------------------------------


def renewable(things: Toy, **token: Any) -> Toy:
    """Over a given connection whose new tokens somebody keeps."""
    connection = {
        "fields": {"clientId": "cid", "clientSecret": "very-secret"},
        "token": {"access_token": "old-token", "refresh_token": "again-please", **token},
    }
    return Toy(things.runtime, connection, {"on_token": lambda token: None})


def signed(token: str) -> Any:
    return matchers.header_matcher({"Authorization": f"Bearer {token}"})


def test_a_refused_token_is_renewed_once_and_the_call_goes_on(things: Toy, web: RequestsMock) -> None:
    web.add("POST", ANY_URL, status=401, match=[signed("old-token")])
    web.add("POST", ANY_URL, json={"id": 7}, match=[signed("new-token")])
    token = web.add("POST", f"{HOME}/token", json={"access_token": "new-token", "expires_in": 3600})
    attempts: list[Any] = []
    assert renewable(things).data("createThing", {"name": "a"}, on_debug=attempts.append) == {"id": 7}
    assert token.call_count == 1
    seen = [(entry["method"], entry["url"].removeprefix(HOME), entry["attempt"], entry["status"]) for entry in attempts]
    assert seen == [("POST", "/things", 1, 401), ("POST", "/token", 1, 200), ("POST", "/things", 2, 200)]
    assert not any(secret in str(attempts) for secret in ("old-token", "new-token", "again-please", "very-secret"))


def test_a_deadline_ends_the_wait_for_a_token_that_another_process_gets(
    things: Toy, web: RequestsMock, clock: FakeClock
) -> None:
    stale, store = renewable(things, expires_at=1), things.runtime.store
    store.connections.save("mine", "toy-service", {"key": "token", **stale.connection})
    assert store.tokens.claim("mine", store.tokens.read("mine"), REFRESH_LEASE_SECONDS)
    with pytest.raises(Unavailable) as raised:
        things.runtime.invoke("toy-service", "getThing", {"id": 7}, "mine", {"deadline": 2})
    assert (raised.value.code, len(web.calls)) == ("deadline", 0)
    assert clock.monotonic() == pytest.approx(2, abs=0.3)


def test_a_call_that_gets_no_token_costs_no_slot(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    slow = renewable(things, expires_at=1).at(HOME, rateLimit=0.5)
    web.add("POST", f"{HOME}/token", status=503)
    web.add("POST", f"{HOME}/token", json={"access_token": "new-token", "expires_in": 3600})
    web.add("GET", f"{HOME}/things/7", json={"id": 7})
    with pytest.raises(Unavailable):
        slow.run("getThing", {"id": 7}, retries=0)
    assert slow.data("getThing", {"id": 7}) == {"id": 7}
    assert clock.slept == []


def test_a_token_that_stays_refused_is_renewed_once_only(things: Toy, web: RequestsMock) -> None:
    refused = web.add("GET", ANY_URL, status=401)
    token = web.add("POST", f"{HOME}/token", json={"access_token": "new-token", "expires_in": 3600})
    with pytest.raises(NotAuthenticated, match="sign in again"):
        renewable(things).run("getThing", {"id": 7})
    assert (refused.call_count, token.call_count) == (2, 1)


def test_a_refused_token_that_cannot_be_renewed(things: Toy, web: RequestsMock) -> None:
    answer(web, "read", failure(401))
    with pytest.raises(NotAuthenticated) as raised:
        call(things, "read")
    assert (raised.value.fix, raised.value.status, len(web.calls)) == ("end_user", 401, 1)


def test_the_header_is_computed_at_each_attempt(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    """A wait that is longer than the token's life: the request after it carries the new token."""
    web.add("GET", ANY_URL, status=503, headers={"Retry-After": "100"}, match=[signed("old-token")])
    web.add("GET", ANY_URL, json={"id": 7}, match=[signed("new-token")])
    web.add("POST", f"{HOME}/token", json={"access_token": "new-token", "expires_in": 3600})
    mine = renewable(things, expires_at=clock.now() + 90, expires_in=3600)
    assert mine.data("getThing", {"id": 7}) == {"id": 7}


def test_threads_that_bring_the_same_connection_renew_it_once(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    web.add("GET", ANY_URL, json={"id": 7}, match=[signed("new-token")])
    token = web.add("POST", f"{HOME}/token", json={"access_token": "new-token", "expires_in": 3600})
    mine = renewable(things, expires_at=clock.now() - 1)
    ready = threading.Barrier(8)

    def together(number: int) -> Any:
        ready.wait()
        return mine.data("getThing", {"id": 7})

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(together, range(8))) == [{"id": 7}] * 8
    assert token.call_count == 1


def test_a_list_may_tell_of_errors_beside_its_records(things: Toy, web: RequestsMock) -> None:
    page = {"items": [{"id": 1}], "more": False, "errors": [{"row": 7}]}
    web.add("GET", f"{HOME}/things", json=page)
    assert things.data("listThings") == page


# --- redirects --------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_keeps_the_token(things: Toy, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things/7", status=302, headers={"Location": "/elsewhere/7"})
    web.add("GET", f"{HOME}/elsewhere/7", json={"id": 7}, match=[signed(SECRET)])
    assert things.data("getThing", {"id": 7}) == {"id": 7}


def test_redirects_are_followed_a_few_times(things: Toy, web: RequestsMock) -> None:
    for number in range(1, 7):
        web.add("GET", f"{HOME}/things/{number}", status=302, headers={"Location": f"/things/{number + 1}"})
    web.add("GET", f"{HOME}/things/7", json={"id": 7})
    assert things.data("getThing", {"id": 2}) == {"id": 7}
    with pytest.raises(InvalidResponse) as raised:
        things.run("getThing", {"id": 1})
    assert (raised.value.code, len(web.calls)) == ("redirect", 12)


def test_a_redirect_to_another_host_takes_nothing_along(things: Toy, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things", status=307, headers={"Location": "https://files.example/7?sig=1"})
    web.add("GET", "https://files.example/7", json={"id": 7})
    raw = {"method": "GET", "path": "/things", "headers": {"X-Api-Key": "k", "Cookie": "c=d"}, "body": "payload"}
    assert things.data("rawCall", raw)["status"] == 200
    elsewhere = web.calls[1].request
    assert {name.lower() for name in elsewhere.headers} == {"user-agent", "accept", "accept-encoding"}
    assert not elsewhere.body


def test_a_redirect_from_https_to_http_drops_the_token(things: Toy, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things/7", status=302, headers={"Location": "http://toy.example/7"})
    web.add("GET", "http://toy.example/7", json={})
    things.run("getThing", {"id": 7})
    assert "Authorization" not in web.calls[1].request.headers


@pytest.mark.parametrize("effect", ["create", "update", "upsert", "delete"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_is_not_redirected(things: Toy, web: RequestsMock, effect: str, status: int) -> None:
    """That it was redirected does not prove that it was not done: of a create nobody knows."""
    answer(web, effect, {"status": status, "headers": {"Location": "/elsewhere"}})
    with pytest.raises(SalesError, match="check apiUrl") as raised:
        call(things, effect)
    code = "outcome_unknown" if effect == "create" else "redirect"
    assert (raised.value.code, raised.value.status, len(web.calls)) == (code, status, 1)


@pytest.mark.parametrize("target", ["", "ftp://toy.example/7", "https://[", "mailto:a@b.example", "https://"])
def test_a_redirect_to_nowhere(things: Toy, web: RequestsMock, target: str) -> None:
    answer(web, "read", {"status": 302, "headers": {"Location": target}})
    with pytest.raises(InvalidResponse, match="redirects"):
        call(things, "read")


@pytest.mark.parametrize("status", [300, 304])
def test_a_reply_that_is_neither_good_nor_an_error(things: Toy, web: RequestsMock, status: int) -> None:
    answer(web, "delete", {"status": status})
    with pytest.raises(InvalidResponse):
        call(things, "delete")


# --- the way to the service -------------------------------------------------------------------------


def test_a_proxy_is_not_asked_for_this_machine(
    things: Toy, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert things.at(serve(http()).url).data("getThing", {"id": 7}) == {}


def test_a_proxy_that_is_not_there(things: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="proxy") as raised:
        things.at("https://proxied.example").run("createThing", {"name": "a"}, retries=1)
    assert raised.value.fix == "admin"


@pytest.mark.parametrize(
    "url", ["http://127.elsewhere.example", "http://toy.example", "http://localhost.elsewhere.example"]
)
def test_http_is_for_this_machine_only(things: Toy, url: str) -> None:
    with pytest.raises(InvalidInput, match="https"):
        things.at(url).run("getThing", {"id": 7})


@pytest.mark.parametrize(
    "url",
    [
        "toy.example",
        "https://",
        "https://toy.example/v2",
        "https://toy.example?x=1",
        "https://a:hunter2@toy.example",
        "https://toy .example",
        "https://toy.example:port",
    ],
)
def test_an_address_that_is_none(things: Toy, url: str) -> None:
    with pytest.raises(InvalidInput, match="apiUrl must") as raised:
        things.at(url).run("getThing", {"id": 7})
    assert (raised.value.fix, raised.value.fields[0]["path"]) == ("maintainer", "/fields/apiUrl")
    assert "hunter2" not in str(raised.value)


def test_a_connection_is_used_again(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(http(body=b'{"id":7}'))
    here = things.at(server.url)
    for _ in range(5):
        here.run("getThing", {"id": 7})
    assert (len(server.requests), server.connections) == (5, 1)


def test_a_connection_that_the_server_closed_between_calls_is_no_failure(
    things: Toy, serve: Callable[..., Server]
) -> None:
    server = serve(http(keep=False))
    here = things.at(server.url)
    for _ in range(3):
        here.run("createThing", {"name": "a"}, retries=0)
        assert server.closed.acquire(timeout=5)
    assert len(server.requests) == 3


def test_a_connection_that_breaks_when_it_is_used_again(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(http(), hang_up, http())
    here = things.at(server.url)
    here.run("getThing", {"id": 7})
    here.run("getThing", {"id": 7})
    assert len(server.requests) == 3


def test_a_create_that_may_have_been_seen_is_not_sent_again(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(http(), hang_up, http())
    here = things.at(server.url)
    here.run("getThing", {"id": 7})
    with pytest.raises(Unavailable, match="Nobody knows") as raised:
        here.run("createThing", {"name": "a"})
    assert (raised.value.code, len(server.requests)) == ("outcome_unknown", 2)


def test_bytes_behind_a_reply_do_not_get_into_the_next_one(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(http(body=b'{"id":7}HTTP/1.1 200 OK', length=8), http(body=b'{"id":8}'))
    here = things.at(server.url)
    assert [here.data("getThing", {"id": number})["id"] for number in (7, 8)] == [7, 8]


def test_a_packed_reply_is_unpacked(things: Toy, serve: Callable[..., Server]) -> None:
    import gzip

    server = serve(http(body=gzip.compress(b'{"id":7}' + b" " * 300_000), Content_Encoding="gzip"))
    assert things.at(server.url).data("getThing", {"id": 7}) == {"id": 7}


def test_a_reply_in_chunks(things: Toy, serve: Callable[..., Server]) -> None:
    def chunked(connection: Any, request: bytes) -> bool:
        connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"i\r\n5\r\nd":7}\r\n0\r\n\r\n')
        return True

    server = serve(chunked)
    here = things.at(server.url)
    assert [here.data("getThing", {"id": 7}) for _ in range(2)] == [{"id": 7}] * 2
    assert server.connections == 1


def test_many_threads_share_a_connection(toy: str, serve: Callable[..., Server], runtime: Runtime) -> None:
    from sales_connectors import connect

    server = serve(lambda connection, request: http(body=b'{"path":"%s"}' % request.split()[1])(connection, request))
    shared = connect(toy, {"fields": {"apiUrl": server.url}, "token": "abcd"}, runtime=runtime)

    def calls(thread: int) -> list[str]:
        return [shared.getThing(id=thread * 100 + number)["path"] for number in range(1, 21)]

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(calls, range(32)))
    assert answers == [[f"/things/{thread * 100 + number}" for number in range(1, 21)] for thread in range(32)]
    assert len(server.requests) == 640
    assert server.connections <= 40


# --- the budget -------------------------------------------------------------------------------------


def test_a_rate_spreads_requests(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", GOOD)
    limited = things.at(HOME, rateLimit=2)
    for _ in range(4):
        limited.run("getThing", {"id": 7})
    assert clock.monotonic() == pytest.approx(3 / (0.95 * 2), rel=0.01)


def test_a_pause_that_the_service_asked_for_holds_for_everybody(
    things: Toy, web: RequestsMock, clock: FakeClock
) -> None:
    answer(web, "read", failure(429, Retry_After="30"), GOOD)
    limited = things.at(HOME, rateLimit=10)
    with pytest.raises(RateLimited):
        limited.run("getThing", {"id": 7}, retries=0)
    Toy(Runtime(things.runtime.store, clock=clock), limited.connection).run("getThing", {"id": 7})
    assert clock.monotonic() >= 30


def test_nobody_sleeps_through_an_hour_of_pause_unasked(things: Toy, web: RequestsMock, clock: FakeClock) -> None:
    answer(web, "read", failure(429, Retry_After="3000"), GOOD)
    limited = things.at(HOME, rateLimit=10)
    for _ in range(2):
        with pytest.raises(RateLimited) as raised:
            limited.run("getThing", {"id": 7})
        assert raised.value.retry_after == pytest.approx(3000, abs=1)
    assert clock.monotonic() < 1


def test_a_budget_that_would_outlast_the_deadline(things: Toy, web: RequestsMock) -> None:
    answer(web, "read", GOOD)
    limited = things.at(HOME, rateLimit=0.1)
    limited.run("getThing", {"id": 7})
    with pytest.raises(RateLimited, match="budget") as raised:
        limited.run("getThing", {"id": 7}, deadline=2)
    assert raised.value.retry_after == pytest.approx(10.5, abs=0.1)
    assert len(web.calls) == 1


# --- options ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        *({"timeout": wrong} for wrong in (0, -1, "5", float("inf"), float("nan"), True)),
        *({"retries": wrong} for wrong in (-1, 1.5, True)),
        *({"idempotencyKey": wrong} for wrong in ("", "x" * 256, 7)),
        {"deadline": 0},
        {"debug": "false"},
        {"dryRun": 0},
        {"timout": 5},
        ["timeout"],
        "debug",
    ],
)
def test_options_that_make_no_sense(things: Toy, web: RequestsMock, options: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.runtime.invoke("toy-service", "getThing", {"id": 7}, things.connection, options)
    assert raised.value.code == "invalid_option"


def test_a_misspelt_option_suggests_the_nearest(things: Toy) -> None:
    with pytest.raises(InvalidInput, match="Did you mean 'timeout'"):
        things.run("getThing", {"id": 7}, timout=5)


# --- debug ------------------------------------------------------------------------------------------


def test_debug_tells_each_exchange(things: Toy, web: RequestsMock) -> None:
    answer(web, "create", failure(429, Retry_After="1", X_Request_Id="r1"), {"body": b"{}" + b" " * 20_000})
    entries: list[Any] = []
    things.run("createThing", {"name": "a"}, on_debug=entries.append)
    first, second = entries
    assert (first["method"], first["url"], first["status"], first["attempt"]) == ("POST", f"{HOME}/things", 429, 1)
    assert first["body"] == {"name": "a", "kind": "plain"}
    assert first["response"]["headers"]["x-request-id"] == "r1"
    assert second["attempt"] == 2
    assert second["response"]["body"].endswith("… (20002 bytes)")
    assert len(second["response"]["body"]) < 10_300


def test_debug_goes_to_standard_error_as_json_lines(
    things: Toy, web: RequestsMock, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(web, "read", failure(503), {"body": b'{"price": 1.5}'})
    things.run("getThing", {"id": 7}, debug=True)
    out, err = capsys.readouterr()
    assert [json.loads(line)["status"] for line in err.splitlines()] == [503, 200]
    assert out == ""


@pytest.fixture
def crowd(things: Toy, serve: Callable[..., Server]) -> tuple[Server, Callable[[int], Any]]:
    """A server, and as many connections to it as stay open, each with a token of its own and used once."""
    server = serve(http())

    def connected(number: int) -> Any:
        return connect("toy-service", things.at(server.url).connection, token=f"token-{number}", runtime=things.runtime)

    for number in range(MAX_OPEN_CONNECTIONS):
        connected(number).getThing(id=1)
    assert server.connections == MAX_OPEN_CONNECTIONS
    assert not server.closed.acquire(blocking=False)
    return server, connected


def test_the_sockets_of_a_connection_that_makes_room_are_given_back(
    crowd: tuple[Server, Callable[[int], Any]],
) -> None:
    server, connected = crowd
    first = connected(0)
    for number in range(1, MAX_OPEN_CONNECTIONS + 1):
        connected(number)
    assert server.closed.acquire(timeout=10), "the connection that was used longest ago keeps its socket"
    assert not server.closed.acquire(blocking=False)
    first.getThing(id=1)
    assert server.connections == MAX_OPEN_CONNECTIONS + 1


def test_a_connection_that_was_used_again_does_not_make_room(crowd: tuple[Server, Callable[[int], Any]]) -> None:
    server, connected = crowd
    connected(0)
    connected(MAX_OPEN_CONNECTIONS)
    assert server.closed.acquire(timeout=10)
    connected(0).getThing(id=1)
    assert server.connections == MAX_OPEN_CONNECTIONS
    connected(1).getThing(id=1)
    assert server.connections == MAX_OPEN_CONNECTIONS + 1
