"""Components by their keys: unknown ones suggest the nearest, broken ones name the file, nothing loads too early."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Toy, unmount

from sales_connectors import Runtime, components, connect, manifest
from sales_connectors.errors import ConfigurationError, InternalError, NotFound

HEAVY = (
    "requests",
    "urllib3",
    "jsonschema",
    "jsonschema_rs",
    "authlib",
    "cryptography",
    "yaml",
    "msgspec",
)


def loaded_after(code: str) -> set[str]:
    """The heavy libraries that a new interpreter has loaded after this code."""
    show = f"import json, sys; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing() -> None:
    assert loaded_after("import sales_connectors") == set()
    assert loaded_after("from sales_connectors import SalesError, Options, Inputs, Context, Pages") == set()


def test_reading_the_manifest_loads_no_transport() -> None:
    assert loaded_after("from sales_connectors import manifest; manifest.load_component('zendesk-sell').actions") == {
        "yaml"
    }


def test_good_inputs_do_not_load_the_validator_that_explains() -> None:
    code = """
from sales_connectors import connect
sell = connect("zendesk-sell", token="abcd", dry_run=True)
sell.createContact(lastName="Doe")
"""
    assert not loaded_after(code) & {"jsonschema", "authlib", "cryptography"}


def test_every_name_of_the_package_is_there() -> None:
    import sales_connectors

    assert all(getattr(sales_connectors, name) for name in sales_connectors.__all__)
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        sales_connectors.conect  # noqa: B018


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("zendesk-sel", "Did you mean 'zendesk-sell'"),
        ("Zendesk Sell", "Did you mean 'zendesk-sell'"),
        ("toy_servce", "Did you mean 'toy-service'"),
        ("qqq", "There is no component 'qqq'."),
        ("", "There is no component ''"),
        ("../../etc", "There is no component"),
        ("a.b", "There is no component"),
        ("/tmp", "There is no component"),
    ],
)
def test_an_unknown_component(toy: str, runtime: Runtime, key: str, words: str) -> None:
    with pytest.raises(NotFound, match=words) as raised:
        runtime.invoke(key, "getThing", {})
    assert (raised.value.code, raised.value.exit_code) == ("unknown_component", 4)


@pytest.mark.parametrize("name", [None, 7, ["getThing"], {"key": "getThing"}, pytest.param(10**5000, id="huge")])
def test_what_is_no_name_names_nothing(things: Toy, name: Any) -> None:
    for call, code in (
        (lambda: things.runtime.invoke(name, "getThing", {}), "unknown_component"),
        (lambda: connect(name, token="t", runtime=things.runtime), "unknown_component"),
        (lambda: things.run(name), "unknown_action"),
        (lambda: things.pick(name), "unknown_data_source"),
        (lambda: things.runtime.check("toy-service", name), "unknown_action"),
    ):
        with pytest.raises(NotFound) as raised:
            call()
        assert raised.value.code == code


def test_unknown_entries_suggest_the_nearest(things: Toy) -> None:
    with pytest.raises(NotFound, match=r"no action 'createthings'\. Did you mean 'createThing'") as raised:
        things.run("createthings")
    assert raised.value.code == "unknown_action"
    with pytest.raises(NotFound, match=r"no data source 'selectPlan'\. Did you mean 'selectPlain'") as raised:
        things.pick("selectPlan")
    assert raised.value.code == "unknown_data_source"
    with pytest.raises(NotFound, match=r"no trigger 'pollThing'\. Did you mean 'pollThings'") as raised:
        things.runtime.poll("toy-service", "pollThing", {}, things.connection)
    assert raised.value.code == "unknown_trigger"
    with pytest.raises(NotFound, match=r"no connection 'tokn'\. Did you mean 'token'") as raised:
        Toy(things.runtime, {"key": "tokn"}).run("getThing", {"id": 1})
    assert raised.value.code == "unknown_connection"


def test_a_handler_that_is_missing_names_the_file(things: Toy) -> None:
    with pytest.raises(ConfigurationError, match=r"component\.yaml: noFunction: .*no_such_function") as raised:
        things.run("noFunction", {"id": 1})
    assert (raised.value.fix, raised.value.exit_code) == ("maintainer", 9)
    with pytest.raises(ConfigurationError, match=r"component\.yaml: noModule: .*there is no module .*nowhere"):
        things.run("noModule", {"id": 1})


def test_what_a_handler_did_not_foresee_is_told_of_its_own_code(things: Toy) -> None:
    told = r"LookupError in the component's own code: crash in actions/things\.py, line \d+"
    with pytest.raises(InternalError, match=told) as raised:
        things.run("crash")
    assert (raised.value.exit_code, raised.value.action) == (1, "crash")
    assert isinstance(raised.value.__cause__, LookupError)


# --- broken components --------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "broken"
    (folder / "schemas").mkdir(parents=True)
    package = components.mount(folder, "broken")
    yield folder
    unmount(package)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key: [", "component.yaml"),
        ("[a]", "a manifest is a mapping with a key"),
        ("label: x", "a manifest is a mapping with a key"),
        ("key: broken\nactions: {act: {handlr: a:b}}", "actions: act: 'handlr' is not known. Did you mean 'handler'"),
        ("key: broken\nactions: {act: {effect: read}}", "actions: act names no handler"),
        ("key: broken\nactions: {act: {handler: a:b, effect: creat}}", "act: 'creat' is no effect, which are read, "),
        ("key: broken\nactions: {act: {handler: a:b, effect: [read]}}", "is no effect"),
        ("key: broken\nactions: {act: nothing}", "actions: act names no handler"),
        ("key: broken\nactions: [act]", "actions: it is a mapping from keys to handlers"),
    ],
)
def test_a_manifest_that_is_none(broken: Path, text: str, words: str) -> None:
    (broken / "component.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=words) as raised:
        manifest.load_component("broken").entry("actions", "act")
    assert str(broken) in str(raised.value)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (None, "there is no such schema"),
        ("{", "act.json"),
        ('{"properties": {"a": {"$ref": "shared.json#/$defs/a"}}}', "there is no such schema"),
        ('{"properties": {"a": {"$ref": "#/$defs/a"}}}', "names nothing"),
    ],
)
def test_a_schema_that_is_none(broken: Path, schema: str | None, words: str) -> None:
    (broken / "component.yaml").write_text("key: broken\nactions: {act: {handler: a:b}}\n")
    if schema is not None:
        (broken / "schemas" / "act.json").write_text(schema)
    with pytest.raises(ConfigurationError, match=words):
        manifest.load_component("broken").form("act")


def write_form(folder: Path, shared: object, field: object) -> None:
    """A component whose form has one input, with a schema of the shared fields in it."""
    (folder / "component.yaml").write_text("key: broken\nactions: {act: {handler: a:b}}\n")
    (folder / "schemas" / "shared.json").write_text(json.dumps({"$defs": {"of": shared, "id": {"title": "ID"}}}))
    (folder / "schemas" / "act.json").write_text(json.dumps({"properties": {"in": field}}))


def test_references_are_resolved_and_words_beside_them_win(broken: Path) -> None:
    write_form(
        broken,
        {"type": "array", "title": "IDs", "items": {"$ref": "#/$defs/id", "type": "integer"}},
        {"$ref": "shared.json#/$defs/of", "title": "Theirs", "x-group": "More", "examples": [[7]]},
    )
    assert manifest.load_component("broken").form("act").properties == {
        "in": {
            "type": "array",
            "title": "Theirs",
            "items": {"title": "ID", "type": "integer"},
            "x-group": "More",
            "examples": [[7]],
        }
    }


@pytest.mark.parametrize(
    ("named", "beside", "both"),
    [
        ({"type": ["integer", "null"]}, {"type": "integer"}, {"type": "integer"}),
        ({"type": "number"}, {"type": ["string", "integer"]}, {"type": "integer"}),
        ({"enum": ["a", "b", None]}, {"enum": ["b", "a"]}, {"enum": ["b", "a"]}),
        ({"enum": [1, 2]}, {"enum": [True, 2]}, {"enum": [2]}),
        ({"minimum": 1, "maximum": 9}, {"minimum": 3, "maximum": 99}, {"minimum": 3, "maximum": 9}),
        ({"minLength": 3}, {"minLength": 1, "maxLength": 5}, {"minLength": 3, "maxLength": 5}),
        ({"required": ["a"]}, {"required": ["b", "a"]}, {"required": ["a", "b"]}),
        ({"uniqueItems": True}, {"uniqueItems": False}, {"uniqueItems": True}),
        ({"pattern": "a", "format": "date"}, {"pattern": "a"}, {"pattern": "a", "format": "date"}),
        ({"allOf": [{"minimum": 1}]}, {"allOf": [{"maximum": 9}]}, {"allOf": [{"minimum": 1}, {"maximum": 9}]}),
        ({"items": {"type": ["integer", "null"]}}, {"items": {"type": "integer"}}, {"items": {"type": "integer"}}),
        (
            {"properties": {"a": {"minimum": 1}}},
            {"properties": {"a": {"minimum": 0}, "b": True}},
            {"properties": {"a": {"minimum": 1}, "b": True}},
        ),
        (True, {"minimum": 1}, {"minimum": 1}),
        ({"minimum": 1}, {"maximum": 1}, {"minimum": 1, "maximum": 1}),
        ({"type": ["integer", "null"]}, {"const": None}, {"type": ["integer", "null"], "const": None}),
        ({"type": "integer", "enum": [1, 2]}, {"const": 2}, {"type": "integer", "enum": [1, 2], "const": 2}),
        ({"minimum": 9, "maximum": 1}, {"title": "In"}, {"minimum": 9, "maximum": 1, "title": "In"}),
        (False, {"minimum": 1}, False),
    ],
)
def test_what_restricts_a_value_beside_a_reference_holds_as_well(
    broken: Path, named: object, beside: dict[str, object], both: object
) -> None:
    write_form(broken, named, {"$ref": "shared.json#/$defs/of", **beside})
    assert manifest.load_component("broken").form("act").properties["in"] == both


@pytest.mark.parametrize(
    ("named", "beside"),
    [
        ({"type": "string"}, {"type": "integer"}),
        ({"enum": ["a"]}, {"enum": ["b"]}),
        ({"pattern": "a"}, {"pattern": "b"}),
        ({"not": {"const": 1}}, {"not": {"const": 2}}),
        ({"items": {"type": "string"}}, {"items": {"type": "integer"}}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"properties": {"b": {}}}),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"else": {"required": ["c"]}}),
        ({"minimum": 1}, {"maximum": 0}),
        ({"maximum": 0}, {"minimum": 1}),
        ({"minimum": 1}, {"exclusiveMaximum": 1}),
        ({"exclusiveMinimum": 1}, {"maximum": 1}),
        ({"exclusiveMaximum": 1}, {"exclusiveMinimum": 1}),
        ({"minLength": 3}, {"maxLength": 2}),
        ({"minItems": 3}, {"maxItems": 2}),
        ({"maxProperties": 1}, {"minProperties": 2}),
        ({"enum": ["a", "b"]}, {"const": "c"}),
        ({"const": "c"}, {"enum": ["a", "b"]}),
        ({"const": 1}, {"const": True}),
        ({"type": "string"}, {"const": 1}),
        ({"type": "integer"}, {"enum": ["a", True, 1.5]}),
        ({"enum": ["a", "b"]}, {"type": ["integer", "null"]}),
        ({"properties": {"a": {"minimum": 1}}}, {"properties": {"a": {"maximum": 0}}}),
    ],
)
def test_what_contradicts_a_reference_is_refused(broken: Path, named: object, beside: dict[str, object]) -> None:
    write_form(broken, named, {"$ref": "shared.json#/$defs/of", **beside})
    keyword = next(iter(beside))
    with pytest.raises(
        ConfigurationError, match=rf"act\.json: properties/in/{keyword}: {keyword} beside \$ref cannot be"
    ):
        manifest.load_component("broken").form("act")
