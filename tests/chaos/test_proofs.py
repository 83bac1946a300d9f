"""What ``make torture`` proves, in a small size: calls and records are counted, times and rates are not judged."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sales_connectors.chaos import Report, budget, creates, cuts, forks, pickers, reconnects, refresh, signals

pytestmark = pytest.mark.force

Facts = Mapping[str, Mapping[str, Any]]


@pytest.fixture
def facts_of(store: tuple[str, Path]) -> Callable[..., Facts]:
    """Runs a trial on the store; it must prove its promise."""

    def proven(run: Callable[..., Report], **size: Any) -> Facts:
        report = run(store[0], home=store[1], **size)
        assert report.broken == []
        return report.facts

    return proven


def test_one_of_all_processes_and_threads_refreshes(facts_of: Callable[..., Facts]) -> None:
    facts = facts_of(refresh.run, processes=3, threads=4, expiries=2, kills=2, life=1.0)

    undisturbed = facts["undisturbed"]
    assert undisturbed["calls to the token endpoint"] == undisturbed["expiries"] >= 2
    assert facts["killed, refresh tokens stay good"]["kills"] == 2
    assert facts["killed, refresh tokens work once"]["lost pairs"] >= 1


def test_all_processes_share_one_budget(facts_of: Callable[..., Facts]) -> None:
    facts = facts_of(budget.run, processes=2, threads=2, seconds=2.0, windows=["sliding"], strict=False)

    assert facts["a pause of 3 s"]["with a deadline of 1 s"]["error"] == "RateLimited"


def test_no_create_is_made_twice(facts_of: Callable[..., Facts]) -> None:
    facts = facts_of(creates.run, processes=4, creates=45)

    assert facts["in the end"]["records made"] == facts["in the end"]["with a known record"] == 45
    assert facts["in the end"]["made twice"] == 0
    assert facts["at first"]["callers killed"] > 0


def test_an_interrupt_a_request_to_end_and_a_freeze_lose_no_pair(facts_of: Callable[..., Facts]) -> None:
    facts = facts_of(signals.run, strikes=3, freezes=1, freeze=2.0)

    assert [facts[name]["lost pairs"] for name in ("SIGINT", "SIGTERM", "SIGSTOP")] == [0, 0, 0]
    assert facts["SIGSTOP"]["processes that finished"] == 1


def test_children_of_busy_processes_read_their_own_replies(facts_of: Callable[..., Facts]) -> None:
    facts = facts_of(forks.run, processes=1, threads=3, forks=4, life=1.0)

    assert (facts["under load"]["forks"], facts["under load"]["calls of children"]) == (4, 4 * forks.CALLS_OF_A_CHILD)


def test_a_name_that_belongs_elsewhere_is_seen_at_the_next_call(facts_of: Callable[..., Facts]) -> None:
    facts = facts_of(reconnects.run, processes=2, threads=2, changes=2)

    assert facts["in mid-use"]["requests with a token of another service"] == 0


def test_one_key_makes_one_record_wherever_the_exchange_breaks(facts_of: Callable[..., Facts]) -> None:
    facts = facts_of(cuts.run, step=53)

    assert facts["in the end"]["records"] == facts["in the end"]["keys"] > 10
    assert facts["in the end"]["made twice"] == 0


def test_every_record_can_be_picked() -> None:
    report = pickers.run(contacts=600, searches=10, strict=False)

    assert report.broken == []
    assert report.facts["by paging"]["reached"] == report.facts["by searching"]["reached"] >= 600
