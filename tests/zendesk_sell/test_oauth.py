"""The connection against the sandbox: refresh, rotation, personal tokens, and what its fields may be."""

from collections.abc import Callable
from typing import Any

import pytest

from sales_connectors import Connector, Runtime, connect, invoke
from sales_connectors.errors import InvalidInput, InvalidResponse, NotAuthenticated, SalesError
from sales_connectors.imitation import Box

Connects = Callable[..., Connector]


def stale(token: dict[str, Any]) -> dict[str, Any]:
    """A token that its owner knows to have ended."""
    return {**token, "expires_at": 1.0}


def test_a_token_that_has_ended_is_refreshed_before_it_is_used(sandbox: Box, connected: Connects) -> None:
    told: list[Any] = []
    sell = connected(sandbox, token=stale(sandbox.connection["token"]), on_token=told.append)

    sell.listPipelines()
    sell.listPipelines()

    assert [seen["path"] for seen in sandbox.requests] == ["/oauth2/token", "/v2/pipelines", "/v2/pipelines"]
    (token,) = told
    assert token["access_token"] != sandbox.connection["token"]["access_token"]
    assert token["expires_at"] > 1.0
    assert {seen["headers"].get("authorization") for seen in sandbox.requests[1:]} == {
        f"Bearer {token['access_token']}"
    }


def test_a_token_that_the_service_refuses_is_refreshed_once(sandbox: Box, connected: Connects) -> None:
    sell = connected(sandbox)
    sandbox.advance(3700)  # our own clock does not know

    sell.listPipelines()

    assert [(seen["path"], seen["status"]) for seen in sandbox.requests] == [
        ("/v2/pipelines", 401),
        ("/oauth2/token", 200),
        ("/v2/pipelines", 200),
    ]


def test_a_service_that_goes_on_refusing_is_not_asked_for_ever(sandbox: Box, connected: Connects) -> None:
    sandbox.misbehave({"status": 401, "path": "/v2/"})
    with pytest.raises(NotAuthenticated) as refusal:
        connected(sandbox).listPipelines()
    assert (sandbox.count("/v2/"), sandbox.count("/oauth2/token")) == (2, 1)
    assert (refusal.value.fix, refusal.value.retryable) == ("end_user", False)


def test_refresh_tokens_that_work_once_are_followed_from_one_to_the_next(sandbox: Box, connected: Connects) -> None:
    told: list[Any] = []
    sell = connected(sandbox, token=sandbox.token(refresh_once=True), on_token=told.append)
    for _ in range(3):
        sandbox.advance(3700)
        sell.listPipelines()
    assert len({token["refresh_token"] for token in told}) == 3


def test_a_refresh_token_that_was_revoked_needs_a_person(sandbox: Box, connected: Connects) -> None:
    token = sandbox.token(refresh_once=True)
    connected(sandbox, token=stale(token), runtime=Runtime()).listPipelines()  # somebody else has used it up
    sandbox.forget()
    sell = connected(sandbox, token=stale(token), on_token=lambda new: None)

    for _ in range(2):
        with pytest.raises(NotAuthenticated) as refusal:
            sell.listPipelines()

    assert refusal.value.fix == "end_user"
    assert sandbox.count("/oauth2/token") == 1
    assert sandbox.count("/v2/") == 0
    assert token["refresh_token"] not in str(refusal.value.as_json())


def test_a_personal_token_needs_no_other_field(sandbox: Box) -> None:
    token = sandbox.token(personal=True)
    sell: Any = connect(
        "zendesk-sell",
        {"fields": {"apiUrl": sandbox.url, "rateLimit": 0}, "token": token["access_token"]},
        runtime=Runtime(),
    )
    sandbox.advance(90 * 24 * 3600)
    assert sell.whoami()["data"]["email"] == "anna@brightside.example.com"
    sell.close()


def test_a_token_without_a_way_to_renew_it_says_so(sandbox: Box, connected: Connects) -> None:
    token = {"access_token": sandbox.connection["token"]["access_token"]}
    sell = connected(sandbox, token=token)
    sandbox.advance(3700)
    with pytest.raises(NotAuthenticated):
        sell.listPipelines()
    assert sandbox.count("/oauth2/token") == 0


@pytest.mark.parametrize("token", [None, "", {}, {"access_token": ""}])
def test_a_connection_without_a_token_is_told_to_sign_in(service: Any, token: Any) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        invoke("zendesk-sell", "listPipelines", {}, {"fields": {"rateLimit": 0}, "token": token})
    assert refusal.value.code == "no_token"
    assert service.sent == []


def test_whoami_tells_whose_token_it_is(sandbox: Box, connected: Connects) -> None:
    grace = connected(sandbox, token=sandbox.token(user="grace@brightside.example.com"))
    assert grace.whoami()["data"]["name"] == "Grace Okafor"
    with pytest.raises(SalesError) as refusal:
        connected(sandbox, token=sandbox.token(scope="read")).whoami()
    assert (refusal.value.status, refusal.value.fix) == (403, "admin")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.getbase.com",
        "https://api.getbase.com/v2",
        "https://api.getbase.com?x=1",
        "https://token@api.getbase.com",
        "api.getbase.com",
        "ftp://api.getbase.com",
        "https://",
        "https://api.getbase.com:notaport",
    ],
)
def test_the_address_of_the_api_is_https_and_has_no_path(service: Any, url: str) -> None:
    with pytest.raises(InvalidInput, match="apiUrl"):
        invoke("zendesk-sell", "listPipelines", {}, {"fields": {"apiUrl": url}, "token": "t"})
    assert service.sent == []


@pytest.mark.parametrize(
    "url", ["https://sell.example.com", "https://sell.example.com/", "https://sell.example.com:8443"]
)
def test_another_host_is_reached_through_its_address(service: Any, url: str) -> None:
    service.wire.add("GET", f"{url.rstrip('/')}/v2/pipelines", json={"items": [], "meta": {}})
    invoke("zendesk-sell", "listPipelines", {}, {"fields": {"apiUrl": url, "rateLimit": 0}, "token": "t"})
    assert service.last.url == f"{url.rstrip('/')}/v2/pipelines"


@pytest.mark.parametrize("field", ["authorizeUrl", "tokenUrl"])
def test_the_other_addresses_are_https_too(service: Any, field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        invoke("zendesk-sell", "listPipelines", {}, {"fields": {field: "http://example.com/token"}, "token": "t"})
    assert service.sent == []


# --- errors of the service, in its own words ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"errors": [{"error": {"code": "not_found", "message": "Not Found", "details": "no such deal"}}]},
            "Not Found: no such deal",
        ),
        ({"error": "invalid_client", "error_description": "unknown client"}, "unknown client"),
        ({"error": "invalid_client"}, "invalid_client"),
        ({"errors": [{"error": {"field": "/name", "message": "blank"}}, {"error": "odd"}, 7]}, "/name blank"),
        ({"errors": "everything"}, "404"),
        ({"errors": [{"error": {"message": None}}], "meta": []}, "404"),
        (["unexpected"], "404"),
        (None, "404"),
    ],
)
def test_errors_are_read_whatever_shape_they_have(service: Any, body: Any, message: str) -> None:
    service.answers("GET", "/v2/deals/7", body, status=404)
    with pytest.raises(SalesError) as refusal:
        service.sell.getDeal(id=7)
    assert message in str(refusal.value)
    assert refusal.value.exit_code == 4


def test_an_error_inside_a_success_is_no_success(service: Any) -> None:
    service.answers("GET", "/v2/deals/7", {"errors": [{"error": {"message": "no"}}]})
    with pytest.raises(InvalidResponse):
        service.sell.getDeal(id=7)
