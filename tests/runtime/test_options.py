"""Options are declared once: their bounds hold at every door, and each door offers them."""

import re
from typing import Any

import pytest
from tests.conftest import Toy
from tests.runtime.commandline import run

from sales_connectors.errors import InvalidInput, Unavailable
from sales_connectors.options import OPTIONS, Options, to_camel_case
from sales_connectors.testing import FakeClock
from sales_connectors.typed import options as typed

SELL = "zendesk-sell"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("deadline", 1e12, "a number of seconds from"),
        ("maxReply", 0, "a whole number from 1 to 65,536"),
        ("timeout", 1e-45, "a number of seconds from 0.001 to 100,000,000,000, not 1e-45"),
        ("timeout", float("nan"), "a number of seconds from"),
        ("timeout", float("inf"), "a number of seconds from"),
        ("deadline", 0, "a number of seconds from"),
        ("deadline", True, "a number of seconds from"),
        ("retries", 10**9, "a whole number from 0 to 100, not 1000000000"),
        ("retries", -1, "a whole number from"),
        ("retries", 1.5, "a whole number from"),
        ("debug", "yes", "true or false"),
        ("dryRun", 1, "true or false"),
        ("idempotencyKey", "", "text of 1 to 255 characters"),
        ("idempotencyKey", "k" * 256, "text of 1 to 255 characters"),
        ("idempotencyKey", "\ud800", "text of 1 to 255 characters"),
        ("idempotencyKey", "a\0b", "text of 1 to 255 characters"),
        pytest.param("retries", 10**5000, "a whole number from 0 to 100, not int beyond all bounds", id="huge"),
        ("onPage", 7, "a function"),
        ("timeuot", 1, "is no option. Did you mean 'timeout'?"),
    ],
)
def test_what_is_out_of_bounds_is_refused_before_anything_is_sent(
    things: Toy, web: Any, name: str, value: Any, words: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(words)) as raised:
        things.run("getThing", {"id": 1}, **{name: value})
    assert raised.value.code == "invalid_option"
    assert raised.value.fields[0]["path"] == f"/{name}"
    assert len(web.calls) == 0


@pytest.mark.parametrize("words", [("--timeout", "1e-45"), ("--retries", "1000000000"), ("--deadline", "0")])
def test_the_command_line_has_the_same_bounds(words: tuple[str, str]) -> None:
    refused = run("run", SELL, "getContact", "-c", '{"token": "t"}', "-i", '{"id": 1}', *words)
    assert (refused.code, refused.error["code"]) == (2, "invalid_option")


def test_a_deadline_that_means_none_is_one_of_a_week(things: Toy, web: Any, clock: FakeClock) -> None:
    web.get("https://toy.example/things/1", status=503, headers={"Retry-After": "600000"})
    with pytest.raises(Unavailable, match=r"due in 6e\+05 s, but the deadline is in 4\.8e\+03 s"):
        things.run("getThing", {"id": 1}, deadline=1e10, timeout=1e10)
    assert clock.slept == [600_000]


def test_none_takes_a_deadline_off(things: Toy, web: Any) -> None:
    web.get("https://toy.example/things/1", status=503, headers={"Retry-After": "7"})
    web.get("https://toy.example/things/1", json={"id": 1})
    hasty = Options().with_changes(deadline=5.0)
    with pytest.raises(Unavailable, match="the deadline is in 5 s"):
        things.runtime.invoke("toy-service", "getThing", {"id": 1}, things.connection, hasty)
    patient = hasty.with_changes(deadline=None)
    assert things.runtime.invoke("toy-service", "getThing", {"id": 1}, things.connection, patient) == {
        "data": {"id": 1}
    }


def test_an_option_is_given_once(things: Toy) -> None:
    with pytest.raises(InvalidInput, match="dryRun: is given twice, as dry_run too"):
        things.run("getThing", {"id": 1}, dry_run=True, dryRun=False)


@pytest.mark.parametrize("option", ["on_debug", "on_page"])
def test_what_an_observer_fails_at_does_not_change_the_call(things: Toy, web: Any, option: str) -> None:
    def observe(news: Any) -> None:
        raise ValueError("cannot")

    web.get("https://toy.example/things", json={"items": [{"id": 1}], "more": False})
    with pytest.warns(RuntimeWarning, match="observe raised ValueError: cannot; the call goes on"):
        assert things.data("listThings", {"fetchAll": True}, **{option: observe})["items"] == [{"id": 1}]


def test_none_puts_a_default_in_its_place() -> None:
    assert Options().with_changes(timeout=3.0).with_changes(timeout=None).timeout == Options().timeout


def test_every_door_offers_every_option() -> None:
    names = list(OPTIONS)
    shown = run("run", "--help").out
    assert list(typed.AnyOptions.__annotations__) == names
    assert [name for name in names if OPTIONS[name].metavar and f"--{name.replace('_', '-')} " not in shown] == []
    assert Options.parse({to_camel_case(name): getattr(Options(), name) for name in names}) == Options()
