"""Tokens: of all who find one stale, exactly one calls the token endpoint, whatever happens to whom."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from errno import EACCES, EPERM
from pathlib import Path
from typing import Any, TextIO

import pytest
from tests.runtime.processes import environment, spawn

from sales_connectors.auth.errand import wait_for_errands
from sales_connectors.auth.inline_tokens import InlineTokens
from sales_connectors.auth.stored_tokens import MAX_REFRESH_BACKOFF_SECONDS, REFRESH_BACKOFF_SECONDS, StoredTokens
from sales_connectors.auth.token_files import FileTokens
from sales_connectors.auth.tokens import (
    MAX_KEEP_SECONDS,
    REFRESH_LEASE_SECONDS,
    RequestToken,
    Token,
    build_next_token,
    needs_refresh,
)
from sales_connectors.clock import SYSTEM_CLOCK, Clock
from sales_connectors.errors import (
    ConfigurationError,
    InvalidResponse,
    NotAuthenticated,
    NotFound,
    RateLimited,
    SalesError,
    Unavailable,
)
from sales_connectors.store import Store, owners
from sales_connectors.store.tokens import MAX_RETRY_PAUSE_SECONDS
from sales_connectors.testing import FakeClock

OpenStore = Callable[..., Store]


class TokenEndpoint:
    """A service whose refresh tokens work once.  Its state is a file, so that processes share it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "token-endpoint"

    def __call__(self, token: Token) -> Token:
        number = self.calls()
        with self.file.open("a") as file:
            file.write(f"{token['refresh_token']}\n")
        if token["refresh_token"] != f"refresh-{self.granted()}":
            raise NotAuthenticated("the refresh token is spent", code="invalid_grant", fix="end_user")
        with (self.file.parent / "granted").open("a") as file:
            file.write(f"{number}\n")
        return {"access_token": f"access-{self.granted()}", "refresh_token": f"refresh-{self.granted()}"}

    def calls(self) -> int:
        """How often anybody asked."""
        return len(self.file.read_text().splitlines()) if self.file.exists() else 0

    def granted(self) -> int:
        """How often it gave a token."""
        granted = self.file.parent / "granted"
        return len(granted.read_text().splitlines()) if granted.exists() else 0


class WaitingClock(Clock):
    """Says that somebody waits."""

    def __init__(self, same: Clock, waited: threading.Event) -> None:
        self.now = same.now  # type: ignore[method-assign]
        self.waited = waited

    def sleep(self, seconds: float, over: threading.Event | None = None) -> None:
        self.waited.set()
        super().sleep(seconds, over)


FIRST = {"access_token": "access-0", "refresh_token": "refresh-0"}
CONNECTION = {"key": "oauth", "fields": {}, "token": FIRST}


def kept_tokens(store: Store) -> StoredTokens:
    return StoredTokens(store.tokens, "c", clock=store.clock)


@pytest.fixture
def endpoint(tmp_path: Path) -> TokenEndpoint:
    return TokenEndpoint(tmp_path)


@pytest.fixture
def kept(store: Store) -> StoredTokens:
    store.connections.save("c", "zendesk-sell", CONNECTION)
    return kept_tokens(store)


@pytest.fixture
def other(open_store: OpenStore, clock: FakeClock, kept: StoredTokens) -> StoredTokens:
    """The same connection in another process."""
    return kept_tokens(open_store(clock))


def failing(error: SalesError) -> RequestToken:
    def exchange(token: Token) -> Token:
        raise error

    return exchange


def ignore(token: Token) -> None:
    """What keeps new tokens, for tests that ask nothing of it."""


def must_not_be_called(token: Token) -> Token:
    raise AssertionError("nobody should have called the token endpoint")


# --- when, and what follows -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "wanted"),
    [
        ({}, False),
        ({"expires_at": 2000.0}, False),
        ({"expires_at": 1061.0}, False),
        ({"expires_at": 1060.0}, True),
        ({"expires_at": "900"}, True),
        ({"expires_at": "soon"}, False),
        ({"expires_at": 1001.0, "expires_in": 2}, False),
        ({"expires_at": 1000.2, "expires_in": 2}, True),
        ({"expires_at": 1060.0, "expires_in": 7200}, True),
    ],
)
def test_a_token_is_refreshed_before_it_ends(token: Token, wanted: bool) -> None:
    assert needs_refresh(token, 1000.0) == wanted


def test_a_reply_without_a_refresh_token_keeps_the_old_one() -> None:
    for reply in ({"access_token": "b"}, {"access_token": "b", "refresh_token": None}):
        assert build_next_token({"access_token": "a", "refresh_token": "r"}, reply, 0.0) == {
            "access_token": "b",
            "refresh_token": "r",
        }


def test_the_end_of_a_token_counts_from_when_it_was_asked_for() -> None:
    assert build_next_token(None, {"access_token": "b", "expires_in": "3600"}, 1000.0)["expires_at"] == 4600.0


# --- in the store ---------------------------------------------------------------------------------


def test_one_refreshes_and_the_others_get_the_result(
    kept: StoredTokens, other: StoredTokens, endpoint: TokenEndpoint
) -> None:
    stale = kept.get_token() or {}
    assert other.get_token() == stale == FIRST

    fresh = kept.refresh(stale, endpoint)

    assert fresh == kept.get_token() == {"access_token": "access-1", "refresh_token": "refresh-1"}
    assert other.refresh(stale, must_not_be_called) == fresh
    assert kept.refresh(stale, must_not_be_called) == fresh


def test_a_new_token_is_stored_with_its_end(kept: StoredTokens, store: Store, clock: FakeClock) -> None:
    kept.refresh(FIRST, lambda token: {"access_token": "b", "expires_in": 100})

    assert store.connections.get("c").token == {
        "access_token": "b",
        "refresh_token": "refresh-0",
        "expires_in": 100,
        "expires_at": clock.now() + 100,
    }


def test_the_end_of_a_token_does_not_count_from_when_it_came(kept: StoredTokens, clock: FakeClock) -> None:
    asked_at = clock.now()

    def slowly(token: Token) -> Token:
        clock.pass_by(10)
        return {"access_token": "b", "expires_in": 100}

    assert kept.refresh(FIRST, slowly)["expires_at"] == asked_at + 100
    assert InlineTokens(FIRST, clock=clock).refresh(FIRST, slowly, on_token=ignore)["expires_at"] == asked_at + 110


def test_the_same_access_token_with_a_later_end_counts_as_new(kept: StoredTokens, other: StoredTokens) -> None:
    fresh = kept.refresh(FIRST, lambda token: {"access_token": "access-0", "expires_in": 100})

    assert other.refresh(FIRST, must_not_be_called) == fresh


def test_a_connection_without_a_token_gets_its_first_one_the_same_way(store: Store) -> None:
    store.connections.save("c", "salesloft", {"key": "oauth", "fields": {}})
    kept = kept_tokens(store)

    assert kept.get_token() is None
    assert kept.refresh({}, lambda token: {"access_token": "first"}) == {"access_token": "first"}


def test_others_wait_for_the_one_that_refreshes(
    open_store: OpenStore, kept: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    reached, waited = threading.Event(), threading.Event()

    def slowly(token: Token) -> Token:
        reached.set()
        assert waited.wait(10)
        return endpoint(token)

    tokens: list[Token] = []
    refresher = threading.Thread(target=lambda: tokens.append(kept.refresh(FIRST, slowly)))
    refresher.start()
    assert reached.wait(10)
    tokens.append(kept_tokens(open_store(WaitingClock(clock, waited))).refresh(FIRST, must_not_be_called))
    refresher.join()

    assert tokens[0] == tokens[1]
    assert endpoint.calls() == 1


def test_a_refused_refresh_token_is_tried_once_and_never_again(
    kept: StoredTokens, other: StoredTokens, store: Store, endpoint: TokenEndpoint
) -> None:
    store.connections.save("c", "zendesk-sell", {**CONNECTION, "token": {**FIRST, "refresh_token": "spent"}})

    for tokens in (kept, kept, other):
        with pytest.raises(NotAuthenticated, match="sign in again for the connection 'c'") as raised:
            tokens.refresh(tokens.get_token() or {}, endpoint)
        assert (raised.value.code, raised.value.fix) == ("sign_in_required", "end_user")

    assert endpoint.calls() == 1
    assert store.connections.get("c").sign_in


def test_signing_in_again_ends_that(
    kept: StoredTokens, other: StoredTokens, store: Store, endpoint: TokenEndpoint
) -> None:
    refusal = NotAuthenticated("revoked", code="invalid_grant", fix="end_user")
    with pytest.raises(NotAuthenticated):
        other.refresh(FIRST, failing(refusal))

    store.connections.save("c", "zendesk-sell", CONNECTION)

    assert kept.get_token() == FIRST
    assert other.refresh(FIRST, endpoint)["access_token"] == "access-1"


def test_signing_in_again_ends_a_rest(
    kept: StoredTokens, store: Store, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    with pytest.raises(RateLimited):
        kept.refresh(FIRST, failing(RateLimited("one a minute", retry_after=60)))

    store.connections.save("c", "zendesk-sell", CONNECTION)

    assert kept.refresh(FIRST, endpoint)["access_token"] == "access-1"
    assert clock.slept == []


def test_a_wrong_client_is_the_administrators_matter_and_no_reason_to_sign_in(kept: StoredTokens, store: Store) -> None:
    with pytest.raises(NotAuthenticated) as raised:
        kept.refresh(FIRST, failing(NotAuthenticated("wrong secret", code="invalid_client", fix="admin")))

    assert raised.value.code == "invalid_client"
    assert store.connections.get("c").sign_in is None


def test_a_connection_that_gets_another_name_takes_its_token_there(
    kept: StoredTokens, store: Store, open_store: OpenStore
) -> None:
    assert kept.get_token() == FIRST
    open_store().connections.remove("c")
    store.connections.save("d", "zendesk-sell", {**CONNECTION, "token": {"access_token": "another"}})
    store.connections.rename("d", "c")

    assert not kept.is_current()
    assert kept_tokens(store).get_token() == {"access_token": "another"}


def test_a_removed_connection_is_said(kept: StoredTokens, other: StoredTokens, store: Store) -> None:
    other.get_token()
    store.connections.remove("c")

    for tokens in (kept, other):
        with pytest.raises(NotFound, match="no connection 'c'"):
            tokens.refresh(FIRST, must_not_be_called)


# --- failures that pass ---------------------------------------------------------------------------


def test_after_a_failure_nobody_hurries(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    for number in range(3):
        with pytest.raises(Unavailable):
            kept.refresh(FIRST, failing(Unavailable("down")))
        assert sum(clock.slept) == pytest.approx(REFRESH_BACKOFF_SECONDS * (2**number - 1), abs=0.2 * (number + 1))

    assert other.refresh(FIRST, endpoint)["access_token"] == "access-1"
    assert sum(clock.slept) == pytest.approx(REFRESH_BACKOFF_SECONDS * 7, abs=0.8)


def test_a_failure_counts_for_all_who_waited(open_store: OpenStore, kept: StoredTokens, clock: FakeClock) -> None:
    """A dead token endpoint is asked once, not once by each of those who wait."""
    reached, waited = threading.Event(), threading.Event()

    def fail(token: Token) -> Token:
        reached.set()
        assert waited.wait(10)
        raise InvalidResponse(
            "a page instead of a token", code="no_token", fix="admin", status=200, request_id="r-1", vendor={"a": 1}
        )

    def refresh(tokens: StoredTokens, exchange: RequestToken) -> None:
        with pytest.raises(InvalidResponse, match="a page instead of a token") as raised:
            tokens.refresh(FIRST, exchange, deadline=SYSTEM_CLOCK.monotonic() + 10)
        errors.append(raised.value)

    errors: list[InvalidResponse] = []
    refresher = threading.Thread(target=refresh, args=(kept_tokens(open_store(WaitingClock(clock, waited))), fail))
    refresher.start()
    assert reached.wait(10)
    refresh(kept_tokens(open_store(WaitingClock(clock, waited))), must_not_be_called)
    refresher.join()

    mine, theirs = sorted(errors, key=lambda error: error.retry_after is None)
    assert {**mine.as_json()["error"], "retry_after": None} == {**theirs.as_json()["error"], "retry_after": None}


def test_who_has_no_more_time_leaves_and_the_refresh_goes_on(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    """A call whose deadline passes says nothing about the endpoint, and does not drop what it answers."""
    left = threading.Event()

    def slowly(token: Token) -> Token:
        assert left.wait(10)
        return endpoint(token)

    with pytest.raises(Unavailable) as raised:
        kept.refresh(FIRST, slowly, deadline=clock.monotonic() + 0.05)
    assert raised.value.code == "deadline"
    left.set()
    wait_for_errands()

    assert other.refresh(FIRST, must_not_be_called)["access_token"] == "access-1"
    assert endpoint.calls() == 1


def test_a_long_rest_is_said_instead_of_waited(kept: StoredTokens, other: StoredTokens, clock: FakeClock) -> None:
    with pytest.raises(RateLimited):
        kept.refresh(FIRST, failing(RateLimited("one a minute", retry_after=60)))

    with pytest.raises(RateLimited) as raised:
        other.refresh(FIRST, must_not_be_called)
    assert raised.value.retry_after == pytest.approx(60)

    clock.pass_by(61)
    assert other.refresh(FIRST, lambda token: {"access_token": "b"})["access_token"] == "b"


def test_the_rest_does_not_grow_without_end(kept: StoredTokens, clock: FakeClock) -> None:
    for _ in range(12):
        with pytest.raises(Unavailable):
            kept.refresh(FIRST, failing(Unavailable("down")))
    before = clock.monotonic()

    with pytest.raises(Unavailable):
        kept.refresh(FIRST, failing(Unavailable("down")))

    assert clock.monotonic() - before <= MAX_REFRESH_BACKOFF_SECONDS + 0.2


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_who_is_interrupted_gives_the_lease_back(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock, error: type[BaseException], endpoint: TokenEndpoint
) -> None:
    def interrupted(token: Token) -> Token:
        raise error

    with pytest.raises(error):
        kept.refresh(FIRST, interrupted)

    assert other.refresh(FIRST, endpoint)["access_token"] == "access-1"
    assert clock.slept == []


def test_a_deadline_is_kept_while_somebody_else_refreshes(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    def meanwhile(token: Token) -> Token:
        with pytest.raises(Unavailable) as raised:
            other.refresh(FIRST, must_not_be_called, deadline=clock.monotonic() + 2)
        assert raised.value.code == "deadline"
        return endpoint(token)

    kept.refresh(FIRST, meanwhile)

    assert clock.monotonic() == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("left", [0.0, -5.0])
def test_a_deadline_is_kept_behind_another_thread(
    kept: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint, left: float
) -> None:
    def meanwhile(token: Token) -> Token:
        with pytest.raises(Unavailable) as raised:
            kept.refresh(FIRST, must_not_be_called, deadline=clock.monotonic() + left)
        assert raised.value.code == "deadline"
        return endpoint(token)

    assert kept.refresh(FIRST, meanwhile)["access_token"] == "access-1"


# --- owners that sleep or die ---------------------------------------------------------------------


def test_who_slept_through_its_lease_does_not_overwrite_a_newer_token(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock
) -> None:
    def sleep_while_another_refreshes(token: Token) -> Token:
        clock.pass_by(REFRESH_LEASE_SECONDS + 1)
        other.refresh(FIRST, lambda token: {"access_token": "newer"})
        return {"access_token": "older"}

    assert kept.refresh(FIRST, sleep_while_another_refreshes)["access_token"] == "newer"
    assert other.refresh(FIRST, must_not_be_called)["access_token"] == "newer"


def test_who_slept_through_its_lease_still_brings_the_only_good_token(
    kept: StoredTokens, other: StoredTokens, store: Store, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    def sleep_while_another_is_refused(token: Token) -> Token:
        reply = endpoint(token)
        clock.pass_by(REFRESH_LEASE_SECONDS + 1)
        with pytest.raises(NotAuthenticated):
            other.refresh(FIRST, endpoint)
        return reply

    fresh = kept.refresh(FIRST, sleep_while_another_is_refused)

    assert other.refresh(FIRST, must_not_be_called) == fresh
    assert store.connections.get("c").sign_in is None


def test_who_slept_while_the_connection_got_another_name_brings_the_token_there(
    store: Store, kept: StoredTokens, clock: FakeClock
) -> None:
    row = store.tokens.read("c")
    assert store.tokens.claim("c", row, REFRESH_LEASE_SECONDS)
    clock.pass_by(REFRESH_LEASE_SECONDS + 1)
    store.connections.rename("c", "d")

    fresh = {"access_token": "access-1", "refresh_token": "refresh-1"}
    assert store.tokens.keep("c", row.version, fresh)
    assert (store.connections.get("d").token, store.connections.list_names()) == (fresh, ["d"])


def test_who_is_refused_after_another_one_brought_a_token_takes_that(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    def sleep_while_another_refreshes(token: Token) -> Token:
        clock.pass_by(REFRESH_LEASE_SECONDS + 1)
        other.refresh(FIRST, endpoint)
        return endpoint(token)

    assert kept.refresh(FIRST, sleep_while_another_refreshes)["access_token"] == "access-1"


def test_a_sign_in_during_a_refresh_wins(kept: StoredTokens, store: Store, endpoint: TokenEndpoint) -> None:
    def sign_in_meanwhile(token: Token) -> Token:
        store.connections.save("c", "zendesk-sell", {**CONNECTION, "token": {"access_token": "signed in"}})
        return endpoint(token)

    assert kept.refresh(FIRST, sign_in_meanwhile)["access_token"] == "signed in"


def test_a_name_that_was_removed_and_saved_again_is_another_connection(
    kept: StoredTokens, store: Store, endpoint: TokenEndpoint
) -> None:
    def replace_meanwhile(token: Token) -> Token:
        store.connections.remove("c")
        store.connections.save("c", "zendesk-sell", {**CONNECTION, "token": {"access_token": "another"}})
        return endpoint(token)

    assert kept.refresh(FIRST, replace_meanwhile)["access_token"] == "another"


def test_a_lease_from_before_the_clock_was_set_back_does_not_hold(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    def set_the_clock_back(token: Token) -> Token:
        clock.wall -= 31_536_000
        other.refresh(FIRST, endpoint)
        raise Unavailable("lost")

    with pytest.raises(Unavailable):
        kept.refresh(FIRST, set_the_clock_back)
    assert clock.slept == []


def test_a_token_that_the_store_could_not_take_is_stored_later(
    kept: StoredTokens, store: Store, monkeypatch: pytest.MonkeyPatch, endpoint: TokenEndpoint
) -> None:
    def full(*arguments: object) -> bool:
        raise ConfigurationError("the disk is full", code="store_full")

    with monkeypatch.context() as patch:
        patch.setattr(store.tokens, "keep", full)
        with pytest.raises(ConfigurationError):
            kept.refresh(FIRST, endpoint)

    assert kept.refresh(FIRST, must_not_be_called)["access_token"] == "access-1"


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_killed_costs_one_more_call_at_the_most(
    store_url: str, open_store: OpenStore, tmp_path: Path, endpoint: TokenEndpoint, clock: FakeClock, when: str
) -> None:
    """Killed before the service answered, the next refreshes; killed with the only copy, all are told to sign in."""
    clock.wall = SYSTEM_CLOCK.now()
    store = open_store(clock)
    store.connections.save("c", "zendesk-sell", CONNECTION)
    victim = spawn(__file__, "die", store_url, tmp_path, when)
    victim.communicate(timeout=60)
    assert victim.returncode == -signal.SIGKILL
    tokens = kept_tokens(store)

    if when == "before":
        assert tokens.refresh(FIRST, endpoint)["access_token"] == "access-1"
        assert endpoint.calls() == 1
    else:
        for _ in range(3):
            with pytest.raises(NotAuthenticated) as raised:
                tokens.refresh(FIRST, endpoint)
            assert raised.value.code == "sign_in_required"
        assert endpoint.calls() == 2
    assert clock.slept == [] or not owners._identify_machine()


def test_nobody_takes_the_lease_for_a_token_that_was_replaced_meanwhile(
    kept: StoredTokens, store: Store, endpoint: TokenEndpoint
) -> None:
    seen = store.tokens.read("c")
    kept.refresh(FIRST, endpoint)

    assert not store.tokens.claim("c", seen, REFRESH_LEASE_SECONDS)


def test_nobody_rests_for_longer_than_an_hour(
    kept: StoredTokens, other: StoredTokens, clock: FakeClock, endpoint: TokenEndpoint
) -> None:
    with pytest.raises(RateLimited):
        kept.refresh(FIRST, failing(RateLimited("come back in a year", retry_after=31_536_000)))
    with pytest.raises(RateLimited) as raised:
        other.refresh(FIRST, must_not_be_called)
    assert raised.value.retry_after == pytest.approx(MAX_RETRY_PAUSE_SECONDS)

    clock.pass_by(MAX_RETRY_PAUSE_SECONDS + 1)
    assert other.refresh(FIRST, endpoint)["access_token"] == "access-1"


def test_nobody_takes_the_lease_of_a_connection_that_needs_a_sign_in(kept: StoredTokens, store: Store) -> None:
    seen = store.tokens.read("c")
    with pytest.raises(NotAuthenticated):
        kept.refresh(FIRST, failing(NotAuthenticated("revoked", code="invalid_grant", fix="end_user")))

    assert not store.tokens.claim("c", seen, REFRESH_LEASE_SECONDS)


def test_the_lease_of_a_dead_owner_ends_where_nobody_can_see_that_it_died(
    kept: StoredTokens,
    other: StoredTokens,
    store: Store,
    clock: FakeClock,
    endpoint: TokenEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sales_connectors.store.tokens.create_owner", lambda: "elsewhere 1 1 1")
        store.tokens.claim("c", store.tokens.read("c"), REFRESH_LEASE_SECONDS)

    assert other.refresh(FIRST, endpoint)["access_token"] == "access-1"
    assert REFRESH_LEASE_SECONDS <= clock.monotonic() <= REFRESH_LEASE_SECONDS + 0.3


def test_a_process_that_nobody_has_buried_yet_is_dead() -> None:
    program = "from sales_connectors.store.owners import create_owner; print(create_owner())"
    command = [sys.executable, "-c", program]
    child = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    owner = child.stdout.read().strip()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    known = bool(owners._identify_machine())

    assert owners.is_gone(owner) == known
    child.communicate()
    assert owners.is_gone(owner) == known
    assert not owners.is_gone(owners.create_owner())
    assert not owners.is_gone("elsewhere 1 1 1")
    assert not owners.is_gone(None)


def test_processes_and_threads_refresh_once_for_each_expiry(
    store_url: str, open_store: OpenStore, tmp_path: Path, endpoint: TokenEndpoint
) -> None:
    expiries = 20
    open_store().connections.save("c", "zendesk-sell", CONNECTION)

    workers = [spawn(__file__, "expire", store_url, tmp_path, str(expiries), "4") for _ in range(4)]
    seen = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]

    assert endpoint.calls() == endpoint.granted() == expiries
    assert seen == [[f"access-{expiries}"] * 4] * 4


# --- given with the call --------------------------------------------------------------------------


def test_a_given_token_is_reported_before_it_is_used(endpoint: TokenEndpoint) -> None:
    reported: list[Token] = []
    in_use: list[Token | None] = []

    def report(token: Token) -> None:
        reported.append(token)
        in_use.append(tokens.get_token())

    tokens = InlineTokens(FIRST)
    fresh = tokens.refresh(FIRST, endpoint, on_token=report)

    assert reported == [fresh]
    assert in_use == [FIRST]
    assert tokens.get_token() == tokens.refresh(FIRST, must_not_be_called) == fresh


def test_threads_refresh_a_given_token_once(endpoint: TokenEndpoint) -> None:
    tokens = InlineTokens(FIRST)
    threads = [
        threading.Thread(target=tokens.refresh, args=(FIRST, endpoint), kwargs={"on_token": ignore}) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert endpoint.calls() == 1


def test_a_given_token_that_is_refused_is_not_tried_again(endpoint: TokenEndpoint) -> None:
    tokens = InlineTokens({"access_token": "a", "refresh_token": "spent"})

    for _ in range(3):
        with pytest.raises(NotAuthenticated) as raised:
            tokens.refresh(tokens.get_token() or {}, endpoint, on_token=ignore)
        assert raised.value.code == "sign_in_required"
    assert endpoint.calls() == 1


def test_a_client_that_is_refused_may_be_mended_meanwhile(endpoint: TokenEndpoint) -> None:
    tokens = InlineTokens(FIRST)
    refusal = failing(NotAuthenticated("wrong secret", code="invalid_client", fix="admin"))
    with pytest.raises(NotAuthenticated) as raised:
        tokens.refresh(FIRST, refusal, on_token=ignore)
    assert raised.value.code == "invalid_client"
    assert tokens.refresh(FIRST, endpoint, on_token=ignore)["access_token"] == "access-1"


def test_a_token_whose_successor_nobody_keeps_is_never_refreshed() -> None:
    with pytest.raises(NotAuthenticated, match="@FILE"):
        InlineTokens(FIRST).refresh(FIRST, must_not_be_called)


@pytest.mark.parametrize("waits_on", [True, False])
def test_who_leaves_is_told_the_given_token_all_the_same(endpoint: TokenEndpoint, waits_on: bool) -> None:
    """By the next one who waits, or by nobody: then the refresh itself tells it."""
    left, told = threading.Event(), list[Token]()

    def slowly(token: Token) -> Token:
        assert left.wait(10)
        return endpoint(token)

    tokens = InlineTokens(FIRST)
    with pytest.raises(Unavailable) as raised:
        tokens.refresh(FIRST, slowly, deadline=SYSTEM_CLOCK.monotonic() + 0.05, on_token=told.append)
    assert (raised.value.code, told) == ("deadline", [])
    left.set()
    if waits_on:
        tokens.refresh(FIRST, must_not_be_called, on_token=told.append)
    wait_for_errands()

    assert [token["access_token"] for token in told] == ["access-1"]
    assert tokens.get_token() == told[0]
    assert endpoint.calls() == 1


# --- in a file ------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "connection.json"
    path.write_text(json.dumps({"key": "oauth", "fields": {"clientId": "é"}, "token": FIRST}))
    return path


def test_a_file_is_rewritten_for_its_owner_alone(file: Path, endpoint: TokenEndpoint) -> None:
    tokens = FileTokens(file)
    fresh = tokens.refresh(tokens.get_token() or {}, endpoint)

    assert json.loads(file.read_text()) == {"key": "oauth", "fields": {"clientId": "é"}, "token": fresh}
    assert os.name != "posix" or file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.glob("*connection*")] == [file.name]


def test_a_link_to_a_file_stays_a_link(file: Path, tmp_path: Path, endpoint: TokenEndpoint) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(file)
    FileTokens(link).refresh(FIRST, endpoint)

    assert link.is_symlink()
    assert json.loads(file.read_text())["token"]["access_token"] == "access-1"


def test_a_file_that_somebody_else_rewrote_is_read_again(file: Path, endpoint: TokenEndpoint) -> None:
    mine, theirs = FileTokens(file), FileTokens(file)
    fresh = theirs.refresh(FIRST, endpoint)

    assert mine.refresh(FIRST, must_not_be_called) == mine.get_token() == fresh


@pytest.mark.parametrize("folder_too", [True, False])
def test_a_file_that_cannot_be_written_costs_no_token(
    file: Path, monkeypatch: pytest.MonkeyPatch, endpoint: TokenEndpoint, folder_too: bool
) -> None:
    """Where its folder can, another file takes its name."""
    opened = Path.open

    def refuse(path: Path, mode: str = "r", **options: Any) -> Any:
        if path == file and mode != "rb":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, **options)

    monkeypatch.setattr(Path, "open", refuse)
    if folder_too:
        monkeypatch.setattr("sales_connectors.auth.token_files.Draft", refuse)
        with pytest.raises(ConfigurationError, match="cannot be rewritten: Permission denied"):
            FileTokens(file).refresh(FIRST, endpoint)
    else:
        FileTokens(file).refresh(FIRST, endpoint)

    assert endpoint.calls() == int(not folder_too)
    monkeypatch.undo()
    assert (json.loads(file.read_text())["token"] == FIRST) == folder_too


def test_a_file_that_holds_another_connection_now_gives_no_token_to_the_old_one(
    file: Path, endpoint: TokenEndpoint
) -> None:
    tokens = FileTokens(file)
    moved = {"key": "oauth", "fields": {"apiUrl": "https://elsewhere.example"}, "token": {"access_token": "another"}}
    file.write_text(json.dumps(moved))

    with pytest.raises(Unavailable) as raised:
        tokens.refresh(FIRST, endpoint)
    assert raised.value.code == "connection_changed"
    assert (endpoint.calls(), json.loads(file.read_text())) == (0, moved)


@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_file_that_cannot_be_replaced_is_written_in_place(
    file: Path, monkeypatch: pytest.MonkeyPatch, endpoint: TokenEndpoint, step: str
) -> None:
    """Its folder takes no file, or the file itself is mounted."""

    def refuse(*arguments: object, **options: object) -> Any:
        raise OSError(16, "Device or resource busy")

    before = file.stat().st_ino
    with monkeypatch.context() as patch:
        patch.setattr(f"os.{step}", refuse)
        fresh = FileTokens(file).refresh(FIRST, endpoint)

    assert json.loads(file.read_text()) == {"key": "oauth", "fields": {"clientId": "é"}, "token": fresh}
    assert file.stat().st_ino == before
    assert [path.name for path in file.parent.glob("*connection*")] == [file.name]


def test_a_token_that_could_not_be_written_is_written_later(
    file: Path, monkeypatch: pytest.MonkeyPatch, endpoint: TokenEndpoint, clock: FakeClock
) -> None:
    started = clock.monotonic()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    def exchange(token: Token) -> Token:
        patch.setattr("os.fsync", full)  # there was room a moment ago
        return endpoint(token)

    tokens = FileTokens(file, clock=clock)
    with monkeypatch.context() as patch, pytest.raises(ConfigurationError, match="No space left"):
        tokens.refresh(FIRST, exchange)
    assert tokens.get_token() == FIRST
    assert clock.monotonic() - started == pytest.approx(MAX_KEEP_SECONDS, abs=1)

    fresh = tokens.refresh(FIRST, must_not_be_called)

    assert json.loads(file.read_text())["token"] == fresh == tokens.get_token()


def test_all_names_of_a_file_have_the_new_token(file: Path, tmp_path: Path, endpoint: TokenEndpoint) -> None:
    other = tmp_path / "other.json"
    os.link(file, other)
    fresh = FileTokens(file).refresh(FIRST, endpoint)

    assert file.samefile(other)
    assert json.loads(other.read_text()) == {"key": "oauth", "fields": {"clientId": "é"}, "token": fresh}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_stays_that_of_its_owner(file: Path, endpoint: TokenEndpoint) -> None:
    os.chown(file, 65534, -1)
    FileTokens(file).refresh(FIRST, endpoint)

    assert (file.stat().st_uid, json.loads(file.read_text())["token"]["access_token"]) == (65534, "access-1")


@pytest.mark.parametrize(("number", "words"), [(EACCES, "Permission denied"), (EPERM, "Operation not permitted")])
def test_a_file_whose_name_no_other_can_take_costs_no_token(
    file: Path, monkeypatch: pytest.MonkeyPatch, endpoint: TokenEndpoint, number: int, words: str
) -> None:
    """In a sticky folder, such as /tmp, those of others cannot be replaced, and what is immutable nowhere."""
    opened = Path.open

    def refuse(path: Path, mode: str = "r", **options: Any) -> Any:
        if path == file and mode != "rb":
            raise PermissionError(number, os.strerror(number))
        return opened(path, mode, **options)

    if number == EACCES:
        file.parent.chmod(0o1777)
        monkeypatch.setattr("os.geteuid", lambda: 4711, raising=False)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigurationError, match=f"cannot be rewritten: {words}"):
        FileTokens(file).refresh(FIRST, endpoint)
    assert (endpoint.calls(), json.loads(file.read_bytes())["token"]) == (0, FIRST)


@pytest.mark.parametrize("room", [-100, 10])
@pytest.mark.parametrize("in_place", [False, True])
def test_a_disk_without_room_costs_no_token(
    file: Path, tmp_path: Path, endpoint: TokenEndpoint, in_place: bool, room: int
) -> None:
    resource = pytest.importorskip("resource")
    if in_place:
        os.link(file, tmp_path / "other.json")
    before, limits = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    tokens = FileTokens(file)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, limits[1]))
    try:
        with pytest.raises(ConfigurationError, match="cannot be rewritten: File too large"):
            tokens.refresh(FIRST, endpoint)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (file.read_bytes(), endpoint.calls()) == (before, 0)


def test_the_lock_of_a_file_that_was_replaced_meanwhile_does_not_count(
    file: Path, monkeypatch: pytest.MonkeyPatch, endpoint: TokenEndpoint
) -> None:
    fcntl = pytest.importorskip("fcntl")
    locked: list[int] = []
    flock = fcntl.flock

    def replace_at_first(handle: TextIO, operation: int) -> None:
        flock(handle, operation)
        locked.append(os.fstat(handle.fileno()).st_ino)
        if len(locked) == 1:
            (draft := file.with_name("draft")).write_text(file.read_text())
            draft.replace(file)

    def exchange(token: Token) -> Token:
        assert locked[1:] == [file.stat().st_ino]
        return endpoint(token)

    monkeypatch.setattr(fcntl, "flock", replace_at_first)
    assert FileTokens(file).refresh(FIRST, exchange)["access_token"] == "access-1"


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), ("{", "is not JSON"), ("[]", "object")])
def test_a_file_that_is_no_connection_is_said(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "connection.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ConfigurationError, match=words):
        FileTokens(path)


def test_processes_take_turns_at_a_file(file: Path, tmp_path: Path, endpoint: TokenEndpoint) -> None:
    workers = [spawn(__file__, "expire-file", file, tmp_path, "20") for _ in range(3)]
    for worker in workers:
        assert json.loads(worker.communicate(timeout=60)[0]) == "access-20"

    assert endpoint.calls() == endpoint.granted() == 20


# --- other processes ------------------------------------------------------------------------------


def expire(url: str, folder: str, expiries: str, threads: str) -> list[str]:
    """Refresh the token in several threads, again and again, until it has been replaced so many times."""
    store = Store(url, home=Path(folder), clock=SYSTEM_CLOCK)
    tokens = kept_tokens(store)
    last = f"access-{expiries}"
    seen: list[str] = []

    def use() -> None:
        token = tokens.get_token() or {}
        while token["access_token"] != last:
            token = tokens.refresh(token, TokenEndpoint(Path(folder)))
        seen.append(token["access_token"])

    workers = [threading.Thread(target=use) for _ in range(int(threads))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store.close()
    return seen


def expire_file(file: str, folder: str, expiries: str) -> str:
    tokens = FileTokens(Path(file))
    token = tokens.get_token() or {}
    while token["access_token"] != f"access-{expiries}":
        token = tokens.refresh(token, TokenEndpoint(Path(folder)))
    return str(token["access_token"])


def die(url: str, folder: str, when: str) -> None:
    """Be killed while refreshing, before or after the service has answered."""

    def killed(token: Token) -> Token:
        if when == "after":
            TokenEndpoint(Path(folder))(token)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    kept_tokens(Store(url, home=Path(folder))).refresh(FIRST, killed)


if __name__ == "__main__":
    work: dict[str, Callable[..., object]] = {"expire": expire, "expire-file": expire_file, "die": die}
    print(json.dumps(work[sys.argv[1]](*sys.argv[2:])))
