"""The story that the demo tells."""

from collections.abc import Callable
from importlib import import_module

import pytest
from tests.runtime.commandline import run
from tests.sandboxes import Told

from sales_connectors import Connector, manifest
from sales_connectors.errors import InvalidResponse
from sales_connectors.imitation import Box, running

SANDBOX = f"{manifest.load_component('salesloft').package}.sandbox"
demo, words = import_module(f"{SANDBOX}.demo"), import_module(f"{SANDBOX}.words")


def test_the_story_is_told_from_beginning_to_end(sandbox: Box, loft: Connector) -> None:
    told = Told()
    demo.play(loft, told, sandbox)
    assert 15 <= len(told) <= 25
    assert len({title for title, _ in told}) == len(told)
    assert all(value for _, value in told)
    assert sandbox.count("/oauth/token") == 1


def test_it_stays_within_the_vendors_rate_limit(connected: Callable[..., Connector]) -> None:
    with running("salesloft") as box:
        demo.play(connected(box), Told(), box)
        assert box.count("/v2/") < 600
        assert not [seen for seen in box.requests if seen["status"] == 429]


def test_it_stops_where_something_is_wrong(sandbox: Box, loft: Connector) -> None:
    sandbox.misbehave({"error_in_200": True, "path": "/v2/tasks"})
    with pytest.raises(InvalidResponse, match="error"):
        demo.play(loft, Told(), sandbox)


def test_what_is_wrong_reaches_whoever_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(words.LISTS, "account_stages", ("Prospect", "Aim", "Customer", "Former", "Disqualified"))
    ran = run("demo", "salesloft")
    assert (ran.code, "Target should be among the options" in ran.err) == (9, True)
