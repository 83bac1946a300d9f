"""What the sandbox of Salesloft keeps, and its API only reads: the team, templates, meetings, successes, webhooks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sales_connectors.imitation import Box

if TYPE_CHECKING:
    from .conftest import Caller

LISTS = {
    "meetings": 7701,
    "email_templates": 6601,
    "team_templates": 301,
    "successes": 8801,
    "webhook_subscriptions": 9901,
}


def test_the_team_is_where_its_users_point_to(call: "Caller") -> None:
    link = call.get("/v2/me")["data"]["team"]
    assert link == {"id": 1, "_href": f"{call.box.url}/v2/team"}
    team = call.get("/v2/team")["data"]
    assert (team["id"], team["name"], team["license_limit"]) == (1, "Fernhill", 5)
    assert call("GET", "/v2/team/1").status_code == 404


@pytest.mark.parametrize(("name", "first"), LISTS.items())
def test_a_list_is_read_and_each_of_its_records(call: "Caller", name: str, first: int) -> None:
    listed = call.get(f"/v2/{name}", include_paging_counts="true")
    assert first in [record["id"] for record in listed["data"]]
    assert ("paging" in listed["metadata"]) == (name != "webhook_subscriptions")
    for record in listed["data"]:
        assert call.get(f"/v2/{name}/{record['id']}")["data"] == record
    assert call.refused("GET", f"/v2/{name}/1") == (404, "Not Found")


@pytest.mark.parametrize("name", ["team", *LISTS])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_of_it_is_written(call: "Caller", name: str, method: str) -> None:
    assert call(method, f"/v2/{name}", {}).status_code == 404
    assert call(method, f"/v2/{name}/1", {}).status_code == 404


def test_links_lead_to_what_they_name(call: "Caller") -> None:
    """Every link of a record with an address is one that the sandbox serves."""
    followed = set()
    for path in LISTS:
        for record in call.get(f"/v2/{path}")["data"]:
            for name, value in record.items():
                if isinstance(value, dict) and "_href" in value:
                    found = call.get(value["_href"].removeprefix(call.box.url))["data"]
                    assert found["id"] == value["id"]
                    followed.add(name)
    assert {"person", "booked_by_user", "template_owner", "team_template", "latest_call"} <= followed


def test_an_email_names_its_template(call: "Caller") -> None:
    (email,) = call.get("/v2/activities/emails", **{"email_template_id[]": 6601})["data"]
    assert call.get("/v2/email_templates/6601")["data"]["id"] == email["email_template"]["id"]


@pytest.mark.parametrize(
    ("path", "query", "ids"),
    [
        ("email_templates", {"ids[]": [6602, 1]}, [6602]),
        ("email_templates", {"search": "BROCHURE asked"}, [6602]),
        ("email_templates", {"linked_to_team_template": "true"}, [6601]),
        ("email_templates", {"tag[]": "newsletter"}, [6602]),
        ("email_templates", {"filter_by_owner": "true", "include_archived_templates": "true"}, [6604, 6601]),
        ("email_templates", {"sort_by": "created_at", "sort_direction": "asc"}, [6601, 6602]),
        ("team_templates", {"search": "introduction"}, [301]),
        ("meetings", {}, [7702, 7701]),
        ("meetings", {"show_deleted": "true", "sort_direction": "ASC"}, [7701, 7702, 7703]),
        ("meetings", {"i_cal_uids[]": "event2@fernhill.example.com"}, [7702]),
        ("meetings", {"start_time[lt]": "2000-01-01T00:00:00Z"}, []),
        ("successes", {"person_id[]": 1}, []),
        ("webhook_subscriptions", {"enabled": "false"}, []),
        ("webhook_subscriptions", {"enabled": "true"}, [9901]),
    ],
)
def test_a_list_is_narrowed_and_sorted(call: "Caller", path: str, query: dict[str, Any], ids: list[int]) -> None:
    assert [record["id"] for record in call.get(f"/v2/{path}", **query)["data"]] == ids


def test_a_template_that_is_not_shared_is_its_owners(call: "Caller") -> None:
    assert call("GET", "/v2/email_templates/6603").status_code == 404


def test_a_success_tells_what_was_done(call: "Caller") -> None:
    (success,) = call.get("/v2/successes")["data"]
    assert success["counts"] == {"total_emails": 0, "total_calls": 1, "total_other_touches": 0}
    assert success["success_window_started_at"] < success["succeeded_at"]
    assert call.get(f"/v2/people/{success['person']['id']}")["data"]["success_count"] == 1


def test_a_scope_is_needed_where_the_vendor_has_one(sandbox: Box, caller: Callable[..., "Caller"]) -> None:
    reads = caller(sandbox, scope="people:read")
    assert [reads("GET", f"/v2/{name}").status_code for name in ("successes", "webhook_subscriptions")] == [200, 200]
    for name in ("team", "meetings", "email_templates", "team_templates"):
        assert reads("GET", f"/v2/{name}").status_code == 403
    assert requests.get(f"{sandbox.url}/v2/team", timeout=10).status_code == 401
