"""The story that the demo tells."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from sales_connectors import Connected
from sales_connectors import manifest as registers
from sales_connectors.imitation import Box, running

demo = import_module(f"{registers.load_component('salesloft').package}.sandbox.demo")


class Told(list[tuple[str, Any]]):
    def __call__(self, title: str, value: Any = None) -> None:
        self.append((title, value))


def test_the_story_is_told_from_beginning_to_end(sandbox: Box, loft: Connected) -> None:
    told = Told()
    demo.play(loft, told, sandbox)
    assert 15 <= len(told) <= 25
    assert len({title for title, _ in told}) == len(told)
    assert all(value for _, value in told)
    assert sandbox.count("/oauth/token") == 1


def test_it_stays_within_the_vendors_rate_limit(connected: Callable[..., Connected]) -> None:
    with running("salesloft") as box:
        demo.play(connected(box), Told(), box)
        assert box.count("/v2/") < 600
        assert not [seen for seen in box.requests if seen["status"] == 429]


def test_it_stops_where_something_is_wrong(sandbox: Box, loft: Connected) -> None:
    sandbox.misbehave({"error_in_200": True, "path": "/v2/tasks"})
    with pytest.raises(Exception, match="error"):
        demo.play(loft, Told(), sandbox)
