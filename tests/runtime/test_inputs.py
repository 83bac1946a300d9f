"""What a caller sends, made into what a handler may trust: coerced, validated, and refused in plain words."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from responses import RequestsMock
from tests.conftest import Toy

from sales_connectors import Runtime
from sales_connectors.errors import InvalidInput, NotFound

HOME = "https://toy.example"


@pytest.fixture
def sent(things: Toy, web: RequestsMock) -> Callable[..., Any]:
    """The JSON text that leaves for these inputs."""
    web.add("PATCH", f"{HOME}/things/1", json={})

    def send(**inputs: Any) -> Any:
        things.run("updateThing", {"id": 1, **inputs})
        body = web.calls[-1].request.body
        found = json.loads(body or b"", parse_float=Decimal)
        return {name: value for name, value in found.items() if name not in ("id", "kind")}

    return send


@pytest.fixture
def faults(things: Toy, web: RequestsMock) -> Callable[..., dict[str, str]]:
    """What is said about these inputs, by path; nothing is sent."""

    def refuse(**inputs: Any) -> dict[str, str]:
        with pytest.raises(InvalidInput) as raised:
            things.run("updateThing", {"id": 1, **inputs})
        error = raised.value
        assert (error.code, error.fix, error.retryable, error.exit_code) == ("invalid_input", "builder", False, 2)
        assert not web.calls
        assert all(fault["message"] in error.message for fault in error.fields)
        assert len({fault["path"] for fault in error.fields}) == len(error.fields)
        json.dumps(error.as_json(), ensure_ascii=False).encode()
        return {fault["path"]: fault["message"] for fault in error.fields}

    return refuse


# --- what is taken ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "becomes"),
    [
        ("id", "42", 42),
        ("id", " 42 ", 42),
        ("id", "007", 7),
        ("id", "+7", 7),
        ("id", "4e2", 400),
        ("id", "42.0", 42),
        ("id", 42.0, 42),
        ("id", Decimal("42.0"), 42),
        ("id", Decimal("4E+2"), 400),
        ("id", "99999999999999999999", 99999999999999999999),
        ("id", 2**70, 2**70),
        ("size", "1.10", Decimal("1.10")),
        ("size", "-0.5", Decimal("-0.5")),
        ("size", 7, 7),
        ("hot", "true", True),
        ("hot", "FALSE", False),
        ("hot", " True ", True),
        ("price", 5, "5"),
        ("price", 0.1, "0.1"),
        ("price", Decimal("5000.10"), "5000.10"),
        ("price", 1e16, "10000000000000000"),
        ("price", 1e-7, "0.0000001"),
        ("price", Decimal("5E+3"), "5000"),
        ("price", " 9.99 ", "9.99"),
        ("name", "  Ann  ", "Ann"),
        ("name", 508, "508"),
        ("name", "a\x00b", "a\x00b"),
        ("name", "😀", "😀"),
        ("tags", "a, b ,,c", ["a", "b", "c"]),
        ("tags", '["a, b"]', ["a, b"]),
        ("tags", "[]", []),
        ("tags", [], []),
        ("tags", ("a", "b"), ["a", "b"]),
        ("ids", "7,8", [7, 8]),
        ("ids", "[7, 8]", [7, 8]),
        ("ids", ["7", 8], [7, 8]),
        ("ids", 7, [7]),
        ("ids", "7", [7]),
        ("address", '{"city": " Rome ", "floor": "3"}', {"city": "Rome", "floor": 3}),
        ("address", [{"key": "city", "value": "Rome"}, {"key": "floor", "value": "3"}], {"city": "Rome", "floor": 3}),
        ("address", '[{"key": "city", "value": "Rome"}]', {"city": "Rome"}),
        ("address", "{}", {}),
        ("address", "[]", {}),
        ("address", [], {}),
        ("address", {"city": None}, {"city": None}),
        ("extra", '{"a": {"b": [1.50, null]}}', {"a": {"b": [Decimal("1.50"), None]}}),
        ("anything", "{broken", "{broken"),
        ("anything", "[1, 2]", [1, 2]),
        ("anything", "plain", "plain"),
        ("anything", 1.5, Decimal("1.5")),
        ("anything", True, True),
        ("when", '{"from": "2026-06-30", "nights": "3"}', {"from": "2026-06-30", "nights": 3}),
        ("when", {"from": " 2026-06-30 "}, {"from": "2026-06-30"}),
        ("when", "7, 8", [7, 8]),
        ("when", 7, [7]),
        ("when", ["7", 8], [7, 8]),
        ("when", None, None),
        ("count", "null", None),
        ("count", None, None),
        ("color", None, None),
        ("day", "2024-02-29", "2024-02-29"),
        ("moment", "2026-06-30t10:00:00.123456789z", "2026-06-30t10:00:00.123456789z"),
        ("moment", "2026-06-30T10:00:00+23:59", "2026-06-30T10:00:00+23:59"),
        ("email", "a.@docomo.example", "a.@docomo.example"),
        ("email", "o'x+y@ä.example", "o'x+y@ä.example"),
    ],
)
def test_what_a_form_sends_is_understood(things: Toy, web: RequestsMock, name: str, given: Any, becomes: Any) -> None:
    form = things.runtime
    web.add("PATCH", re.compile(f"{HOME}/.*"), json={})
    form.invoke("toy-service", "updateThing", {"id": 1, name: given}, things.connection)
    body = json.loads(web.calls[0].request.body or b"", parse_float=Decimal)
    assert (body[name], type(body[name])) == (becomes, type(becomes))


@pytest.mark.parametrize("empty", ["", "  ", "\n\t"])
def test_absent_and_empty_is_not_sent(sent: Callable[..., Any], empty: str) -> None:
    assert sent(name=empty, tags=empty, address=empty, hot=empty, count=empty, day=empty) == {}


def test_null_is_sent(sent: Callable[..., Any]) -> None:
    assert sent(color=None, count=None) == {"color": None, "count": None}


def test_defaults_are_filled_in_and_given_way(things: Toy, web: RequestsMock) -> None:
    for given in ({}, {"kind": ""}, {"kind": "special"}):
        web.add("POST", f"{HOME}/things", json={})
        things.run("createThing", {"name": "a", **given})
    kinds = [json.loads(call.request.body or b"")["kind"] for call in web.calls]
    assert kinds == ["plain", "plain", "special"]


def test_inputs_may_be_any_mapping_and_stay_as_they_were(things: Toy, web: RequestsMock) -> None:
    web.add("PATCH", f"{HOME}/things/1", json={})
    given = MappingProxyType({"id": "1", "tags": "a,b", "address": {"floor": "3"}})
    things.run("updateThing", given)
    assert given == {"id": "1", "tags": "a,b", "address": {"floor": "3"}}


# --- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("id", "forty", "must be a whole number, not the text 'forty'"),
        ("id", "1.5", "must be a whole number, not the text '1.5'"),
        ("id", 1.5, "must be a whole number, not 1.5"),
        ("id", True, "must be a whole number, not true"),
        ("id", "true", "must be a whole number"),
        ("id", "1e999999999", "must be a whole number"),
        ("id", "1_000", "must be a whole number"),
        ("id", "0x10", "must be a whole number"),
        ("id", "1,5", "must be a whole number"),
        ("id", 0, "must be at least 1, not 0"),
        ("id", None, "must not be null; wanted is a whole number"),
        ("id", [7], "must be a whole number, not a list"),
        ("id", {}, "must be a whole number, not an object"),
        ("id", "", "is required"),
        ("id", "  ", "is required"),
        ("size", "big", "must be a number, not the text 'big'"),
        ("size", "NaN", "must be a number"),
        ("size", "Infinity", "must be a number"),
        ("size", float("nan"), "must be a number that can be written down in full"),
        ("size", float("inf"), "must be a number that can be written down in full"),
        ("size", Decimal("NaN"), "must be a number that can be written down in full"),
        ("size", Decimal("sNaN"), "must be a number that can be written down in full"),
        ("size", Decimal("-Infinity"), "must be a number that can be written down in full"),
        ("size", Decimal("1E+999999999"), "must be a number that can be written down in full"),
        ("size", 10**1000, "must be a number that can be written down in full"),
        ("id", 10**1000, "must be a number that can be written down in full"),
        ("hot", "yes", "must be true or false, not the text 'yes'"),
        ("hot", 1, "must be true or false, not 1"),
        ("hot", "1", "must be true or false"),
        ("name", True, "must be text, not true"),
        ("name", {"a": 1}, "must be text, not an object"),
        ("name", None, "must not be null"),
        ("name", float("nan"), "must be a number that can be written down in full"),
        ("name", Decimal("1E+999999999"), "must be a number that can be written down in full"),
        ("name", "\ud800", "holds half a character"),
        ("name", b"bytes", "must be plain JSON, not a Python bytes"),
        ("price", "9,99", "does not have the right form: '9,99'; for example '9.99'"),
        ("price", "1e5", "does not have the right form"),
        ("price", "٣", "does not have the right form"),
        ("tags", '["a"', "is broken JSON"),
        ("tags", {"a": 1}, "must be a list"),
        ("extra", "{broken", "is broken JSON"),
        ("extra", '{"a": 1, "a": 2}', "is broken JSON ('a' stands in it twice)"),
        ("extra", '{"a": NaN}', "is broken JSON (NaN is no number)"),
        ("extra", '{"a": 1e9999999999999999999}', "is broken JSON"),
        ("extra", "[" * 100_000, "is broken JSON"),
        ("extra", '{"a":' * 200 + "1" + "}" * 200, "nested more than 100 levels deep"),
        ("extra", "[1, 2]", "must be an object, as JSON or as a list of key and value pairs"),
        ("extra", "text", "must be an object, as JSON or as a list of key and value pairs, not the text 'text'"),
        ("extra", [{"key": "a", "value": 1}, {"key": "a", "value": 2}], "has the key 'a' twice"),
        ("extra", {1: 2}, "has a key that is no text: 1"),
        ("extra", {"a": {"b": float("inf")}}, "must be a number that can be written down in full"),
        ("extra", {"a": "\ud800"}, "holds half a character"),
        ("extra", {"\ud800": 1}, "has a key that is no text"),
        ("extra", {"a": object()}, "must be plain JSON, not a Python object"),
        ("extra", {"a": {1, 2}}, "must be plain JSON, not a Python set"),
        ("extra", MappingProxyType({}), "must be plain JSON, not a Python mappingproxy"),
        ("color", "blue", "must be one of red, green, not 'blue'"),
        ("color", "Red", "must be one of red, green, not 'Red'"),
        ("day", "2026-02-30", "must be a date such as 2026-06-30, not '2026-02-30'"),
        ("day", "30.06.2026", "must be a date"),
        ("day", "20260630", "must be a date"),
        ("day", "0000-01-01", "must be a date"),
        ("day", "٢٠٢٦-٠٦-٣٠", "must be a date"),
        ("moment", "2026-06-30", "must be a time with its zone"),
        ("moment", "2026-06-30T10:00:00", "must be a time with its zone"),
        ("moment", "2026-06-30 10:00:00Z", "must be a time with its zone"),
        ("moment", "2016-12-31T23:59:60Z", "must be a time with its zone"),
        ("moment", "2026-06-30T24:00:00Z", "must be a time with its zone"),
        ("moment", "2026-06-30T10:00:00+24:00", "must be a time with its zone"),
        ("moment", "2026-06-30T10:00:00+23:60", "must be a time with its zone"),
        ("email", "ann", "must be an e-mail address such as mark@example.com, not 'ann'"),
        ("email", "a@b, c@d", "must be an e-mail address"),
        ("email", "Ann <a@b.example>", "must be an e-mail address"),
        ("email", "a@b..c", "must be an e-mail address"),
        ("when", {"nights": 3}, "is required"),
        ("when", {"from": "today"}, "must be a date such as 2026-06-30, not 'today'"),
        ("when", {"from": "2026-06-30", "till": 1}, "is not known here; known are from, nights"),
        ("when", [7, -1], "must be at least 0, not -1"),
        ("when", "7, soon", "must be a whole number, not the text 'soon'"),
    ],
)
def test_what_does_not_fit_is_refused(faults: Callable[..., dict[str, str]], name: str, given: Any, words: str) -> None:
    found = faults(**{name: given})
    assert all(path.startswith(f"/{name}") for path in found)
    assert words in " | ".join(found.values())


def test_every_fault_is_told_at_once(faults: Callable[..., dict[str, str]]) -> None:
    found = faults(id="x", hot="maybe", ids=["1", "b", "0"], address={"floor": "top"}, colour="red", extra={"a": 1e999})
    assert found == {
        "/id": "must be a whole number, not the text 'x'",
        "/hot": "must be true or false, not the text 'maybe'",
        "/ids/1": "must be a whole number, not the text 'b'",
        "/ids/2": "must be at least 1, not 0",
        "/address/floor": "must be a whole number, not the text 'top'",
        "/colour": "is no input of this form. Did you mean 'color'?",
        "/extra/a": "must be a number that can be written down in full",
    }


def test_a_value_of_several_kinds_is_told_of_by_its_own_kind(faults: Callable[..., dict[str, str]]) -> None:
    assert faults(when={"nights": 3.5, "till": 1}) == {
        "/when/from": "is required",
        "/when/nights": "must be a whole number, not 3.5",
        "/when/till": "is not known here; known are from, nights",
    }
    assert faults(when=[7, -1, "soon"]) == {
        "/when/1": "must be at least 0, not -1",
        "/when/2": "must be a whole number, not the text 'soon'",
    }


def test_a_missing_input_is_told_beside_the_rest(things: Toy) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.run("createThing", {"hot": "maybe"})
    assert {fault["path"] for fault in raised.value.fields} == {"/name", "/hot"}


def test_an_input_of_no_name_is_told_without_breaking_the_message(faults: Callable[..., dict[str, str]]) -> None:
    found = faults(**{"\ud800": 1, "a/b~c": 2})
    assert set(found) == {"/\\ud800", "/a~1b~0c"}


def test_long_values_are_cut_in_messages(faults: Callable[..., dict[str, str]]) -> None:
    assert len(faults(id="x" * 10_000)["/id"]) < 120
    assert len(faults(email="x" * 10_000)["/email"]) < 160


@pytest.mark.parametrize("inputs", [[], ["id"], "", "id", 0, 7, True])
def test_inputs_that_are_no_object(things: Toy, inputs: Any) -> None:
    with pytest.raises(InvalidInput, match="must be an object"):
        things.run("getThing", inputs)


def test_inputs_with_keys_that_are_no_text(things: Toy) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.run("getThing", {"id": 1, 7: "x", None: 1})
    assert {fault["path"] for fault in raised.value.fields} == {"/7", "/None"}


def test_nothing_is_sent_for_an_unknown_action(things: Toy, web: RequestsMock) -> None:
    with pytest.raises(NotFound, match="Did you mean 'getThing'"):
        things.run("getThings", {"id": 1})
    assert not web.calls


# --- connections --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "connection",
    [
        7, ["a"], {"tokn": "x"}, {1: 2}, {"token": 7}, {"token": ["a"]}, {"token": {"access_token": 7}},
        {"fields": {"apiurl": "https://toy.example"}}, {"fields": []}, {"fields": "x"}, {"fields": {"rateLimit": -1}},
    ],
)  # fmt: skip
def test_a_connection_that_is_none(things: Toy, connection: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.runtime.invoke("toy-service", "getThing", {"id": 1}, connection)
    assert raised.value.exit_code == 2


def test_no_connection_at_all(things: Toy) -> None:
    with pytest.raises(InvalidInput, match="needs a connection") as raised:
        things.runtime.invoke("toy-service", "getThing", {"id": 1})
    assert raised.value.code == "no_connection"


def test_a_number_that_python_itself_will_not_print(things: Toy, web: RequestsMock) -> None:
    with pytest.raises(InvalidInput, match="must be a number that can be written down in full"):
        things.run("getThing", {"id": 10**5000})


# --- checking without calling ---------------------------------------------------------------------------


def test_inputs_are_checked_without_a_connection(runtime: Runtime) -> None:
    read = runtime.check("zendesk-sell", "createContact", {"isOrganization": "true", "name": " Acme ", "ownerId": "7"})
    assert read == {"isOrganization": True, "name": "Acme", "ownerId": 7}
    with pytest.raises(NotFound, match="createContact"):
        runtime.check("zendesk-sell", "createContat", {})


@pytest.mark.parametrize(
    ("action", "inputs", "faults"),
    [
        ("getDeal", {}, {"/id": ("required", [])}),
        ("getDeal", {"id": 0}, {"/id": ("minimum", [])}),
        ("getDeal", {"id": "x"}, {"/id": ("type", [])}),
        ("getDeal", {"id": 1, "idd": 2}, {"/idd": ("unknown", [])}),
        ("getDeal", {"id": float("inf")}, {"/id": ("unserializable", [])}),
        ("createContact", {}, {"/lastName": ("required", ["isOrganization"])}),
    ],
)
def test_a_fault_says_which_rule_it_breaks_and_which_other_inputs_the_rule_is_about(
    runtime: Runtime, action: str, inputs: dict[str, Any], faults: dict[str, tuple[str, list[str]]]
) -> None:
    with pytest.raises(InvalidInput) as raised:
        runtime.check("zendesk-sell", action, inputs)
    found = {fault["path"]: (fault.get("rule"), fault.get("others", [])) for fault in raised.value.fields}
    assert found == faults


def test_inputs_are_checked_before_a_connection_is_opened(runtime: Runtime) -> None:
    with pytest.raises(InvalidInput, match="id is required"):
        runtime.invoke("zendesk-sell", "getDeal", {}, "a-connection-that-nobody-keeps")


def build_endless(copies: int) -> Any:
    """A list that holds itself, so often."""
    endless: list[Any] = []
    endless.extend([endless] * copies)
    return endless


def build_shared(levels: int) -> Any:
    """A little in memory, and without end once it is written out."""
    shared: Any = "x"
    for _ in range(levels):
        shared = [shared, shared]
    return shared


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (build_endless(1), "holds itself"),
        (build_endless(2), "holds itself"),
        (build_shared(90), "holds more than 1,000,000 objects and lists"),
        (build_shared(200), "is nested more than 100 levels deep"),
    ],
    ids=["itself", "itself twice", "shared", "shared and deep"],
)
def test_what_has_no_end_is_refused_soon(things: Toy, web: RequestsMock, given: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        things.run("createThing", {"name": "x", "extra": {"deep": given}})


def test_what_stands_in_an_input_twice_is_sent_twice(things: Toy, web: RequestsMock) -> None:
    web.post("https://toy.example/things", json={"id": 1})
    part = {"color": "red"}
    things.run("createThing", {"name": "x", "extra": {"one": part, "two": [part, part]}})
    assert json.loads(web.calls[0].request.body or b"")["extra"] == {"one": part, "two": [part, part]}


def test_half_a_character_in_a_token_is_told(things: Toy) -> None:
    for token in ("token\ud800-1234", {"access_token": "fine", "refresh_token": "r\udc00"}):
        with pytest.raises(InvalidInput, match="half a character") as raised:
            things.runtime.invoke("toy-service", "getThing", {"id": 7}, {"token": token})
        assert raised.value.fields[0]["path"] == "/token"


@pytest.mark.parametrize(
    "fields",
    [
        {"apiUrl": "https://user:x@hush-hush@host"},
        {"apiUrl": "https://user:x/hush-hush@host"},
        {"apiUrl": "https://host/path?key=hush-hush"},
        {"tokenUrl": "ftp://host/?key=hush-hush"},
        {"rateLimit": "hush-hush"},
        {"rateLimit": "hush-hush" * 20},
        {"pin": ["hush-hush"]},
        ["hush-hush"],
        "clientSecret=hush-hush",
    ],
)
def test_a_fault_in_a_connection_quotes_nothing_of_it(things: Toy, fields: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        things.runtime.invoke("toy-service", "getThing", {"id": 7}, {"fields": fields, "token": "t"})
    assert "hush" not in json.dumps(raised.value.as_json())


@pytest.mark.parametrize("name", ["clientSecret=hush-hush", '{"token": "hush-hush"}', "Bearer:hush-hush", "a" * 200])
def test_what_can_be_no_name_is_not_quoted_as_one(things: Toy, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a connection") as raised:
        things.runtime.invoke("toy-service", "getThing", {"id": 7}, name)
    assert not re.search("hush|aaa", json.dumps(raised.value.as_json()))
