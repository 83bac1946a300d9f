"""Creates under an idempotency key, through the front door: when a key is used up, and whose it is."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from responses import RequestsMock, matchers
from tests.conftest import Toy

from sales_connectors import Runtime
from sales_connectors.errors import (
    Conflict,
    InvalidInput,
    InvalidResponse,
    NotAllowed,
    RateLimited,
    SalesError,
    Unavailable,
)
from sales_connectors.runtime.idempotency import MAX_KEYED_CREATE_SECONDS, SETTLED_SECONDS
from sales_connectors.store import Journal, owners
from sales_connectors.testing import FakeClock

HOME = "https://toy.example"
THINGS = f"{HOME}/things"
KEY = "the key of the test"


def create(things: Toy, name: str = "Lamp", **options: Any) -> Any:
    return things.run("createThing", {"name": name}, idempotencyKey=KEY, **options)


@pytest.mark.parametrize(("status", "error"), [(422, InvalidInput), (403, NotAllowed), (429, RateLimited)])
def test_a_key_whose_create_was_refused_is_free_again(
    things: Toy, web: RequestsMock, status: int, error: type[SalesError]
) -> None:
    web.post(THINGS, json={"error": "no"}, status=status)
    web.post(THINGS, json={"id": 1})
    with pytest.raises(error):
        create(things, retries=0)
    assert create(things, "Chair") == {"data": {"id": 1}, "outcome": "created"}
    assert create(things, "Chair") == {"data": {"id": 1}, "outcome": "found"}
    assert [json.loads(call.request.body or b"")["name"] for call in web.calls] == ["Lamp", "Chair"]


@pytest.mark.parametrize(
    "spellings",
    [(1000, 1000.0, Decimal("1000.00"), Decimal("1E+3")), (1.5, Decimal("1.500")), (0.1, Decimal("0.10"))],
)
def test_a_number_is_the_same_however_it_is_spelt(things: Toy, web: RequestsMock, spellings: tuple[Any, ...]) -> None:
    web.post(THINGS, json={"id": 1})

    def create_with(number: Any) -> Any:
        extra = {"score": number, "deep": [{"score": number}]}
        return things.run("createThing", {"name": "Lamp", "extra": extra}, idempotencyKey=KEY)["outcome"]

    assert [create_with(number) for number in spellings] == ["created", *["found"] * (len(spellings) - 1)]
    for other in (spellings[0] + 1, str(spellings[0]) + "0", Decimal("0.1000000000000000000000001")):
        with pytest.raises(Conflict):
            create_with(other)


def test_a_clock_ahead_of_that_of_the_store_makes_no_second_record(
    web: RequestsMock, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts = "https://api.getbase.com/v2/contacts"
    web.get("https://api.getbase.com/v2/users/self", json={"data": {"id": 1}})
    web.get(contacts, json={"items": [], "meta": {"links": {}}})  # the service has not got to it yet
    web.post(contacts, status=500)
    web.post(contacts, json={"data": {"id": 7}})
    ahead = SimpleNamespace(time=lambda: time.time() + 3600, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr("sales_connectors.clock.time", ahead)
    runtime, connection = Runtime(store_url), {"token": "secret", "name": "ours", "fields": {"rateLimit": 0}}
    for _ in range(2):
        with pytest.raises(Unavailable) as raised:
            runtime.invoke("zendesk-sell", "createContact", {"lastName": "Roe"}, connection, {"idempotencyKey": KEY})
    assert raised.value.code == "outcome_unknown"
    assert [call.request.method for call in web.calls].count("POST") == 1
    runtime.close()


@pytest.mark.skipif(not owners._identify_machine(), reason="nothing tells the starts of this machine apart")
def test_a_clock_that_jumps_ahead_makes_no_second_record(runtime: Runtime, web: RequestsMock, clock: FakeClock) -> None:
    contacts, connection = "https://api.getbase.com/v2/contacts", {"token": "secret", "name": "ours"}
    web.get("https://api.getbase.com/v2/users/self", json={"data": {"id": 1}})
    web.get(contacts, json={"items": [], "meta": {"links": {}}})
    web.post(contacts, status=500)
    web.post(contacts, json={"data": {"id": 7}})

    def create_contact() -> Any:
        return runtime.invoke("zendesk-sell", "createContact", {"lastName": "Roe"}, connection, {"idempotencyKey": KEY})

    for _ in range(2):
        with pytest.raises(Unavailable) as raised:
            create_contact()
        clock.wall += 3600
    assert raised.value.code == "outcome_unknown"
    clock.pass_by(SETTLED_SECONDS + 1)
    assert create_contact()["outcome"] == "created"


def test_who_ends_between_finding_a_record_and_noting_it_leaves_nobody_with_two(
    runtime: Runtime, web: RequestsMock, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts, connection = "https://api.getbase.com/v2/contacts", {"token": "secret", "name": "ours"}
    web.get("https://api.getbase.com/v2/users/self", json={"data": {"id": 1}})
    web.get(contacts, json={"items": [{"data": {"id": 7, "last_name": "Roe"}}], "meta": {"links": {}}})
    web.post(contacts, status=500)

    def create_contact() -> Any:
        return runtime.invoke("zendesk-sell", "createContact", {"lastName": "Roe"}, connection, {"idempotencyKey": KEY})

    def end(journal: Journal, entry: Any, record: object) -> bool:
        claim(journal, entry, record)
        raise KeyboardInterrupt

    claim = Journal.claim
    with pytest.raises(Unavailable):
        create_contact()
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "claim", end)
        with pytest.raises(KeyboardInterrupt):
            create_contact()
    clock.pass_by(SETTLED_SECONDS + 1)
    assert create_contact() == {"data": {"data": {"id": 7, "last_name": "Roe"}}, "outcome": "found"}
    assert [call.request.method for call in web.calls].count("POST") == 1


def test_a_record_that_was_found_and_is_gone_is_not_made_again(
    runtime: Runtime, web: RequestsMock, clock: FakeClock
) -> None:
    contacts, connection = "https://api.getbase.com/v2/contacts", {"token": "secret", "name": "ours"}
    web.get("https://api.getbase.com/v2/users/self", json={"data": {"id": 1}})
    web.get(contacts, json={"items": [], "meta": {"links": {}}})
    web.post(contacts, status=500)
    for _ in range(2):
        with pytest.raises(Unavailable) as raised:
            runtime.invoke("zendesk-sell", "createContact", {"lastName": "Roe"}, connection, {"idempotencyKey": KEY})
        runtime.store.database.run("UPDATE sales_connectors_journal SET record = '7'", {})
        clock.pass_by(SETTLED_SECONDS + 1)
    assert raised.value.code == "outcome_unknown"
    assert [call.request.method for call in web.calls].count("POST") == 1


@pytest.mark.parametrize("odd", ["a\0b", "y" * 9000, [1], True, 1.5])
def test_a_record_with_an_id_that_can_be_none_is_remembered_all_the_same(
    things: Toy, web: RequestsMock, store_url: str, odd: Any
) -> None:
    web.post(THINGS, json={"id": odd})
    web.get(f"{HOME}/me", json={"id": 1})
    runtime = Runtime(store_url)
    named = replace(things, runtime=runtime, connection={**things.connection, "name": "ours"})
    assert [create(named)["outcome"] for _ in range(2)] == ["created", "found"]
    runtime.close()


def test_no_key_looks_like_the_part_of_another_one(things: Toy, web: RequestsMock) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.run("createThing", {"name": "Lamp"}, idempotencyKey="k\x1ffrom 0")
    assert (raised.value.code, raised.value.fields[0]["path"]) == ("invalid_option", "/idempotencyKey")
    assert not web.calls


def test_a_dry_run_uses_no_key_up(things: Toy, web: RequestsMock, home: Path) -> None:
    web.post(THINGS, json={"id": 1})
    assert create(things, dryRun=True)["request"]["body"]["name"] == "Lamp"
    assert not home.exists()
    assert create(things, "Chair")["outcome"] == "created"


@pytest.mark.parametrize(("deadline", "ends"), [(5.0, 5.0), (1000.0, MAX_KEYED_CREATE_SECONDS)])
def test_a_deadline_may_shorten_a_create_with_a_key_and_not_lengthen_it(
    things: Toy, web: RequestsMock, deadline: float, ends: float
) -> None:
    web.post(THINGS, status=429, headers={"Retry-After": str(int(MAX_KEYED_CREATE_SECONDS) + 10)})
    with pytest.raises(RateLimited, match=f"the deadline is in {ends:.3g} s"):
        create(things, deadline=deadline)


def test_a_key_belongs_to_a_name_at_an_address(things: Toy, web: RequestsMock) -> None:
    for host in ("one.example", "other.example"):
        web.get(f"https://{host}/me", json={"id": 1})
        web.post(f"https://{host}/things", json={"host": host})
    named = Toy(things.runtime, {**things.connection, "name": "mine"})
    one, other = named.at("https://one.example"), named.at("https://other.example")
    assert create(one) == {"data": {"host": "one.example"}, "outcome": "created"}
    assert create(other) == {"data": {"host": "other.example"}, "outcome": "created"}
    assert create(one) == {"data": {"host": "one.example"}, "outcome": "found"}


def test_a_key_belongs_to_the_account_that_the_token_reaches(things: Toy, web: RequestsMock) -> None:
    """Two tenants whose runtime calls both connections the same."""
    named = Toy(things.runtime, {"name": "crm"})
    for number, token in enumerate(("one-token", "other-token")):
        mine = named.with_token(access_token=token, refresh_token=f"{token}-again")
        signed = matchers.header_matcher({"Authorization": f"Bearer {token}"})
        whoami = web.get(f"{HOME}/me", json={"id": number}, match=[signed])
        web.post(THINGS, json={"id": 7, "of": token}, match=[signed])
        assert create(mine) == {"data": {"id": 7, "of": token}, "outcome": "created"}
        assert create(mine)["outcome"] == "found"
        assert whoami.call_count == 1
    rotated = named.with_token(access_token="third-token", refresh_token="third-again")
    web.get(f"{HOME}/me", json={"id": 0})
    assert create(rotated) == {"data": {"id": 7, "of": "one-token"}, "outcome": "found"}


def test_threads_that_ask_at_once_whose_a_token_is_make_one_record(things: Toy, web: RequestsMock) -> None:
    meeting = Barrier(4, timeout=10)

    def tell(request: Any) -> tuple[int, dict[str, str], str]:
        meeting.wait()  # all ask before one has heard
        return 200, {}, '{"id": 1}'

    web.add_callback("GET", f"{HOME}/me", tell)
    made = web.post(THINGS, json={"id": 7})
    named = Toy(things.runtime, {**things.connection, "name": "crm"})

    def ask(_: int) -> str:
        try:
            return str(create(named)["outcome"])
        except Unavailable as busy:
            return busy.code

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(ask, range(4)))
    assert (made.call_count, outcomes.count("created")) == (1, 1)
    assert set(outcomes) <= {"created", "found", "idempotency_key_busy"}


def test_a_token_that_may_not_tell_whose_it_is_has_its_name(things: Toy, web: RequestsMock) -> None:
    web.get(f"{HOME}/me", status=403)
    web.post(THINGS, json={"id": 7})
    named = Toy(things.runtime, {**things.connection, "name": "crm"})
    assert [create(named)["outcome"] for _ in range(2)] == ["created", "found"]


def test_a_name_that_is_removed_takes_its_keys_along(things: Toy, web: RequestsMock) -> None:
    web.post(THINGS, json={"id": 7})
    kept, table = Toy(things.runtime, "mine"), things.runtime.store.connections  # type: ignore[arg-type]
    for _ in range(2):
        table.save("mine", "toy-service", {"key": "token", **things.connection})
        assert create(kept)["outcome"] == "created"
        assert create(kept)["outcome"] == "found"
        table.remove("mine")


@pytest.mark.parametrize(("account", "outcome"), [(1, "found"), (2, "created")])
def test_signing_in_to_another_account_begins_with_no_keys(
    things: Toy, web: RequestsMock, account: int, outcome: str
) -> None:
    keeping = things.runtime.kept
    web.get(f"{HOME}/me", json={"id": 1})
    web.get(f"{HOME}/me", json={"id": account})
    web.post(THINGS, json={"id": 7})
    kept = Toy(things.runtime, "mine")  # type: ignore[arg-type]
    keeping.keep_given("toy-service", "mine", things.connection)
    assert create(kept)["outcome"] == "created"

    keeping.keep_given("toy-service", "mine", {"token": "another-token"})

    assert create(kept)["outcome"] == outcome


def test_the_keys_of_a_connection_that_is_gone_do_not_stand_in_the_way_of_a_new_name(
    things: Toy, web: RequestsMock
) -> None:
    def once(connection: str) -> Any:
        return things.runtime.invoke(
            "toy-service", "createThing", {"name": "Lamp"}, connection, {"idempotencyKey": KEY}
        )

    kept = things.runtime.kept
    for number, name in enumerate(("main", "mine")):
        things.runtime.store.connections.save(name, "toy-service", {"key": "token", **things.connection})
        web.post(THINGS, json={"id": number})
        assert once(name) == {"data": {"id": number}, "outcome": "created"}
    kept.remove("main")
    kept.rename("mine", "main")
    assert once("main") == {"data": {"id": 1}, "outcome": "found"}


@pytest.mark.parametrize("body", ["null", "[]", '"ok"', "{}", "7"])
def test_a_create_without_a_record_is_none(things: Toy, web: RequestsMock, body: str) -> None:
    """Nobody is told that it was created, and the key is held: it may have been."""
    web.post(THINGS, body=body, status=201)
    with pytest.raises(InvalidResponse):
        create(things)
    with pytest.raises(Unavailable) as raised:
        create(things)
    assert (raised.value.code, len(web.calls)) == ("outcome_unknown", 1)


@pytest.mark.parametrize(
    ("action", "inputs"),
    [
        ("getThing", {"id": 7}),
        ("updateThing", {"id": 7, "name": "Lamp"}),
        ("deleteThing", {"id": 7}),
        ("rawCall", {"method": "POST", "path": "/things"}),
    ],
)
def test_a_key_is_refused_where_it_means_nothing(
    things: Toy, web: RequestsMock, action: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match="is for actions that create") as raised:
        things.run(action, inputs, idempotencyKey=KEY)
    assert (raised.value.fields[0]["path"], len(web.calls)) == ("/idempotencyKey", 0)


# --- what to do about an outcome that nobody knows --------------------------------------------------


def told(error: SalesError) -> tuple[str, bool, float | None]:
    return error.code, error.retryable, error.retry_after


def test_what_time_settles_says_when_to_ask_again(runtime: Runtime, web: RequestsMock, clock: FakeClock) -> None:
    contacts, connection = "https://api.getbase.com/v2/contacts", {"token": "secret", "name": "ours"}
    web.get("https://api.getbase.com/v2/users/self", json={"data": {"id": 1}})
    web.get(contacts, json={"items": [], "meta": {"links": {}}})
    web.post(contacts, status=500)
    web.post(contacts, json={"data": {"id": 7}})

    def create_contact() -> Any:
        return runtime.invoke("zendesk-sell", "createContact", {"lastName": "Roe"}, connection, {"idempotencyKey": KEY})

    for _ in range(2):  # its answer is lost, then nothing is there yet
        with pytest.raises(Unavailable, match="with the same key in a quarter of an hour") as raised:
            create_contact()
        assert told(raised.value) == ("outcome_unknown", True, 900.0)
        assert "use an idempotency key" not in raised.value.message
    clock.pass_by(raised.value.retry_after or 0.0)
    assert create_contact()["outcome"] == "created"


def test_records_that_nobody_tells_apart_are_not_settled_by_time(runtime: Runtime, web: RequestsMock) -> None:
    contacts, connection = "https://api.getbase.com/v2/contacts", {"token": "secret", "name": "ours"}
    alike = [{"data": {"id": number, "last_name": "Roe"}} for number in (7, 8)]
    web.get("https://api.getbase.com/v2/users/self", json={"data": {"id": 1}})
    web.get(contacts, json={"items": alike, "meta": {"links": {}}})
    web.post(contacts, status=500)
    for retryable in (True, False):
        with pytest.raises(Unavailable) as raised:
            runtime.invoke("zendesk-sell", "createContact", {"lastName": "Roe"}, connection, {"idempotencyKey": KEY})
        assert told(raised.value) == ("outcome_unknown", retryable, 900.0 if retryable else None)


def test_a_record_that_comes_late_or_never_is_settled_by_time_until_it_is_over(
    runtime: Runtime, web: RequestsMock, clock: FakeClock
) -> None:
    """An older one is like it, so that nobody can say that there is none."""
    contacts, connection = "https://api.getbase.com/v2/contacts", {"token": "secret", "name": "ours"}
    older = {"data": {"id": 7, "last_name": "Roe", "created_at": "2020-01-01T00:00:00Z"}}
    web.get("https://api.getbase.com/v2/users/self", json={"data": {"id": 1}})
    web.get(contacts, json={"items": [older], "meta": {"links": {}}})
    web.post(contacts, status=500)
    seen = []
    for _ in range(3):
        with pytest.raises(Unavailable) as raised:
            runtime.invoke("zendesk-sell", "createContact", {"lastName": "Roe"}, connection, {"idempotencyKey": KEY})
        seen.append(raised.value.retryable)
        clock.pass_by(SETTLED_SECONDS / 2 + 1)
    assert seen == [True, True, False]


def test_where_the_service_cannot_be_asked_time_settles_nothing(things: Toy, web: RequestsMock) -> None:
    web.post(THINGS, status=500)
    for _ in range(2):
        with pytest.raises(Unavailable, match="asking again with this key can settle nothing") as raised:
            create(things)
        assert told(raised.value) == ("outcome_unknown", False, None)
        assert "use an idempotency key" not in raised.value.message


@pytest.mark.parametrize(
    ("action", "inputs", "advises_key"),
    [("createThing", {"name": "Lamp"}, True), ("rawCall", {"method": "POST", "path": "/things"}, False)],
)
def test_a_key_is_advised_to_who_gave_none_and_could(
    things: Toy, web: RequestsMock, action: str, inputs: dict[str, Any], advises_key: bool
) -> None:
    web.post(THINGS, status=500)
    with pytest.raises(Unavailable, match="Look before repeating it") as raised:
        things.run(action, inputs)
    assert told(raised.value) == ("outcome_unknown", False, None)
    assert ("use an idempotency key" in raised.value.message) is advises_key
