"""What a component author may rely on: requests signed in any way, actions that call actions, and time of their own."""

import hashlib
import hmac
import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from tests.conftest import Toy, unmount
from tests.runtime.commandline import run

from sales_connectors import Runtime, components, connect
from sales_connectors.errors import (
    ConfigurationError,
    InvalidInput,
    InvalidResponse,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Unavailable,
)
from sales_connectors.sdk import (
    Effect,
    Envelope,
    Pages,
    add_content_type,
    format_name,
    parse_pairs,
    shorten,
    to_snake_case,
)
from sales_connectors.testing import FakeClock

HEAD = "label: {label}\ndescription: Tries something.\ncategory: CRM\ndocumentation: https://example.com/api\n"

SIGNED: dict[str, Any] = {
    "component.yaml": "key: signed\n"
    + HEAD.format(label="Signed")
    + """\
connections:
  hmac: {handler: hmac:connection}
actions:
  getThing: {handler: things:get_thing, effect: read, returns: anything}
  createThing: {handler: things:create_thing, effect: create, returns: anything}
""",
    "connections/hmac.py": '''\
"""A vendor that wants a key in the query and a signature over the whole request."""

import hashlib
import hmac

from sales_connectors.sdk import NotAuthenticated, Pages, Service, VendorError


def connection(fields):
    def sign(request, token):
        if "secret" not in fields:
            raise NotAuthenticated("This connection has no secret", code="no_token")
        signed = request.with_query(api_key=fields["apiKey"])
        said = f"{signed.method} {signed.url}".encode() + (signed.body or b"")
        return signed.with_headers(X_Seal=hmac.new(fields["secret"].encode(), said, hashlib.sha256).hexdigest())

    return Service("https://signed.example", sign, "/me", None, lambda payload: VendorError(), 0)
''',
    "actions/things.py": '''\
"""Things."""


def get_thing(ctx, inputs):
    return ctx.client.get("/things/1", {"deep": True})


def create_thing(ctx, inputs):
    return ctx.client.post("/things", json=inputs)
''',
    "schemas/hmac.json": {
        "apiKey": {"type": "string", "writeOnly": True},
        "secret": {"type": "string", "writeOnly": True},
    },
    "schemas/getThing.json": {},
    "schemas/createThing.json": {"name": {"type": "string"}},
}

COMBINED: dict[str, Any] = {
    "component.yaml": "key: combined\n"
    + HEAD.format(label="Combined")
    + """\
actions:
  addThing: {handler: things:add_thing, effect: create, returns: anything}
  addPair: {handler: things:add_pair, effect: create, returns: anything}
  waitForThing: {handler: things:wait_for_thing, effect: read, returns: anything}
""",
    "actions/things.py": '''\
"""Things of whatever service the connection reaches."""


def add_thing(ctx, inputs):
    made = ctx.invoke("createThing", {"name": inputs["title"], "size": inputs["weight"]}, names=NAMES)
    return {"via": ctx.connected_component, "made": made}


def add_pair(ctx, inputs):
    one = ctx.invoke("createThing", {"name": "Same"})
    ctx.sleep(4)
    return [one, ctx.invoke("createThing", {"name": "Same"})]


def wait_for_thing(ctx, inputs):
    for count in range(1, 4):
        ctx.progress(count)
        ctx.sleep(inputs["pause"])
    return {"elapsed": ctx.elapsed, "deadline": ctx.deadline}


NAMES = {"name": "title", "size": "weight"}
''',
    "schemas/addThing.json": {"title": {"type": "string"}, "weight": {}},
    "schemas/addPair.json": {},
    "schemas/waitForThing.json": {"pause": {"type": "number"}},
}


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        form = {"title": name, "description": "A form.", "type": "object", "properties": content}
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(form), encoding="utf-8")
    return folder


@pytest.fixture
def mounted(tmp_path: Path, toy: str) -> Iterator[Callable[[dict[str, Any], str], str]]:
    packages: list[str] = []

    def mount(files: dict[str, Any], key: str) -> str:
        packages.append(components.mount(write(tmp_path / key, files), key))
        return key

    yield mount
    for package in packages:
        unmount(package)


def test_the_secrets_that_a_kind_of_connection_requires_are_asked_for(
    mounted: Callable[..., str], home: Path, web: responses.RequestsMock
) -> None:
    fields = {"apiKey": {"type": "string", "writeOnly": True}, "secret": {"type": "string", "writeOnly": True}}
    form = {"title": "HMAC", "type": "object", "properties": fields, "required": ["apiKey", "secret"]}
    key = mounted({**SIGNED, "schemas/hmac.json": json.dumps(form)}, "signed")
    web.get("https://signed.example/me", json={"id": 1})
    ran = run("connect", key, "mine", typed="key-of-the-test\nsecret-of-the-test\n")
    assert (ran.code, ran.json["connection"]) == (0, {"name": "mine", "component": key, "key": "hmac"})
    assert run("connect", key, "other", typed="key-of-the-test\n").error["code"] == "missing_secret"


# --- signing ------------------------------------------------------------------------------------------

CONNECTION = {"fields": {"apiKey": "key-of-the-test", "secret": "secret-of-the-test"}}


@pytest.fixture
def signed(mounted: Callable[..., str], runtime: Runtime) -> Callable[..., Any]:
    key = mounted(SIGNED, "signed")

    def run(action: str, inputs: Any = None, **options: Any) -> Any:
        return runtime.invoke(key, action, inputs, CONNECTION, options)

    return run


def seal(request: Any) -> str:
    said = f"{request.method} {request.url}".encode() + (request.body or b"")
    return hmac.new(b"secret-of-the-test", said, hashlib.sha256).hexdigest()


def test_a_signature_covers_the_whole_request(signed: Callable[..., Any], web: responses.RequestsMock) -> None:
    web.post("https://signed.example/things", json={"id": 1})
    assert signed("createThing", {"name": "A"}) == {"data": {"id": 1}}
    request: Any = web.calls[0].request
    assert parse_qs(urlsplit(request.url).query) == {"api_key": ["key-of-the-test"]}
    assert request.headers["X-Seal"] == seal(request)


def test_each_attempt_and_each_redirect_at_home_is_signed_anew(
    signed: Callable[..., Any], web: responses.RequestsMock
) -> None:
    web.get("https://signed.example/things/1", status=503)
    web.get("https://signed.example/things/1", status=302, headers={"Location": "/things/2"})
    web.get("https://signed.example/things/2", json={"id": 2})
    assert signed("getThing") == {"data": {"id": 2}}
    sent: list[Any] = [call.request for call in web.calls]
    assert [request.headers["X-Seal"] for request in sent] == [seal(request) for request in sent]
    assert sent[0].url == "https://signed.example/things/1?deep=true&api_key=key-of-the-test"
    assert sent[2].url == "https://signed.example/things/2?api_key=key-of-the-test"


def test_a_redirect_abroad_carries_no_signature(signed: Callable[..., Any], web: responses.RequestsMock) -> None:
    web.get("https://signed.example/things/1", status=302, headers={"Location": "https://elsewhere.example/"})
    web.get("https://elsewhere.example/", json={})
    signed("getThing")
    abroad: Any = web.calls[1].request
    assert abroad.url == "https://elsewhere.example/"
    assert "X-Seal" not in abroad.headers


def test_what_signs_is_shown_nowhere(signed: Callable[..., Any], web: responses.RequestsMock) -> None:
    web.post("https://signed.example/things", json={"id": 1})
    seen: list[Any] = []
    signed("createThing", {"name": "A"}, onDebug=seen.append)
    preview = signed("createThing", {"name": "A"}, dryRun=True)
    sealed: Any = web.calls[0].request.headers["X-Seal"]
    shown = json.dumps([seen, preview])
    assert seen[0]["headers"]["X-Seal"] == preview["request"]["headers"]["X-Seal"] == "***"
    assert not any(secret in shown for secret in (sealed, "key-of-the-test", "secret-of-the-test"))


def test_a_connection_that_cannot_sign_sends_nothing(
    mounted: Callable[..., str], runtime: Runtime, web: responses.RequestsMock
) -> None:
    with pytest.raises(NotAuthenticated, match="has no secret"):
        runtime.invoke(mounted(SIGNED, "signed"), "getThing", {}, {"fields": {"apiKey": "k"}})
    assert len(web.calls) == 0


# --- a component without a service of its own -----------------------------------------------------------


@pytest.fixture
def combined(mounted: Callable[..., str]) -> str:
    return mounted(COMBINED, "combined")


def over_toy(**more: Any) -> dict[str, Any]:
    return {"component": "toy-service", "token": {"access_token": "tok-of-the-test"}, **more}


def test_an_action_calls_an_action_of_the_component_that_the_connection_reaches(
    combined: str, things: Toy, web: responses.RequestsMock
) -> None:
    web.post("https://toy.example/things", json={"id": 7})
    made = things.runtime.invoke(combined, "addThing", {"title": "A", "weight": 2}, over_toy())
    assert made == {"data": {"via": "toy-service", "made": {"id": 7}}}
    sent: Any = web.calls[0].request
    assert json.loads(sent.body) == {"name": "A", "size": 2, "kind": "plain"}


def test_it_works_over_a_kept_connection(combined: str, things: Toy, web: responses.RequestsMock) -> None:
    web.post("https://toy.example/things", json={"id": 7})
    things.runtime.store.connections.save("mine", "toy-service", {"key": "token", "token": {"access_token": "t" * 9}})
    both = connect(combined, "mine", runtime=things.runtime)
    assert both.run("addThing", {"title": "A", "weight": 2})["via"] == "toy-service"
    assert repr(both) == "<combined over mine>"


@pytest.mark.parametrize("words", [["--token"], [], ["--field", "a=b"], ["--grant", "client_credentials"]])
def test_nobody_connects_to_it(combined: str, words: list[str]) -> None:
    ended = run("connect", combined, "name", *words, typed="t\n")
    assert (ended.code, ended.error["code"], ended.error["component"]) == (2, "invalid_connection", combined)
    assert "has no connections of its own" in ended.error["message"]


def test_a_given_connection_is_not_kept_for_it(combined: str, things: Toy, web: responses.RequestsMock) -> None:
    with pytest.raises(InvalidInput, match="has no connections of its own"):
        things.runtime.kept.keep_given(combined, "name", over_toy())
    assert (things.runtime.kept.describe(), things.runtime.kept.describe_kinds(combined)) == ([], [])


def test_its_envelope_is_that_of_the_service(
    mounted: Callable[..., str], things: Toy, web: responses.RequestsMock
) -> None:
    files = COMBINED | {
        "actions/things.py": """def add_pair(ctx, inputs):
    return [thing["id"] for thing in ctx.pages("/things").every_item()]
"""
    }
    web.get("https://toy.example/things", json={"items": [{"id": 7}], "more": False})
    assert things.runtime.invoke(mounted(files, "combined"), "addPair", {}, over_toy()) == {"data": [7]}


@pytest.mark.parametrize("weight", ["heavy", {"kg": 1}])
def test_a_fault_names_the_input_of_the_outer_action(combined: str, things: Toy, weight: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.runtime.invoke(combined, "addThing", {"title": "A", "weight": weight}, over_toy())
    assert [fault["path"] for fault in raised.value.fields] == ["/weight"]
    assert (raised.value.component, raised.value.action) == ("combined", "addThing")


def test_a_fault_that_the_service_found_names_it_too(combined: str, things: Toy, web: responses.RequestsMock) -> None:
    web.post("https://toy.example/things", status=422, json={"error": "no", "fields": {"/name": "is taken"}})
    with pytest.raises(InvalidInput) as raised:
        things.runtime.invoke(combined, "addThing", {"title": "A", "weight": 2}, over_toy())
    assert raised.value.fields == [{"path": "/title", "message": "is taken"}]
    assert (raised.value.component, raised.value.action, raised.value.connection) == ("combined", "addThing", "(given)")


def test_a_dry_run_shows_the_request_of_the_inner_action(
    combined: str, things: Toy, web: responses.RequestsMock
) -> None:
    preview = things.runtime.invoke(combined, "addThing", {"title": "A", "weight": 2}, over_toy(), {"dryRun": True})
    assert preview["request"]["url"] == "https://toy.example/things"
    assert len(web.calls) == 0


def test_a_key_is_that_of_the_outer_action_alone(combined: str, things: Toy, web: responses.RequestsMock) -> None:
    web.post("https://toy.example/things", json={"id": 1})
    web.post("https://toy.example/things", json={"id": 2})
    told: list[str] = []
    for outcome in ("created", "found"):
        options = {"idempotencyKey": "k", "onOutcome": told.append}
        made = things.runtime.invoke(combined, "addPair", {}, over_toy(), options)
        assert made == {"data": [{"id": 1}, {"id": 2}], "outcome": outcome}
    assert len(web.calls) == 2
    assert told == ["created", "found"]


def test_the_inner_actions_share_the_time_of_the_outer_one(
    combined: str, things: Toy, web: responses.RequestsMock, clock: FakeClock
) -> None:
    web.post("https://toy.example/things", json={"id": 1})
    web.post("https://toy.example/things", status=429, headers={"Retry-After": "7"})
    with pytest.raises(RateLimited, match="the deadline is in 6 s"):
        things.runtime.invoke(combined, "addPair", {}, over_toy(), {"deadline": 10.0})
    assert clock.slept == [4]


def test_a_connection_must_say_whose_it_is(combined: str, things: Toy) -> None:
    with pytest.raises(InvalidInput, match="say whose") as raised:
        things.runtime.invoke(combined, "addThing", {"title": "A", "weight": 2}, {"token": "t"})
    assert [fault["path"] for fault in raised.value.fields] == ["/component"]
    with pytest.raises(NotFound, match="toy-servce"):
        things.runtime.invoke(combined, "addThing", {"title": "A"}, over_toy(component="toy-servce"))


# --- time -----------------------------------------------------------------------------------------------


def test_waiting_belongs_to_the_call(combined: str, things: Toy, clock: FakeClock) -> None:
    told: list[int] = []
    options = {"deadline": 100.0, "onPage": told.append}
    waited = things.runtime.invoke(combined, "waitForThing", {"pause": 5}, over_toy(), options)
    assert waited == {"data": {"elapsed": 15.0, "deadline": 85.0}}
    assert (clock.slept, told) == ([5, 5, 5], [1, 2, 3])


def test_nobody_waits_past_a_deadline(combined: str, things: Toy, clock: FakeClock) -> None:
    with pytest.raises(Unavailable, match="deadline") as raised:
        things.runtime.invoke(combined, "waitForThing", {"pause": 60}, over_toy(), {"deadline": 100.0})
    assert raised.value.code == "deadline"
    assert clock.slept == [60]


# --- the words of the contract ----------------------------------------------------------------------------


def test_an_effect_says_what_may_follow_from_it() -> None:
    assert [effect for effect in Effect if effect.is_read_only] == [Effect.READ]
    assert [effect for effect in Effect if not effect.is_destructive] == [Effect.READ, Effect.CREATE]
    assert [effect for effect in Effect if not effect.is_idempotent] == [Effect.CREATE, Effect.ANY]


ENVELOPES = pytest.mark.parametrize(
    ("envelope", "answer", "page"),
    [
        (Envelope(), {"id": 1, "created_at": "c"}, [{"id": 1, "created_at": "c"}]),
        (
            Envelope({"data": "record", "meta": "object"}, {"items": ["one"]}),
            {"data": {"id": 1, "created_at": "c"}, "meta": {}},
            {"items": [{"data": {"id": 1, "created_at": "c"}}]},
        ),
        (
            Envelope({"data": "record"}, {"data": ["record"]}, attributes="attributes", created="createdAt"),
            {"data": {"id": 1, "attributes": {"createdAt": "c"}}},
            {"data": [{"id": 1, "attributes": {"createdAt": "c"}}]},
        ),
    ],
)


@ENVELOPES
def test_an_envelope_finds_the_record_in_it(envelope: Envelope, answer: Any, page: Any) -> None:
    for found in (answer, *envelope.items(page)):
        assert (envelope.record_id(found), envelope.created_at(found)) == ("1", "c")
    assert envelope.is_list(page)
    assert not envelope.is_list(answer)


@ENVELOPES
def test_an_envelope_opens_what_holds_a_record(envelope: Envelope, answer: Any, page: Any) -> None:
    record = envelope.unwrap(answer)
    assert envelope.record(answer) == envelope.record(answer, "id") == record
    assert list(envelope.records(envelope.items(page), "id")) == [record]
    assert list(envelope.records([])) == []


@ENVELOPES
def test_what_holds_no_such_record_is_the_fault_of_the_service(envelope: Envelope, answer: Any, page: Any) -> None:
    (entry,) = envelope.items(page)
    hollow: list[Any] = [None, 7, [], [answer], {"data": None}, {"data": {}}, {"data": {"id": None}}]
    for given in hollow:
        with pytest.raises(InvalidResponse) as told:
            envelope.record(given, "id")
        assert told.value.vendor == given
        with pytest.raises(InvalidResponse):
            list(envelope.records([entry, given], "id"))
    with pytest.raises(InvalidResponse, match="without size and colour"):
        envelope.record(answer, "id", "size", "colour")


def test_an_envelope_must_be_there() -> None:
    with pytest.raises(InvalidResponse):
        Envelope({"data": "record"}).record({"id": 1}, "id")
    with pytest.raises(InvalidResponse):
        list(Envelope({"data": "record"}, {"items": ["one"]}).records([{"id": 1}], "id"))


def test_a_list_that_comes_whole_is_one_page() -> None:
    asked: list[str] = []
    pages = Pages.single(lambda: asked.append("asked") or ["a", "b"])  # type: ignore[func-returns-value]
    assert list(pages.every_item()) == ["a", "b"]
    assert asked == ["asked"]
    assert (pages.asked(), pages.whole(["a"]), pages.total(["a", "b"])) == (["a", "b"], ["a"], 2)


def test_what_is_no_page_says_so_before_anything_else_is_read_from_it() -> None:
    listing = Envelope({"data": "record"}, {"data": ["record"]}).items
    pages = Pages(lambda cursor: None, 1, listing, lambda page, cursor: page["next"], lambda items: items, lambda: None)
    with pytest.raises(InvalidResponse):
        list(pages)


# --- words that components share --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "snake"), [("id", "id"), ("firstName", "first_name"), ("AddressCity", "address_city"), ("", "")]
)
def test_names_travel_in_snake_case(name: str, snake: str) -> None:
    assert to_snake_case(name) == snake


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (None, ""),
        (" \n", ""),
        ("Call\n  back", "Call back"),
        ("a" * 50, "a" * 50),
        ("word " * 20, f"{'word ' * 9}word…"),
    ],
)
def test_a_label_shows_the_first_words_of_a_text(text: str | None, label: str) -> None:
    assert shorten(text) == label


@pytest.mark.parametrize(
    ("record", "label"), [({"id": 7, "name": "Acme"}, "Acme"), ({"id": 7, "name": None}, "Unnamed (7)")]
)
def test_a_record_is_called_by_its_name(record: Any, label: str) -> None:
    assert format_name(record) == label


@pytest.mark.parametrize(
    ("given", "pairs"),
    [
        (None, []),
        ({}, []),
        ({"page": 1}, [("page", 1)]),
        ([{"key": "ids", "value": 1}, {"key": "ids", "value": 2}], [("ids", 1), ("ids", 2)]),
        ([("ids", 1), ("ids", 2)], [("ids", 1), ("ids", 2)]),
    ],
)
def test_a_query_that_is_given_comes_in_pairs(given: Any, pairs: Any) -> None:
    assert parse_pairs(given) == pairs


def test_what_a_caller_says_of_a_body_wins() -> None:
    assert add_content_type("text/plain", {"X-A": "1"}) == {"Content-Type": "text/plain", "X-A": "1"}
    assert add_content_type("text/plain", {"content-type": "text/csv"}) == {"content-type": "text/csv"}


# --- a component whose code fails ---------------------------------------------------------------------


FAILING: dict[str, Any] = {
    "component.yaml": "key: failing\n"
    + HEAD.format(label="Failing")
    + """\
actions:
  fail: {handler: things:fail, effect: read, returns: anything}
""",
    "schemas/fail.json": {},
}


def failing(body: str, *, top: str = "") -> dict[str, Any]:
    """A component whose one action does this."""
    handler = f"import os\nimport signal\nimport sys\n\n{top}\n\ndef fail(ctx, inputs):\n    {body}\n"
    return FAILING | {"actions/things.py": handler}


@pytest.mark.parametrize(
    ("body", "top", "told"),
    [
        ("sys.exit(3)", "", "SystemExit in the component's own code: fail in actions/things.py, line 8"),
        (
            "pass",
            "raise SystemExit(7)",
            "SystemExit in the component's own code: <module> in actions/things.py, line 5",
        ),
        ("int('x')", "", "ValueError in the component's own code: fail in actions/things.py, line 8"),
        ("pass", "1 / 0", "ZeroDivisionError in the component's own code: <module> in actions/things.py, line 5"),
    ],
)
def test_code_that_fails_is_told_as_the_component_s(
    mounted: Callable[..., str], body: str, top: str, told: str
) -> None:
    ended = run("run", mounted(failing(body, top=top), "failing"), "fail", "-c", GIVEN_TOY)
    assert ended.code == 1
    about = [ended.error[name] for name in ("type", "fix", "component", "action", "message")]
    assert about == ["InternalError", "maintainer", "failing", "fail", f"{told}: a defect of the component"]
    assert ended.err.count(", line ") == 1


GIVEN_TOY = json.dumps(over_toy())
CYCLE = "found = []; found.append(found); return found"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return object()", "fail returned what JSON cannot carry: Encoding objects of type object is unsupported"),
        ("return (n for n in [])", "fail returned what JSON cannot carry: Encoding objects of type generator"),
        (CYCLE, "fail returned what JSON cannot carry: it is nested without end"),
        ("return 10 ** 5000", "fail returned what JSON cannot carry: Exceeds the limit"),
    ],
)
def test_what_json_cannot_carry_is_told_of_who_returned_it(
    mounted: Callable[..., str], things: Toy, body: str, told: str
) -> None:
    ended = run("run", mounted(failing(body), "failing"), "fail", "-c", GIVEN_TOY)
    about = [ended.error[name] for name in ("code", "component", "action")]
    assert (ended.code, about) == (9, ["component", "failing", "fail"])
    assert ended.error["message"].startswith(told)


def test_half_a_character_costs_no_result(mounted: Callable[..., str], things: Toy) -> None:
    ended = run("run", mounted(failing("return {'name': 'half ' + chr(0xD800)}"), "failing"), "fail", "-c", GIVEN_TOY)
    assert (ended.code, ended.json) == (0, {"data": {"name": "half \ufffd"}})


def test_an_error_of_a_handler_s_own_may_leave_parts_of_a_fault_out(mounted: Callable[..., str], things: Toy) -> None:
    top = "from sales_connectors.errors import NotFound"
    key = mounted(failing("raise NotFound('No such one', fields=[{'path': '/n'}, {}])", top=top), "failing")
    with pytest.raises(NotFound, match="No such one") as raised:
        things.runtime.invoke(key, "fail", {}, over_toy())
    assert raised.value.fields == [{"path": "/n", "message": "No such one"}, {"path": "", "message": "No such one"}]


SERVICE = 'Service("https://signed.example", sign, "/me", None, lambda payload: VendorError(), 0)'
SIGN = "return signed.with_headers"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (SERVICE, "{}", "hmac:connection returned a dict, where a Service belongs"),
        (SERVICE, SERVICE.replace(", 0)", ", '5')"), "rate must be a number"),
        (SERVICE, SERVICE.replace(", 0)", ", -1)"), "rate must be a number"),
        (SERVICE, SERVICE.replace('"https:', '"'), "api_url must be an address"),
        (
            SERVICE,
            SERVICE.replace("VendorError()", "None"),
            "error of hmac:connection returned nothing, where a Vendor",
        ),
        (SIGN, "signed.with_headers", "sign of hmac:connection returned nothing, where a Request belongs"),
    ],
)
def test_a_connection_that_is_none_says_so(
    mounted: Callable[..., str], runtime: Runtime, web: responses.RequestsMock, right: str, wrong: str, told: str
) -> None:
    handler = SIGNED["connections/hmac.py"]
    assert right in handler
    web.post("https://signed.example/things", status=422, json={})
    key = mounted(SIGNED | {"connections/hmac.py": handler.replace(right, wrong)}, "signed")
    with pytest.raises(ConfigurationError) as raised:
        runtime.invoke(key, "createThing", {}, CONNECTION)
    assert told in raised.value.message
    assert (raised.value.code, raised.value.fix, raised.value.component) == ("component", "maintainer", "signed")


@pytest.mark.parametrize(
    ("section", "way", "kind"), [("dataSources", "pick", "Picklist"), ("triggers", "poll", "Changes")]
)
def test_a_handler_that_returns_another_kind_says_so(
    mounted: Callable[..., str], things: Toy, section: str, way: str, kind: str
) -> None:
    folder = "datasources" if section == "dataSources" else "actions"
    files = COMBINED | {
        "component.yaml": COMBINED["component.yaml"] + f"{section}:\n  other: {{handler: other:find}}\n",
        f"{folder}/other.py": "def find(ctx, inputs): return [1]\n",
        "schemas/other.json": {},
    }
    key = mounted(files, "combined")
    with pytest.raises(ConfigurationError, match=f"other:find returned a list, where a {kind} belongs") as raised:
        getattr(things.runtime, way)(key, "other", {}, over_toy())
    assert (raised.value.component, raised.value.action) == ("combined", "other")


def test_a_form_that_is_no_schema_is_told(mounted: Callable[..., str], things: Toy) -> None:
    key = mounted(failing("return 1") | {"schemas/fail.json": {"n": {"type": "objct"}}}, "failing")
    with pytest.raises(ConfigurationError, match="no valid schema: properties/n/type: ") as raised:
        things.runtime.invoke(key, "fail", {"n": "1"}, over_toy())
    assert (raised.value.code, raised.value.component, raised.value.action) == ("register", "failing", "fail")


def test_a_grant_is_found_where_a_handler_reads_required_fields(mounted: Callable[..., str], things: Toy) -> None:
    form = {"apiKey": {"type": "string", "examples": ["k"]}}
    text = json.dumps({"title": "H", "type": "object", "properties": form, "required": ["apiKey"]})
    handler = SIGNED["connections/hmac.py"].replace("    def sign", "    fields['apiKey']\n\n    def sign")
    key = mounted(SIGNED | {"connections/hmac.py": handler, "schemas/hmac.json": text}, "signed")
    with pytest.raises(InvalidInput, match="no connection with the grant client_credentials"):
        things.runtime.kept.draft(key, "name", grant="client_credentials")
    assert [kind["grant"] for kind in things.runtime.kept.describe_kinds(key)] == [None]


def test_a_program_may_end_itself_during_a_call(mounted: Callable[..., str], things: Toy) -> None:
    key = mounted(failing("os.kill(os.getpid(), signal.SIGUSR1)"), "failing")
    before = signal.signal(signal.SIGUSR1, lambda *_: sys.exit(4))
    try:
        with pytest.raises(SystemExit, match="4"):
            things.runtime.invoke(key, "fail", {}, over_toy())
    finally:
        signal.signal(signal.SIGUSR1, before)
