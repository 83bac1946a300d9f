"""The generated types are what mypy sees: right calls pass, wrong ones are told, and each names its line."""

import subprocess
import sys
from pathlib import Path

from sales_connectors import manifest
from sales_connectors.components import CHECKOUT
from sales_connectors.manifest.projections.stubs import build_class_name

RIGHT = """\
from sales_connectors import Connector, connect
from sales_connectors.typed import Picked, ZendeskSell


def rename(sell: ZendeskSell, number: int, name: str | None) -> None:
    sell.updateDeal(id=number, name="Renewal", tags=None)


def work(key: str) -> None:
    sell = connect("zendesk-sell", "my-account", timeout=5)
    made = sell.createContact(isOrganization=True, name="Acme", customFields={"known_via": "tom"})
    copied = sell.createContact(lastName="Doe", address=made["data"].get("address"))
    number: int = copied["data"]["id"]
    rename(sell, number, None)
    for deal in sell.iterate("listDeals", hot=True, ids=[1, 2]):
        value: object = deal["data"].get("value")
    stages: Picked = sell.pick("selectStage", pipelineId=1, limit=100)
    label: str = stages["result"][0]["label"]
    found = sell.poll("pollChangesTrigger", state=None, pollResourceType="deals")["data"]["created"]
    note = sell.run("createNote", {"resourceType": "lead", "resourceId": 1, "content": "Hello"})["data"]
    sell.with_options(timeout=5).deleteContact(id=number)
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
    untyped.run("anything", {})
"""

WRONG = """\
from sales_connectors import connect

sell = connect("zendesk-sell", token="t")
sell.createContact(isOrganisation=True)  # a misspelt input
sell.createContact(isOrganization="yes")  # text for a flag
sell.createContact(customerStatus="gone")  # no such choice
sell.getContact()  # a required input is missing
sell.getContact(id="7")  # text for a number
sell.getContact(id=None)  # null in a path
sell.createContct(name="Acme")  # a misspelt action
sell.createContact(name="Acme")["date"]  # no such field of the answer
sell.run("createContct", {})  # a misspelt action by its key
sell.iterate("getContact", id=7)  # no list
sell.iterate("listDeals", page=2)  # every page is read
sell.pick("selectStge")  # a misspelt picklist
sell.pick("selectContact", pipelineId=1)  # an input of another picklist
sell.poll("pollChangesTrigger")  # a required input of a trigger is missing
sell.with_options(time=5)  # a misspelt option
connect("zendesk-sell", timeout="5")  # text for seconds
"""


def mypy(script: Path) -> list[str]:
    """What mypy, strict and told nothing else, says of a user's script: one line for each error."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", str(script)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error: " in line and script.name in line]


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
