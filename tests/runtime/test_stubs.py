"""The generated types are what mypy sees: right calls pass, wrong ones are told, and each names its line."""

import subprocess
import sys
from pathlib import Path

from sales_connectors import manifest
from sales_connectors.components import CHECKOUT
from sales_connectors.manifest.projections.stubs import build_class_name

RIGHT = """\
from typing import Any

import sales_connectors
from sales_connectors import Connector, InvalidInput, NotFound, SalesError, connect, pick, poll
from sales_connectors.typed import Changes, Picked, Polled, Salesloft, ZendeskSell
from sales_connectors.typed.zendesk_sell import ContactAnswer, Deal


def rename(sell: ZendeskSell, number: int, name: str | None) -> None:
    sell.updateDeal(id=number, name="Renewal", tags=None)


def work(key: str) -> None:
    sell = connect("zendesk-sell", "my-account", timeout=5)
    made = sell.createContact(isOrganization=True, name="Acme", customFields={"known_via": "tom"})
    copied = sell.createContact(lastName="Doe", address=made["data"]["address"])
    number: int = copied["data"]["id"]
    rename(sell, number, None)
    for deal in sell.iterate("listDeals", hot=True, ids=[1, 2], timeout=5):
        value: object = deal["data"]["value"]
        contacts = deal["data"].get("associated_contacts")
    note = sell.run("createNote", {"resourceType": "lead", "resourceId": 1, "content": "Hello"})["data"]
    sell.with_options(timeout=5).deleteContact(id=number, retries=0)
    preview = sell.with_options(dry_run=True).createContact(lastName="Doe")["request"]
    loft = connect("salesloft", "my-team")
    names = [person.get("first_name") for person in loft.iterate("listPeople")]
    out = connect("outreach", "my-org")
    asked = [{"field": "account.id", "criteria": "1"}]
    page = out.listProspects(filters=asked, sort={"sort_by": "lastName"}, include=["account"])
    accounts = page.get("included", [])
    titles = [prospect["attributes"].get("title") for prospect in out.iterate("listProspects")]
    out.setTaskAction(taskId=out.getTask(taskId=7)["data"]["id"], action="markComplete", completionNote="Done")
    untyped: Connector = connect(key, {"token": "t"}, idempotency_key="once")
    untyped.run("anything", {}, deadline=5)


def create_once(sell: ZendeskSell) -> None:
    told: list[str] = []
    made: ContactAnswer = sell.createContact(lastName="Doe", idempotency_key="lead-7", on_outcome=told.append)
    again: ContactAnswer = sell.run("createContact", {"lastName": "Doe"}, idempotency_key="lead-7")
    keyed: ZendeskSell = sell.with_options(idempotency_key="lead-8")
    number: int = keyed.createDeal(name="Renewal", contactId=made["data"]["id"])["data"]["id"]
    connected: ZendeskSell = connect("zendesk-sell", token="t", idempotency_key="lead-9", on_outcome=print)
    sell.rawRequest(url="/tasks", method="GET", timeout=3, retries=1)  # an input of that name


def choose(sell: ZendeskSell, loft: Salesloft) -> None:
    stages: Picked = sell.pick("selectStage", pipelineId=1, limit=100)
    for option in stages["result"]:
        label: str = option["label"]
        sell.updateDeal(id=7, stageId=option["key"])
        sell.getDeal(id=option["key"])
        gone: bool = option.get("missing", False)
    keys = [option["key"] for option in stages["result"]]
    sell.listDeals(ids=keys)
    sell.createNote(resourceType="deal", resourceId=keys[0], content="Call back")
    sell.pick("selectStage", ids=keys)
    sell.pick("selectStage", ids=[deal["data"]["stage_id"] for deal in sell.iterate("listDeals")])
    loft.listPeople(ownerId=keys, personStageId=[1, 2])
    more: Picked = pick("zendesk-sell", "selectStage", {}, "my-account", cursor=stages["nextCursor"])


def follow(sell: ZendeskSell, state: Any) -> Any:
    polled: Polled[Deal] = sell.poll("pollChangesTrigger", state=state, pollResourceType="deals")
    changes: Changes[Deal] = polled["data"]
    for deal in changes["created"] + changes["updated"]:
        print(deal["id"], deal["name"].upper())
    for gone in changes["deleted"]:
        print(gone["id"])
    print(sell.poll("pollChangesTrigger", pollResourceType="notes", timeout=5)["data"]["created"][0]["content"])
    other: Polled = poll("zendesk-sell", "pollChangesTrigger", {"pollResourceType": "deals"}, "my-account")
    return polled["state"]


def mend(sell: ZendeskSell) -> str:
    try:
        sell.getDeal(id=7)
    except InvalidInput as wrong:
        return wrong.fields[0]["path"]
    except (NotFound, sales_connectors.Unavailable) as gone:
        return gone.code
    except SalesError as error:
        return error.message
    return ""
"""

WRONG = """\
from sales_connectors import connect
from sales_connectors.typed.zendesk_sell import Lead

sell = connect("zendesk-sell", token="t")
sell.createContact(isOrganisation=True)  # a misspelt input
sell.createContact(isOrganization="yes")  # text for a flag
sell.createContact(customerStatus="gone")  # no such choice
sell.getContact()  # a required input is missing
sell.getContact(id=7.5)  # a fraction for a number
sell.getContact(id=None)  # null in a path
sell.createDeal(name="Renewal", contactId=7, customizedWinLikelihood="75")  # text for a number that no picklist gives
sell.createContct(name="Acme")  # a misspelt action
sell.createContact(name="Acme")["date"]  # no such field of the answer
sell.createContact(name="Acme", idempotency_key="k")["outcome"]  # the answer is the same with a key
sell.createContact(name="Acme", idempotency_key=7)  # a key is text
sell.getContact(id=7, idempotency_key="k")  # a key for what creates nothing
sell.getContact(id=7, time=5)  # a misspelt option of a call
sell.run("createContct", {})  # a misspelt action by its key
sell.iterate("getContact", id=7)  # no list
sell.iterate("listDeals", page=2)  # every page is read
sell.pick("selectStge")  # a misspelt picklist
sell.pick("selectContact", pipelineId=1)  # an input of another picklist
sell.pick("selectContact")["results"]  # no such field of what was picked
sell.poll("pollChangesTrigger")  # a required input of a trigger is missing
sell.poll("pollChangesTrigger", pollResourceType="deal")  # no such resource
polled = sell.poll("pollChangesTrigger", pollResourceType="deals")
polled["data"]["created"][0]["data"]  # records of a poll have no envelope
leads: list[Lead] = polled["data"]["created"]  # a deal is no lead
sell.with_options(time=5)  # a misspelt option
connect("zendesk-sell", timeout="5")  # text for seconds
"""


def mypy(*scripts: Path) -> list[str]:
    """What mypy, strict and told nothing else, says of a user's scripts: one line for each error."""
    options = ["--strict", "--no-error-summary", "--hide-error-context"]
    command = [sys.executable, "-m", "mypy", *options, *map(str, scripts)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    names = tuple(script.name for script in scripts)
    return [line for line in done.stdout.splitlines() if ": error: " in line and any(name in line for name in names)]


def test_right_calls_are_accepted(tmp_path: Path) -> None:
    script = tmp_path / "right_calls.py"
    script.write_text(RIGHT, encoding="utf-8")
    assert mypy(script) == []


def test_wrong_calls_are_refused(tmp_path: Path) -> None:
    script = tmp_path / "wrong_calls.py"
    script.write_text(WRONG, encoding="utf-8")
    told = {int(line.split(":")[1]) for line in mypy(script)}
    wrong = {number for number, line in enumerate(WRONG.splitlines(), 1) if "  # " in line}
    assert told == wrong


def test_types_can_be_imported_at_run_time() -> None:
    from sales_connectors import typed
    from sales_connectors.doors.python import connector

    assert typed.connect is connector.connect
    assert {build_class_name(component) for component in manifest.load_components()} <= set(typed.__all__)
    assert all(hasattr(typed, name) for name in typed.__all__)
