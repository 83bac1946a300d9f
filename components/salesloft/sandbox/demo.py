"""The story that ``sales-connectors demo salesloft`` tells: a prospect is met, put on a cadence, and called.

It calls the component as a user's own script would, reads its manifest for the form that it shows, and stops at the
first thing that is not as it should be.
"""

from sales_connectors import Connector
from sales_connectors.imitation import Box
from sales_connectors.imitation.kit.story import (
    Record,
    Say,
    check,
    choose,
    expect_refusal,
    list_labels,
    only_option,
    select,
)  # fmt: skip
from sales_connectors.manifest import load_component

DOMAIN = "northwind-rowing.example.com"
MAIL = f"ada@{DOMAIN}"
VISITORS = 240


def play(sales: Connector, say: Say, box: Box) -> None:
    """Tell the story; raises if anything is not as it should be."""
    _sign_in(sales, say)
    account, person = _meet(sales, say)
    _refuse_them_twice(sales, say)
    membership = _put_on_a_cadence(sales, say, person)
    _call(sales, say, person, membership)
    _take_a_note(sales, say, account)
    _plan_a_task(sales, say, person)
    _bring_in_many(sales, say, box)
    _list_them_all(sales, say, box)
    _let_the_token_end(sales, say, box)
    _take_off(sales, say, person, membership)
    _go_further(sales, say)


def _sign_in(sales: Connector, say: Say) -> None:
    me = sales.whoami()["data"]
    say("The connection says who it belongs to", select(me, "id", "name", "email"))
    form = load_component("salesloft").form("createPerson")
    described = {"title": form.label, "description": form.description, "inputs": len(form.properties)}
    say("A form describes itself", described)


def _meet(sales: Connector, say: Say) -> tuple[Record, Record]:
    stage = choose(sales.pick("selectAccountStage"), "Target")
    rowers = {"fullName": "Northwind Rowing", "domain": DOMAIN.upper(), "tags": "rowing, vip"}
    segment = {"Customer Segment": "Mid-market"}
    account = sales.createAccount(**rowers, companyStageId=stage, customFields=segment)["data"]
    check((account["domain"], account["tags"]) == (DOMAIN, ["rowing", "vip"]), "an account is as it was given")
    say("An account, its stage chosen from a dropdown", select(account, "id", "name", "domain", "tags"))
    names = {"firstName": "Ada", "lastName": "Lund", "emailAddress": MAIL, "phone": "+15550100300"}
    person = sales.createPerson(**names, accountId=account["id"], locale="Europe/Oslo")["data"]
    check(person["account"]["id"] == account["id"], "the person belongs to the account")
    say("A person of it", select(person, "id", "display_name", "email_address", "locale"))
    return account, person


def _refuse_them_twice(sales: Connector, say: Say) -> None:
    twin = {"firstName": "Ada", "emailAddress": MAIL.upper()}
    fault = expect_refusal(sales, "createPerson", twin, at="/emailAddress")
    say("A second person with this address is refused in the service's own words", fault)
    fault = expect_refusal(sales, "createAccount", {"fullName": "Rowers", "domain": DOMAIN}, at="/domain")
    say("So is a second account with this domain", fault)
    upsert = {"upsertKey": "email_address", "emailAddress": MAIL, "title": "Captain"}
    found = sales.upsertPerson(**upsert)["data"]
    told = {"upsert_type": found["upsert_type"], **select(found["person"], "id", "title")}
    check(told["upsert_type"] == "update", "an upsert finds who is there")
    say("An upsert finds her by her address instead", told)


def _put_on_a_cadence(sales: Connector, say: Say, person: Record) -> Record:
    cadences = sales.pick("selectCadence", peopleAddable=True)
    check(not any("archived" in label for label in list_labels(cadences)), "archived cadences take nobody")
    cadence = choose(cadences, "Outbound operations")
    steps = sales.pick("selectStep", cadenceId=cadence)
    say("The steps of the cadence that was chosen from those that take people", list_labels(steps))
    ids = {"personId": person["id"], "cadenceId": cadence}
    membership: Record = sales.createCadenceMembership(**ids)["data"]
    check(membership["currently_on_cadence"], "the person is on the cadence")
    again = sales.createCadenceMembership(**ids)["data"]
    check(again["id"] == membership["id"], "there is one membership for a person and a cadence")
    say("She is on it; put there twice, it is still one membership", select(again, "id", "current_state"))
    return membership


def _call(sales: Connector, say: Say, person: Record, membership: Record) -> None:
    action = only_option(sales.pick("selectAction", personId=person["id"], type="phone"))
    say("The cadence asks for a call", action)
    disposition = choose(sales.pick("selectCallDisposition"), "Connected")
    told = {"disposition": disposition, "duration": 184, "notes": "Rows at six in the morning; call later."}
    call = sales.createCall(personId=person["id"], actionId=action["key"], to=person["phone"], **told)["data"]
    check(call["cadence"]["id"] == membership["cadence"]["id"], "the call belongs to the cadence")
    say("The call is logged, with a note", select(call, "id", "disposition", "duration", "note"))
    following = only_option(sales.pick("selectAction", personId=person["id"]))
    check(following["label"].startswith("Email"), "the next step is up")
    say("Its action is done, and the next step is up", following)
    used = {"personId": person["id"], "actionId": action["key"]}
    say("An action can be used once", expect_refusal(sales, "createCall", used, at="/actionId"))


def _take_a_note(sales: Connector, say: Say, account: Record) -> None:
    about = {"associatedWithType": "account", "associatedWithId": account["id"]}
    note = sales.createNote(**about, content="The club has twelve boats.")["data"]
    check(_ids(sales.listNotes(**about)) == [note["id"]], "the note is in the list of its account")
    say("A note on the account", select(note, "id", "associated_type", "content"))


def _plan_a_task(sales: Connector, say: Say, person: Record) -> None:
    offer = {"subject": "Send the offer", "taskType": "email", "dueDate": "2030-06-30T10:00:00+02:00"}
    first, second = (
        sales.createTask(**offer, personId=person["id"], idempotencyKey="offer-to-ada")["data"] for _ in range(2)
    )
    check(first == second and first["due_date"] == "2030-06-30", "one key makes one task")
    say("A task, sent twice with one idempotency key, is one task", select(first, "id", "subject", "due_date"))
    done = sales.updateTask(taskId=first["id"], currentState="completed")["data"]
    check(done["completed_at"] is not None, "a task is done")
    say("The task, done", select(done, "id", "current_state"))


def _bring_in_many(sales: Connector, say: Say, box: Box) -> None:
    job = sales.createBulkJob(bulkJobType="person/upsert", bulkJobName="Regatta visitors")["data"]
    addresses = [f"visitor{number}@regatta.example.com" for number in range(VISITORS)]
    records = [
        {"first_name": "Visitor", "upsert_key": "email_address", "upsert_key_value": address}
        for address in [*addresses, "nobody@"]
    ]
    sales.createBulkJobData(bulkJobsId=job["id"], bulkJobData=records)
    started = sales.updateBulkJob(bulkJobsId=job["id"], readyToExecute=True)["data"]
    say("A bulk job with all visitors of the regatta, started", select(started, "id", "state", "total"))
    box.advance(60)
    ended = sales.runBulkJob(bulkJobsId=job["id"], bulkJobData=records)["data"]
    outcomes = [row["status"] for row in ended["results"]]
    check(ended["done"] and ended["added"] == 0, "what the job holds is not added again")
    check((outcomes.count("success"), outcomes.count("error")) == (VISITORS, 1), "no record is lost")
    failed = next(row["error"] for row in ended["results"] if row["status"] == "error")
    figures = {"succeeded": VISITORS, "failed": 1, "because": failed}
    say("A minute later it is done, and each record has its outcome", figures)


def _list_them_all(sales: Connector, say: Say, box: Box) -> None:
    asked = box.count("/v2/people")
    everybody = sales.listPeople(fetchAll=True, sortBy="name", sortDirection="ASC")
    check(len(everybody["data"]) > VISITORS, "every page is there")
    pages = {"people": len(everybody["data"]), "requests": box.count("/v2/people") - asked}
    say("All people in one list", pages)
    last = sales.listPeople(perPage=5, includePagingCounts=True, emailAddresses=[MAIL, "no@example.com"])
    check(last["metadata"]["paging"]["total_count"] == 1, "filters narrow a list")
    say("Or one page, with what the service says of it", last["metadata"]["paging"])


def _let_the_token_end(sales: Connector, say: Say, box: Box) -> None:
    box.advance(7300)
    asked = box.count()
    user = only_option(sales.pick("selectUser", query="marcus"))
    check(box.count() - asked == 3, "refused, refreshed, asked again")
    say("Two hours later the token has ended; it is refreshed on the way to a colleague", user)


def _take_off(sales: Connector, say: Say, person: Record, membership: Record) -> None:
    check(sales.deleteCadenceMembership(cadenceMembershipId=membership["id"]) is None, "a delete returns nothing")
    memberships = sales.listCadenceMemberships(personId=person["id"], currentlyOnCadence=False)["data"]
    check(len(memberships) == 1, "her membership should stay")
    say("Taken off the cadence, she keeps her history", select(memberships[0], "id", "current_state"))


def _go_further(sales: Connector, say: Say) -> None:
    reply = sales.rawRequest(url="/v2/custom_roles", method="GET", queryParams={"per_page": 1})["response"]
    check(reply["status_code"] == 200, "a raw request reaches what no action covers")
    say("What no action covers goes as a raw request", reply["body"]["data"])


def _ids(page: Record) -> list[int]:
    return [record["id"] for record in page["data"]]
