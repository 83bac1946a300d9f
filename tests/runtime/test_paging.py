"""Lists: all of it in order while pages are fetched ahead, or one entry after the other with one page in memory."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from responses import RequestsMock
from tests.conftest import Script, Server, Toy, http

from sales_connectors.errors import InvalidInput, InvalidResponse, NotFound, SalesError, Unavailable
from sales_connectors.runtime.pagination import MAX_PAGES_AHEAD, collect_pages
from sales_connectors.sdk import Pages
from sales_connectors.store.rate_limiter import RateLimiter

HOME = "https://toy.example"
SIZE = 3


def asked_page(request: bytes) -> int:
    return int(request.split(b"page=")[1].split(b"&")[0].split()[0])


def listing(count: int) -> Script:
    """So many things, three to a page."""

    def script(connection: Any, request: bytes) -> bool | None:
        number = asked_page(request)
        ids = range((number - 1) * SIZE + 1, min(number * SIZE, count) + 1)
        items = ",".join(f'{{"id":{key}}}' for key in ids)
        body = f'{{"items":[{items}],"more":{"true" if number * SIZE < count else "false"}}}'
        return http(body=body.encode())(connection, request)

    return script


def ids(entries: Any) -> list[int]:
    return [entry["id"] for entry in entries]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6, 7, 30, 31, 100])
def test_all_pages_in_order_in_the_envelope_of_one(things: Toy, serve: Callable[..., Server], count: int) -> None:
    server = serve(listing(count))
    data = things.at(server.url).data("listThings", {"fetchAll": True})
    assert ids(data["items"]) == list(range(1, count + 1))
    assert data["more"] is False


@pytest.mark.parametrize("count", [0, 1, 3, 4, 6])
def test_a_short_list_costs_exactly_its_pages(things: Toy, serve: Callable[..., Server], count: int) -> None:
    server = serve(listing(count))
    things.at(server.url).run("listThings", {"fetchAll": True})
    assert len(server.requests) == max(1, -(-count // SIZE))


@pytest.mark.parametrize(("count", "most"), [(9, 4), (12, 6)])
def test_the_longer_a_list_the_further_ahead_it_is_read(
    things: Toy, serve: Callable[..., Server], count: int, most: int
) -> None:
    server = serve(listing(count))
    things.at(server.url).run("listThings", {"fetchAll": True})
    assert count // SIZE <= len(server.requests) <= most


def test_pages_that_come_out_of_order_are_put_in_order(things: Toy, serve: Callable[..., Server]) -> None:
    """The first of a group of pages answers last."""
    later = threading.Event()
    plain = listing(30)

    def script(connection: Any, request: bytes) -> bool | None:
        if asked_page(request) == 4:
            later.set()
        elif asked_page(request) == 3:
            later.wait(5)
        return plain(connection, request)

    data = things.at(serve(script).url).data("listThings", {"fetchAll": True})
    assert later.is_set()
    assert ids(data["items"]) == list(range(1, 31))


def test_so_many_pages_and_no_more_are_under_way(things: Toy, serve: Callable[..., Server]) -> None:
    """Once the walk is in its stride, replies are held back until as many requests as may be are there."""
    lock, plain, full = threading.Lock(), listing(120), threading.Event()
    running: list[int] = []
    most = [0]

    def script(connection: Any, request: bytes) -> bool | None:
        with lock:
            running.append(1)
            most[0] = max(most[0], len(running))
            if len(running) >= MAX_PAGES_AHEAD:
                full.set()
        if asked_page(request) > 2 * MAX_PAGES_AHEAD:
            full.wait(5)
        with lock:
            running.pop()
        return plain(connection, request)

    things.at(serve(script).url).run("listThings", {"fetchAll": True})
    assert most[0] == MAX_PAGES_AHEAD


def test_page_inputs_are_ignored_when_all_is_wanted(things: Toy, serve: Callable[..., Server]) -> None:
    data = things.at(serve(listing(7)).url).data("listThings", {"fetchAll": True, "page": 2})
    assert ids(data["items"]) == [1, 2, 3, 4, 5, 6, 7]


def test_one_page_as_asked(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(listing(7))
    data = things.at(server.url).data("listThings", {"page": 2})
    assert (ids(data["items"]), len(server.requests)) == ([4, 5, 6], 1)


def test_progress_is_told(things: Toy, serve: Callable[..., Server]) -> None:
    told: list[int] = []
    things.at(serve(listing(7)).url).run("listThings", {"fetchAll": True}, on_page=told.append)
    assert told == [3, 6, 7]


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_an_error_on_a_late_page_is_the_error_of_the_call(things: Toy, serve: Callable[..., Server], page: int) -> None:
    plain = listing(60)

    def script(connection: Any, request: bytes) -> bool | None:
        wrong = asked_page(request) == page
        return (http(404, b'{"error": "gone"}') if wrong else plain)(connection, request)

    with pytest.raises(NotFound, match="gone") as raised:
        things.at(serve(script).url).run("listThings", {"fetchAll": True})
    assert raised.value.action == "listThings"


def test_an_error_behind_the_end_is_nobodys(things: Toy, serve: Callable[..., Server]) -> None:
    plain = listing(10)

    def script(connection: Any, request: bytes) -> bool | None:
        behind = asked_page(request) > 4
        return (http(404) if behind else plain)(connection, request)

    data = things.at(serve(script).url).data("listThings", {"fetchAll": True})
    assert ids(data["items"]) == list(range(1, 11))


# --- one entry after the other ------------------------------------------------------------------------


def iterate(things: Toy, action: str = "listThings", **inputs: Any) -> Iterator[Any]:
    return things.runtime.iterate("toy-service", action, inputs, things.connection)


def test_pages_are_fetched_when_they_are_needed(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(listing(7))
    entries = iterate(things.at(server.url))
    assert len(server.requests) == 0
    for expected, requests in ((1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 3)):
        assert (next(entries)["id"], len(server.requests)) == (expected, requests)
    assert list(entries) == []
    assert len(server.requests) == 3


def test_an_iterator_that_is_left_early_fetches_no_more(things: Toy, serve: Callable[..., Server]) -> None:
    server = serve(listing(100))
    assert next(iterate(things.at(server.url)))["id"] == 1
    gc.collect()
    assert len(server.requests) == 1


def test_one_page_is_in_memory_at_a_time() -> None:
    class Page(list[int]):
        """A list that can be watched."""

    alive: weakref.WeakSet[Page] = weakref.WeakSet()
    Page.__hash__ = object.__hash__  # type: ignore[assignment]

    def fetch(number: int) -> Page:
        gc.collect()
        assert len(alive) == 0
        page = Page([number * 2, number * 2 + 1])
        alive.add(page)
        return page

    pages = Pages(
        fetch=fetch, first=0, items=lambda page: page, after=lambda page, number: number + 1 if number < 9 else None,
        whole=list, asked=lambda: None,
    )  # fmt: skip
    assert list(pages.every_item()) == list(range(20))


@pytest.mark.parametrize("ahead", [False, True])
def test_what_stands_beside_the_entries_is_put_together_once(ahead: bool) -> None:
    owners = [{"id": 7, "name": "Ann"}, {"id": 8, "name": "Bob"}]
    pages = Pages(
        fetch=lambda number: {"items": [number], "owners": owners[: 1 + number % 2]} if number else {"items": [0]},
        first=0, items=lambda page: page["items"], after=lambda page, number: number + 1 if number < 4 else None,
        whole=lambda items: {"items": items}, asked=lambda: None, beside="owners",
        guess=(lambda number: number + 1) if ahead else None,
    )  # fmt: skip
    assert collect_pages(pages, threading.Event()) == {"items": [0, 1, 2, 3, 4], "owners": owners}
    assert collect_pages(replace(pages, beside=None), threading.Event()) == {"items": [0, 1, 2, 3, 4]}
    assert collect_pages(replace(pages, beside="teams"), threading.Event()) == {"items": [0, 1, 2, 3, 4]}


def test_an_error_on_a_late_page_comes_after_the_entries_before_it(things: Toy, serve: Callable[..., Server]) -> None:
    plain = listing(60)

    def script(connection: Any, request: bytes) -> bool | None:
        return (http(500, b'{"error": "sick"}') if asked_page(request) == 3 else plain)(connection, request)

    entries = iterate(things.at(serve(script).url))
    assert [next(entries)["id"] for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(Unavailable, match="sick") as raised:
        next(entries)
    assert (raised.value.component, raised.value.action, raised.value.connection) == (
        "toy-service", "listThings", "(given)",
    )  # fmt: skip


def test_wrong_inputs_are_told_at_once(things: Toy, web: RequestsMock) -> None:
    with pytest.raises(InvalidInput, match="nmae"):
        iterate(things, nmae="x")


@pytest.mark.parametrize("action", ["createThing", "updateThing", "deleteThing", "rawCall"])
def test_nothing_is_written_by_an_iterator(things: Toy, web: RequestsMock, action: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        iterate(things, action, name="a")
    assert raised.value.code == "not_a_list"
    assert not web.calls


def test_one_record_is_no_list(things: Toy, web: RequestsMock) -> None:
    web.add("GET", f"{HOME}/things/1", json={"id": 1})
    with pytest.raises(InvalidInput, match="does not return a list"):
        list(iterate(things, "getThing", id=1))


def test_a_list_may_be_taken_by_many_threads(things: Toy, serve: Callable[..., Server]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    here = things.at(serve(listing(40)).url)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: ids(here.data("listThings", {"fetchAll": True})["items"]), range(8)))
    assert found == [list(range(1, 41))] * 8


def test_a_consumers_own_error_stays_its_own(things: Toy, serve: Callable[..., Server]) -> None:
    here = things.at(serve(listing(7)).url)

    def consume() -> None:
        for entry in iterate(here):
            raise KeyError(entry["id"])

    with pytest.raises(KeyError) as raised:
        consume()
    assert not isinstance(raised.value, SalesError)


def test_a_walk_inside_a_walk_leaves_the_garbage_collector_as_it_is(things: Toy, serve: Callable[..., Server]) -> None:
    outer, inner = things.at(serve(listing(7)).url), things.at(serve(listing(7)).url)
    during: list[bool] = []

    def on_page(count: int) -> None:
        inner.run("listThings", {"fetchAll": True})
        during.append(gc.isenabled())

    outer.run("listThings", {"fetchAll": True}, onPage=on_page)
    assert set(during) == {False}
    assert gc.isenabled()


def test_nothing_of_a_list_is_under_way_when_it_is_complete(things: Toy, serve: Callable[..., Server]) -> None:
    """Pages that were guessed and are not there are counted before the call returns, and none comes after it."""
    server = serve(listing(31))
    things.at(server.url).run("listThings", {"fetchAll": True})
    sent = len(server.requests)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("pages")]
    things.at(server.url).run("listThings", {"page": 1})
    assert len(server.requests) == sent + 1


def answering(pages: dict[int, Script], rest: Script) -> Script:
    """These pages as they are told, all others as the rest."""
    return lambda connection, request: pages.get(asked_page(request), rest)(connection, request)


def after(event: threading.Event, script: Script) -> Script:
    def wait(connection: Any, request: bytes) -> bool | None:
        event.wait(10)
        return script(connection, request)

    return wait


def noting(event: threading.Event, script: Script) -> Script:
    def note(connection: Any, request: bytes) -> bool | None:
        event.set()
        return script(connection, request)

    return note


def test_a_list_that_fails_waits_for_none_of_its_pages(impatient: Toy, serve: Callable[..., Server]) -> None:
    is_asked, is_over = threading.Event(), threading.Event()
    hanging = noting(is_asked, after(is_over, listing(31)))
    server = serve(answering({3: after(is_asked, http(404)), 4: hanging}, listing(31)))
    with pytest.raises(NotFound):
        impatient.at(server.url).run("listThings", {"fetchAll": True})
    left = [thread for thread in threading.enumerate() if thread.name.startswith("pages")]
    is_over.set()
    for thread in left:
        thread.join()
    assert left


def test_a_list_that_is_complete_waits_for_no_patience_that_is_asked_for_behind_it(
    impatient: Toy, serve: Callable[..., Server]
) -> None:
    is_asked = threading.Event()
    behind = noting(is_asked, http(503, Retry_After="20"))
    server = serve(answering({1: listing(9), 2: listing(9), 3: after(is_asked, listing(9))}, behind))
    began = time.monotonic()
    found = impatient.at(server.url).data("listThings", {"fetchAll": True})
    assert (len(found["items"]), time.monotonic() - began < 10) == (9, True)


def test_who_still_waits_for_a_slot_is_told_that_the_list_is_complete(
    things: Toy, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[threading.Event] = []
    monkeypatch.setattr(RateLimiter, "acquire", lambda *given, over, **named: told.append(over))
    things.at(serve(listing(31)).url, rateLimit=10).run("listThings", {"fetchAll": True})
    assert len(told) >= 11
    assert all(over.is_set() for over in told)


@pytest.mark.parametrize("page", [{"items": None}, {"things": []}, []])
@pytest.mark.parametrize("everything", [False, True])
def test_a_page_without_a_list_is_told_at_once(things: Toy, web: RequestsMock, page: Any, everything: bool) -> None:
    web.get(f"{HOME}/things", json=page)
    with pytest.raises(InvalidResponse, match="without items where a list belongs"):
        things.run("listThings", {"fetchAll": everything})


def test_polls_and_walks_leave_room_for_who_waits_for_an_answer(
    things: Toy, web: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked: list[bool] = []
    monkeypatch.setattr(RateLimiter, "acquire", lambda *given, bulk, **named: booked.append(bulk))
    for path in ("things", "changes"):
        web.get(f"{HOME}/{path}", json={"items": [], "more": False, "position": 1})
    limited, runtime = things.at(HOME, rateLimit=10), things.runtime
    runtime.poll("toy-service", "pollThings", {}, limited.connection)
    assert list(runtime.iterate("toy-service", "listThings", {}, limited.connection)) == []
    limited.run("listThings")
    assert booked == [True, True, False]


def test_where_the_service_tells_how_many_there_are_nothing_is_asked_behind_the_end(
    things: Toy, serve: Callable[..., Server]
) -> None:
    def script(connection: Any, request: bytes) -> bool | None:
        number = asked_page(request)
        items = ",".join(f'{{"id":{key}}}' for key in range((number - 1) * SIZE + 1, min(number * SIZE, 31) + 1))
        body = f'{{"items":[{items}],"more":{"true" if number * SIZE < 31 else "false"},"total":31}}'
        return http(body=body.encode())(connection, request)

    server = serve(script)
    data = things.at(server.url).data("listThings", {"fetchAll": True})
    assert ids(data["items"]) == list(range(1, 32))
    assert len(server.requests) == 11
