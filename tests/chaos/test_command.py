"""``check refresh``, the proof that others can run on their own store."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sales_connectors.chaos import Report, refresh
from sales_connectors.doors.cli.program import program
from sales_connectors.store import Store

SMALL = ("--processes", "2", "--threads", "2", "--expiries", "1", "--kills", "0")


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["check", "refresh", *words])


def test_it_proves_the_promise_on_a_store_and_leaves_nothing_there(home: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"

    result = run("--store", url, *SMALL)

    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    undisturbed = report["facts"]["undisturbed"]
    assert report["proven"]
    assert undisturbed["calls to the token endpoint"] == undisturbed["expiries"] >= 1
    assert undisturbed["failed calls"] == 0
    assert Store(url).connections.list_names() == []


def test_a_broken_promise_is_said_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report("A promise.", {"processes": 2}, {"undisturbed": {"calls": 7}}, ["two of them asked"])
    monkeypatch.setattr(refresh, "run", lambda *arguments, **size: report)

    result = run(*SMALL)

    assert result.exit_code == 1
    assert json.loads(result.stdout)["broken"] == ["two of them asked"]
    assert "BROKEN:\n  two of them asked" in report.as_text()


def test_the_register_is_checked_where_nothing_else_is_named() -> None:
    checked = [CliRunner().invoke(program, ["check", *words, "zendesk-sell"]).stdout for words in ([], ["register"])]

    assert json.loads(checked[0])["checked"] == ["zendesk-sell"]
    assert checked[0] == checked[1]
