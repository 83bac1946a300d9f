"""The story that the demo tells."""

from collections.abc import Callable
from importlib import import_module

import pytest
from tests.runtime.commandline import run
from tests.sandboxes import Told

from sales_connectors import Connector, manifest
from sales_connectors.errors import InvalidResponse
from sales_connectors.imitation import Box

SANDBOX = f"{manifest.load_component('zendesk-sell').package}.sandbox"
demo, words = import_module(f"{SANDBOX}.demo"), import_module(f"{SANDBOX}.words")


def test_the_story_is_told_from_beginning_to_end(sandbox: Box, sell: Connector) -> None:
    told = Told()
    demo.play(sell, told, sandbox)
    assert 18 <= len(told) <= 26
    assert len({title for title, _ in told}) == len(told)
    assert all(value for _, value in told)
    assert sandbox.count("/oauth2/token") == 1


def test_it_can_be_told_again(sandbox: Box, connected: Callable[..., Connector]) -> None:
    for _ in range(2):
        demo.play(connected(sandbox, token=sandbox.token()), Told(), sandbox)


def test_it_stops_where_something_is_wrong(sandbox: Box, sell: Connector) -> None:
    sandbox.misbehave({"error_in_200": True, "path": "/v2/orders"})
    with pytest.raises(InvalidResponse, match="error inside"):
        demo.play(sell, Told(), sandbox)


def test_what_is_wrong_reaches_whoever_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = words.PIPELINES
    monkeypatch.setattr(words, "PIPELINES", ({**first, "name": "Business"}, *others))
    ran = run("demo", "zendesk-sell")
    assert (ran.code, "New business should be among the options" in ran.err) == (9, True)
