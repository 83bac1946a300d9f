"""Every data source against the sandbox: labels, searching, paging, saved keys, and what it costs."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.picking import keys, labels, walked

from sales_connectors import Connector, Runtime, connect, manifest
from sales_connectors.errors import InvalidInput, InvalidResponse, NotAllowed
from sales_connectors.imitation import Box, running

SOURCES = manifest.load_component("zendesk-sell").data_sources
NEEDED: dict[str, Any] = {"selectCustomField": {"resourceType": "deal"}, "selectRecord": {"resourceType": "lead"}}
REQUESTS = {"selectOrder": 2, "selectStage": 2, "selectStream": 0}
"""What picklists cost: what an order and a stage are called stands in other records, streams are listed nowhere."""


def needed(source: str) -> dict[str, Any]:
    return dict(NEEDED.get(source, {}))


# --- all of them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_a_picklist_offers_labels_and_keys_sorted_as_people_sort(shared_sell: Connector, source: str) -> None:
    answer = shared_sell.pick(source, **needed(source))
    assert answer["result"]
    assert all(isinstance(option["key"], str) and option["label"].strip() for option in answer["result"])
    assert len(set(keys(answer))) == len(keys(answer))
    assert labels(answer) == sorted(labels(answer), key=str.casefold)
    assert answer["nextCursor"] is None


@pytest.mark.parametrize("source", SOURCES)
def test_a_cursor_walks_every_option_once(shared_sell: Connector, source: str) -> None:
    inputs = needed(source)
    everything = keys(shared_sell.pick(source, **inputs))
    assert sorted(walked(shared_sell, source, 2, **inputs)) == sorted(everything)


@pytest.mark.parametrize("source", SOURCES)
def test_saved_keys_get_their_labels_back_and_deleted_ones_are_marked(shared_sell: Connector, source: str) -> None:
    inputs = needed(source)
    options = shared_sell.pick(source, **inputs)["result"][::-2]
    wanted = [*keys({"result": options}), "999", "no such thing", "²"]

    answer = shared_sell.pick(source, ids=wanted, **inputs)

    missing = [{"label": key, "key": key, "missing": True} for key in wanted[-3:]]
    assert answer["result"] == [*options, *missing]


@pytest.mark.parametrize("source", SOURCES)
def test_a_search_finds_an_option_by_words_of_its_label(shared_sell: Connector, source: str) -> None:
    inputs = needed(source)
    option = shared_sell.pick(source, **inputs)["result"][0]
    word = max(option["label"].split(), key=lambda word: (word.isalpha(), len(word)))
    answer = shared_sell.pick(source, query=f" {word.upper()} ", **inputs)
    assert option["key"] in keys(answer)
    assert all(word.casefold() in label.casefold() for label in labels(answer))
    assert shared_sell.pick(source, query="no such thing", **inputs)["result"] == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_picker_costs_a_request_and_none_the_second_time(sandbox: Box, sell: Connector, source: str) -> None:
    inputs = needed(source)
    first = sell.pick(source, limit=100, **inputs)
    assert sandbox.count() == REQUESTS.get(source, 1)
    sandbox.forget()
    assert sell.pick(source, limit=100, **inputs) == first
    assert sandbox.count() == 0


# --- labels that tell records apart ---------------------------------------------------------------------------------


def one_label(sell: Connector, source: str, id: int) -> str:
    ((label,),) = [labels(sell.pick(source, ids=[str(id)]))]
    return label


@pytest.mark.parametrize(
    ("inputs", "label"),
    [
        ({"firstName": "Jo", "lastName": "Doe"}, "Jo Doe"),
        ({"lastName": "Doe", "organizationName": "Acme"}, "Doe - Acme"),
        ({"organizationName": "Acme"}, "Acme"),
    ],
)
def test_a_lead_is_called_by_its_person_and_its_company(sell: Connector, inputs: dict[str, Any], label: str) -> None:
    id = sell.createLead(**inputs)["data"]["id"]
    assert one_label(sell, "selectLead", id) == label
    found = sell.pick("selectLead", query=label.split()[0])["result"]
    assert {"label": label, "key": str(id)} in found


def test_people_of_one_name_are_told_apart_by_their_addresses(sell: Connector) -> None:
    people = [sell.createContact(lastName="Doe", email=f"{name}@example.com")["data"]["id"] for name in ("jo", "al")]
    assert [one_label(sell, "selectContact", id) for id in people] == ["Doe (jo@example.com)", "Doe (al@example.com)"]
    assert labels(sell.pick("selectContact", query="doe")) == ["Doe (al@example.com)", "Doe (jo@example.com)"]
    assert keys(sell.pick("selectContact", query="doe al@")) == [str(people[1])]


def test_only_organizations_are_offered_as_organizations(sell: Connector) -> None:
    person = sell.createContact(lastName="Harbour")["data"]["id"]
    everything = keys(sell.pick("selectOrganization"))
    assert everything
    assert all(sell.getContact(id=id)["data"]["is_organization"] for id in everything)
    assert labels(sell.pick("selectOrganization", query="harbour")) == ["Harbour Couriers (office@harbour.example.com)"]
    assert str(person) in keys(sell.pick("selectContact", query="harbour"))


@pytest.mark.parametrize(
    ("kind", "source"), [("lead", "selectLead"), ("contact", "selectContact"), ("deal", "selectDeal")]
)
def test_records_are_offered_by_their_type(sell: Connector, kind: str, source: str) -> None:
    everything = sell.pick(source)
    assert sell.pick("selectRecord", resourceType=kind) == everything
    key = everything["result"][0]["key"]
    assert keys(sell.pick("selectRecord", resourceType=kind, ids=[key])) == [key]
    note = sell.createNote(resourceType=kind, resourceId=key, content="Picked.")["data"]
    assert (note["resource_type"], str(note["resource_id"])) == (kind, key)


def test_a_record_is_not_offered_before_its_type_is_known(sandbox: Box, sell: Connector) -> None:
    with pytest.raises(InvalidInput, match="resourceType is required"):
        sell.pick("selectRecord")
    with pytest.raises(InvalidInput, match="resourceType must be one of lead, contact, deal"):
        sell.pick("selectRecord", resourceType="order")
    assert sandbox.count() == 0


@pytest.mark.parametrize(("inputs", "path"), [({}, "contact"), ({"resourceType": "lead"}, "lead")])
def test_industries_are_those_of_the_kind_and_others_are_taken(
    sandbox: Box, sell: Connector, inputs: dict[str, Any], path: str
) -> None:
    offered = sell.pick("selectIndustry", **inputs)["result"]
    assert offered[0]["label"] == offered[0]["key"]
    assert [seen["path"] for seen in sandbox.requests] == [f"/v2/{path}/industries"]
    create = sell.createLead if path == "lead" else sell.createContact
    for industry in (offered[0]["key"], "Something that nobody lists"):
        assert create(lastName="Doe", industry=industry)["data"]["industry"] == industry


def test_streams_are_offered_and_read(sell: Connector) -> None:
    offered = {option["key"]: option["label"] for option in sell.pick("selectStream")["result"]}
    assert (len(offered), offered["line_items"]) == (20, "Line Items")
    for stream in offered:
        assert isinstance(sell.getStream(resource=stream)["items"], list)


def test_an_order_is_called_by_its_deal(sell: Connector) -> None:
    deal = sell.createDeal(name="Bikes", contactId=20000001)["data"]["id"]
    order = sell.createOrder(dealId=deal)["data"]["id"]
    assert one_label(sell, "selectOrder", order) == f"Bikes - order {order}"
    assert keys(sell.pick("selectOrder", query=f"bikes {order}")) == [str(order)]


def test_a_stage_is_called_by_its_pipeline_unless_that_is_chosen(sandbox: Box, sell: Connector) -> None:
    every = labels(sell.pick("selectStage"))
    assert {label.partition(": ")[0] for label in every} == {"New business", "Renewals", "Old pipeline"}
    sandbox.forget()
    chosen = labels(sell.pick("selectStage", pipelineId="1300001", limit=100))
    assert sorted(f"New business: {label}" for label in chosen) == [label for label in every if "New bus" in label]
    assert [dict(seen["query"])["pipeline_id"] for seen in sandbox.requests] == ["1300001"]
    with pytest.raises(InvalidInput, match="pipelineId"):
        sell.pick("selectStage", pipelineId="first")


def test_a_note_shows_its_first_words(sell: Connector) -> None:
    def label(content: str) -> str:
        note = sell.createNote(resourceType="contact", resourceId=20000001, content=content)["data"]["id"]
        return one_label(sell, "selectNote", note)

    assert label("Call\n  back") == "Call back"
    assert label("word " * 20) == f"{'word ' * 10}".rstrip() + "…"


def test_users_who_left_and_products_with_a_number_say_so(shared_sell: Connector) -> None:
    assert [label for label in labels(shared_sell.pick("selectUser")) if label.endswith(" - inactive")]
    assert "City bike (BB-CITY)" in labels(shared_sell.pick("selectProduct"))


def test_tags_and_custom_fields_are_stored_by_their_names(sell: Connector) -> None:
    sell.createDeal(name="Bikes", contactId=20000001, tags=["only on deals"])
    cases: list[tuple[dict[str, Any], bool]] = [
        ({"resourceType": "deal"}, True),
        ({"resourceType": "lead"}, False),
        ({}, True),
    ]
    for inputs, there in cases:
        assert (
            {"label": "only on deals", "key": "only on deals"} in sell.pick("selectTag", **inputs)["result"]
        ) is there
        (option,) = sell.pick("selectTag", ids=["only on deals"], **inputs)["result"]
        assert ("missing" in option) is not there
    fields = sell.pick("selectCustomField", resourceType="deal")["result"]
    assert {"label": "Competitors (multi select list)", "key": "Competitors"} in fields
    with pytest.raises(InvalidInput, match="resourceType"):
        sell.pick("selectCustomField")


# --- searching ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["selectContact", "selectOrganization", "selectLead", "selectDeal"])
def test_the_index_of_the_service_is_searched(sandbox: Box, sell: Connector, source: str) -> None:
    assert (sell.pick(source, query="e")["total"] or 0) > 0
    (seen,) = sandbox.requests
    assert (seen["method"], seen["path"].split("/")[3]) == ("POST", "search")


@pytest.mark.parametrize(("source", "path"), [("selectNote", "/v2/notes"), ("selectTask", "/v2/tasks")])
def test_the_words_of_notes_and_tasks_are_searched_by_the_service(
    sandbox: Box, sell: Connector, source: str, path: str
) -> None:
    assert sell.pick(source, query="the call")["result"]
    (seen,) = sandbox.requests
    assert (seen["path"], dict(seen["query"])["q"]) == (path, "the call")


@pytest.mark.parametrize("status", [403, 404, 400])
def test_where_searching_is_refused_the_list_is_matched_here(sandbox: Box, sell: Connector, status: int) -> None:
    wanted = sell.pick("selectContact", query="tanaka")["result"]
    sandbox.misbehave({"status": status, "path": "/v3/"})
    found = sell.pick("selectContact", query="TANAKA @")
    assert found["result"] == wanted
    assert len(wanted) > 1
    assert sandbox.count("/v2/contacts") == 1


def answers_to_a_search(service: Any, answer: Any) -> None:
    service.answers("POST", "/v3/deals/search", answer)
    page = {"items": [{"data": {"id": 7, "name": "Bikes"}}], "meta": {}}
    service.answers("GET", "/v2/deals", page)


def test_an_answer_may_fail_in_a_batch_that_does_not(service: Any) -> None:
    answers_to_a_search(service, {"items": [{"successful": False, "errors": [{"error": {"code": "x"}}]}]})
    assert service.sell.pick("selectDeal", query="bik")["result"] == [{"label": "Bikes", "key": "7"}]


@pytest.mark.parametrize("answer", [{}, {"items": []}, {"items": [{}]}, [], {"items": [7]}, {"items": [{"items": []}]}])
def test_an_answer_without_a_result_is_the_fault_of_the_service(service: Any, answer: Any) -> None:
    answers_to_a_search(service, answer)
    with pytest.raises(InvalidResponse):
        service.sell.pick("selectDeal", query="bik")


def test_a_search_whose_total_is_not_told_goes_on_while_pages_are_full(service: Any) -> None:
    for first, size in ((0, 100), (100, 30)):
        items = [{"data": {"id": first + number, "name": "Bikes"}} for number in range(size)]
        service.answers("POST", "/v3/deals/search", {"items": [{"successful": True, "items": items, "meta": {}}]})
    assert len(service.sell.pick("selectDeal", query="bik")["result"]) == 130
    assert len(service.sent) == 2


def test_a_refusal_that_has_nothing_to_do_with_searching_is_no_empty_list(sandbox: Box, connected: Any) -> None:
    sell = connected(sandbox, token=sandbox.token(scope="profile"))
    with pytest.raises(NotAllowed):
        sell.pick("selectContact", query="e")


# --- short lists that no reference describes ------------------------------------------------------------------------


def test_a_list_without_paging_is_followed_where_it_pages_after_all(service: Any) -> None:
    more = {"links": {"next_page": "https://api.getbase.com/v2/lead_statuses?page=2"}}
    service.answers("GET", "/v2/lead_statuses", {"items": [{"data": {"id": 1, "name": "New"}}], "meta": more})
    service.answers("GET", "/v2/lead_statuses", {"items": [{"data": {"id": 2, "name": "Old"}}], "meta": {"links": {}}})
    assert keys(service.sell.pick("selectLeadStatus")) == ["New", "Old"]
    assert [request.url.partition("?")[2] for request in service.sent] == ["", "page=2"]


# --- at size --------------------------------------------------------------------------------------------------------

MANY = 10_000


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[Box, Connector]]:
    """A sandbox with ten thousand contacts."""
    with running("zendesk-sell", rate=0) as box:
        engine = box._sandbox
        with engine.store.transaction():
            contacts = engine.store.collection("contacts")
            model = {name: value for name, value in contacts.find(limit=1)[0].items() if name != "id"}
            for number in range(MANY - contacts.count()):
                name = f"Person {number:05}"
                contacts.insert({**model, "is_organization": False, "name": name, "last_name": name, "email": None})
        given = {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0}}
        sell: Any = connect("zendesk-sell", given, runtime=Runtime())
        yield box, sell
        sell.close()


def test_ten_thousand_contacts_are_walked_each_once(crowd: tuple[Box, Connector]) -> None:
    box, sell = crowd
    box.forget()
    found = walked(sell, "selectContact", 1000)
    assert len(found) == len(set(found)) == MANY
    assert box.count() == MANY // 100


def test_any_of_ten_thousand_contacts_is_found_by_searching(crowd: tuple[Box, Connector]) -> None:
    box, sell = crowd
    for number in (0, 4711, 9900):
        box.forget()
        assert labels(sell.pick("selectContact", query=f"{number:05} person", limit=100)) == [f"Person {number:05}"]
        assert box.count() == 1
    box.forget()
    some = sell.pick("selectContact", query="person", limit=100)
    assert (len(some["result"]), (some["total"] or 0) > 9000, box.count()) == (100, True, 1)
    rest = sell.pick("selectContact", query="person", limit=100, cursor=some["nextCursor"])
    assert not set(keys(some)) & set(keys(rest))
