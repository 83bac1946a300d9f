"""The story that ``sales-connectors demo outreach`` tells: a prospect is met, goes through a sequence, and buys.

It calls the component as a user's own script would, reads its manifest for the form that it shows, and stops at the
first thing that is not as it should be.
"""

from typing import Any

from sales_connectors import Connector
from sales_connectors.errors import InvalidInput
from sales_connectors.imitation import Box
from sales_connectors.imitation.kit.story import (
    Record,
    Say,
    check,
    choose,
    expect_refusal,
    fail,
    list_labels,
    only_option,
    select,
)  # fmt: skip
from sales_connectors.manifest import load_component

DOMAIN = "northwind-rowing.example.com"
MAIL = f"ada@{DOMAIN}"
VISITORS = 30


def play(sales: Connector, say: Say, box: Box) -> None:
    """Tell the story; raises if anything is not as it should be."""
    _sign_in(sales, say)
    account, prospect = _meet(sales, say)
    _refuse_them_twice(sales, say)
    state = _put_in_a_sequence(sales, say, prospect)
    _do_the_first_step(sales, say, state)
    _call(sales, say, state)
    _end_it(sales, say, state)
    _plan_a_task(sales, say, prospect)
    _make_a_deal(sales, say, account, prospect)
    _find_one_name(sales, say)
    _list_them_all(sales, say, box)
    _let_the_token_end(sales, say, box)
    _go_further(sales, say)


def _sign_in(sales: Connector, say: Say) -> None:
    me = sales.whoami()["data"]["attributes"]
    say("The connection says who it belongs to", select(me, "id", "email", "firstName"))
    form = load_component("outreach").form("createProspect")
    described = {"title": form.label, "description": form.description, "inputs": len(form.properties)}
    say("A form describes itself", described)


def _meet(sales: Connector, say: Say) -> tuple[Record, Record]:
    segment = {"Customer Segment": "Mid-market"}
    account = sales.createAccount(name="Northwind Rowing", domain=DOMAIN, tags="rowing, vip", customFields=segment)[
        "data"
    ]
    told = select(account["attributes"], "name", "domain", "tags", "custom1")
    check(told["custom1"] == "Mid-market", "a custom field goes by its label")
    say("An account; its custom field goes by the label that the organization gave it", {"id": account["id"], **told})
    stage = choose(sales.pick("selectStage"), "Prospecting")
    names = {"firstName": "Ada", "lastName": "Lund", "emails": [MAIL], "mobilePhones": "+15550100300"}
    prospect = sales.createProspect(**names, accountId=account["id"], stageId=stage)["data"]
    check(prospect["relationships"]["account"]["data"]["id"] == account["id"], "the prospect belongs to the account")
    say("A prospect of it", {"id": prospect["id"], **select(prospect["attributes"], "name", "emails", "company")})
    return account, prospect


def _refuse_them_twice(sales: Connector, say: Say) -> None:
    fault = expect_refusal(sales, "createProspect", {"firstName": "Ada", "emails": [MAIL.upper()]}, at="/emails")
    say("A second prospect with this address is refused in the service's own words", fault)
    fault = expect_refusal(
        sales, "createProspect", {"customFields": {"Favorite Colour": "red"}}, at="/customFields/Favorite Colour"
    )
    say("A custom field that the organization does not have is refused before anything is sent", fault)


def _put_in_a_sequence(sales: Connector, say: Say, prospect: Record) -> Record:
    sequences = sales.pick("selectSequence")
    whom = {"prospectId": prospect["id"], "mailboxId": only_option(sales.pick("selectMailbox", query="morgan@"))["key"]}
    frozen = {**whom, "sequenceId": choose(sequences, "Frozen for Audit")}
    say("A locked sequence takes nobody", expect_refusal(sales, "addProspectToSequence", frozen, at="/sequenceId"))
    visitors = choose(sequences, "Trade Fair Visitors")
    steps = sales.pick("selectSequenceStep", sequenceId=visitors)
    say("The steps of another one", list_labels(steps))
    state: Record = sales.addProspectToSequence(**whom, sequenceId=visitors)["data"]
    check(state["attributes"]["state"] == "active", "the prospect is in the sequence")
    say("She is in it", {"id": state["id"], **select(state["attributes"], "state", "activeAt")})
    return state


def _do_the_first_step(sales: Connector, say: Say, state: Record) -> None:
    task = _find_open_task(sales, state)
    check(task["attributes"]["taskType"] == "sequence_step_task", "the first step is a task")
    wrong = {"taskId": task["id"], "action": "markComplete", "ownerId": 1}
    fault = expect_refusal(sales, "setTaskAction", wrong, at="/ownerId")
    say("An action is refused what belongs to another one", fault)
    done = sales.setTaskAction(taskId=task["id"], action="markComplete", completionNote="Their site is new")["data"]
    check(done["attributes"]["completed"], "the task is done")
    say("Its task is done", {"id": done["id"], **select(done["attributes"], "state", "note")})


def _call(sales: Connector, say: Say, state: Record) -> None:
    task = _find_open_task(sales, state)
    check(task["attributes"]["taskType"] == "sequence_step_call", "the next step is a call")
    about = {"callDispositionId": choose(sales.pick("selectCallDisposition"), "Interested"), "outcome": "Answered"}
    told = {"note": "Rows at six in the morning; call later.", "sequenceAction": "Advance"}
    call = sales.createCall(**about, **told, taskId=task["id"], sequenceStateId=state["id"])["data"]
    check(call["relationships"]["task"]["data"]["id"] == task["id"], "the call belongs to the task")
    say("The next step was a call; it is logged, and the task is done", select(call["attributes"], "note", "outcome"))


def _end_it(sales: Connector, say: Say, state: Record) -> None:
    ended = sales.getSequenceState(sequenceStateId=state["id"], include=["prospect", "sequence"])
    check(ended["data"]["attributes"]["state"] == "finished", "behind the last step the sequence is over")
    names = {one["type"]: one["attributes"]["name"] for one in ended["included"]}
    say("Behind the last step the sequence is over; who and what comes along with it", names)
    try:
        sales.setSequenceStateAction(sequenceStateId=state["id"], action="resume")
    except InvalidInput as refused:
        say("What is finished does not resume", str(refused))
    else:
        fail("what is finished should not resume")


def _plan_a_task(sales: Connector, say: Say, prospect: Record) -> None:
    owner = only_option(sales.pick("selectUser", query="nia"))["key"]
    about = {"subjectType": "prospect", "subjectId": prospect["id"], "action": "email", "note": "Send the offer"}
    task = sales.createTask(**about, ownerId=owner, dueAt="2030-06-30T10:00:00+02:00")["data"]
    snoozed = sales.setTaskAction(taskId=task["id"], action="snooze")["data"]
    check(snoozed["attributes"]["dueAt"] == "2030-07-01T08:00:00.000Z", "a day later")
    say("A task for a colleague, put off by a day", select(snoozed["attributes"], "action", "note", "dueAt"))


def _make_a_deal(sales: Connector, say: Say, account: Record, prospect: Record) -> None:
    stage = choose(sales.pick("selectOpportunityStage"), "Proposal")
    deal = sales.createOpportunity(name="Twelve boats", accountId=account["id"], amount=48000, opportunityStageId=stage)
    role = {"opportunityId": deal["data"]["id"], "prospectId": prospect["id"], "role": "Champion"}
    made = sales.createOpportunityProspectRole(**role, primary=True)["data"]
    check(made["attributes"]["primary"], "she is the main contact")
    say(
        "An opportunity, and her part in it",
        {**select(deal["data"]["attributes"], "name", "amount"), "role": "Champion"},
    )
    cleared = sales.updateOpportunity(opportunityId=deal["data"]["id"], accountId=None)["data"]
    check(cleared["relationships"]["account"]["data"] is None, "null clears a relationship")
    say("Null clears a relationship", {"account": "none"})


def _find_one_name(sales: Connector, say: Say) -> None:
    asked = {"filters": [{"field": "name", "criteria": "Acme, Inc."}], "fields": ["name", "domain"]}
    found = sales.listAccounts(**asked)["data"]
    check([one["attributes"]["name"] for one in found] == ["Acme, Inc."], "a comma is no list")
    say("A name with a comma in it stays one name", found[0]["attributes"])


def _list_them_all(sales: Connector, say: Say, box: Box) -> None:
    for number in range(VISITORS):
        sales.createProspect(firstName=f"Visitor {number}", emails=[f"visitor{number}@regatta.example.com"])
    asked, everybody = box.count("/api/v2/prospects", "GET"), sales.listProspects(fetchAll=True, fields=["name"])
    check(len(everybody["data"]) > VISITORS, "every page is there")
    pages = {"prospects": len(everybody["data"]), "requests": box.count("/api/v2/prospects", "GET") - asked}
    say("All prospects in one list", pages)
    page = sales.listProspects(pageSize=5, q="visitor")
    check(page["meta"]["count"] == VISITORS, "a page says how many there are")
    say("Or one page of those whom a search finds, with their number", page["meta"])


def _let_the_token_end(sales: Connector, say: Say, box: Box) -> None:
    box.advance(7300)
    asked = box.count("/oauth/token")
    log = sales.listAudits(pageSize=1)["data"][0]["attributes"]
    check(box.count("/oauth/token") - asked == 1, "refused, refreshed, asked again")
    say("Two hours later the token has ended; it is refreshed on the way to the audit log", select(log, "eventName"))


def _go_further(sales: Connector, say: Say) -> None:
    reply = sales.rawRequest(url="/api/v2/mailAliases", method="GET", queryParams={"page[size]": 1})["response"]
    check(reply["status_code"] == 200, "a raw request reaches what no action covers")
    say("What no action covers goes as a raw request", reply["body"]["data"][0]["attributes"])


def _find_open_task(sales: Connector, state: Record) -> Record:
    """The task of a sequence that is to be done now."""
    filters: list[Any] = [
        {"field": "sequenceState.id", "criteria": str(state["id"])}, {"field": "state", "criteria": "incomplete"},
    ]  # fmt: skip
    found: list[Record] = sales.listTasks(filters=filters)["data"]
    check(len(found) == 1, "there is one thing to do at a time")
    return found[0]
