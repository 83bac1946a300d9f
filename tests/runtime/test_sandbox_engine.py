"""The sandbox engine, with a toy vendor that has things to read and to make."""

import base64
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from tests.runtime.commandline import run

from sales_connectors.errors import ConfigurationError, NotFound
from sales_connectors.imitation import (
    Box,
    Budget,
    Clock,
    Condition,
    Mint,
    OAuth,
    Rate,
    Refused,
    Reply,
    Request,
    Route,
    Service,
    Store,
    User,
    running,
)  # fmt: skip

USERS = (User(7, "Ada", "ada@example.com"), User(8, "Bob", "bob@example.com"))


def refuse(status: int, detail: str) -> Reply:
    return Reply(status, {"toy_error": detail})


def list_things(request: Request) -> Reply:
    return Reply(200, {"things": request.store.collection("things").find(), "quirks": sorted(request.quirks)})


def make_thing(request: Request) -> Reply:
    thing = request.store.collection("things").insert({"name": request.json()["name"], "by": request.user_id})
    if thing["name"] == "forbidden":
        raise Refused(refuse(422, "This name is not allowed."))
    return Reply(201, thing)


def seed(store: Store, clock: Clock, companies: int) -> None:
    for number in range(companies):
        store.collection("things").insert({"name": f"thing {number}"})


def toy(**changes: Any) -> Service:
    settings: dict[str, Any] = {
        "name": "Toy",
        "routes": [
            Route("GET", "/things", list_things, scope="read"),
            Route("POST", "/things", make_thing, scope="write"),
        ],
        "refuse": refuse,
        "seed": seed,
        "users": lambda store: USERS,
        "oauth": OAuth(
            revoke="/oauth2/revoke",
            info="/oauth2/token/info",
            scopes=("read", "write"),
            grants=("authorization_code", "refresh_token", "password"),
        ),
        "quirks": ("duplicate_events",),
        **changes,
    }
    return Service(**settings)


@pytest.fixture
def box() -> Iterator[Box]:
    with running(toy()) as started:
        yield started


def ask(
    box: Box, method: str = "GET", path: str = "/things", token: str | None = None, **options: Any
) -> requests.Response:
    access = token or box.connection["token"]["access_token"]
    headers = {"Authorization": f"Bearer {access}", **options.pop("headers", {})}
    return requests.request(method, box.url + path, headers=headers, timeout=10, **options)


def test_importing_the_engine_loads_no_server() -> None:
    code = (
        "import sys, sales_connectors.imitation; print(sorted({'starlette', 'uvicorn', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_serves_what_the_component_says(box: Box) -> None:
    assert ask(box).json()["things"] == [{"id": 1, "name": "thing 0"}]
    assert ask(box, "POST", json={"name": "mine"}).json() == {"id": 2, "name": "mine", "by": 7}


def test_what_is_not_there_is_refused_in_the_vendors_words(box: Box) -> None:
    assert (ask(box, path="/nothing").status_code, ask(box, "DELETE").status_code) == (404, 405)
    assert "toy_error" in ask(box, path="/nothing").json()


def test_a_refused_request_leaves_nothing_behind(box: Box) -> None:
    assert ask(box, "POST", json={"name": "forbidden"}).status_code == 422
    assert len(ask(box).json()["things"]) == 1


def test_an_unknown_component_is_named() -> None:
    with pytest.raises(NotFound, match="no-such-component"), running("no-such-component"):
        pass


def test_state_outlives_the_sandbox(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with running(toy(), state=state) as box:
        ask(box, "POST", json={"name": "kept"})
        token = box.connection["token"]["access_token"]
    with running(toy(), state=state) as box:
        assert [thing["name"] for thing in ask(box, token=token).json()["things"]] == ["thing 0", "kept"]


def test_a_state_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 100)
    for state in (tmp_path / "notes.txt", tmp_path / "no-such-folder" / "state.db"):
        with pytest.raises(ConfigurationError, match=state.name), running(toy(), state=str(state)):
            pass


def test_it_remembers_what_it_was_asked(box: Box) -> None:
    ask(box, path="/things?a=1&a=2")
    seen = box.requests[-1]
    assert (seen["method"], seen["path"], seen["query"], seen["status"]) == (
        "GET",
        "/things",
        [("a", "1"), ("a", "2")],
        200,
    )
    assert (box.count("/things"), box.count("/other"), box.count(method="POST")) == (1, 0, 0)


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_is_needed_and_has_to_be_known(box: Box) -> None:
    assert requests.get(f"{box.url}/things", timeout=10).status_code == 401
    assert ask(box, token="x" * 64).status_code == 401


def test_tokens_expire_with_the_clock(box: Box) -> None:
    box.advance(3601)
    assert ask(box).status_code == 401


def test_a_personal_token_never_expires(box: Box) -> None:
    token = box.token(personal=True)
    box.advance(10 * 365 * 24 * 3600)
    assert ask(box, token=token["access_token"]).status_code == 200
    assert "refresh_token" not in token


def test_scopes_are_enforced(box: Box) -> None:
    reader = box.token(scope="read")["access_token"]
    assert ask(box, token=reader).status_code == 200
    assert ask(box, "POST", token=reader, json={"name": "x"}).status_code == 403


def test_a_token_belongs_to_a_user(box: Box) -> None:
    theirs = box.token(user="bob@example.com")["access_token"]
    assert ask(box, "POST", token=theirs, json={"name": "x"}).json()["by"] == 8


def token_request(box: Box, **form: str) -> requests.Response:
    fields = box.connection["fields"]
    client = (fields["clientId"], fields["clientSecret"])
    return requests.post(fields["tokenUrl"], data=form, auth=client, timeout=10)


def refresh(box: Box, token: dict[str, Any]) -> requests.Response:
    return token_request(box, grant_type="refresh_token", refresh_token=token["refresh_token"])


def test_a_refresh_token_is_good_once(box: Box) -> None:
    old = box.connection["token"]
    new = refresh(box, old).json()
    assert {"access_token", "refresh_token", "token_type", "expires_in", "scope"} <= set(new)
    assert new["refresh_token"] != old["refresh_token"]
    assert ask(box, token=new["access_token"]).status_code == 200
    again = refresh(box, old)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_may_be_made_to_last(box: Box) -> None:
    lasting = box.token(refresh_once=False)
    assert "refresh_token" not in refresh(box, lasting).json()
    assert refresh(box, lasting).status_code == 200


def test_refresh_tokens_expire_where_the_vendor_says_so() -> None:
    with running(toy(oauth=OAuth(refresh_life=60))) as box:
        box.advance(61)
        assert refresh(box, box.connection["token"]).json()["error"] == "invalid_grant"


def test_credentials_may_stand_in_the_body(box: Box) -> None:
    fields, token = box.connection["fields"], box.connection["token"]
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "client_id": fields["clientId"]}
    good = requests.post(fields["tokenUrl"], data={**form, "client_secret": fields["clientSecret"]}, timeout=10)
    bad = requests.post(fields["tokenUrl"], data={**form, "client_secret": "wrong"}, timeout=10)
    assert (good.status_code, bad.status_code, bad.json()["error"]) == (200, 401, "invalid_client")


def test_the_password_grant(box: Box) -> None:
    good = token_request(box, grant_type="password", username="bob@example.com", password="sandbox", scope="read")
    assert good.json()["scope"] == "read"
    bad = token_request(box, grant_type="password", username="bob@example.com", password="wrong")
    assert bad.json()["error"] == "invalid_grant"


def test_a_grant_that_is_not_offered(box: Box) -> None:
    assert token_request(box, grant_type="client_credentials").json()["error"] == "unsupported_grant_type"


def test_a_revoked_token_is_dead(box: Box) -> None:
    token = box.token()["access_token"]
    fields = box.connection["fields"]
    client = (fields["clientId"], fields["clientSecret"])
    assert requests.post(f"{box.url}/oauth2/revoke", data={"token": token}, auth=client, timeout=10).status_code == 200
    assert ask(box, token=token).status_code == 401


def test_token_info_tells_how_long_it_lives(box: Box) -> None:
    info = ask(box, path="/oauth2/token/info").json()
    assert info["scope"] == "read write"
    assert 3590 < info["expires_in_seconds"] <= 3600


# --- sign-in --------------------------------------------------------------------------------------

ASKED = {
    "response_type": "code",
    "client_id": "sandbox-client",
    "redirect_uri": "http://127.0.0.1:9/callback?keep=me",
    "scope": "read",
    "state": "opaque & odd",
}


def decide(box: Box, decision: str = "allow", **changes: str) -> dict[str, str]:
    form = {**ASKED, **changes, "decision": decision}
    reply = requests.post(f"{box.url}/oauth2/authorize", data=form, allow_redirects=False, timeout=10)
    assert reply.status_code == 302, reply.text
    target = urlsplit(reply.headers["Location"])
    return dict(parse_qsl(f"{target.query}&{target.fragment}"))


def redeem(box: Box, code: str, **form: str) -> requests.Response:
    return token_request(box, grant_type="authorization_code", code=code, **form)


def test_the_consent_page_says_who_asks_for_what(box: Box) -> None:
    page = requests.get(f"{box.url}/oauth2/authorize", params={**ASKED, "state": "<script>"}, timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Toy" in page.text
    assert "<li>read</li>" in page.text
    assert "ada@example.com" in page.text
    assert "<script>" not in page.text


def test_allowing_gives_a_code_that_is_good_once(box: Box) -> None:
    answer = decide(box, user="8")
    assert (answer["state"], answer["keep"]) == (ASKED["state"], "me")
    token = redeem(box, answer["code"], redirect_uri=ASKED["redirect_uri"])
    assert token.json()["scope"] == "read"
    assert redeem(box, answer["code"]).json()["error"] == "invalid_grant"


def test_a_code_goes_stale(box: Box) -> None:
    code = decide(box)["code"]
    box.advance(601)
    assert redeem(box, code).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_redirect(box: Box) -> None:
    assert redeem(box, decide(box)["code"], redirect_uri="http://localhost/other").json()["error"] == "invalid_grant"


def test_refusing_sends_the_refusal_back(box: Box) -> None:
    answer = decide(box, "refuse")
    assert (answer["error"], answer["state"]) == ("access_denied", ASKED["state"])


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_pkce_is_verified_when_it_was_begun(box: Box, method: str) -> None:
    verifier = "v" * 50
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    challenge = hashed if method == "S256" else verifier
    code = decide(box, code_challenge=challenge, code_challenge_method=method)["code"]
    assert redeem(box, code).json()["error"] == "invalid_grant"
    assert redeem(box, code, code_verifier="w" * 50).json()["error"] == "invalid_grant"
    assert redeem(box, code, code_verifier=verifier).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"redirect_uri": "https://evil.example.com/"}, {"client_id": "somebody"}, {"redirect_uri": ""}]
)
def test_a_sign_in_that_cannot_be_sent_back_ends_on_a_page(box: Box, wrong: dict[str, str]) -> None:
    page = requests.get(f"{box.url}/oauth2/authorize", params={**ASKED, **wrong}, allow_redirects=False, timeout=10)
    assert (page.status_code, page.headers.get("Location")) == (400, None)


def test_the_registered_redirect_is_as_good_as_loopback(box: Box) -> None:
    params = {**ASKED, "redirect_uri": "https://app.example.com/oauth/callback"}
    assert requests.get(f"{box.url}/oauth2/authorize", params=params, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"scope": "read everything"}, "invalid_scope"), ({"response_type": "token"}, "unsupported_response_type")],
)
def test_a_wrong_question_is_sent_back(box: Box, wrong: dict[str, str], error: str) -> None:
    params = {**ASKED, **wrong}
    reply = requests.get(f"{box.url}/oauth2/authorize", params=params, allow_redirects=False, timeout=10)
    assert f"error={error}" in reply.headers["Location"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"scope": "read everything"}, "invalid_scope"), ({"response_type": "token"}, "unsupported_response_type")],
)
def test_what_the_consent_page_would_not_ask_is_not_given(box: Box, wrong: dict[str, str], error: str) -> None:
    assert decide(box, **wrong) == {"keep": "me", "error": error, "state": ASKED["state"]}


def test_the_implicit_grant_where_there_is_one() -> None:
    with running(toy(oauth=OAuth(scopes=("read",), implicit=True))) as box:
        answer = decide(box, response_type="token")
        assert ask(box, token=answer["access_token"]).status_code == 200


def test_oauth_is_data() -> None:
    oauth = OAuth(
        authorize="/o/ask", token="/o/tokens", token_length=20, token_prefix="ak_", connection="apiKey", access_life=5
    )
    with running(toy(oauth=oauth)) as box:
        assert box.connection["key"] == "apiKey"
        assert box.connection["fields"]["tokenUrl"] == f"{box.url}/o/tokens"
        token = box.connection["token"]
        assert (len(token["access_token"]), token["access_token"][:3], token["expires_in"]) == (23, "ak_", 5)


def test_a_wider_scope_may_cover_a_narrower_one() -> None:
    oauth = OAuth(scopes=("read", "write", "all"), covers=lambda held, scope: bool(held & {scope, "all"}))
    with running(toy(oauth=oauth)) as box:
        assert ask(box, token=box.token(scope="all")["access_token"]).status_code == 200
        assert ask(box, token=box.token(scope="write")["access_token"]).status_code == 403


def test_a_token_has_the_usual_scopes_unless_others_are_asked_for() -> None:
    with running(toy(oauth=OAuth(scopes=("read", "write"), usual_scopes=("read",)))) as box:
        assert box.connection["token"]["scope"] == redeem(box, decide(box, scope="")["code"]).json()["scope"] == "read"
        assert redeem(box, decide(box, scope="write")["code"]).json()["scope"] == "write"


def test_a_vendor_may_want_the_scopes_named() -> None:
    with running(toy(oauth=OAuth(scopes=("read",), scope_required=True))) as box:
        assert decide(box, scope=" ")["error"] == "invalid_scope"
        assert "code" in decide(box)


def test_grants_to_one_user_may_have_to_wait_for_each_other_and_spend_nothing_meanwhile() -> None:
    with running(toy(oauth=OAuth(scopes=("read",), grant_interval=60))) as box:
        mine, theirs = box.connection["token"], box.token(user=8)
        first = refresh(box, mine).json()
        soon = refresh(box, first)
        assert (soon.status_code, soon.headers["Retry-After"], list(soon.json())) == (429, "60", ["toy_error"])
        assert redeem(box, decide(box)["code"]).status_code == 429
        assert refresh(box, theirs).status_code == 200
        box.advance(60)
        assert refresh(box, first).status_code == 200


def test_a_user_has_so_many_refresh_tokens_and_no_more() -> None:
    with running(toy(oauth=OAuth(scopes=("read",), refresh_most=2))) as box:
        oldest, second, third = box.connection["token"], box.token(), box.token()
        assert refresh(box, oldest).json()["error"] == "invalid_grant"
        assert ask(box, token=oldest["access_token"]).status_code == 200
        assert (refresh(box, second).status_code, refresh(box, third).status_code) == (200, 200)


def test_a_lenient_token_endpoint_takes_json_and_a_query() -> None:
    with running(toy(oauth=OAuth(lenient_bodies=True, token_type="Bearer", token_dated=True))) as box:
        fields, token = box.connection["fields"], box.connection["token"]
        client = {"client_id": fields["clientId"], "client_secret": fields["clientSecret"]}
        grant = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        told = requests.post(fields["tokenUrl"], json={**client, **grant}, timeout=10).json()
        assert (told["token_type"], abs(told["created_at"] - box._sandbox.clock.now()) < 5) == ("Bearer", True)
        grant["refresh_token"] = told["refresh_token"]
        assert requests.post(fields["tokenUrl"], params={**client, **grant}, timeout=10).status_code == 200
        for wrong in ("[1]", "{"):
            as_json = {"Content-Type": "application/json"}
            assert requests.post(fields["tokenUrl"], data=wrong, headers=as_json, timeout=10).status_code == 400


def test_a_vendor_may_give_out_tokens_in_a_way_of_its_own() -> None:
    def sign_in(mint: Mint) -> list[Route]:
        def exchange(request: Request) -> Reply:
            return Reply(200, mint(0, ("read",), expires_in=60, refreshable=False))

        return [Route("POST", "/exchange", exchange, open=True)]

    kinds = {"robot": lambda store: {"install": store.collection("things").count()}}
    with running(toy(sign_in=sign_in, connections=kinds)) as box:
        given = requests.post(f"{box.url}/exchange", timeout=10).json()
        assert ask(box, token=given["access_token"]).status_code == 200
        robot = {"key": "robot", "fields": {"apiUrl": box.url, "install": 1}}
        assert box.connect("robot") == robot
        asked = f"{box.url}/_sandbox/connection?key="
        assert requests.get(asked + "robot", timeout=10).json() == robot
        unknown = requests.get(asked + "ghost", timeout=10)
        assert (unknown.status_code, "known: oauth, robot" in unknown.text) == (400, True)


# --- the rate limit -------------------------------------------------------------------------------


def statuses(box: Box, times: int, **options: Any) -> list[int]:
    return [ask(box, **options).status_code for _ in range(times)]


def test_the_bucket_empties_and_refills_steadily() -> None:
    with running(toy(rate=Rate(3, period=3600))) as box:
        assert statuses(box, 4) == [200, 200, 200, 429]
        box.advance(1200)
        assert statuses(box, 2) == [200, 429]


def test_each_token_has_a_budget_of_its_own() -> None:
    with running(toy(rate=Rate(1, period=3600))) as box:
        assert statuses(box, 2) == [200, 429]
        assert statuses(box, 1, token=box.token()["access_token"]) == [200]


def test_all_tokens_of_a_user_may_live_on_one_budget() -> None:
    with running(toy(rate=Rate(2, period=3600, payer="user"))) as box:
        another = box.token()["access_token"]
        assert statuses(box, 1) + statuses(box, 2, token=another) == [200, 200, 429]
        assert statuses(box, 1, token=box.token(user=8)["access_token"]) == [200]


def test_no_more_requests_than_so_many_may_be_under_way() -> None:
    told: list[Budget] = []
    rate = Rate(100, period=3600, at_once=2, headers=lambda budget: told.append(budget) or {})  # type: ignore[func-returns-value]
    with running(toy(rate=rate), faults="latency=0.8 times=4") as box, ThreadPoolExecutor(4) as pool:
        answered = sorted(pool.map(lambda _: ask(box).status_code, range(4)))
        assert (answered, ask(box).status_code) == ([200, 200, 429, 429], 200)
        assert told[-1].resets_at == pytest.approx(box._sandbox.clock.now() + told[-1].resets_in, abs=1)


def test_a_sliding_window_gives_nothing_back_before_its_time() -> None:
    with running(toy(rate=Rate(3, period=1000)), window="sliding") as box:
        assert statuses(box, 4) == [200, 200, 200, 429]
        box.advance(900)
        assert statuses(box, 1) == [429]
        box.advance(101)
        assert statuses(box, 1) == [200]


def test_the_caller_sets_the_limit() -> None:
    with running(toy(rate=Rate(1, period=3600)), rate=0) as box:
        assert statuses(box, 5) == [200] * 5


@pytest.mark.parametrize("window", ["bucket", "sliding", "fixed"])
def test_a_limit_of_less_than_one_request_a_period_is_a_longer_period(window: Any) -> None:
    with running(toy(rate=Rate(600, period=60)), rate=0.001, window=window) as box:
        assert statuses(box, 2) == [200, 429]
        box.advance(1001)
        assert statuses(box, 2) == [200, 429]


@pytest.mark.parametrize(("rate", "left"), [(None, "9"), (0, "10")])
def test_every_reply_behind_a_token_tells_of_the_budget(rate: float | None, left: str) -> None:
    told = Rate(10, period=3600, headers=lambda budget: {"X-Left": f"{budget.left:.0f}"})
    with running(toy(rate=told), rate=rate) as box:
        assert ask(box).headers["X-Left"] == left
        unknown = ask(box, token="unknown")
        assert (unknown.status_code, unknown.headers["X-Left"]) == (401, "10")
        assert "X-Left" not in requests.get(f"{box.url}/oauth2/authorize", params=ASKED, timeout=10).headers


def test_requests_may_cost_more_and_replies_may_tell() -> None:
    rate = Rate(
        10,
        period=3600,
        cost=lambda request: float(request.arguments().get("cost", 1)),
        headers=lambda budget: {"X-Left": f"{budget.left:.0f}"},
    )
    with running(toy(rate=rate)) as box:
        assert ask(box, path="/things?cost=7").headers["X-Left"] == "3"
        assert ask(box, path="/things?cost=7").status_code == 429


# --- faults ---------------------------------------------------------------------------------------


def test_status_refuses_and_does_nothing(box: Box) -> None:
    box.misbehave({"status": 503, "retry_after": 7, "times": 1})
    reply = ask(box, "POST", json={"name": "lost"})
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "7")
    assert len(ask(box).json()["things"]) == 1


def test_retry_after_may_be_a_date(box: Box) -> None:
    box.misbehave("status=429 retry_after=date")
    assert parsedate_to_datetime(ask(box).headers["Retry-After"])
    box.misbehave({"status": 503, "retry_after": "iso"})
    assert datetime.fromisoformat(ask(box).headers["Retry-After"]).timestamp() == pytest.approx(time.time() + 2, abs=2)
    box.misbehave("status=429 retry_after=unix")
    assert int(ask(box).headers["Retry-After"]) == pytest.approx(time.time() + 2, abs=2)


def test_a_header_asks_for_a_fault(box: Box) -> None:
    assert ask(box, headers={"X-Sandbox-Fault": "status=500"}).status_code == 500
    assert ask(box, headers={"X-Sandbox-Fault": json.dumps({"status": 502})}).status_code == 502
    assert ask(box).status_code == 200


def test_faults_strike_where_and_as_often_as_they_are_told(box: Box) -> None:
    box.misbehave("status=503 every=2")
    assert statuses(box, 4) == [200, 503, 200, 503]
    box.misbehave("status=503 path=/other; status=500 method=POST times=1")
    assert [ask(box, "POST", json={"name": "x"}).status_code for _ in range(2)] == [500, 201]
    assert statuses(box, 1) == [200]
    box.misbehave(None)
    assert statuses(box, 1) == [200]


def test_a_path_may_be_a_pattern(box: Box) -> None:
    box.misbehave("status=500 path=/th*gs")
    assert (statuses(box, 1), statuses(box, 1, path="/thing")) == ([500], [404])


def test_drop_does_the_work_and_says_nothing(box: Box) -> None:
    box.misbehave("drop times=1")
    with pytest.raises(requests.ConnectionError):
        ask(box, "POST", json={"name": "done"})
    assert box.requests[-1]["status"] is None
    assert ask(box).json()["things"][-1]["name"] == "done"


def test_cut_ends_in_the_middle_of_the_body(box: Box) -> None:
    box.misbehave("cut times=1")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(box)
    assert ask(box).status_code == 200


def test_cut_ends_before_the_body_where_there_is_none() -> None:
    nothing = Route("DELETE", "/things", lambda request: Reply(204), scope="write")
    with running(toy(routes=[nothing]), faults="cut") as box, pytest.raises(requests.ConnectionError):
        ask(box, "DELETE")


def test_wrong_length_loses_the_end_of_the_body(box: Box) -> None:
    box.misbehave("wrong_length times=1")
    reply = ask(box)
    assert (reply.status_code, int(reply.headers["Content-Length"])) == (200, len(reply.content))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        reply.json()


def test_late_does_the_work_before_it_waits(box: Box) -> None:
    box.misbehave("late=0.6 times=1")
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{box.url}/things",
            json={"name": "late"},
            headers={"Authorization": f"Bearer {box.connection['token']['access_token']}"},
            timeout=0.2,
        )
    assert ask(box).json()["things"][-1]["name"] == "late"


def test_latency_takes_its_time(box: Box) -> None:
    box.misbehave("latency=0.1")
    started = perf_counter()
    assert ask(box).status_code == 200
    assert perf_counter() - started >= 0.1


def test_bodies_that_are_not_what_they_should_be(box: Box) -> None:
    html, empty, broken, error = (
        ask(box, headers={"X-Sandbox-Fault": fault}) for fault in ("html", "empty", "broken_json", "error_in_200")
    )
    assert [reply.status_code for reply in (html, empty, broken, error)] == [200] * 4
    assert html.headers["Content-Type"].startswith("text/html")
    assert empty.content == b""
    with pytest.raises(requests.exceptions.JSONDecodeError):
        broken.json()
    assert "toy_error" in error.json()


def test_redirect(box: Box) -> None:
    reply = ask(box, headers={"X-Sandbox-Fault": "redirect=http://localhost:9/x"}, allow_redirects=False)
    assert (reply.status_code, reply.headers["Location"]) == (302, "http://localhost:9/x")


def test_expired_token_ends_the_token_and_not_its_refresh(box: Box) -> None:
    box.misbehave("expired_token times=1")
    assert statuses(box, 2) == [401, 401]
    renewed = refresh(box, box.connection["token"]).json()
    assert statuses(box, 1, token=renewed["access_token"]) == [200]


def test_what_only_the_component_can_play_reaches_it(box: Box) -> None:
    assert ask(box, headers={"X-Sandbox-Fault": "duplicate_events"}).json()["quirks"] == ["duplicate_events"]


def test_what_another_component_can_play_is_no_fault_here(box: Box) -> None:
    with pytest.raises(ValueError, match=r"empty_pages \(known: .*duplicate_events"):
        box.misbehave("empty_pages")


def test_the_command_knows_the_faults_of_each_component() -> None:
    refused = run("sandbox", "salesloft", "--port", "0", "--faults", "duplicate_events")
    assert (refused.code, "no such fault: duplicate_events" in refused.error["message"]) == (2, True)


def test_a_gateway_answers_with_a_page_of_its_own(box: Box) -> None:
    for status in (502, 504):
        reply = ask(box, headers={"X-Sandbox-Fault": f"status={status}"})
        assert (reply.status_code, reply.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert ask(box, headers={"X-Sandbox-Fault": "status=503"}).json().keys() == {"toy_error"}


def test_what_a_handler_did_not_foresee_is_the_vendors_500(caplog: pytest.LogCaptureFixture) -> None:
    def stumble(request: Request) -> Reply:
        request.store.collection("things").insert({"name": "half made"})
        return Reply(200, {"name": request.json()["name"]})

    routes = [Route("GET", "/things", list_things), Route("POST", "/things", stumble)]
    with running(toy(routes=routes)) as box, closing(HTTPConnection(urlsplit(box.url).netloc, timeout=10)) as line:
        headers = {"Authorization": f"Bearer {box.connection['token']['access_token']}"}
        line.request("POST", "/things", b"{}", headers)
        reply, kept = line.getresponse(), line.sock
        assert (reply.status, list(json.loads(reply.read()))) == (500, ["toy_error"])
        line.request("GET", "/things", headers=headers)
        assert [thing["name"] for thing in json.loads(line.getresponse().read())["things"]] == ["thing 0"]
        assert line.sock is kept
        assert [seen["status"] for seen in box.requests] == [500, 200]
    assert ("POST /things" in caplog.text, "KeyError: 'name'" in caplog.text) == (True, True)


def test_a_fault_that_is_none_is_named(box: Box) -> None:
    with pytest.raises(ValueError, match="explode"):
        box.misbehave("explode=1")
    assert ask(box, headers={"X-Sandbox-Fault": "explode"}).status_code == 400


# --- over HTTP ------------------------------------------------------------------------------------


def control(box: Box, path: str, sent: Any = None) -> Any:
    method = "GET" if sent is None else "POST"
    reply = requests.request(method, f"{box.url}/_sandbox/{path}", json=sent, timeout=10)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_everything_can_be_done_over_http(box: Box) -> None:
    token = control(box, "tokens", {"expires_in": 60, "scope": "read"})
    assert ask(box, token=token["access_token"]).status_code == 200
    before = control(box, "clock")["now"]
    assert control(box, "clock", {"advance": 61})["now"] >= before + 61
    assert ask(box, token=token["access_token"]).status_code == 401
    control(box, "faults", {"status": 500})
    assert control(box, "requests")["requests"][-1]["status"] == 401
    assert ask(box).status_code == 500
    control(box, "faults", [])
    assert ask(box, token=control(box, "connection")["token"]["access_token"]).status_code == 200


def test_a_control_that_makes_no_sense_is_refused(box: Box) -> None:
    for path, sent in (
        ("clock", {"advance": -1}),
        ("faults", {"explode": 1}),
        ("tokens", {"user": 99}),
        ("tokens", {"x": 1}),
    ):
        assert requests.post(f"{box.url}/_sandbox/{path}", json=sent, timeout=10).status_code == 400


def test_controls_know_no_faults_and_no_limit() -> None:
    with running(toy(), rate=1, faults="drop") as box:
        assert [control(box, "clock")["now"] > 0 for _ in range(5)] == [True] * 5


# --- the store ------------------------------------------------------------------------------------


@pytest.fixture
def store() -> Iterator[Store]:
    kept = Store()
    yield kept
    kept.close()


def test_documents_come_back_in_order(store: Store) -> None:
    things = store.collection("things", first_id=100)
    for name, size in (("b", 2), ("a", 2), ("c", 1)):
        things.insert({"name": name, "of": {"size": size}})
    assert [thing["id"] for thing in things.find()] == [100, 101, 102]
    ordered = things.find(order=[("of.size", True), ("name", False)], limit=2)
    assert [thing["name"] for thing in ordered] == ["a", "b"]
    assert [thing["name"] for thing in things.find(order=[("name", True)], limit=1, offset=1)] == ["b"]


def test_conditions(store: Store) -> None:
    things = store.collection("things")
    for name, tags, on in (("Łódź", ["x"], True), ("Gdańsk", [], False), (None, ["x", "y"], True)):
        things.insert({"name": name, "tags": tags, "on": on})

    def found(condition: Condition) -> list[int]:
        return [thing["id"] for thing in things.find(condition)]

    assert found(Condition.equal("on", True)) == [1, 3]
    assert found(Condition.contains("name", "łÓD")) == [1]
    assert found(Condition.contains("name", "łÓD").negated()) == [2, 3]
    assert found(Condition.holds("tags", "x")) == [1, 3]
    assert found(Condition.missing("name")) == [3]
    assert found(Condition.among("id", [2, 3, 9])) == [2, 3]
    assert found(Condition.every([Condition.equal("on", True), Condition.missing("name", False)])) == [1]
    assert found(Condition.some([Condition.equal("on", False), Condition.missing("name")])) == [2, 3]
    assert (found(Condition.every([])), found(Condition.some([]))) == ([1, 2, 3], [])


def test_ids_are_never_used_twice(store: Store) -> None:
    things = store.collection("things")
    things.delete(things.insert({})["id"])
    assert things.insert({})["id"] == 2


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.collection("new").insert({"name": "gone"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.collection("new").count() == 0


def test_a_page_out_of_a_hundred_thousand_is_quick(store: Store) -> None:
    things = store.collection("things")
    with store.transaction():
        for number in range(100_000):
            things.insert({"name": f"{number * 7919 % 100_000:06}", "owner": number % 5, "text": "x" * 200})
    wanted = Condition.equal("owner", 3)
    things.find(wanted, order=[("name", False)], limit=100)  # makes the index
    started = perf_counter()
    assert len(things.find(wanted, order=[("name", False)], limit=100, offset=15_000)) == 100
    assert perf_counter() - started < 0.1


# --- the engine's old name ------------------------------------------------------------------------


def test_the_old_name_still_works_and_says_what_the_new_one_is() -> None:
    import sales_connectors.sandbox as old

    with pytest.warns(DeprecationWarning, match=r"sales_connectors\.imitation\.running"):
        assert old.running is running
    with pytest.raises(AttributeError, match="nothing"):
        _ = old.nothing
