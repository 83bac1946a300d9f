"""The story that the demo tells."""

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from tests.runtime.commandline import run
from tests.sandboxes import PassingClock, Told, connecting

from sales_connectors import Connector, Runtime, manifest
from sales_connectors.errors import InvalidResponse
from sales_connectors.imitation import Box, running

SANDBOX = f"{manifest.load_component('outreach').package}.sandbox"
demo, words = import_module(f"{SANDBOX}.demo"), import_module(f"{SANDBOX}.words")


@pytest.fixture
def box() -> Iterator[Box]:
    with running("outreach", rate=0) as started:
        yield started


@pytest.fixture
def connected() -> Iterator[Callable[..., Connector]]:
    with connecting("outreach", Runtime(clock=PassingClock(), random=lambda: 0.0), name="ours") as to:
        yield to


def test_the_story_is_told_from_beginning_to_end(box: Box, connected: Callable[..., Connector]) -> None:
    told = Told()
    demo.play(connected(box), told, box)
    assert 15 <= len(told) <= 25
    assert len({title for title, _ in told}) == len(told)
    assert all(value for _, value in told)
    assert box.count("/oauth/token") == 1


def test_it_stays_within_the_vendors_rate_limit(connected: Callable[..., Connector]) -> None:
    with running("outreach") as box:
        demo.play(connected(box), Told(), box)
        assert not [seen for seen in box.requests if seen["status"] == 429]


def test_it_stops_where_something_is_wrong(box: Box, connected: Callable[..., Connector]) -> None:
    box.misbehave({"error_in_200": True, "path": "/api/v2/tasks"})
    with pytest.raises(InvalidResponse, match="error"):
        demo.play(connected(box), Told(), box)


def test_what_is_wrong_reaches_whoever_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(words.STAGES, 1, "Looking around")
    ran = run("demo", "outreach")
    assert (ran.code, "Prospecting should be among the options" in ran.err) == (9, True)
