"""Signing in from the command line, and the connections that are kept."""

import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import responses
from tests.runtime.commandline import at_terminal, forget, run, spawn

from sales_connectors.errors import NotAuthenticated
from sales_connectors.imitation import Box, running
from sales_connectors.runtime.runtime import default_runtime
from sales_connectors.store import StoredConnection

SELL = "zendesk-sell"
SECRET = "sandbox-secret"


@pytest.fixture(autouse=True)
def new_process(home: Path) -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(SELL, rate=0) as started:
        yield started


@pytest.fixture
def client(box: Box) -> list[str]:
    """The fields of the sandbox's application, as options."""
    open_to_all = {name: value for name, value in box.connection["fields"].items() if name != "clientSecret"}
    return [word for name, value in open_to_all.items() for word in ("--field", f"{name}={value}")]


@pytest.fixture
def redirect_uri() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/callback"


def kept(name: str) -> StoredConnection:
    return default_runtime().store.connections.get(name)


def consented(url: str, decision: str = "allow", **options: Any) -> requests.Response:
    """What a user does on the consent page."""
    asked = dict(parse_qsl(urlsplit(url).query))
    return requests.post(url.partition("?")[0], data={**asked, "decision": decision}, timeout=10, **options)


# --- tokens that exist --------------------------------------------------------------------------------


def test_a_personal_token_is_read_from_standard_input_and_tested(box: Box) -> None:
    token = box.token(personal=True)["access_token"]
    ran = run("connect", SELL, "mine", "--token", "--field", f"apiUrl={box.url}", typed=f"{token}\n")
    assert ran.code == 0
    assert ran.json["connection"] == {"name": "mine", "component": SELL, "key": "oauth"}
    assert ran.json["account"]["data"]["name"] == "Anna Lindqvist"
    assert kept("mine").token == {"access_token": token}
    assert token not in ran.out + ran.err
    assert run("run", SELL, "listDeals", "--connection", "mine").code == 0


def test_a_personal_token_may_stand_in_the_environment(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_CONNECTORS_TOKEN", box.token(personal=True)["access_token"])
    assert run("connect", SELL, "mine", "--token", "--field", f"apiUrl={box.url}").code == 0


def test_a_refused_token_does_not_replace_a_good_one(box: Box) -> None:
    run("connect", SELL, "mine", "--from", json.dumps(box.connection))
    refused = run("connect", SELL, "mine", "--token", typed="wrong-token")
    assert (refused.code, refused.error["connection"]) == (3, "mine")
    assert kept("mine").token == box.connection["token"]
    assert run("connect", SELL, "new", "--token", "--field", f"apiUrl={box.url}", typed="wrong-token").code == 3
    assert [one["name"] for one in run("connections").json["connections"]] == ["mine"]


def test_a_token_that_may_not_tell_whose_it_is_does_not_replace_a_good_one(box: Box) -> None:
    run("connect", SELL, "mine", "--from", json.dumps(box.connection))
    narrow = {**box.connection, "token": box.token(scope="read")}
    refused = run("connect", SELL, "mine", "--from", json.dumps(narrow))
    assert (refused.code, refused.error["type"]) == (3, "NotAllowed")
    assert kept("mine").token == box.connection["token"]
    assert run("connect", SELL, "narrow", "--from", json.dumps(narrow)).error["type"] == "NotAllowed"
    assert kept("narrow").token == narrow["token"]


def test_the_kinds_of_connection_are_told_with_their_grants() -> None:
    (kind,) = default_runtime().kept.describe_kinds(SELL)
    assert (kind["key"], kind["grant"]) == ("oauth", "authorization_code")
    assert kind["input"]["properties"]["clientSecret"]["writeOnly"] is True
    grants = {kind["key"]: kind["grant"] for kind in default_runtime().kept.describe_kinds("salesloft")}
    assert grants == {
        "oauth2": "authorization_code",
        "oauth2ClientCredentials": "client_credentials",
        "apiKey": None,
    }


def test_what_a_sandbox_printed_is_kept(box: Box, tmp_path: Path) -> None:
    printed = tmp_path / "sandbox.json"
    printed.write_text(json.dumps({SELL: box.connection}))
    assert run("connect", SELL, "play", "--from", f"@{printed}").code == 0
    assert kept("play").fields == box.connection["fields"]


# --- signing in ---------------------------------------------------------------------------------------


def test_a_sign_in_comes_back_from_the_browser(
    box: Box, client: list[str], redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALES_CONNECTORS_CLIENT_SECRET", SECRET)
    monkeypatch.setattr("webbrowser.open", lambda url: consented(url).ok)
    ran = run("connect", SELL, "mine", *client, "--redirect-uri", redirect_uri)
    assert ran.code == 0
    assert ran.json["account"]["data"]["email"] == "anna@brightside.example.com"
    assert (kept("mine").token or {})["refresh_token"]
    assert kept("mine").fields["clientSecret"] == SECRET


def test_somebody_who_refuses_is_not_signed_in(
    box: Box, client: list[str], redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url: consented(url, "refuse").ok)
    ran = run("connect", SELL, "mine", *client, "--redirect-uri", redirect_uri, typed=f"{SECRET}\n")
    assert (ran.code, ran.error["code"]) == (3, "access_denied")
    assert run("connections").json == {"connections": []}


def test_nobody_waits_for_a_browser_without_end(
    box: Box, client: list[str], redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url: pytest.fail("no browser was wanted"))
    words = ("--redirect-uri", redirect_uri, "--no-browser", "--wait", "0.01")
    ran = run("connect", SELL, "mine", *client, *words, typed=f"{SECRET}\n")
    assert (ran.code, ran.error["code"]) == (3, "sign_in_timeout")
    assert f"{box.url}/oauth2/authorize?" in ran.err


def test_a_sign_in_is_pasted_from_another_machine(box: Box, client: list[str]) -> None:
    back = "https://app.example.com/oauth/callback"
    with spawn("connect", SELL, "mine", *client, "--paste", "--redirect-uri", back) as connecting:
        assert connecting.stdin is not None
        assert connecting.stderr is not None
        connecting.stdin.write(f"{SECRET}\n")
        connecting.stdin.flush()
        said = iter(connecting.stderr.readline, "")
        address = next(line.strip() for line in said if line.startswith("  http"))
        page = consented(address, allow_redirects=False)
        out, _ = connecting.communicate(page.headers["Location"] + "\n", timeout=20)
    assert connecting.returncode == 0
    assert json.loads(out)["account"]["data"]["name"] == "Anna Lindqvist"


def test_signing_in_again_needs_no_field_a_second_time(
    box: Box, redirect_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("connect", SELL, "mine", "--from", json.dumps(box.connection))
    monkeypatch.setattr("webbrowser.open", lambda url: consented(url).ok)
    assert run("connect", SELL, "mine", "--redirect-uri", redirect_uri).code == 0
    assert kept("mine").token != box.connection["token"]


def test_a_secret_is_asked_for_unseen(box: Box, client: list[str], redirect_uri: str) -> None:
    """At a terminal: the prompt appears, what is typed does not, and the address to open is shown."""
    told: list[str] = []

    def typed(screen: str) -> str | None:
        if screen.endswith("Client Secret: ") and not told:  # the blank comes once nothing is shown any more
            told.append("secret")
            return f"{SECRET}\n"
        address = re.search(r"(http\S+authorize\?\S+)\r?\n", screen)
        if address and told == ["secret"]:
            told.append("consent")
            consented(address[1])
        return None

    seen = at_terminal("connect", SELL, "mine", *client, "--no-browser", "--redirect-uri", redirect_uri, typed=typed)
    assert seen.code == 0
    assert SECRET not in seen.screen
    assert "Connected to Zendesk Sell as Anna Lindqvist <anna@brightside.example.com>." in seen.lines


@pytest.mark.parametrize(("way", "prompt"), [("--token", "Access token: "), ("--paste", "Client Secret: ")])
def test_who_leaves_at_a_prompt_has_interrupted(client: list[str], way: str, prompt: str) -> None:
    asked: list[str] = []

    def typed(screen: str) -> str | None:
        if screen.endswith(prompt) and not asked:
            asked.append(screen)
            return "\x04"
        return None

    seen = at_terminal("connect", SELL, "mine", *client, way, typed=typed)
    assert asked
    assert (seen.code, "defect" in seen.text) == (130, False)


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        (["--field", "apiUrl=http://127.0.0.1:9"], "--field"),
        (["--kind", "oauth2", "--token"], "--kind and --token"),
        (["--paste", "--redirect-uri", "http://127.0.0.1:1"], "--paste and --redirect-uri"),
        (["--grant", "client_credentials"], "--grant"),
    ],
)
def test_nothing_is_said_beside_a_whole_connection(box: Box, beside: list[str], told: str) -> None:
    refused = run("connect", SELL, "mine", "--from", json.dumps(box.connection), *beside)
    assert (refused.code, f"{told} cannot stand beside it" in refused.error["message"]) == (2, True)
    assert run("connections").json == {"connections": []}


def test_a_client_signs_in_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_CONNECTORS_CLIENT_SECRET", "secret-of-the-client")
    words = ("salesloft", "mine", "--grant", "client_credentials", "--field", "clientId=id-of-the-client")
    with responses.RequestsMock() as web:
        web.post("https://accounts.salesloft.com/oauth/token", json={"access_token": "new-token", "expires_in": 60})
        web.get("https://api.salesloft.com/v2/me", json={"data": {"id": 1, "name": "Bo"}})
        ran = run("connect", *words)
        sent: list[Any] = [call.request for call in web.calls]
    assert (ran.code, ran.json["account"]) == (0, {"data": {"id": 1, "name": "Bo"}})
    assert dict(parse_qsl(sent[0].body.decode()))["grant_type"] == "client_credentials"
    assert sent[1].headers["Authorization"] == "Bearer new-token"
    assert (kept("mine").token or {})["access_token"] == "new-token"


def test_a_sign_in_that_one_process_began_is_finished_by_another(box: Box, client: list[str]) -> None:
    fields = dict(word.split("=", 1) for word in client[1::2])
    url = default_runtime().kept.begin_sign_in(
        default_runtime().kept.draft(SELL, "mine", fields={**fields, "clientSecret": SECRET})
    )
    returned = consented(url, allow_redirects=False).headers["Location"]
    forget()
    finished = default_runtime().kept.finish_sign_in(returned)
    assert finished["connection"] == {"name": "mine", "component": SELL, "key": "oauth"}
    assert kept("mine").fields["clientSecret"] == SECRET
    with pytest.raises(NotAuthenticated) as again:
        default_runtime().kept.finish_sign_in(returned)
    assert again.value.code == "state_mismatch"


def test_a_connection_gets_another_name(box: Box, tmp_path: Path) -> None:
    (tmp_path / "sandbox.json").write_text(json.dumps({SELL: box.connection}), encoding="utf-8")
    assert run("connect", SELL, "mine", "--from", f"@{tmp_path / 'sandbox.json'}").code == 0
    assert run("connect", SELL, "other", "--from", f"@{tmp_path / 'sandbox.json'}").code == 0
    assert run("connections", "rename", "mine", "other").error["code"] == "name_taken"
    once = ("run", SELL, "createContact", "-i", '{"lastName": "Doe"}', "--idempotency-key", "k")
    made = run(*once, "-c", "mine").json
    assert run("connections", "rename", "mine", "main").json == {"renamed": "mine", "name": "main"}
    again = run(*once, "-c", "main").json
    assert (made["outcome"], again["outcome"], again["data"]) == ("created", "found", made["data"])
    assert run("run", SELL, "listDeals", "-c", "main").code == 0
    unknown = run("connections", "rename", "mine", "gone")
    assert (unknown.code, unknown.error["type"], unknown.error["code"]) == (4, "NotFound", "unknown_connection")


@pytest.mark.parametrize(("way", "asked"), [("--token", "Access token"), ("--paste", "Client Secret")])
def test_without_a_terminal_it_is_said_at_once_what_is_waited_for(client: list[str], way: str, asked: str) -> None:
    with spawn("connect", SELL, "mine", *client, way) as connecting:
        assert connecting.stderr is not None
        told = connecting.stderr.readline()
        connecting.communicate("\n", timeout=20)
    variable = "SALES_CONNECTORS_TOKEN" if way == "--token" else "SALES_CONNECTORS_CLIENT_SECRET"
    waits = f"{asked}: waiting for a line on standard input, which is no terminal; {variable} would do as well\n"
    assert told == waits


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["mine"], "no_client", "--field clientId"),
        (["mine", "--field", "clientSecret=abc"], "secret_on_command_line", "SALES_CONNECTORS_CLIENT_SECRET"),
        (["mine", "--field", "clientId"], "usage", "KEY=VALUE"),
        (["mine", "--field", "clientID=abc"], "invalid_input", "Did you mean 'clientId'?"),
        (["mine", "--field", "apiUrl=nowhere"], "invalid_connection", "must be an address such as https://"),
        (
            ["mine", "--field", "apiUrl=http://example.com"],
            "invalid_connection",
            "http is accepted on this machine only",
        ),
        (["mine", "--field", "apiUrl=https://me:pass@example.com"], "invalid_connection", "must be an address such as"),
        (["mine", "--kind", "oath"], "unknown_connection", "Did you mean 'oauth'?"),
        (["mine", "--grant", "client_credentials"], "no_such_grant", "client_credentials"),
        (["mine", "--wait", "-1"], "usage", "-1.0 is not in the range"),
        (["mine", "--wait", "nan"], "usage", "nan is not a number with an end"),
        (["mine", "--grant", "magic"], "usage", "'magic' is not one of"),
        (["mine", "--token"], "missing_secret", "SALES_CONNECTORS_TOKEN"),
        (["mine", "--from", "@/no/such/file"], "unreadable_file", "cannot be read"),
        (["mine", "--field", "clientSecret=@/no/such/file"], "unreadable_file", "cannot be read"),
        (["-mine"], "usage", "No such option"),
        (["my account", "--from", "{}"], "invalid_connection_name", "'my account'"),
    ],
)
def test_a_connection_that_cannot_be_made_says_why(words: list[str], code: str, said: str) -> None:
    ran = run("connect", SELL, *words)
    assert ran.error["code"] == code
    assert said in ran.err


def test_a_secret_may_come_from_a_file(box: Box, client: list[str], redirect_uri: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wrong\n")
    words = ("--field", f"clientSecret=@{tmp_path / 'secret'}", "--redirect-uri", redirect_uri, "--no-browser")
    ran = run("connect", SELL, "mine", *client, *words, "--wait", "0.01")
    assert ran.error["code"] == "sign_in_timeout"


# --- what is kept -------------------------------------------------------------------------------------


def test_connections_are_listed_without_their_secrets(box: Box) -> None:
    run("connect", SELL, "mine", "--from", json.dumps(box.connection))
    ran = run("connections")
    (one,) = ran.json["connections"]
    assert (one["name"], one["apiUrl"], one["signIn"]) == ("mine", box.url, None)
    for secret in (SECRET, *(box.connection["token"][key] for key in ("access_token", "refresh_token"))):
        assert secret not in ran.out
    assert "mine" in at_terminal("connections").text
    assert "ready" in at_terminal("connections").text


def test_a_connection_is_tested_and_removed(box: Box) -> None:
    run("connect", SELL, "mine", "--from", json.dumps(box.connection))
    assert run("connections", "test", "mine").json["account"]["data"]["name"] == "Anna Lindqvist"
    assert run("connections", "remove", "mine").json == {"removed": "mine"}
    gone = run("connections", "test", "mine")
    assert (gone.code, gone.error["code"]) == (4, "unknown_connection")
    assert run("connections", "remove", "mine").code == 4


def test_a_name_belongs_to_one_component(box: Box) -> None:
    run("connect", SELL, "mine", "--from", json.dumps(box.connection))
    taken = run("connect", "salesloft", "mine", "--token", typed="x")
    assert (taken.code, taken.error["code"]) == (5, "name_taken")


def test_without_connections_the_way_to_one_is_shown() -> None:
    assert "sales-connectors connect COMPONENT NAME" in at_terminal("connections").text


def test_the_store_is_readable_by_its_owner_alone(box: Box, home: Path) -> None:
    run("connect", SELL, "mine", "--from", json.dumps(box.connection))
    assert {os.stat(path).st_mode & 0o077 for path in home.iterdir()} == {0}
