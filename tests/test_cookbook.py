"""The scripts of the cookbook do what they promise, however they are interrupted, and stand in its page as they are."""

import csv
import re
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.runtime.commandline import forget

from sales_connectors.imitation import Box, running
from sales_connectors.runtime import default_runtime

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))

Play = Callable[..., int]
"""Runs a script with these arguments, as a process of its own would; its exit code."""


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    def run(name: str, *arguments: object) -> int:
        forget()
        monkeypatch.setattr("sys.argv", [name, *map(str, arguments)])
        try:
            runpy.run_path(str(ROOT / "examples" / name), run_name="__main__")
        except SystemExit as end:
            return int(str(end.code))
        return 0

    yield run
    default_runtime().close()
    forget()


def keep(component: str, box: Box) -> None:
    """Keep a connection to the sandbox, whose rate is nobody's concern here."""
    given = {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0}}
    forget()
    default_runtime().kept.keep_given(component, "mine", given)


@pytest.fixture
def sell(home: Path) -> Iterator[Box]:
    with running("zendesk-sell", rate=0, seed=21) as box:  # 210 deals are three pages
        keep("zendesk-sell", box)
        yield box


@pytest.fixture
def loft(home: Path) -> Iterator[Box]:
    with running("salesloft", rate=0) as box:
        keep("salesloft", box)
        yield box


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_page_shows_the_scripts_as_they_are() -> None:
    text = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", text, re.S))
    assert shown == {f"examples/{path.name}": path.read_text(encoding="utf-8") for path in SCRIPTS}


# --- the export -----------------------------------------------------------------------------------


def test_an_export_has_every_deal_once(
    play: Play, sell: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "deals.csv"
    assert play("export_deals.py", "mine", target) == 0
    assert capsys.readouterr().out == f"210 deals added to {target}\n"
    assert [row["id"] for row in read(target)] == [str(number) for number in range(40000001, 40000211)]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("deals")] == ["deals.csv"]


def test_an_export_that_broke_off_goes_on_where_it_was(
    play: Play, sell: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, lists = tmp_path / "deals.csv", 0

    def break_off(descriptor: int) -> None:
        nonlocal lists
        lists += 1
        if lists == 2:
            raise KeyboardInterrupt  # the rows of the second page are in the file, and nobody has noted that

    monkeypatch.setattr("os.fsync", break_off)
    with pytest.raises(KeyboardInterrupt):
        play("export_deals.py", "mine", target)
    with target.open("a", encoding="utf-8") as file:
        file.write('40000999,"half a ro')
    for gone in (40000001, 40000050):  # so that what stood on the second page stands on the first one
        default_runtime().invoke("zendesk-sell", "deleteDeal", {"id": gone}, "mine")
    sell.forget()

    assert play("export_deals.py", "mine", target) == 0

    assert [row["id"] for row in read(target)] == [str(number) for number in range(40000001, 40000211)]
    assert [dict(seen["query"])["page"] for seen in sell.requests if seen["path"] == "/v2/deals"] == [
        "1",
        "2",
        "3",
        "4",
    ]


# --- leads ----------------------------------------------------------------------------------------

LEADS = (
    "key,last_name,first_name,email,company",
    "17,Doe,Ann,ann@acme.example,Acme",
    "18,Roe,Bob,bob@acme.example,Acme",
    "19,Poe,Cid,no address,Acme",
)


def list_taken_in(box: Box) -> list[str]:
    found = default_runtime().iterate("zendesk-sell", "listLeads", {"organizationName": "Acme"}, "mine")
    return sorted(lead["data"]["first_name"] for lead in found)


def test_leads_are_taken_in_once_however_often_they_come(
    play: Play, sell: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "leads.csv", *LEADS)
    sell.misbehave("drop method=POST path=/v2/leads times=1")  # the first is made, and its answer lost

    assert play("take_in_leads.py", "mine", file) == 1
    first = capsys.readouterr()
    assert play("take_in_leads.py", "mine", file) == 1
    second = capsys.readouterr()
    assert play("take_in_leads.py", "mine", write(file, *LEADS[:3])) == 0

    assert list_taken_in(sell) == ["Ann", "Bob"]
    assert sorted(re.findall(r"\d \w+", first.out)) == ["1 created", "1 left", "1 refused"]
    assert sorted(re.findall(r"\d \w+", second.out)) == ["1 refused", "2 found"]
    assert second.err.startswith("19: createLead: email ")

    corrected = LEADS[1].replace("Doe", "Do")
    assert play("take_in_leads.py", "mine", write(file, LEADS[0], corrected)) == 1
    assert "17: " in capsys.readouterr().err
    assert list_taken_in(sell) == ["Ann", "Bob"]


def test_leads_that_the_service_cannot_take_now_are_left_for_the_next_run(
    play: Play, sell: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "leads.csv", *LEADS[:3])
    sell.misbehave("status=429 retry_after=0 method=POST path=/v2/leads times=5")
    assert play("take_in_leads.py", "mine", file) == 1
    assert sorted(re.findall(r"\d \w+", capsys.readouterr().out)) == ["1 created", "1 left"]
    assert play("take_in_leads.py", "mine", file) == 0
    assert sorted(re.findall(r"\d \w+", capsys.readouterr().out)) == ["1 created", "1 found"]
    assert list_taken_in(sell) == ["Ann", "Bob"]


# --- a cadence ------------------------------------------------------------------------------------


def test_people_come_onto_the_cadence_once(
    play: Play, loft: Box, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = {
        person["email_address"]: person for person in default_runtime().iterate("salesloft", "listPeople", {}, "mine")
    }
    barred = next(email for email, person in people.items() if person["do_not_contact"])
    known = next(email for email, person in people.items() if person["id"] == 7012001)
    rows = ("email,first_name,last_name", "new@acme.example,Nia,New", f"{known},Ines,Rossi", f"{barred},Hugo,Young")
    file = write(tmp_path / "people.csv", *rows)

    assert play("fill_cadence.py", "mine", "Outbound operations", file) == 1
    assert sorted(re.findall(r"\d [\w ]+", capsys.readouterr().out.strip())) == [
        "1 added",
        "1 refused",
        "1 there before",
    ]
    assert play("fill_cadence.py", "mine", "Outbound operations", write(file, *rows[:3])) == 0
    assert capsys.readouterr().out == "2 there before\n"

    found = default_runtime().iterate("salesloft", "listPeople", {"emailAddresses": ["new@acme.example"]}, "mine")
    (person,) = list(found)
    inputs = {"personId": person["id"], "cadenceId": 12001}
    assert len(list(default_runtime().iterate("salesloft", "listCadenceMemberships", inputs, "mine"))) == 1


def test_a_cadence_that_does_not_exist_names_those_like_it(play: Play, loft: Box, tmp_path: Path) -> None:
    from sales_connectors import NotFound

    file = write(tmp_path / "people.csv", "email,first_name,last_name")
    with pytest.raises(NotFound, match="there is Outbound operations"):
        play("fill_cadence.py", "mine", "outbound", file)
