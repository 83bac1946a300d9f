"""The story that ``sales-connectors demo zendesk-sell`` tells: a deal is won, from the first form to the last change.

It calls the component as a user's own script would, reads its manifest for the form that it shows, and stops at the
first thing that is not as it should be.
"""

from typing import Any

from sales_connectors import Connector
from sales_connectors.errors import NotFound
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

MAIL = "ada@northwind.example.com"


def play(sell: Connector, say: Say, box: Box) -> None:
    """Tell the story; raises if anything is not as it should be."""
    _fill_in_a_form(sell, say)
    position = sell.getDealsStream(position="top")["meta"]["position"]
    state = _begin_to_watch(sell, say)
    organization, person = _meet(sell, say)
    lead = _find_a_lead(sell, say)
    deal = _open_a_deal(sell, say, person, _choose_a_stage(sell, say))
    _work_on_it(sell, say, deal)
    _look_around(sell, say, box, deal)
    _follow_the_stream(sell, say, position, deal)
    _let_the_token_end(sell, say, box)
    _tidy_up(sell, say, person, lead, deal)
    _see_what_changed(sell, say, state, organization, person)
    _go_further(sell, say)


def _fill_in_a_form(sell: Connector, say: Say) -> None:
    form = load_component("zendesk-sell").form("createContact")
    about = {"title": form.label, "description": form.description, "inputs": len(form.properties)}
    say("A form describes itself", about)
    fault = expect_refusal(sell, "createContact", {"firstName": "Ada"}, at="/lastName")
    say("What is missing is refused, and nothing is sent", fault)
    fault = expect_refusal(sell, "createContact", {"lastName": "Lund", "emial": MAIL}, at="/emial")
    check("email" in fault, "a misspelt input should be answered with the nearest name")
    say("A misspelt input gets the nearest name", fault)


def _begin_to_watch(sell: Connector, say: Say) -> Any:
    first = sell.poll("pollChangesTrigger", pollResourceType="contacts")
    check(not any(first["data"].values()), "a first poll begins now, with nothing")
    say("We watch the contacts from now on, and keep where we are", select(first["state"], "resource", "until"))
    return first["state"]


def _meet(sell: Connector, say: Say) -> tuple[Record, Record]:
    rowers = sell.createContact(isOrganization=True, name="Northwind Rowing", website="northwind.example.com")
    organization = rowers["data"]
    say("An organization", select(organization, "id", "name", "website"))
    names = {
        "firstName": "Ada",
        "lastName": "Lund",
        "email": MAIL,
        "phone": "555 0100",
        "contactId": organization["id"],
    }
    fields = {"Interests": ["Sailing"], "Newsletter": True}
    person = sell.createContact(**names, tags="rowing, vip", customFields=fields)["data"]
    check((person["tags"], person["custom_fields"]) == (["rowing", "vip"], fields), "values keep their types")
    say(
        "A person of it, with tags from text and typed custom fields",
        select(person, "id", "name", "tags", "custom_fields"),
    )
    return organization, _correct(sell, say, person)


def _correct(sell: Connector, say: Say, person: Record) -> Record:
    changed = sell.updateContact(id=person["id"], title="Captain", phone=None)["data"]
    check((changed["phone"], changed["email"]) == (None, MAIL), "null clears, and what is left out stays")
    say("Null clears a field, and what is left out stays", select(changed, "title", "phone", "email"))
    found: Record = sell.upsertContact(filterableCustomFields={"email": MAIL}, mobile="555 0101")["data"]
    check(found["id"] == person["id"], "an upsert finds who is there")
    check(sell.getContact(id=person["id"])["data"] == found, "what is read back is what was written")
    say("An upsert finds her by her address", select(found, "id", "mobile"))
    return found


def _find_a_lead(sell: Connector, say: Say) -> Record:
    lead: Record = sell.createLead(organizationName="Fjord Ferries", customFields={"Score": 8})["data"]
    option = only_option(sell.pick("selectLead", query="fjord"))
    check(option == {"label": "Fjord Ferries", "key": str(lead["id"])}, "a lead without a person shows its company")
    say("A lead that is a company, found in a dropdown by typing", option)
    return lead


def _choose_a_stage(sell: Connector, say: Say) -> str:
    pipeline = choose(sell.pick("selectPipeline"), "New business")
    stages = sell.pick("selectStage", pipelineId=pipeline)
    say("The stages of the pipeline that was chosen", list_labels(stages))
    return choose(stages, "Incoming")


def _open_a_deal(sell: Connector, say: Say, person: Record, stage: str) -> Record:
    bikes = {"name": "Twelve city bikes", "value": "10788.40", "hot": "true"}
    made = sell.createDeal(**bikes, contactId=person["id"], stageId=stage)["data"]
    deal: Record = sell.getDeal(id=made["id"], includes="associated_contacts")["data"]
    contacts = [item["data"]["contact_id"] for item in deal["associated_contacts"]["items"]]
    check(deal["value"] == "10788.40" and deal["hot"] is True, "money and flags arrive as they were given")
    check(contacts == [person["id"]], "the deal comes with its contact")
    say("A deal, with its contacts if asked for", select(deal, "id", "name", "value", "associated_contacts"))
    return deal


def _work_on_it(sell: Connector, say: Say, deal: Record) -> None:
    about = {"resourceType": "deal", "resourceId": deal["id"]}
    note = sell.createNote(**about, content="They row at six in the morning; call later.", isImportant=True)["data"]
    say("A note on the deal", select(note, "id", "content"))
    task = sell.createTask(**about, content="Send the quote", dueDate="2030-06-30T10:00:00+02:00")["data"]
    done = sell.updateTask(id=task["id"], completed=True)["data"]
    check(done["due_date"] == "2030-06-30T08:00:00Z" and done["completed_at"] is not None, "a task is done")
    say("A task, done", select(done, "id", "content", "due_date", "completed"))
    order = sell.createOrder(dealId=deal["id"], discount=5)["data"]
    say("An order for the deal", select(order, "id", "deal_id", "discount"))
    fault = expect_refusal(sell, "createOrder", {"dealId": deal["id"]}, at="/dealId")
    say("A second one is refused in the service's own words", fault)


def _look_around(sell: Connector, say: Say, box: Box, deal: Record) -> None:
    every, hot = sell.listDeals(fetchAll=True, sortBy="value:desc"), sell.listDeals(hot=True, perPage=100)
    check(deal["id"] in _ids(every) and deal["id"] in _ids(hot), "the deal is in the lists")
    say("All deals in one list, or those of a filter", {"all": len(_ids(every)), "hot": len(_ids(hot))})
    orders = sell.pick("selectOrder", limit=100)
    asked = box.count()
    check(sell.pick("selectOrder", limit=100) == orders and box.count() == asked, "a dropdown is not asked for twice")
    say("Orders are called by their deals; shown again they cost no request", list_labels(orders))
    saved = sell.pick("selectDeal", ids=[str(deal["id"]), "1"])["result"]
    check(saved[0]["label"] == deal["name"] and saved[1]["missing"], "saved keys get their labels back")
    say("Saved keys get their labels back, and deleted ones are marked", saved)


def _follow_the_stream(sell: Connector, say: Say, position: str, deal: Record) -> None:
    page = sell.getDealsStream(position=position)
    events = [(event["meta"]["event_type"], event["data"]["id"]) for event in page["items"]]
    check(events[:1] == [("created", deal["id"])] and page["meta"]["top"], "the stream tells of the deal")
    told = [{"event": event, "deal": id} for event, id in events]
    say("The event stream, from the position that we noted at the start", told)


def _let_the_token_end(sell: Connector, say: Say, box: Box) -> None:
    box.advance(3700)
    asked = box.count()
    account = sell.listAccountDetails()["data"]
    check(box.count() - asked == 3, "refused, refreshed, asked again")
    say("An hour later the token has ended; it is refreshed on the way", select(account, "name", "currency"))


def _tidy_up(sell: Connector, say: Say, person: Record, lead: Record, deal: Record) -> None:
    for action, record in (("deleteDeal", deal), ("deleteLead", lead), ("deleteContact", person)):
        check(sell.run(action, {"id": record["id"]}) is None, "a delete returns nothing")
    try:
        sell.getDeal(id=deal["id"])
    except NotFound as gone:
        say("Deleted records are gone", str(gone))
    else:
        fail("the deal should be gone")


def _see_what_changed(sell: Connector, say: Say, state: Any, organization: Record, person: Record) -> None:
    changes: Any = sell.poll("pollChangesTrigger", state=state, pollResourceType="contacts")
    told = {kind: [record["id"] for record in records] for kind, records in changes["data"].items()}
    check(
        told == {"created": [organization["id"]], "updated": [], "deleted": [person["id"]]}, "a poll tells what changed"
    )
    say("What changed since we began to watch", {kind: _names(records) for kind, records in changes["data"].items()})
    quiet = sell.poll("pollChangesTrigger", state=changes["state"], pollResourceType="contacts")
    check(not any(quiet["data"].values()), "nothing is told twice")


def _go_further(sell: Connector, say: Say) -> None:
    sources = sell.rawRequest(url="/deal_sources", method="GET", queryParams={"per_page": 2})
    check(len(sources["items"]) == 2, "a raw request reaches what no action covers")
    say("What no action covers goes as a raw request", _names([item["data"] for item in sources["items"]]))


def _ids(page: Record) -> list[int]:
    return [item["data"]["id"] for item in page["items"]]


def _names(records: list[Record]) -> list[str]:
    return [record["name"] for record in records]
