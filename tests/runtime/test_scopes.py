"""Scopes: a sign-in asks for those of the actions that it is for, and an error names the one that is missing."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from tests.runtime.commandline import forget, run

from sales_connectors import connect
from sales_connectors.errors import InvalidInput, NotAllowed, NotFound
from sales_connectors.imitation import Box, running
from sales_connectors.runtime.runtime import default_runtime

SELL, OUTREACH, LOFT = "zendesk-sell", "outreach", "salesloft"
CLIENT = {"clientId": "it", "clientSecret": "hush"}


@pytest.fixture(autouse=True)
def new_process(home: Path) -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(OUTREACH, rate=0) as started:
        yield started


@pytest.fixture
def redirect_uri() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/callback"


Ask = Callable[..., list[str]]


@pytest.fixture
def ask(redirect_uri: str, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("SALES_CONNECTORS_CLIENT_SECRET", "hush")
    return lambda component, *words: asked_scopes(component, "--redirect-uri", redirect_uri, *words)


def asked_scopes(component: str, *words: str) -> list[str]:
    """What the browser is sent to ask for, as the address says that is printed; nobody comes back from it."""
    asking = ("connect", component, "mine", "--field", "clientId=it", "--no-browser", "--wait", "0.01")
    ran = run(*asking, *words)
    assert ran.error["code"] == "sign_in_timeout", ran.out
    url = next(line.strip() for line in ran.err.splitlines() if line.strip().startswith("https://"))
    return parse_qs(urlsplit(url).query)["scope"][0].split()


@pytest.mark.parametrize(
    ("component", "words", "scopes"),
    [
        (OUTREACH, ("--for", "listProspects,createTask"), ["prospects.read", "tasks.write"]),
        (OUTREACH, ("--for", "listProspects", "--for", " getProspect, getUser"), ["prospects.read", "users.read"]),
        (SELL, ("--for", "createDeal"), ["write", "profile"]),
        (SELL, ("--read-only",), ["read", "profile"]),
        (SELL, (), ["read", "write", "profile"]),
    ],
)
def test_a_sign_in_asks_for_what_its_actions_need(
    component: str, words: tuple[str, ...], scopes: list[str], ask: Ask
) -> None:
    assert ask(component, *words) == scopes


def test_whoever_only_reads_asks_for_nothing_else(ask: Ask) -> None:
    scopes = ask(OUTREACH, "--read-only")
    assert {"prospects.read", "auditLogs.read", "templates.read"} < set(scopes)
    assert {scope.partition(".")[2] for scope in scopes} == {"read"}
    assert "prospects.all" in ask(OUTREACH)


@pytest.mark.parametrize(
    ("component", "words", "code", "told"),
    [
        (OUTREACH, ("--for", "listProspects,createTsk"), "unknown_action", "Did you mean 'createTask'"),
        (OUTREACH, ("--for", "rawRequest"), "no_scopes", "no scope that is needed for rawRequest"),
        (OUTREACH, ("--for", " , "), "no_scopes", "no scope that is needed for no action"),
        (OUTREACH, ("--for", "listProspects", "--kind", "s2s"), "no_scopes", "they are chosen there"),
        (LOFT, ("--for", "listPeople"), "no_scopes", "Salesloft"),
        (OUTREACH, ("--for", "listProspects", "--read-only"), "usage", "--for and --read-only"),
        (OUTREACH, ("--read-only", "--token"), "usage", "--read-only and --token"),
        (OUTREACH, ("--for", "listProspects", "--from", "-"), "usage", "--for cannot stand beside"),
    ],
)
def test_scopes_that_cannot_be_asked_for_are_refused(
    component: str, words: tuple[str, ...], code: str, told: str
) -> None:
    ran = run("connect", component, "mine", *words, typed="{}")
    assert ran.error["code"] == code
    assert told in ran.error["message"]
    assert run("connections").json == {"connections": []}


def test_a_client_asks_for_its_own_tokens_in_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_CONNECTORS_CLIENT_SECRET", "hush")
    with responses.RequestsMock() as web:
        told = {"access_token": "a", "expires_in": 7200, "scope": "people:read notes:write"}
        web.post("https://accounts.salesloft.com/oauth/token", json=told)
        web.get("https://api.salesloft.com/v2/me", json={"data": {"id": 1}})
        words = ("--grant", "client_credentials", "--field", "clientId=it", "--for", "listPeople,createNote")
        assert run("connect", LOFT, "ours", *words).code == 0
        assert parse_qs(str(web.calls[0].request.body))["scope"] == ["people:read notes:write"]
    (kept,) = run("connections").json["connections"]
    assert kept["scopes"] == ["people:read", "notes:write"]


def test_a_draft_is_for_some_actions() -> None:
    draft = default_runtime().kept.draft(OUTREACH, "mine", fields=CLIENT)
    assert draft.for_actions(["getTask", "listTasks", "deleteTask"]).fields["scopes"] == "tasks.read tasks.delete"
    assert "tasks.write" not in draft.for_actions(draft.reading_actions).fields["scopes"].split()
    with pytest.raises(NotFound, match="Did you mean 'getTask'"):
        draft.for_actions(["getTsk"])
    with pytest.raises(InvalidInput) as raised:
        default_runtime().kept.draft(LOFT, "mine", kind="apiKey", fields={}).for_actions(["getTask"])
    assert raised.value.code == "no_scopes"


def kept(box: Box, name: str, scope: str) -> Any:
    default_runtime().kept.keep_given(OUTREACH, name, {**box.connection, "token": box.token(scope=scope)})
    return connect(OUTREACH, name)


def test_a_missing_scope_is_named_with_the_way_to_it(box: Box) -> None:
    outreach = kept(box, "theirs", "prospects.read")
    assert outreach.listProspects(pageSize=1)["data"]
    with pytest.raises(NotAllowed) as raised:
        outreach.createTask(action="call", ownerId=789, subjectType="prospect", subjectId=456)
    assert (raised.value.code, raised.value.fix) == ("unauthorizedOauthScope", "admin")
    assert raised.value.message.endswith(
        ". createTask needs the scope tasks.write. Sign in again for it, naming all actions that are wanted:"
        " sales-connectors connect outreach theirs --for createTask,…"
    )
    with pytest.raises(NotAllowed, match=r"connect outreach .* --for listUsers"):
        list(outreach.iterate("listUsers"))
    with pytest.raises(NotAllowed, match=r"users\.read.*--for ACTION"):
        outreach.pick("selectUser")


def test_a_scope_that_an_input_needs_is_not_told_as_that_of_the_action() -> None:
    token = {"access_token": "a", "scope": "prospects.read"}
    outreach: Any = connect(OUTREACH, {"key": "oauth2", "fields": {"rateLimit": 0}, "token": token})
    refusal = {"errors": [{"id": "unauthorizedOauthScope", "detail": "lacks the scope accounts.read"}]}
    with responses.RequestsMock() as web:
        web.get("https://api.outreach.io/api/v2/prospects", status=403, json=refusal)
        with pytest.raises(NotAllowed, match=r"lacks the scope accounts\.read\)\. Sign in .* --for ACTION") as raised:
            outreach.listProspects(include=["account"])
    assert "listProspects needs" not in raised.value.message


def test_a_right_that_the_user_lacks_is_no_scope(box: Box) -> None:
    token = box.token(scope="stages.write", user=789)
    with pytest.raises(NotAllowed) as raised:
        connect(OUTREACH, {**box.connection, "token": token}).createStage(name="New")
    assert raised.value.code == "unauthorizedRequest"
    assert "--for" not in raised.value.message


def test_where_scopes_are_chosen_elsewhere_the_error_says_so(box: Box) -> None:
    with pytest.raises(NotAllowed, match=r"needs the scope stages\.read\. Scopes are chosen at Outreach"):
        connect(OUTREACH, box.connect("s2s")).listStages()


def refused_by_salesloft(token: dict[str, Any]) -> str:
    loft: Any = connect(LOFT, {"key": "oauth2ClientCredentials", "fields": {"rateLimit": 0}, "token": token})
    with responses.RequestsMock() as web:
        web.get("https://api.salesloft.com/v2/people", status=403, json={"error": "Forbidden"})
        with pytest.raises(NotAllowed) as raised:
            loft.listPeople()
    return raised.value.message


def test_a_service_without_codes_is_judged_by_the_scopes_that_it_told() -> None:
    refused = refused_by_salesloft({"access_token": "a", "scope": "notes:read"})
    assert "listPeople needs the scope people:read" in refused
    assert "--for" not in refused_by_salesloft({"access_token": "a", "scope": "notes:read people:read"})
    assert "--for" not in refused_by_salesloft({"access_token": "a"})


def test_the_test_of_a_connection_says_what_it_lacks() -> None:
    refusal = {"errors": [{"error": {"code": "insufficient_scope", "message": "no"}, "meta": {}}], "meta": {}}
    with responses.RequestsMock() as web:
        web.get("https://api.getbase.com/v2/users/self", status=403, json=refusal)
        with pytest.raises(NotAllowed, match="The test of a connection needs the scope profile") as raised:
            default_runtime().whoami(SELL, {"token": "secret"})
    assert raised.value.message.endswith("sales-connectors connect zendesk-sell NAME --for ACTION,…")


def test_a_refreshed_token_keeps_the_scopes_that_it_had(home: Path) -> None:
    ended = {"access_token": "a", "refresh_token": "r", "expires_at": 1.0, "scope": "tasks.read"}
    given = {"key": "oauth2", "fields": {**CLIENT, "rateLimit": 0}, "token": ended}
    with responses.RequestsMock() as web:
        web.post("https://api.outreach.io/oauth/token", json={"access_token": "b", "refresh_token": "s"})
        web.get("https://api.outreach.io/api/v2", json={"meta": {"user": {"id": 1}}})
        default_runtime().kept.keep_given(OUTREACH, "mine", given)
    assert [one["scopes"] for one in run("connections").json["connections"]] == [["tasks.read"]]


def test_the_reference_and_describe_show_scopes() -> None:
    page = Path(__file__).parents[2] / "docs" / "outreach" / "tasks.md"
    assert "**Create task** · creates a record · needs `tasks.write`" in page.read_text("utf-8")
    told = run("describe", OUTREACH, "--json").json["actions"]
    assert {one["key"]: one["scopes"] for one in told}["createTask"] == ["tasks.write"]
