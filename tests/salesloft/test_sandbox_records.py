"""What the Salesloft sandbox keeps of records that hang together, and what a new one has in it for every filter."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sales_connectors.imitation import running

if TYPE_CHECKING:
    from tests.salesloft.conftest import Caller

Calling = Callable[..., "Caller"]

DANA, MARCUS, TEAM, PERSON = 40211, 40212, 12001, 7012001
OWNER_IN_THE_CRM = "005Q00000000000001"


@pytest.mark.parametrize("direction", ["asc", "ASC", "desc", "DESC"])
def test_the_direction_of_a_list_is_read_in_either_case(call: "Caller", direction: str) -> None:
    page = call.get("/v2/people", sort_by="name", sort_direction=direction, per_page=100)
    names = [person["display_name"] for person in page["data"]]
    assert names == sorted(names, reverse=direction.upper() == "DESC")
    assert page["metadata"]["sorting"]["sort_direction"].split()[0] == direction.upper()


def test_tasks_are_sorted_by_their_last_change(alone: "Caller") -> None:
    first = alone.ids("/v2/tasks", sort_by="updated_at", sort_direction="ASC")[0]
    alone.put(f"/v2/tasks/{first}", description="Bring the plan.")
    assert alone.ids("/v2/tasks", sort_by="updated_at", sort_direction="ASC")[-1] == first


def test_every_reply_tells_what_is_left_of_the_minute(call: "Caller") -> None:
    name = "x-ratelimit-remaining-minute"
    assert call("GET", "/v2/me").headers[name] == "600"  # without a limit, nothing is ever taken
    unknown = call("GET", "/v2/me", headers={"Authorization": "Bearer unknown"})
    assert (unknown.status_code, unknown.headers[name]) == (401, "600")


def test_a_slow_limit_lets_one_request_through_in_its_time(caller: Calling) -> None:
    with running("salesloft", rate=0.001) as box:
        call = caller(box)
        statuses = [call("GET", "/v2/me").status_code for _ in range(2)]
        box.advance(1001)
        assert [*statuses, call("GET", "/v2/me").status_code] == [200, 429, 200]


def test_what_follows_from_a_change_stands_in_its_answer(alone: "Caller") -> None:
    assert alone.get(f"/v2/people/{PERSON}")["data"]["cadences"]
    barred = alone.put(f"/v2/people/{PERSON}", do_not_contact=True)
    assert barred["cadences"] == []
    assert alone.get(f"/v2/people/{PERSON}")["data"] == barred

    made = alone.post("/v2/activities/calls", person_id=PERSON, notes="Wants a demo.")
    assert alone.get(f"/v2/activities/calls/{made['id']}")["data"] == made
    note = alone.get(f"/v2/notes/{made['note']['id']}")["data"]
    activity = alone.get(f"/v2/crm_activities/{made['crm_activity']['id']}")["data"]
    assert (note["content"], note["call"]["id"], note["user"]["id"]) == ("Wants a demo.", made["id"], DANA)
    assert (activity["subject"], activity["error"], activity["custom_crm_fields"]) == ("Call: logged", None, {})
    assert note["created_at"] == note["updated_at"]


def test_the_last_stage_is_behind_those_that_are_there(alone: "Caller") -> None:
    stages = alone.get("/v2/person_stages", sort_by="created_at", sort_direction="ASC")["data"]
    assert alone("DELETE", f"/v2/person_stages/{stages[0]['id']}").status_code == 204
    made = alone.post("/v2/person_stages", name="Won")
    assert made["order"] == max(stage["order"] for stage in stages) + 1


def test_only_administrators_name_another_user_of_a_task(alone: "Caller", caller: Calling) -> None:
    guids = {user["id"]: user["guid"] for user in alone.get("/v2/users")["data"]}
    marcus = caller(alone.box, "marcus")
    given = {"subject": "X", "person_id": PERSON, "task_type": "general", "due_date": "2030-01-31"}
    assert marcus.post("/v2/tasks", **given, user_guid=guids[MARCUS])["user"]["id"] == MARCUS
    assert marcus.refused("POST", "/v2/tasks", {**given, "user_guid": guids[DANA]})[0] == 403
    mine = marcus.post("/v2/tasks", **given)
    assert marcus.refused("PUT", f"/v2/tasks/{mine['id']}", {"user_guid": guids[DANA]})[0] == 403
    assert alone.put(f"/v2/tasks/{mine['id']}", user_guid=guids[DANA])["user"]["id"] == DANA
    assert alone.put(f"/v2/tasks/{mine['id']}", subject="Y")["user"]["id"] == DANA


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("people", "success", "true"),
        ("people", "owner_crm_id[]", OWNER_IN_THE_CRM),
        ("people", "replied", "true"),
        ("people", "bounced", "true"),
        ("accounts", "owner_crm_id[]", OWNER_IN_THE_CRM),
        ("actions", "multitouch_group_id[]", "1"),
        ("activities/emails", "email_template_id[]", "6601"),
        ("activities/emails", "personalization[]", "20"),
        ("activities/emails", "has_clicks", "true"),
    ],
)
def test_a_new_sandbox_has_something_for_each_filter(shared_records: Any, path: str, name: str, value: str) -> None:
    found, every = shared_records(path, {name: value}), shared_records(path, {})
    assert len(found) == 1
    assert len(every) > 1


@pytest.fixture
def shared_records(call: "Caller") -> Callable[[str, dict[str, str]], list[int]]:
    return lambda path, query: call.ids(f"/v2/{path}", query)


def test_people_are_starred_by_users(call: "Caller") -> None:
    guids = {user["id"]: user["guid"] for user in call.get("/v2/users")["data"]}
    assert call.ids("/v2/people", {"starred_by_guid[]": guids[DANA]}) == [PERSON]
    assert call.ids("/v2/people", {"starred_by_guid[]": guids[MARCUS]}) == []
    assert call.get(f"/v2/people/{PERSON}")["data"]["starred"] is True


def test_an_email_leads_to_its_action_and_its_activity(call: "Caller") -> None:
    email = next(one for one in call.get("/v2/activities/emails")["data"] if one["action"])
    for name in ("action", "crm_activity"):
        assert call.ids("/v2/activities/emails", {f"{name}_id[]": email[name]["id"]}) == [email["id"]]
    activity = call.get(f"/v2/crm_activities/{email['crm_activity']['id']}")["data"]
    assert (activity["activity_type"], activity["person"]["id"]) == ("email", email["recipient"]["id"])


def test_what_emails_count_is_known_of_people_too(call: "Caller") -> None:
    emails = {email["recipient"]["id"]: email for email in call.get("/v2/activities/emails")["data"]}
    counted = {"clicks", "views", "replies", "unique_devices", "unique_locations", "attachments"}
    assert {frozenset(email["counts"]) for email in emails.values()} == {frozenset(counted)}
    for id, email in emails.items():
        person = call.get(f"/v2/people/{id}")["data"]
        counts = [person["counts"][name] for name in ("emails_viewed", "emails_clicked", "emails_replied_to")]
        assert counts == [email["counts"][name] for name in ("views", "clicks", "replies")]
        assert person["bouncing"] is email["bounced"]
        assert bool(person["last_replied_at"]) is bool(email["counts"]["replies"])


def test_imports_have_brought_the_people_that_they_have(call: "Caller") -> None:
    imports = call.get("/v2/imports")["data"]
    assert [(one["current_people_count"], one["imported_people_count"]) for one in imports] == [(4, 4), (4, 4)]
