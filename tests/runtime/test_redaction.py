"""Secrets are planted wherever one can stand, every error is provoked with debug on, and all that comes out is read."""

import base64
import html
import io
import json
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest
import responses
from tests.conftest import Script, Server, Toy, hang_up, http
from tests.runtime.commandline import run

from sales_connectors import Runtime, connect, invoke
from sales_connectors.errors import NotFound, SalesError
from sales_connectors.manifest import load_component
from sales_connectors.transport.debug import MAX_SHOWN_BYTES
from sales_connectors.transport.redact import Redactor

TOKEN = "acc-7Qz/+9x~Tk=="
REFRESH = "ref-Zp3 %\\k'0q?end"
CLIENT_SECRET = "cls-8#Lw<4>vé/secret"
PIN = "8462951370"
SECRETS = {"token": TOKEN, "refresh token": REFRESH, "client secret": CLIENT_SECRET, "field": PIN}


def spellings(secret: str) -> Iterator[str]:
    """Every way in which the test knows to write a secret; written apart from the code that hides them."""
    yield from (secret, html.escape(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1])
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield json.dumps(secret)[1:-1].replace("/", "\\/")
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield from (quoted, re.sub("%..", lambda escape: escape[0].lower(), quoted), quote(quoted, safe=""))
    yield from (secret.encode().hex(), secret.encode().hex().upper(), secret.upper(), secret.lower())
    yield from ("".join(f"%{byte:02X}" for byte in secret.encode()), "".join(f"&#{ord(sign)};" for sign in secret))
    yield "".join(f"\\u{ord(sign):04x}" for sign in secret)


def embedded(secret: str) -> Iterator[str]:
    """The secret in base64, at any offset and between any neighbours."""
    for offset in range(3):
        for tail in (b"", b":x", b":xy"):
            raw = b"u" * offset + secret.encode() + tail
            for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
                yield encoded.decode()


def certain_core(secret: str) -> Iterator[str]:
    """What base64 makes of the secret alone, whatever stands beside it: finding that means finding the secret."""
    for offset in range(3):
        raw = b"u" * offset + secret.encode()
        whole = raw[: len(raw) // 3 * 3]
        for encoded in (base64.b64encode(whole), base64.urlsafe_b64encode(whole)):
            yield encoded.decode()[4 if offset else 0 :]


def assert_clean(text: str) -> None:
    for name, secret in SECRETS.items():
        for form in {*spellings(secret), *certain_core(secret)}:
            assert form not in text, f"the {name} stands in what came out: {form}"


# --- the parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [*SECRETS.values(), "päßwörd/€", "0123456789", "a'b\"c\\d\ne"])
def test_every_spelling_is_hidden(secret: str) -> None:
    redactor = Redactor([secret])
    for form in {*spellings(secret), *embedded(secret)}:
        hidden = redactor.text(f"before {form} after")
        assert form not in hidden
        assert hidden.startswith("before ")
        assert hidden.endswith(" after")


BREAKS = ("\n", "\r\n ", "\\n", "=\r\n", "<wbr>", "\0")


def broken_up(secret: str) -> Iterator[str]:
    """The secret as services repeat it that show it in their way: in lines and groups, cut off, backwards, as codes."""
    half = len(secret) // 2
    yield from (secret[::-1], " ".join(secret), "\u200b".join(secret), "&shy;".join(secret), secret.swapcase())
    yield from (
        f"{secret[:half]}{between}{secret[half:]}" for between in ("\n", "\r\n ", "\\n", "=\r\n", "<wbr>", "\0")
    )
    yield from (secret[: half + 4], secret[half - 4 :], secret[:-1], secret[1:])
    yield from (base64.encodebytes(secret.encode()).decode(), base64.encodebytes(f"id:{secret}".encode() * 3).decode())
    yield from (json.dumps([*secret.encode()]), json.dumps([*secret]), secret.encode().hex(" ", 2))
    yield from (base64.b64encode(base64.b64encode(f"id:{secret}".encode())).decode(), json.dumps(json.dumps(secret)))
    yield base64.b64encode(secret.encode("utf-16-be")).decode()


@pytest.mark.parametrize(
    "secret", ["Qx7-long/enough+to~be_cut=off91", 'a"b\\c-Zp3%k0q?9endless', "0123456789abcdef0123"]
)
def test_a_secret_that_is_broken_up_is_hidden(secret: str) -> None:
    redactor = Redactor([secret])
    for form in broken_up(secret):
        hidden = redactor.text(f"before {form} after")
        assert form not in hidden
        assert "***" in hidden
        assert hidden.startswith("before ")
        assert hidden.endswith(" after")
        assert secret[8:-8].casefold() not in hidden.casefold()


def test_short_pieces_of_a_secret_are_words_like_others() -> None:
    told = "x-sandbox-fault: sand box, the sandbox-s, sandbox.secrets"
    assert Redactor(["sandbox-secret"]).text(told) == told


def test_secrets_that_overlap_leave_no_rest() -> None:
    redactor = Redactor(["first-half-middle", "middle-second-half", "half"])
    assert redactor.text("x first-half-middle-second-half y") == "x *** y"
    assert redactor.text("half and half") == "*** and ***"


def test_a_secret_inside_another_is_hidden_with_it() -> None:
    assert Redactor(["abcd", "xabcdx"]).text("xabcdx abcd") == "*** ***"
    assert Redactor(["abcd", "abcd-and-more"]).text("abcd-and-more abcd") == "*** ***"


def test_a_secret_across_the_cut_is_hidden() -> None:
    from sales_connectors.transport.debug import show_body

    for start in range(MAX_SHOWN_BYTES - 30, MAX_SHOWN_BYTES + 5):
        shown = show_body(b"x" * start + TOKEN.encode() + b"y" * 20_000, Redactor([TOKEN]))
        assert "acc-" not in shown
        assert len(shown) <= MAX_SHOWN_BYTES + 30


@pytest.mark.parametrize(
    "text",
    [
        "token=hushhush",
        '{"access_token": "hushhush"}',
        '{\\"refresh_token\\":\\"hushhush\\"}',
        "Authorization: Bearer hushhush",
        "authorization: basic hushhush",
        "client_secret : hushhush;",
        "https://x.example/?api_key=hushhush&b=1",
        "Set-Cookie: hushhush",
        "password=hushhush",
        "grant_type=authorization_code&code=hushhush9",
        "a=1&assertion=hushhush&pass=hushhush&pwd=hushhush&otp=hushhush",
        "https://x.example/?refresh=hushhush",
        "https://me:hushhush@x.example/",
        "https://me:p@hushhush@x.example/",
        "callback=https%3A%2F%2Fme%3Ahushhush%40x.example%2F",
        "Authorization: Token hushhush",
        'Proxy-Authorization: Digest username="me", response="hushhush"',
        "password: hush hushhush123",
        "<password>hushhush</password>",
        "<ns:accessToken>hushhush<",
        "password:\n  hushhush",
        'Content-Disposition: form-data; name="client_secret"\r\n\r\nhushhush\r\n--1',
        'Content-Disposition: form-data; name="pwd"\r\nContent-Type: text/plain\r\n\r\nhush\r\nhushhush\r\n--1--',
    ],
)
def test_what_follows_a_telling_name_is_hidden(text: str) -> None:
    assert "hushhush" not in Redactor([]).text(text)


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "X-Api-Key", "apiKey", "clientSecret", "Cookie", "code", "code_verifier", "pwd", "pass"),
        *("bearer", "jwt", "otp", "X-Auth", "X-Session-Id", "sessionKey", "passphrase", "client_assertion"),
        *("Proxy-Authorization", "access_key", "private_key", "credentials", "SAMLAssertion"),
    ],
)
def test_a_telling_name_hides_its_value(name: str) -> None:
    assert Redactor([]).value({"a": [{name: "8xZ-hush-9"}]}) == {"a": [{name: "***"}]}
    assert Redactor([]).value({"key": name, "value": "8xZ-hush-9"}) == {"key": name, "value": "***"}


def test_what_stands_below_a_telling_name_is_hidden() -> None:
    hidden = Redactor([]).value({"tokens": ["8xZ-hush", 7], "secret": {"value": "8xZ-hush", "ok": True, "none": None}})
    assert hidden == {"tokens": ["***", "***"], "secret": {"value": "***", "ok": True, "none": None}}


@pytest.mark.parametrize(
    "told",
    [
        {"password": ["is too short (minimum is 8 characters)"]},
        {"access": {"level": "public"}, "session": {"started": "2026-01-01"}},
        {"author": "Ann", "passed": 3, "inside": "x", "signal": "y", "barcode": "z", "authorId": 7},
        "code=not_found and the refresh token is unknown; https://x.example/a:b@c",
        "token: The refresh token is unknown",
        'name="q"\r\n\r\nwords\r\n--1',
    ],
)
def test_what_only_sounds_like_a_secret_is_shown(told: Any) -> None:
    assert Redactor([]).value(told) == told


def test_what_is_no_secret_stays() -> None:
    harmless = {"code": "validation_failed", "count": 3, "next": None, "name": "Ann", "ok": True, "parts": [1.5]}
    assert Redactor([TOKEN]).value(harmless) == harmless


@pytest.mark.parametrize(
    "part", ["x", "://a:", "://a:b@", "token=", 'token=a="b" ', "password: a1bcdefg ", 'name="a"\r\n\r\n', "%3A"]
)
def test_long_texts_are_searched_quickly(part: str) -> None:
    import time

    redactor, text = Redactor(SECRETS.values()), part * (20_000 // len(part))
    began = time.process_time()
    assert "***" not in redactor.text(text) or len(part) > 1
    assert time.process_time() - began < 1.0


# --- the whole ----------------------------------------------------------------------------------------


def echo(status: int) -> Script:
    """A service that says back all that it was sent, in every spelling, and the secrets of its token endpoint too."""

    def script(connection: Any, request: bytes) -> bool | None:
        told = [form for secret in SECRETS.values() for form in spellings(secret)]
        body = {
            "error": f"You sent {request.decode('latin-1')}",
            "code": TOKEN,
            "request_id": f"request-{TOKEN}",
            "fields": {f"/name{TOKEN}": PIN},
            "request": request.decode("latin-1"),
            "told": told,
            TOKEN: [*embedded(TOKEN)],
            "access_token": "unheard-of",
        }
        return http(status, json.dumps(body).encode(), Set_Cookie=f"session={TOKEN}", X_Echo=TOKEN)(connection, request)

    return script


def echo_page(status: int) -> Script:
    body = f"<html>{html.escape(TOKEN)} {CLIENT_SECRET} {base64.b64encode(TOKEN.encode()).decode()}".encode()
    return http(status, body)


INPUTS: dict[str, Any] = {
    "getThing": {"id": 7},
    "createThing": {"name": TOKEN, "extra": {"note": CLIENT_SECRET, "password": "hush", "pin": PIN}},
    "rawCall": {
        "method": "POST",
        "path": f"/things?sig={quote(TOKEN, safe='')}",
        "query": {"pin": PIN, "q": CLIENT_SECRET},
        "headers": {"X-Api-Key": TOKEN, "X-Other": PIN},
        "body": f"pin={PIN}&s={quote_plus(CLIENT_SECRET)}&b={base64.b64encode(f'u:{TOKEN}'.encode()).decode()}",
    },
}
SCRIPTS: dict[str, Script] = {
    **{str(status): echo(status) for status in (200, 302, 400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503)},
    **{f"page {status}": echo_page(status) for status in (200, 404, 502)},
    "broken JSON": http(body=f'{{"token": "{TOKEN}'.encode()),
    "redirect": http(302, Location=f"/elsewhere?token={quote(TOKEN)}"),
    "hung up": hang_up,
    "broken packing": http(body=TOKEN.encode(), Content_Encoding="gzip"),
}


@pytest.fixture
def secretive(things: Toy) -> Toy:
    connection = {
        "fields": {"clientId": "cid", "clientSecret": CLIENT_SECRET, "pin": PIN},
        "token": {"access_token": TOKEN, "refresh_token": REFRESH},
    }
    return Toy(things.runtime, connection, {"on_token": lambda token: None})


def all_that_comes_out(act: Callable[[Callable[[Any], None]], Any]) -> str:
    """What a caller, a log or a terminal could get to see of a call."""
    told: list[Any] = []
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            told.append({"request": act(told.append).get("request")})
        except SalesError as error:
            told += [error.as_json(), *chain(error)]
    return "\n".join(
        [out.getvalue(), err.getvalue(), *(entry if isinstance(entry, str) else shown(entry) for entry in told)]
    )


def shown(entry: Any) -> str:
    return json.dumps(entry, default=str) + json.dumps(entry, default=str, ensure_ascii=False) + repr(entry)


def chain(error: BaseException) -> Iterator[str]:
    """An exception and those behind it, in each form in which a program shows one."""
    yield "".join(traceback.format_exception(error))
    seen: BaseException | None = error
    while seen is not None:
        yield f"{seen!r} {seen} {seen.args!r}"
        seen = seen.__cause__ or seen.__context__


@pytest.mark.parametrize("action", INPUTS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_no_error_shows_a_secret(secretive: Toy, serve: Callable[..., Server], name: str, action: str) -> None:
    server = serve(SCRIPTS[name])
    here = secretive.at(server.url, tokenUrl=f"{server.url}/token")
    text = all_that_comes_out(lambda told: here.run(action, INPUTS[action], on_debug=told, retries=1))
    assert server.requests
    assert_clean(text)


def test_standard_error_shows_no_secret(secretive: Toy, serve: Callable[..., Server]) -> None:
    here = secretive.at(serve(echo(422)).url)
    text = all_that_comes_out(lambda told: here.run("createThing", INPUTS["createThing"], debug=True))
    assert '"status": 422' in text
    assert_clean(text)


def test_a_dry_run_shows_no_secret(secretive: Toy) -> None:
    text = all_that_comes_out(lambda told: secretive.run("rawCall", INPUTS["rawCall"], dry_run=True))
    assert "things" in text
    assert_clean(text)


def test_what_follows_a_renewal_shows_neither_token(secretive: Toy, serve: Callable[..., Server]) -> None:
    """The service still echoes the old token when the new one is in use."""
    token = http(body=json.dumps({"access_token": "new-token-1234", "refresh_token": "new-refresh-5678"}).encode())
    server = serve(echo(401), token, echo(403))
    here = secretive.at(server.url, tokenUrl=f"{server.url}/token")
    text = all_that_comes_out(lambda told: here.run("getThing", {"id": 7}, on_debug=told))
    assert "NotAllowed" in text
    assert_clean(text)
    assert "new-token-1234" not in text
    assert "new-refresh-5678" not in text


@pytest.mark.parametrize("good", [True, False])
def test_a_new_token_is_shown_nowhere(secretive: Toy, serve: Callable[..., Server], good: bool) -> None:
    """Not even where the endpoint repeats it under another name, or answers in a shape that is no token."""
    token = {"access_token": "new-token-1234", "refresh_token": "new-refresh-5678"}
    echo_of_it = {"note": "made new-token-1234", "seen": ["new-refresh-5678"], "code": "all_fine"}
    reply = {**(token if good else {"data": token}), **echo_of_it, "sent": quote_plus(REFRESH)}
    server = serve(http(401), http(body=json.dumps(reply).encode(), X_Echo="new-token-1234"), http(403))
    here = secretive.at(server.url, tokenUrl=f"{server.url}/token")
    text = all_that_comes_out(lambda told: here.run("getThing", {"id": 7}, on_debug=told))
    assert ("NotAllowed" if good else "InvalidResponse") in text
    assert "grant_type=refresh_token" in text
    assert "all_fine" in text
    assert "new-token-1234" not in text
    assert "new-refresh-5678" not in text
    assert_clean(text)


@pytest.mark.parametrize("status", [400, 401, 500, 200])
def test_a_token_endpoint_that_echoes(secretive: Toy, serve: Callable[..., Server], status: int) -> None:
    server = serve(http(401), echo(status))
    here = secretive.at(server.url, tokenUrl=f"{server.url}/token")
    text = all_that_comes_out(lambda told: here.run("getThing", {"id": 7}, on_debug=told))
    assert f"{server.url}/token" in text
    assert_clean(text)


def test_pickers_polls_and_iterators_show_no_secret(
    secretive: Toy, serve: Callable[..., Server], runtime: Runtime
) -> None:
    here = secretive.at(serve(echo(403)).url)
    where = ("toy-service",)
    calls: list[Callable[[Any], Any]] = [
        lambda told: here.pick("selectPlain", options={"on_debug": told}),
        lambda told: runtime.poll(*where, "pollThings", {}, here.connection, {"on_debug": told}),
        lambda told: dict(runtime.iterate(*where, "listThings", {}, here.connection, {"on_debug": told})),
        lambda told: runtime.whoami(*where, here.connection),
    ]
    for call in calls:
        text = all_that_comes_out(call)
        assert "NotAllowed" in text
        assert_clean(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"clientSecret": {"a": CLIENT_SECRET}},
        {"pin": f"{PIN}x"},
        {"apiUrl": f"https://user:{CLIENT_SECRET.replace('/', '')}@toy.example"},
        {"rateLimit": -1, "clientSecret": CLIENT_SECRET},
    ],
)
def test_a_refused_connection_form_shows_no_secret(things: Toy, fields: dict[str, Any]) -> None:
    here = Toy(things.runtime, {"fields": fields, "token": {"access_token": TOKEN}})
    text = all_that_comes_out(lambda told: here.run("getThing", {"id": 7}))
    assert "InvalidInput" in text
    assert_clean(text)
    assert CLIENT_SECRET.replace("/", "") not in text


def test_a_connection_that_is_printed_shows_no_secret(secretive: Toy) -> None:
    sell = connect("toy-service", secretive.connection, runtime=secretive.runtime)
    assert f"{sell!r} {sell}" == "<toy-service over (given)> <toy-service over (given)>"
    opened = secretive.runtime.connections.open(load_component("toy-service"), secretive.connection)
    assert "toy-service" in repr(opened)
    assert_clean(repr(opened))


def test_no_secret_stays_in_what_caused_an_error(web: responses.RequestsMock) -> None:
    """A traceback, and whoever collects errors, shows the causes too; what an error stood beside is let go."""
    echoed = {"errors": {"base": [f"multiple records found with {TOKEN}"]}}
    web.post("https://api.salesloft.com/v2/person_upserts", json=echoed, status=422)
    asked = {"upsertKey": "email_address", "emailAddress": "a@example.com"}
    with pytest.raises(SalesError) as raised:
        Runtime().invoke("salesloft", "upsertPerson", asked, {"token": TOKEN})
    chain: list[BaseException] = [raised.value]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(cause)
    assert len(web.calls) == 1
    assert TOKEN not in "".join(traceback.format_exception(raised.value))
    assert all(TOKEN not in repr(vars(error)) + str(error) for error in chain)


def list_variables(error: BaseException) -> Iterator[str]:
    """What whoever collects errors with the variables of each frame would show of ours: Sentry, rich, cgitb, pytest."""
    seen: BaseException | None = error
    while seen is not None:
        for frame, _ in traceback.walk_tb(seen.__traceback__):
            if not frame.f_globals["__name__"].startswith("tests."):
                yield f"{frame.f_code.co_name}: {frame.f_locals!r}"
        seen = seen.__cause__ or seen.__context__


FAILURES: dict[str, Callable[[Toy], Any]] = {
    "invoke": lambda here: here.run("getThing", {"id": 7}),
    "invoke with wrong inputs": lambda here: here.run("getThing", {"id": "seven"}),
    "module-level invoke": lambda here: invoke("toy-service", "getThing", {"id": 7}, here.connection, {"retries": 0}),
    "pick": lambda here: here.pick("selectThing"),
    "poll": lambda here: here.runtime.poll("toy-service", "pollThings", {}, here.connection),
    "iterate": lambda here: list(here.runtime.iterate("toy-service", "listThings", {}, here.connection)),
    "whoami": lambda here: here.runtime.whoami("toy-service", here.connection),
    "connect": lambda here: connect("toy-service", here.connection, timeout=-1),
    "connect with half a character": lambda here: connect("toy-service", token=f"{TOKEN}\ud800"),
    "connect with an unknown part": lambda here: connect("toy-service", {**here.connection, "tokn": TOKEN}),
    "keep": lambda here: here.runtime.kept.keep_given("toy-service", "kept", here.connection),
    "sign in": lambda here: sign_in(here, TOKEN),
}


def sign_in(here: Toy, code: str) -> Any:
    kept = here.runtime.kept
    url = kept.begin_sign_in(kept.draft("toy-service", "kept", fields=here.connection["fields"]))
    state = parse_qs(urlsplit(url).query)["state"][0]
    return kept.finish_sign_in(f"http://127.0.0.1/callback?code={quote(code, safe='')}&state={state}")


@pytest.mark.parametrize("refusal", [b'{"error": "invalid_grant"}', b"{}"])
@pytest.mark.parametrize("failure", FAILURES)
def test_no_secret_stands_in_the_variables_of_a_traceback(
    secretive: Toy, serve: Callable[..., Server], failure: str, refusal: bytes
) -> None:
    server = serve(http(401, refusal))
    here = secretive.at(server.url, tokenUrl=f"{server.url}/token")
    with pytest.raises(SalesError) as raised:
        FAILURES[failure](here)
    shown = "\n".join(list_variables(raised.value))
    assert_clean(shown)
    assert "Traceback" in "".join(traceback.format_exception(raised.value))


def test_an_interrupted_call_shows_no_secret_either(secretive: Toy, web: responses.RequestsMock) -> None:
    def interrupt(request: Any) -> Any:
        raise KeyboardInterrupt

    web.add_callback(responses.GET, "https://toy.example/things/7", callback=interrupt)
    with pytest.raises(KeyboardInterrupt) as raised:
        secretive.run("getThing", {"id": 7})
    assert_clean("\n".join(list_variables(raised.value)))


LONG_TOKEN = "9c2e" * 16
PLACES_OF_NAMES: dict[str, tuple[str, ...]] = {
    "connection": ("run", "toy-service", "getThing", "--connection", LONG_TOKEN, "--input", '{"id": 7}'),
    "connection that is tested": ("connections", "test", LONG_TOKEN),
    "component": ("run", LONG_TOKEN, "getThing"),
    "action": ("run", "toy-service", f"ak_{LONG_TOKEN}"),
    "value of a flag": ("connect", "toy-service", "nobody", "--token", LONG_TOKEN),
    "field": ("connect", "toy-service", "nobody", "--field", LONG_TOKEN),
}


@pytest.mark.parametrize("place", PLACES_OF_NAMES)
def test_a_token_that_stands_where_a_name_belongs_is_not_repeated(things: Toy, place: str) -> None:
    told = run(*PLACES_OF_NAMES[place])
    assert told.code in (2, 4)
    assert LONG_TOKEN[:12] not in told.out + told.err


def test_a_token_given_as_the_name_of_a_connection_is_told_how_to_be_handed_over(things: Toy) -> None:
    with pytest.raises(NotFound, match="token=…") as raised:
        connect("toy-service", LONG_TOKEN, runtime=things.runtime)
    assert LONG_TOKEN[:12] not in json.dumps(raised.value.as_json())
    with pytest.raises(NotFound, match="'01ARZ3NDEKTSV4RRFFQ69G5FAV'"):
        connect("toy-service", "01ARZ3NDEKTSV4RRFFQ69G5FAV", runtime=things.runtime)
