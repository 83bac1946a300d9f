"""Lists: filters in both syntaxes, order, pages that name the next one, and what comes along."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sales_connectors.errors import InvalidInput, InvalidResponse

ROOT = "https://api.outreach.io/api/v2"


def pairs(service: Any) -> list[tuple[str, str]]:
    """The filters that were sent last, in order."""
    query = parse_qsl(urlsplit(service.last.url).query, keep_blank_values=True)
    return [(name, value) for name, value in query if "ilter" in name]


def fault(call: Any, **inputs: Any) -> Any:
    with pytest.raises(InvalidInput) as raised:
        call(**inputs)
    (found,) = raised.value.fields
    return found


# --- filters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "criteria", "sent"),
    [
        ("name", "Acme", [("filter[name]", "Acme")]),
        ("id", 7, [("filter[id]", "7")]),
        ("named", True, [("filter[named]", "true")]),
        ("id", "1,2,3", [("filter[id]", "1,2,3")]),
        ("id", ["1", "2"], [("filter[id]", "1,2")]),
        ("id", [1, 2], [("filter[id]", "1,2")]),
        ("buyerIntentScore", 1.5, [("filter[buyerIntentScore]", "1.5")]),
        ("id", '["1", "2"]', [("filter[id]", "1,2")]),
        ("id", {"gte": 5, "lte": 10}, [("filter[id]", "5..10")]),
        ("id", "5..10", [("filter[id]", "5..10")]),
        ("updatedAt", "2026-01-01..inf", [("filter[updatedAt]", "2026-01-01..inf")]),
        ("updatedAt", "neginf..2026-01-01T10:00:00.5Z", [("filter[updatedAt]", "neginf..2026-01-01T10:00:00.5Z")]),
        ("updatedAt", {"gte": "2026-01-01"}, [("filter[updatedAt]", "2026-01-01..inf")]),
        ("updatedAt", {"lte": "2026-01-01"}, [("filter[updatedAt]", "neginf..2026-01-01")]),
        ("domain", "__null__", [("filter[domain]", "__null__")]),
        ("owner.id", "4,5", [("filter[owner][id]", "4,5")]),
        ("name", "Acme, Inc.", [("newFilterSyntax", "true"), ("filter[name][]", "Acme, Inc.")]),
        ("name", "Wait..what", [("newFilterSyntax", "true"), ("filter[name][]", "Wait..what")]),
        ("name", "Acme,", [("newFilterSyntax", "true"), ("filter[name][]", "Acme,")]),
        (
            "name",
            ["Acme, Inc.", "Beta"],
            [("newFilterSyntax", "true"), ("filter[name][]", "Acme, Inc."), ("filter[name][]", "Beta")],
        ),
    ],
)
def test_a_filter_is_written_as_its_values_need_it(service: Any, field: str, criteria: Any, sent: Any) -> None:
    service.answers("GET", "/accounts", {"data": []})
    service.outreach.listAccounts(filters=[{"field": field, "criteria": criteria}])
    assert pairs(service) == sent


def test_one_value_with_a_comma_switches_the_whole_query(service: Any) -> None:
    service.answers("GET", "/accounts", {"data": []})
    service.outreach.listAccounts(
        filters=[
            {"field": "id", "criteria": "5..inf"},
            {"field": "updatedAt", "criteria": "2026-01-01..2026-02-01"},
            {"field": "domain", "criteria": "__notnull__"},
            {"field": "owner.id", "criteria": "4,5"},
            {"field": "name", "criteria": "Acme, Inc."},
        ],
        q="Ac",
    )
    assert pairs(service) == [
        ("newFilterSyntax", "true"),
        ("filter[id][gte]", "5"),
        ("filter[updatedAt][gte]", "2026-01-01"),
        ("filter[updatedAt][lte]", "2026-02-01"),
        ("filter[domain]", "__notnull__"),
        ("filter[owner][id][]", "4"),
        ("filter[owner][id][]", "5"),
        ("filter[name][]", "Acme, Inc."),
        ("filter[q]", "Ac"),
    ]


def test_a_field_that_is_given_twice_takes_either(service: Any) -> None:
    service.answers("GET", "/stages", {"data": []})
    service.outreach.listStages(filters=[{"field": "name", "criteria": "New"}, {"field": "name", "criteria": "Old"}])
    assert pairs(service) == [("filter[name]", "New,Old")]


@pytest.mark.parametrize(
    "criteria",
    ["10..5", "2026-02-01..2026-01-01", "inf..5", "5..neginf", {"gte": "2026-02-01", "lte": "2026-01-01"}, "1.5..1.49"],
)
def test_a_range_the_wrong_way_round_is_refused(service: Any, criteria: Any) -> None:
    inputs = {"filters": [{"field": "name", "criteria": "x"}, {"field": "id", "criteria": criteria}]}
    found = fault(service.outreach.listAccounts, **inputs)
    assert found["path"] == "/filters/1/criteria"
    assert "the range ends before it begins" in found["message"]


@pytest.mark.parametrize(
    ("inputs", "path", "meant"),
    [
        ({"fields": ["firstname"]}, "/fields/0", "firstName"),
        ({"fields": ["acount"]}, "/fields/0", "account"),
        ({"filters": [{"field": "first_name", "criteria": "x"}]}, "/filters/0/field", "firstName"),
        ({"filters": [{"field": "account.nam", "criteria": "x"}]}, "/filters/0/field", "account.name"),
        ({"sort": {"sort_by": "created_at"}}, "/sort/sort_by", "createdAt"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest(service: Any, inputs: Any, path: str, meant: str) -> None:
    found = fault(service.outreach.listProspects, **inputs)
    assert found["path"] == path
    assert f"Did you mean {meant!r}?" in found["message"]
    assert service.sent == []


@pytest.mark.parametrize(("field", "path"), [("company", "/filters/0/field"), ("custom1", "/filters/0/field")])
def test_a_field_that_the_service_would_pass_over_is_refused(service: Any, field: str, path: str) -> None:
    assert fault(service.outreach.listProspects, filters=[{"field": field, "criteria": "x"}])["path"] == path


def test_custom_fields_can_be_asked_for_by_number(service: Any) -> None:
    service.answers("GET", "/prospects/7", {"data": {"type": "prospect", "id": 7}})
    service.outreach.getProspect(prospectId=7, fields=["name", "custom150"], include=["account.owner", "stage"])
    assert service.query == {"fields[prospect]": "name,custom150", "include": "account.owner,stage"}
    assert fault(service.outreach.getProspect, prospectId=7, fields=["custom151"])["path"] == "/fields/0"


# --- order and count --------------------------------------------------------------------------------


def test_recent_records_come_first_and_others_in_the_order_of_the_service(service: Any) -> None:
    for plural, order in (("prospects", "-updatedAt"), ("tasks", "-updatedAt"), ("accounts", None)):
        service.answers("GET", f"/{plural}", {"data": []})
        service.outreach.run(f"list{plural.capitalize()}", {})
        assert service.query.get("sort") == order
    service.outreach.listProspects(sort={"sort_by": "lastName"})
    assert service.query["sort"] == "lastName"


def test_a_walk_through_what_changes_goes_by_what_stays(service: Any, pages: Any, make_record: Any) -> None:
    service.behaves("/prospects", pages([make_record("prospect", 1)], "/prospects"))
    service.outreach.listProspects(fetchAll=True)
    assert service.query["sort"] == "-createdAt"
    list(service.outreach.iterate("listProspects", sort={"sort_by": "updatedAt", "sort_direction": "desc"}))
    assert service.query["sort"] == "-updatedAt"


def test_a_page_is_counted_unless_nobody_wants_to_know(service: Any) -> None:
    service.answers("GET", "/stages", {"data": []})
    service.outreach.listStages()
    assert (service.query["count"], service.query["page[size]"]) == ("true", "50")
    service.outreach.listStages(count=False, pageSize="1000", cursor="abc")
    assert service.query == {"count": "false", "page[size]": "1000", "page[after]": "abc"}
    service.outreach.listStages(cursorBefore="abc")
    assert service.query["page[before]"] == "abc"


@pytest.mark.parametrize("written", ["page[after]=WzFd%3D&page[size]=5", "page%5Bsize%5D=5&page%5Bafter%5D=WzFd%3D"])
def test_a_cursor_is_found_in_the_link_that_holds_it(service: Any, written: str) -> None:
    service.answers("GET", "/stages", {"data": []})
    service.outreach.listStages(cursor=f"{ROOT}/stages?{written}")
    assert service.query["page[after]"] == "WzFd="


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"pageSize": 1001}, "/pageSize"),
        ({"pageSize": 0}, "/pageSize"),
        ({"cursor": "a", "cursorBefore": "b"}, "/cursorBefore"),
    ],
)
def test_a_page_that_cannot_be_is_refused(service: Any, inputs: Any, path: str) -> None:
    assert fault(service.outreach.listStages, **inputs)["path"] == path


# --- pages ------------------------------------------------------------------------------------------


def test_all_pages_are_read_by_their_addresses_uncounted(service: Any, pages: Any, make_record: Any) -> None:
    records = [make_record("account", number, name=f"Account {number}") for number in range(1, 2501)]
    service.behaves("/accounts", pages(records, "/accounts"))

    found = service.outreach.listAccounts(fetchAll=True, pageSize=5, cursor="x", q="Ac", count=True)

    assert [record["id"] for record in found["data"]] == [*range(1, 2501)]
    assert (found["links"], found["meta"]) == ({}, {"count": 2500})
    queries = [dict(parse_qsl(urlsplit(request.url).query)) for request in service.sent]
    assert queries == [
        {"filter[q]": "Ac", "page[size]": "1000", "count": "false"},
        {"page[size]": "1000", "page[after]": "1000"},
        {"page[size]": "1000", "page[after]": "2000"},
    ]


def test_what_comes_along_comes_once_from_all_pages(service: Any, pages: Any, make_record: Any) -> None:
    records = [make_record("prospect", number) for number in range(1, 1201)]
    owners = [make_record("user", 1, name="Ann"), make_record("user", 2, name="Bob")]
    service.behaves("/prospects", pages(records, "/prospects", lambda page: owners[: 1 + (page[0]["id"] > 1)]))

    found = service.outreach.listProspects(fetchAll=True, include=["owner"])

    assert len(found["data"]) == 1200
    assert found["included"] == owners


def test_a_record_that_moved_to_a_later_page_comes_once(service: Any, pages: Any, make_record: Any) -> None:
    records = [make_record("stage", number) for number in range(1, 1001)] + [make_record("stage", 7, name="newer")]
    service.behaves("/stages", pages(records, "/stages"))
    found = service.outreach.listStages(fetchAll=True)["data"]
    assert len(found) == 1000
    assert found[6]["attributes"] == {"name": "newer"}


@pytest.mark.parametrize("address", ["https://evil.example.com/api/v2/stages", "http://api.outreach.io/api/v2/stages"])
def test_no_token_goes_to_a_page_on_another_host(service: Any, address: str, make_record: Any) -> None:
    service.answers("GET", "/stages", {"data": [make_record("stage", 1)], "links": {"next": address}})
    with pytest.raises(InvalidResponse, match="on another host"):
        service.outreach.listStages(fetchAll=True)
    assert len(service.sent) == 1


def test_a_list_that_leads_back_ends(service: Any, make_record: Any) -> None:
    service.answers("GET", "/stages", {"data": [make_record("stage", 1)], "links": {"next": f"{ROOT}/stages?a=1"}})
    with pytest.raises(InvalidResponse) as raised:
        service.outreach.listStages(fetchAll=True)
    assert raised.value.code == "endless_list"


# --- audits -----------------------------------------------------------------------------------------


LOGGED = {
    "type": "auditLog",
    "id": 5,
    "attributes": {"eventName": "login", "agent": {"email": "ann@example.com"}, "timestamp": "2026-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("status", [400, 403, 404])
def test_audits_are_read_where_the_service_moved_them(service: Any, status: int) -> None:
    service.refuses("GET", "/audits", status, {"id": "unauthorizedOauthScope"})
    service.answers("GET", "/auditLogs", {"data": [LOGGED], "links": {}})

    found = service.outreach.listAudits(fields=["eventName", "userEmail", "result"])

    assert service.query["fields[auditLog]"] == "eventName,agent,result"
    assert service.query["sort"] == "-timestamp"
    assert found["data"][0]["attributes"]["userEmail"] == "ann@example.com"


def test_all_audits_are_walked_on_the_new_list(service: Any, pages: Any) -> None:
    logged = [{**LOGGED, "id": number} for number in range(1, 1502)]
    service.refuses("GET", "/audits", 403, {"id": "unauthorizedOauthScope"})
    service.behaves("/auditLogs", pages(logged, "/auditLogs"))

    found = service.outreach.listAudits(fetchAll=True)["data"]

    assert [record["id"] for record in found] == [*range(1, 1502)]
    assert {record["attributes"]["userEmail"] for record in found} == {"ann@example.com"}
    assert [urlsplit(request.url).path.rpartition("/")[2] for request in service.sent] == [
        "audits",
        "auditLogs",
        "auditLogs",
    ]


def test_an_account_that_has_the_old_list_is_read_there(service: Any) -> None:
    old = {"type": "audit", "id": "7", "attributes": {"eventName": "login", "userEmail": "bob@example.com"}}
    service.answers("GET", "/audits", {"data": [old], "links": {}})
    assert service.outreach.listAudits()["data"] == [old]
    assert len(service.sent) == 1


def test_who_may_read_neither_list_is_told_of_the_new_one(service: Any) -> None:
    service.refuses("GET", "/audits", 404, {"id": "resourceNotFound"})
    service.refuses("GET", "/auditLogs", 403, {"id": "unauthorizedOauthScope", "detail": "auditLogs.read is missing"})
    with pytest.raises(Exception, match=r"auditLogs\.read is missing"):
        service.outreach.listAudits()


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"fields": ["nmae"]}, "/fields/0"),
        ({"filters": [{"field": "nmae", "criteria": "x"}]}, "/filters/0/field"),
        ({"sort": {"sort_by": "nmae"}}, "/sort/sort_by"),
    ],
)
def test_the_nearest_of_few_fields_is_named_too(service: Any, inputs: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput, match=r"must be one of .*, not 'nmae'\. Did you mean 'name'\?") as raised:
        service.outreach.listAccounts(**inputs)
    assert [fault["path"] for fault in raised.value.fields] == [path]
    assert service.sent == []
