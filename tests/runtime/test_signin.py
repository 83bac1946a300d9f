"""Sign-in: what is asked of the token endpoint, what each of its answers means, and that no secret gets out."""

import base64
import hashlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
import responses
import urllib3

from sales_connectors.auth.callback import Callback
from sales_connectors.auth.oauth2 import (
    MAX_TOKEN_CALL_SECONDS,
    begin_sign_in,
    fetch_client_token,
    finish_sign_in,
    renew,
    revoke,
)
from sales_connectors.auth.token_files import FileTokens
from sales_connectors.auth.tokens import REFRESH_LEASE_SECONDS, Token, build_next_token
from sales_connectors.clock import SYSTEM_CLOCK, Clock
from sales_connectors.errors import (
    ConfigurationError,
    InvalidInput,
    InvalidResponse,
    NotAuthenticated,
    RateLimited,
    SalesError,
    Unavailable,
)
from sales_connectors.sdk import OAuth
from sales_connectors.testing import FakeClock
from sales_connectors.transport.transport import CONNECT_SECONDS

TOKEN_URL = "https://accounts.example.com/oauth/token"
SECRETS = ("client-s3cret", "refresh-s3cret", "access-s3cret", "code-s3cret")
OAUTH = OAuth(
    authorize_url="https://accounts.example.com/oauth/authorize",
    token_url=TOKEN_URL,
    revoke_url="https://accounts.example.com/oauth/revoke",
    client_id="my client",
    client_secret="client-s3cret",
    scope="read write",
)
OLD = {"access_token": "access-s3cret", "refresh_token": "refresh-s3cret"}
REPLY = {"access_token": "new", "token_type": "bearer", "expires_in": 3600, "refresh_token": "newer", "scope": "read"}


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def text_of(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)


def untrusted() -> requests.exceptions.SSLError:
    """A certificate that nobody trusts, as requests tells of it."""
    cause = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(SECRETS[0]))
    return requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(None, TOKEN_URL, cause))  # type: ignore[arg-type]


def refresh(oauth: OAuth, token: Token, clock: Clock = SYSTEM_CLOCK) -> Token:
    """The token that follows, as a source of tokens makes it of the answer."""
    return build_next_token(token, renew(oauth, token), clock.now())


def sent(web: responses.RequestsMock) -> tuple[Mapping[str, str], dict[str, str]]:
    """The headers and the form of the only request."""
    assert len(web.calls) == 1
    request = web.calls[0].request
    return request.headers, dict(parse_qsl(text_of(request.body or ""), keep_blank_values=True))


# --- what is asked --------------------------------------------------------------------------------


def test_a_refresh_sends_the_refresh_token_and_the_client_in_the_header(
    web: responses.RequestsMock, clock: FakeClock
) -> None:
    web.post(TOKEN_URL, json=REPLY)

    token = refresh(OAUTH, OLD, clock=clock)

    headers, form = sent(web)
    assert token == {**REPLY, "expires_at": clock.now() + 3600}
    assert form == {"grant_type": "refresh_token", "refresh_token": "refresh-s3cret"}
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"my client:client-s3cret").decode()
    assert headers["User-Agent"] == "sales-connectors/0.1.0"


def test_a_vendor_that_wants_it_gets_the_client_in_the_body(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, json=REPLY)

    refresh(replace(OAUTH, client_auth="body"), OLD)

    headers, form = sent(web)
    assert (form["client_id"], form["client_secret"]) == ("my client", "client-s3cret")
    assert "Authorization" not in headers


def test_a_client_without_a_secret_names_itself_only(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, json=REPLY)

    refresh(replace(OAUTH, client_secret=""), OLD)

    assert sent(web)[1] == {"grant_type": "refresh_token", "refresh_token": "refresh-s3cret", "client_id": "my client"}


def test_a_reply_without_a_refresh_token_keeps_the_old_one(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, json={"access_token": "new"})

    assert refresh(OAUTH, OLD) == {"access_token": "new", "refresh_token": "refresh-s3cret"}


def test_a_token_is_plain_json_whatever_numbers_came_with_it(web: responses.RequestsMock, tmp_path: Path) -> None:
    """The old token is spent by now: a new one that cannot be written would be lost."""
    web.post(TOKEN_URL, body=b'{"access_token": "new", "refresh_token": "newer", "created_at": 1700000000.25}')
    file = tmp_path / "connection.json"
    file.write_text(json.dumps({"token": OLD}))

    FileTokens(file).refresh(OLD, lambda old: renew(OAUTH, old))

    assert json.loads(file.read_text())["token"] == {
        "access_token": "new",
        "refresh_token": "newer",
        "created_at": 1700000000.25,
    }


def test_client_credentials_ask_for_the_scope(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, json=REPLY)

    assert fetch_client_token(OAUTH)["access_token"] == "new"
    assert sent(web)[1] == {"grant_type": "client_credentials", "scope": "read write"}


def test_a_signed_request_is_answered_with_a_token(web: responses.RequestsMock) -> None:
    signed = replace(
        OAUTH,
        grant="signed_request",
        sign_request=lambda request: request.with_headers(X_Signature="Signed refresh-s3cret"),
        read_token=lambda answer: answer.get("token"),
    )
    web.post(TOKEN_URL, json={"token": {"access_token": "new", "expires_in": 60}})
    assert signed.can_renew({})
    assert fetch_client_token(signed)["access_token"] == "new"
    assert web.calls[0].request.headers["X-Signature"] == "Signed refresh-s3cret"

    for status, body in ((401, {"told": "refresh-s3cret"}), (200, {"told": "refresh-s3cret"})):
        web.replace("POST", TOKEN_URL, json=body, status=status)
        with pytest.raises(SalesError) as raised:
            renew(signed, {})
        assert isinstance(raised.value, NotAuthenticated if status == 401 else InvalidResponse)
        assert "s3cret" not in json.dumps(raised.value.as_json())


def test_a_token_is_revoked(web: responses.RequestsMock) -> None:
    web.post(str(OAUTH.revoke_url), body="")

    revoke(OAUTH, OLD)
    revoke(replace(OAUTH, revoke_url=None), OLD)

    assert sent(web)[1] == {"token": "refresh-s3cret", "token_type_hint": "refresh_token"}


def test_how_a_token_is_renewed_depends_on_the_grant(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, json=REPLY)
    by_itself = replace(OAUTH, grant="client_credentials")

    assert OAUTH.can_renew(OLD)
    assert not OAUTH.can_renew({"access_token": "personal"})
    assert by_itself.can_renew({})
    assert not replace(by_itself, client_secret="").can_renew({})

    renew(by_itself, {})
    renew(OAUTH, OLD)
    grants = [dict(parse_qsl(text_of(call.request.body)))["grant_type"] for call in web.calls]
    assert grants == ["client_credentials", "refresh_token"]


def test_without_a_refresh_token_nobody_is_asked(web: responses.RequestsMock) -> None:
    with pytest.raises(NotAuthenticated) as raised:
        refresh(OAUTH, {"access_token": "personal"})
    assert raised.value.code == "no_refresh_token"


def test_a_refresh_is_waited_for_less_long_than_its_lease_lasts() -> None:
    assert CONNECT_SECONDS + 2 * MAX_TOKEN_CALL_SECONDS < REFRESH_LEASE_SECONDS


@pytest.mark.parametrize(
    "url",
    [
        "http://accounts.example.com/token",
        "ftp://x/token",
        "accounts.example.com",
        "http://127.0.0.1.evil/",
        "",
        "https://accounts.example.com/\x1b]0;mine\x07token",
        "https://accounts.example.com/\u202etoken",
    ],
)
def test_secrets_travel_encrypted(web: responses.RequestsMock, url: str) -> None:
    with pytest.raises(InvalidInput, match=r"tokenUrl must (use https|be an address)"):
        refresh(replace(OAUTH, token_url=url), OLD)
    with pytest.raises(InvalidInput, match=r"authorizeUrl must (use https|be an address)"):
        begin_sign_in(replace(OAUTH, authorize_url=url))


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_on_this_machine_they_need_not(web: responses.RequestsMock, host: str) -> None:
    web.post(f"http://{host}/token", json=REPLY)

    assert refresh(replace(OAUTH, token_url=f"http://{host}/token"), OLD)


# --- what an answer means -------------------------------------------------------------------------

ANSWERS: list[tuple[dict[str, Any], type[SalesError], str, str, bool]] = [
    ({"status": 400, "json": {"error": "invalid_grant"}}, NotAuthenticated, "invalid_grant", "end_user", False),
    ({"status": 401, "json": {"error": "invalid_grant"}}, NotAuthenticated, "invalid_grant", "end_user", False),
    ({"status": 200, "json": {"error": "invalid_grant"}}, NotAuthenticated, "invalid_grant", "end_user", False),
    ({"status": 401, "json": {"error": "invalid_client"}}, NotAuthenticated, "invalid_client", "admin", False),
    ({"status": 400, "json": {"error": "invalid_request"}}, NotAuthenticated, "invalid_request", "maintainer", False),
    ({"status": 400, "json": {"error": "odd"}}, NotAuthenticated, "odd", "admin", False),
    ({"status": 400, "json": {"error": "temporarily_unavailable"}}, Unavailable, "unavailable", "vendor", True),
    ({"status": 429, "body": ""}, RateLimited, "rate_limited", "builder", True),
    ({"status": 500, "json": {"error": "invalid_grant"}}, Unavailable, "unavailable", "vendor", True),
    ({"status": 503, "body": "<html>"}, Unavailable, "unavailable", "vendor", True),
    ({"status": 408, "body": ""}, Unavailable, "unavailable", "vendor", True),
    ({"status": 200, "body": "<html>Log in</html>"}, InvalidResponse, "invalid_response", "vendor", False),
    ({"status": 200, "body": ""}, InvalidResponse, "invalid_response", "vendor", False),
    ({"status": 200, "json": ["access_token"]}, InvalidResponse, "invalid_response", "vendor", False),
    ({"status": 200, "json": {"token": "x"}}, InvalidResponse, "invalid_response", "vendor", False),
    ({"status": 200, "json": {"access_token": None}}, InvalidResponse, "invalid_response", "vendor", False),
    ({"status": 404, "body": "<html>"}, InvalidResponse, "invalid_response", "vendor", False),
    ({"status": 302, "headers": {"Location": "https://evil.example/"}}, InvalidResponse, "invalid_response", "vendor",
     False),
    ({"status": 307, "headers": {"Location": "https://evil.example/"}}, InvalidResponse, "invalid_response", "vendor",
     False),
    ({"body": requests.ConnectionError(SECRETS[0])}, Unavailable, "unavailable", "vendor", True),
    ({"body": requests.ReadTimeout(SECRETS[0])}, Unavailable, "unavailable", "vendor", True),
    ({"body": untrusted()}, Unavailable, "tls", "admin", False),
    ({"body": requests.exceptions.ProxyError(SECRETS[0])}, Unavailable, "unavailable", "admin", True),
    ({"body": requests.exceptions.ChunkedEncodingError(SECRETS[0])}, Unavailable, "unavailable", "vendor", True),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "kind", "code", "fix", "retryable"), ANSWERS)
def test_each_answer_becomes_the_error_that_says_who_can_mend_it(
    web: responses.RequestsMock, answer: dict[str, Any], kind: type[SalesError], code: str, fix: str, retryable: bool
) -> None:
    web.post(TOKEN_URL, **answer)

    with pytest.raises(kind) as raised:
        refresh(OAUTH, OLD)

    error = raised.value
    assert (type(error), error.code, error.fix, error.retryable) == (kind, code, fix, retryable)
    assert error.status == (None if isinstance(answer.get("body"), Exception) else answer["status"])
    assert len(web.calls) == 1
    assert_no_secret(error)


def test_the_vendors_words_and_request_id_are_kept_without_secrets(web: responses.RequestsMock) -> None:
    words = "refresh-s3cret of client-s3cret is used up"
    web.post(
        TOKEN_URL,
        status=400,
        json={"error": "invalid_grant", "error_description": words, "seen": ["refresh-s3cret"], "hint": 7},
        headers={"X-Request-Id": "r-1"},
    )

    with pytest.raises(NotAuthenticated, match=r"\*\*\* of \*\*\* is used up") as raised:
        refresh(OAUTH, OLD)

    assert raised.value.request_id == "r-1"
    assert raised.value.vendor["hint"] == 7
    assert_no_secret(raised.value)


def test_a_token_in_a_strange_place_is_not_shown(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, json={"data": {"access_token": "access-s3cret", "refresh_token": "refresh-s3cret"}})

    with pytest.raises(InvalidResponse) as raised:
        refresh(OAUTH, {"refresh_token": "another"})
    assert_no_secret(raised.value)


def test_the_wait_that_is_asked_for_is_kept(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, status=429, headers={"Retry-After": "60"})

    with pytest.raises(RateLimited) as raised:
        refresh(OAUTH, OLD)
    assert raised.value.retry_after == 60


def test_a_refused_connection_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/token"

        with pytest.raises(Unavailable, match="cannot be reached") as raised:
            refresh(replace(OAUTH, token_url=url), OLD)
    assert_no_secret(raised.value)


def test_a_secret_that_cannot_be_sent_is_said(web: responses.RequestsMock) -> None:
    with pytest.raises(InvalidInput, match="cannot be sent"):
        refresh(replace(OAUTH, client_secret="\N{SNOWMAN}"), OLD)


def test_nothing_secret_shows_when_printed() -> None:
    begun = begin_sign_in(replace(OAUTH, pkce=True))

    assert "client-s3cret" not in repr(OAUTH)
    assert begun.state not in repr(begun)
    assert str(begun.verifier) not in repr(begun)


def assert_no_secret(error: SalesError) -> None:
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(link)
        link = link.__cause__ if link.__cause__ or link.__suppress_context__ else link.__context__
    shown = " ".join([str(error.as_json()), *map(repr, chain)])
    assert not [secret for secret in SECRETS if secret in shown]


# --- in the browser -------------------------------------------------------------------------------


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_sign_in_begins_with_a_state_of_its_own() -> None:
    begun = begin_sign_in(OAUTH, "http://127.0.0.1:9/callback")

    assert begun.url.startswith(OAUTH.authorize_url + "?")
    assert query(begun.url) == {
        "response_type": "code",
        "client_id": "my client",
        "redirect_uri": "http://127.0.0.1:9/callback",
        "scope": "read write",
        "state": begun.state,
    }
    assert len(begun.state) >= 32
    assert begin_sign_in(OAUTH).state != begun.state
    assert begun.verifier is None


def test_a_proof_key_is_used_where_the_vendor_takes_it(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, json=REPLY)
    begun = begin_sign_in(replace(OAUTH, pkce=True))
    assert begun.verifier is not None
    digest = hashlib.sha256(begun.verifier.encode()).digest()
    assert query(begun.url)["code_challenge_method"] == "S256"
    assert query(begun.url)["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    finish_sign_in(replace(OAUTH, pkce=True), begun, f"{begun.redirect_uri}?code=c&state={begun.state}")

    assert sent(web)[1]["code_verifier"] == begun.verifier


def test_the_address_that_the_browser_came_back_to_is_redeemed(web: responses.RequestsMock, clock: FakeClock) -> None:
    web.post(TOKEN_URL, json=REPLY)
    begun = begin_sign_in(OAUTH)

    token = finish_sign_in(
        OAUTH, begun, f"  {begun.redirect_uri}?code=c%2Fd&state={begun.state}&scope=read\n", clock=clock
    )

    assert token["expires_at"] == clock.now() + 3600
    assert sent(web)[1] == {"grant_type": "authorization_code", "code": "c/d", "redirect_uri": OAUTH.redirect_uri}


@pytest.mark.parametrize(
    ("answer", "code", "fix"),
    [
        ("code=c&state=forged", "state_mismatch", "end_user"),
        ("error=access_denied&state=forged", "state_mismatch", "end_user"),
        ("code=c", "no_code", "end_user"),
        ("state={state}", "no_code", "end_user"),
        ("", "no_code", "end_user"),
        ("error=access_denied&error_description=Jane+said+no&state={state}", "access_denied", "end_user"),
        ("error=invalid_scope&state={state}", "invalid_scope", "admin"),
    ],
)
def test_a_sign_in_that_was_not_granted_is_said(web: responses.RequestsMock, answer: str, code: str, fix: str) -> None:
    begun = begin_sign_in(OAUTH)

    with pytest.raises(NotAuthenticated) as raised:
        finish_sign_in(OAUTH, begun, f"{begun.redirect_uri}?{answer.format(state=begun.state)}")

    assert (raised.value.code, raised.value.fix) == (code, fix)
    assert "Jane" not in answer or "Jane said no" in raised.value.message


def test_a_code_that_is_refused_does_not_show(web: responses.RequestsMock) -> None:
    web.post(TOKEN_URL, status=400, json={"error": "invalid_grant", "error_description": "code-s3cret was used"})
    begun = begin_sign_in(OAUTH)

    with pytest.raises(NotAuthenticated) as raised:
        finish_sign_in(OAUTH, begun, f"{begun.redirect_uri}?code=code-s3cret&state={begun.state}")
    assert_no_secret(raised.value)


# --- the way back ---------------------------------------------------------------------------------


def visit(url: str) -> tuple[int, str]:
    """What a browser would see at this address."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


BEGUN = "https://vendor.example.com/oauth2/authorize?client_id=c&state=s"
"""Where a sign-in begins."""


def test_the_browser_is_met_on_its_way_back() -> None:
    with Callback() as callback:
        callback.expect(BEGUN)
        status, page = visit(f"{callback.redirect_uri}?code=c&state=s")

        assert callback.wait(BEGUN, timeout=10) == f"{callback.redirect_uri}?code=c&state=s"
    assert status == 200
    assert "close this page" in page
    assert "code=c" not in page


def test_who_waits_first_is_woken() -> None:
    arrived: list[str] = []
    with Callback() as callback:
        callback.expect(BEGUN)
        waiting = threading.Thread(target=lambda: arrived.append(callback.wait(BEGUN, timeout=10)))
        waiting.start()
        visit(f"{callback.redirect_uri}?error=access_denied&state=s")
        waiting.join()

    assert query(arrived[0]) == {"error": "access_denied", "state": "s"}


def test_other_visits_do_not_count() -> None:
    with Callback() as callback:
        host = callback.redirect_uri.removesuffix("/callback")
        callback.expect(BEGUN)
        quiet = socket.create_connection(("127.0.0.1", urlsplit(host).port or 0))
        assert visit(f"{host}/favicon.ico")[0] == 404
        assert visit(f"{host}/callback")[0] == 404
        assert visit(f"{host}/elsewhere?code=c&state=s")[0] == 404
        assert visit(f"{host}/callback?code=%3Cscript%3E&state=s")[1].count("script") == 0
        quiet.close()

        assert query(callback.wait(BEGUN, timeout=10))["code"] == "<script>"


@pytest.mark.parametrize(
    "answer",
    [
        "code=evil",
        "code=evil&state=x",
        "code=evil&state=s&state=s",
        "code=evil&state=%ff%fe",
        "error=locked&error_description=Run+this:+curl+https://evil.example.com",
        "error=locked&state=of-yesterday",
    ],
)
def test_what_another_page_sends_is_not_our_answer(answer: str) -> None:
    with Callback() as callback:
        visit(f"{callback.redirect_uri}?code=too-early&state=s")
        callback.expect(BEGUN)
        status, page = visit(f"{callback.redirect_uri}?{answer}")
        visit(f"{callback.redirect_uri}?code=c&state=s")

        assert query(callback.wait(BEGUN, timeout=10)) == {"code": "c", "state": "s"}
    assert (status, "evil" in page) == (400, False)


def test_a_visit_that_is_no_request_says_nothing_at_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with Callback() as callback:
        address = ("127.0.0.1", urlsplit(callback.redirect_uri).port or 0)
        for sent in (b"GET http://[evil HTTP/1.1\r\n\r\n", b"GET /\x1b[31m\r\n\r\n", b"\x16\x03\x01\r\n"):
            with socket.create_connection(address) as browser:
                browser.sendall(sent)
                assert browser.recv(100)
    assert capfd.readouterr() == ("", "")


def test_a_sign_in_that_nobody_finishes_ends() -> None:
    with Callback() as callback, pytest.raises(NotAuthenticated) as raised:
        callback.wait(BEGUN, timeout=0.01)
    assert raised.value.code == "sign_in_timeout"


def test_a_registered_address_is_listened_at() -> None:
    with Callback() as callback:
        port = urlsplit(callback.redirect_uri).port

    with Callback.at(f"http://localhost:{port}/back") as again:
        assert again.redirect_uri == f"http://localhost:{port}/back"
        with pytest.raises(ConfigurationError, match=f"port {port}"):
            Callback(port or 0).__enter__()


@pytest.mark.parametrize(
    "uri",
    [
        *("https://app.example.com/cb", "http://example.com:80/", "http://127.0.0.1/cb", "urn:x"),
        *("http://127.0.0.1:99999/cb", "http://127.0.0.1:x/cb", "http://[127.0.0.1/cb", "http://u:p@127.0.0.1:8765/cb"),
    ],
)
def test_an_address_elsewhere_cannot_be_listened_at(uri: str) -> None:
    with pytest.raises(InvalidInput, match="paste the address"):
        Callback.at(uri)
