"""A component is held against its manifest: each way of breaking one is told with its file and line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import unmount

from sales_connectors import Runtime, components, manifest
from sales_connectors.checks import Problem, check
from sales_connectors.errors import ConfigurationError, NotFound
from sales_connectors.manifest.formats import FORMATS
from sales_connectors.manifest.vocabulary import load_vocabulary

MANIFEST = """\
key: toy-crm
label: Toy CRM
description: Keeps toys.
category: CRM
documentation: https://example.com/api
connections:
  token: {handler: token:connection}
actions:
  createToy: {handler: toys:create_toy, effect: create, returns: toy, find: toys:find_toy, group: Toys}
  listToys: {handler: toys:list_toys, effect: read, returns: [toy], group: Toys, scopes: [read]}
dataSources:
  selectToy: {handler: toys:select_toy}
triggers:
  pollToys: {handler: toys:poll_toys}
"""

HANDLERS = """\
def create_toy(ctx, inputs): ...


def find_toy(ctx, inputs): ...


def list_toys(ctx, inputs): ...


def poll_toys(ctx, inputs): ...


def toy_label(toy): ...
"""

CREATE_TOY = """\
{
  "$schema": "urn:sales-connectors:form",
  "title": "Create Toy",
  "description": "Makes a toy.",
  "type": "object",
  "properties": {
    "name": {"$ref": "shared.json#/$defs/name"},
    "like": {
      "title": "Like",
      "description": "A toy to resemble.",
      "type": "integer", "maximum": 9007199254740991,
      "x-data-source": "selectToy",
      "x-depends-on": ["name"],
      "x-data-source-inputs": {"kind": "ball"}
    },
    "size": {
      "title": "Size",
      "description": "How large it is.",
      "type": "string",
      "enum": ["s", "l"],
      "x-enum-labels": {"s": "Small", "l": "Large"},
      "default": "s",
      "examples": ["l"]
    }
  },
  "required": ["name"],
  "additionalProperties": false,
  "examples": [
    {"name": "Bear", "like": 7}
  ]
}
"""

SHARED = """\
{
  "$schema": "urn:sales-connectors:form",
  "title": "Shared fields",
  "description": "Fields of several forms.",
  "$defs": {
    "name": {
      "title": "Name",
      "description": "What it is called.",
      "type": "string",
      "pattern": "\\\\S",
      "enum": ["Bear", "Ball"], "x-enum-labels": {"Bear": "Bear", "Ball": "Ball"}
    },
    "kind": {"title": "Kind", "description": "What it is.", "type": "string"}
  }
}
"""

RECORD = """\
{
  "$schema": "urn:sales-connectors:form",
  "title": "Toy",
  "description": "Something to play with.",
  "type": "object",
  "properties": {
    "id": {"description": "Number of the toy.", "type": "integer"},
    "maker": {"$ref": "maker.json"}
  },
  "examples": [
    {"id": 7}
  ]
}
"""


def form(title: str, **properties: object) -> str:
    dialect = "urn:sales-connectors:form"
    schema = {"$schema": dialect, "title": title, "description": "A form.", "type": "object", "properties": properties}
    return json.dumps({**schema, "additionalProperties": False}, indent=2)


CONNECTION = """\
from sales_connectors.sdk import Pages, Service, VendorError, sign_with_bearer


def connection(fields):
    return Service("https://toys.example", sign_with_bearer, "/me", build_pages, read_error, rate=1)


def build_pages(ctx, path, query, size):
    return Pages.single(lambda: ctx.client.get(path, query))


def read_error(payload):
    return VendorError()
"""

FILES = {
    "component.yaml": MANIFEST,
    "actions/toys.py": HANDLERS,
    "actions/_wire.py": "def shaped(ctx, inputs): ...\n",
    "datasources/toys.py": "def select_toy(ctx, inputs): ...\n",
    "connections/token.py": CONNECTION,
    "schemas/token.json": form("Token"),
    "schemas/createToy.json": CREATE_TOY,
    "schemas/listToys.json": form("List Toys"),
    "schemas/selectToy.json": form(
        "Select Toy", kind={"$ref": "shared.json#/$defs/kind"}, name={"$ref": "shared.json#/$defs/name"}
    ),
    "schemas/pollToys.json": form("Poll Toys"),
    "schemas/shared.json": SHARED,
    "schemas/records/toy.json": RECORD,
    "schemas/records/maker.json": form("Maker"),
}

Checked = Callable[..., list[Problem]]


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Path]:
    """The folder of a component in which nothing is wrong, mounted."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    package = components.mount(tmp_path, "toy-crm")
    yield tmp_path
    unmount(package)


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("key", [component.key for component in manifest.load_components()])
def test_every_component_holds(key: str) -> None:
    assert [str(problem) for problem in check(key)] == []


def test_a_sound_component_has_no_problem(toy: Path) -> None:
    assert [str(problem) for problem in check("toy-crm")] == []


def test_an_unknown_component_is_not_found() -> None:
    with pytest.raises(NotFound, match="no component 'toy-crmm'"):
        check("toy-crmm")


LIST_TOYS = "  listToys: {handler: toys:list_toys, effect: read, returns: [toy], group: Toys, scopes: [read]}\n"
NAME = '"$ref": "shared.json#/$defs/name"'
SHARED_FILE = "schemas/shared.json"
ID = '"type": "integer", "maximum": 9007199254740991'
NEEDED = '"required": ["name"]'
TOLD = '"title": "T", "description": "D."'
WALL = "".join(f'"more{number}": {{{TOLD}}}, ' for number in range(10))
Y, C, H, T = "component.yaml", "schemas/createToy.json", "actions/toys.py", "connections/token.py"
BROKEN = [
    # the manifest
    (Y, "key: toy-crm", "key: [toy", 2, "is no YAML"),
    (Y, "key: toy-crm", "key: toy-shop", 1, "the component lies under 'toy-crm'"),
    (Y, "label: Toy CRM\n", "", 1, "'label' is a required property"),
    (Y, "key: toy-crm\n", "", 1, "'key' is a required property"),
    (Y, "label: Toy CRM", "prefix: Toy\nlabel: Toy CRM", 2, "'Toy' does not match"),
    (Y, "label: Toy CRM", "prefix: sell\nlabel: Toy CRM", 2, "the prefix 'sell' is that of zendesk-sell"),
    (
        Y,
        "listToys:",
        f"list{'Toys' * 9}:",
        10,
        "characters, and a tool 40 at most: give the component a shorter prefix",
    ),
    (Y, "label: Toy CRM", "label: Toy CRM\nlabel: Toys", 3, "'label' stands here a second time"),
    (
        Y,
        "  listToys:",
        "  createToy: {handler: toys:list_toys, effect: read, returns: toy}\n  listToys:",
        10,
        "second time",
    ),
    (Y, "category: CRM", "category: CRM\ncolour: red", 5, "'colour' was unexpected"),
    (Y, "effect: create", "effect: make", 9, "actions.createToy.effect: 'make' is not one of"),
    (Y, "effect: read", "effect: read, colour: red", 10, "'colour' was unexpected"),
    (Y, "returns: [toy]", "returns: 7", 10, "actions.listToys.returns: 7 is not valid"),
    (Y, "returns: [toy]", "returns: [game]", 10, "listToys returns 'game', but records/game.json is missing"),
    (Y, "toys:select_toy", "toys:select_toy, type: menu", 12, "'menu' is not one of"),
    (Y, ", group: Toys, scopes", ", scopes", 10, "'group' is a required property"),
    (Y, "scopes: [read]", "scopes: read", 10, "'read' is not of type 'array'"),
    (Y, "category: CRM", "category: CRM\nenvelope: {one: record, list: [record]}", 5, "is not valid under any"),
    (
        Y,
        "category: CRM",
        "category: CRM\nenvelope: {one: record, list: {data: [record]}, created: 7}",
        5,
        "envelope.created: 7 is not of type 'string'",
    ),
    (
        Y,
        "category: CRM",
        "category: CRM\nenvelope: {one: {data: record}, list: {data: [record]}, beside: {more: record}}",
        5,
        "envelope.beside.more: 'record' is not one of",
    ),
    (Y, "pollToys:", "selectToy:", 14, "selectToy stands under dataSources too"),
    (Y, "toys:poll_toys", "toys:poll_toys, returns: [toy]", 14, "triggers.pollToys.returns: ['toy'] is not valid"),
    (Y, "toys:poll_toys", "toys:poll_toys, returns: {}", 14, "triggers.pollToys.returns: {} is not valid"),
    (Y, "toys:poll_toys", "toys:poll_toys, returns: {of: 7}", 14, "triggers.pollToys.returns: {'of': 7} is not valid"),
    (Y, "toys:poll_toys", "toys:poll_toys, returns: game", 14, "returns 'game', but records/game.json is missing"),
    (Y, "toys:poll_toys", "toys:poll_toys, returns: {of: {balls: game}}", 14, "records/game.json is missing"),
    (
        Y,
        "toys:poll_toys",
        "toys:poll_toys, returns: {of: {balls: toy}}",
        14,
        "returns a record for each choice of 'of', and its choices are: none",
    ),
    # handlers
    (Y, "toys:create_toy", "toys:make_toy", 9, "handler 'toys:make_toy': toys.py has no function 'make_toy'"),
    (Y, "find: toys:find_toy", "find: toys:seek_toy", 9, "find 'toys:seek_toy': toys.py has no function"),
    (Y, "toys:list_toys", "games:list_toys", 10, "there is no module"),
    (H, "def create_toy", "raise SystemExit(7)\n\n\ndef create_toy", 9, "cannot be imported: SystemExit: 7"),
    (Y, "toys:create_toy", "create_toy", 9, "'create_toy' does not match"),
    (H, "def list_toys", "def remove_toy(ctx, inputs): ...\n\n\ndef list_toys", 7, "names toys:remove_toy"),
    (H, "def create_toy(ctx, inputs)", "def create_toy(ctx)", 9, "create_toy must take ctx and inputs"),
    ("connections/token.py", "def connection(fields)", "def connection()", 7, "connection must take fields"),
    (
        H,
        "def create_toy(ctx",
        "def create_toy(ctx:",
        10,
        "listToys: handler 'toys:list_toys': the module cannot be imported",
    ),
    (T, "def build_pages", "def login(fields): ...\n\n\ndef build_pages", 8, "names token:login"),
    (T, "def connection", "async def connection", 7, "handlers are plain functions, not async ones"),
    (H, "def list_toys", "async def list_toys", 10, "handlers are plain functions, not async ones"),
    (H, "def list_toys(ctx, inputs): ...", "def list_toys(ctx, inputs): yield", 10, "and do not yield it"),
    # what a connection says of its vendor
    (T, "return Service", "return dict", 7, "token:connection': fails with example 1 of its form: TypeError"),
    (T, "return Service", "Service", 7, "returns a NoneType, where a Service belongs"),
    (T, "rate=1", "rat=1", 7, "unexpected keyword argument 'rat'"),
    (T, "rate=1", "rate='x'", 7, "rate must be a number of requests"),
    (T, "rate=1", "rate=-1", 7, "rate must be a number of requests"),
    (T, "rate=1", "rate=fields['rateLimit']", 7, "KeyError"),
    (T, "rate=1", "rate=1, oauth={}", 7, "oauth must be an OAuth"),
    (T, "rate=1", "rate=1, cost=1", 7, "cost must be a function of path and query"),
    (T, '"https://toys', '"toys', 7, "api_url must be an address"),
    (T, '"/me"', '"me"', 7, "whoami must be a path"),
    (T, "read_error(payload)", "read_error()", 7, "error must be a function of payload"),
    (T, "(ctx, path, query, size)", "(ctx, path)", 7, "pages must be a function of ctx and path and query and size"),
    ("schemas/token.json", ',\n  "additionalProperties": false', "", 1, 'a form says "additionalProperties": false'),
    (C, '"additionalProperties": false', '"additionalProperties": true', 27, "or a misspelt input would pass"),
    # schema files
    (
        Y,
        "  listToys: {handler: toys:list_toys, effect: read, returns: [toy], group: Toys, scopes: [read]}\n",
        "",
        1,
        "nobody claims this schema",
    ),
    (Y, "listToys:", "listGames:", 10, "listGames has no schema: schemas/listGames.json is missing"),
    ("schemas/records/toy.json", ',\n    "maker": {"$ref": "maker.json"}', "", 1, "nobody claims this schema"),
    (SHARED_FILE, '"kind": {', '"size": {"type": "string"},\n    "kind": {', 13, "no schema refers to 'size'"),
    (C, '"title": "Create Toy",', '"title": "Create Toy"', 4, "is no JSON"),
    (C, "urn:sales-connectors:form", "https://json-schema.org/draft/2020-12/schema", 2, "$schema must be urn:"),
    (C, '"type": "integer"', '"type": "whole"', 11, "is no valid schema"),
    (C, "$defs/name", "$defs/label", 7, "shared.json#/$defs/label names nothing"),
    (C, "shared.json#", "other.json#", 7, "other.json#/$defs/name names nothing"),
    (C, "shared.json#", "urn:sales-connectors:raw-request#", 7, "urn:sales-connectors:raw-request#/$defs/name names"),
    (C, '"title": "Size"', '"title": "Size", "x-replaced-by": {"name": "title"}', 17, "by 'title', which is no other"),
    (C, '"title": "Size"', '"title": "Size", "x-replaced-by": {"name": "size"}', 17, "by 'size', which is no other"),
    (C, "shared.json#/$defs/name", "shared.json#/title", 7, "shared.json#/title names no schema"),
    ("schemas/records/maker.json", '"properties": {}', '"properties": {"m": {"$ref": "#"}}', 6, "leads back"),
    # the vocabulary
    (C, '"x-data-source":', '"x-data-sorce":', 12, "no keyword of a form. Did you mean 'x-data-source'?"),
    (C, '"type": "integer"', '"minimun": 1, "type": "integer"', 11, "no keyword of a form. Did you mean 'minimum'?"),
    (C, '"type": "integer"', '"x-foo": 1, "type": "integer"', 11, "x-foo is no keyword of a form."),
    (C, '"type": "integer"', '"$anchor": "like", "type": "integer"', 11, "$anchor is no keyword of a form."),
    (C, '"type": "integer"', '"not": {"minimun": 1}, "type": "integer"', 11, "minimun is no keyword of a form."),
    (C, '"type": "integer"', '"type": "integer", "x-multiline": "yes"', 11, "'yes' is not of type 'boolean'"),
    (C, '"type": "integer"', '"type": "string", "format": "day"', 11, "'day' is not one of"),
    (C, '"x-depends-on": ["name"]', '"x-depends-on": "name"', 13, "'name' is not of type 'array'"),
    (SHARED_FILE, '"type": "string"}', '"type": "string", "tittle": 7}', 13, "tittle is no keyword of a form."),
    (SHARED_FILE, '"type": "string"}', '"type": "string", "pattern": "(("}', 13, "pattern is no regular expression"),
    ("schemas/records/toy.json", '"type": "integer"', '"typ": "integer"', 7, "Did you mean 'type'?"),
    (C, '"x-depends-on": ["name"]', '"x-depends-on": 7', 13, "7 is not of type 'array'"),
    (C, '"like": {', '"odd": false, "like": {', 8, "odd is no schema of an input"),
    # what stands beside a reference
    (
        C,
        '"$ref": "shared.json#/$defs/name"',
        f'{NAME}, "type": "integer"',
        7,
        "type beside $ref cannot be put together",
    ),
    (C, NAME, f'{NAME}, "const": "Bike"', 7, "const beside $ref cannot be put together"),
    (C, NAME, f'{NAME}, "pattern": "a"', 7, "pattern beside $ref cannot be put"),
    (C, NAME, f'{NAME}, "enum": ["d"]', 7, "enum beside $ref cannot be put together"),
    (C, '"title": "Like",', '"title": "Like",\n      "title": "Likes",', 10, "'title' stands here a second time"),
    # what forms say
    (C, '  "title": "Create Toy",\n', "", 1, "the schema has no title"),
    (C, '"title": "Size",', "", 16, "size has no title"),
    (C, '"description": "A toy to resemble."', '"description": " "', 8, "like has no description"),
    (C, '"x-data-source": "selectToy"', '"x-data-source": "selectGame"', 12, "there is no data source 'selectGame'"),
    (C, '"x-depends-on": ["name"]', '"x-depends-on": ["age"]', 13, "like depends on 'age'"),
    (C, '{"kind": "ball"}', '{"colour": "red"}', 14, "'colour' is no input of selectToy"),
    (C, '"s": "Small"', '"m": "Medium"', 21, "size labels 'm'"),
    (
        C,
        '"x-enum-labels"',
        '"x-special": {"xl": "Larger"}, "x-enum-labels"',
        21,
        "does not take its own x-special: 'xl'",
    ),
    (C, '"x-enum-labels"', '"x-suggestions": ["xl"], "x-enum-labels"', 21, "not take its own x-suggestions: 'xl'"),
    (C, '"default": "s"', '"default": "m"', 22, "size does not take its own default: 'm'"),
    (C, '"examples": ["l"]', '"examples": ["m"]', 23, "size does not take its own examples: 'm'"),
    (C, '"required": ["name"]', '"required": ["age"]', 26, "requires 'age'"),
    (C, '"like": 7', '"like": "seven"', 29, "like must be a whole number"),
    (C, '"like": 7', '"like": "7"', 29, "example 1 does not fit the form as it stands"),
    # shapes that a form can show
    (
        C,
        ID,
        '"type": ["integer", "string"], "maximum": 7',
        11,
        'like takes several types at once: say "anyOf": [{"title',
    ),
    (C, ID, '"anyOf": [{"type": "integer", "maximum": 7}]', 11, "like has a choice that nobody could name"),
    (C, ID, '"anyOf": [{"title": "Number"}]', 11, 'say "title" and one "type" in each choice of anyOf'),
    (C, ID, '"type": "array"', 11, 'like is a list of nobody knows what: say "items"'),
    (C, ', "l": "Large"', "", 20, 'size has choices without a label: say "x-enum-labels": {"l": "…"}'),
    (C, ID, '"type": "object"', 12, 'whose keys are picked: x-data-source belongs under "propertyNames"'),
    (
        C,
        ID,
        '"type": "array", "items": {"type": "integer", "maximum": 7, "x-data-source": "selectToy"}',
        11,
        'x-data-source belongs on the list, not under "items"',
    ),
    (
        C,
        NEEDED,
        f'"not": {{"anyOf": [true, {{"required": ["like", "size"]}}]}}, {NEEDED}',
        26,
        'say "if": {…}, "then": {"properties": {"like":',
    ),
    (
        C,
        NEEDED,
        f'"if": {{"required": ["size"]}}, "then": {{"properties": {{"like": false}}}}, {NEEDED}',
        8,
        "like stands before size, which controls it: move size before it",
    ),
    (
        C,
        NEEDED,
        f'"allOf": [{{"dependentSchemas": {{"size": {{"required": ["like"]}}}}}}], {NEEDED}',
        8,
        "like stands before size, which controls it",
    ),
    (C, '"x-depends-on": ["name"]', '"x-depends-on": ["size"]', 8, "like stands before size, which controls it"),
    (
        SHARED_FILE,
        '"pattern": "\\\\S",\n      "enum": ["Bear", "Ball"], "x-enum-labels": {"Bear": "Bear", "Ball": "Ball"}',
        '"minLength": 1',
        7,
        'name is required, and takes blank text: say "pattern": "\\\\S"',
    ),
    (C, ID, '"type": "integer"', 8, 'refer to the id that forms share, or say "maximum": 9007199254740991'),
    (C, ID, f'"type": "integer", "maximum": {2**53}', 8, "like takes ids that no JSON reader holds exactly"),
    (
        C,
        '"like": {',
        f'"likeIds": {{{TOLD}, "type": "array", "items": {{{ID}}}}}, "like": {{',
        8,
        "likeIds is an id that",
    ),
    (
        C,
        '"like": {',
        f'"makerGuid": {{{TOLD}, "type": "string"}}, "like": {{',
        8,
        "makerGuid is an id that nobody knows",
    ),
    (C, '"like": {', f'{WALL}"like": {{', 16, "13 inputs without a group are a wall, 12 are not"),
    (
        C,
        '"title": "Like",',
        '"title": "Like", "x-group": "Looks",',
        16,
        "size stands apart from the inputs without a group",
    ),
    (
        C,
        '"like": {',
        "".join(f'"{name}": {{{TOLD}, "x-group": "{name[0]}"}}, ' for name in ("A1", "B1", "A2")) + '"like": {',
        8,
        "A2 stands apart from its group 'A': move it there",
    ),
    (C, NAME, f'{NAME}, "x-group": "Looks"', 7, 'name is required, and folded away: take "x-group" from it'),
    (C, '"x-depends-on": ["name"]', '"x-depends-on": ["size"]', 13, "'size' is no input of selectToy"),
    (
        "schemas/selectToy.json",
        '"additionalProperties"',
        '"required": ["size"], "additionalProperties"',
        12,
        "like: selectToy needs 'size': name an input of the form that gives it in \"x-depends-on\"",
    ),
    # what records say
    ("schemas/records/toy.json", '"type": "object"', '"x-columns": ["id", "nmae"],\n  "type": "object"', 5, "'nmae'"),
    ("schemas/records/toy.json", '{"id": 7}', '{"id": "7"}', 11, "example 1 does not fit the record"),
    ("schemas/records/toy.json", '"description": "Number of the toy.", ', "", 7, "id has no description"),
    (
        "schemas/records/toy.json",
        '"examples"',
        '"required": ["age"],\n  "examples"',
        10,
        "requires 'age', which is no field",
    ),
    ("schemas/records/toy.json", '"examples"', '"required": ["maker"],\n  "examples"', 12, "1 does not fit the record"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"), BROKEN, ids=[f"{case[0]}: {case[4]}" for case in BROKEN]
)
def test_a_problem_names_its_file_and_line(toy: Path, file: str, old: str, new: str, line: int, message: str) -> None:
    change(toy, file, old, new)
    problems = check("toy-crm")
    assert [problem for problem in problems if problem.line == line and message in problem.message], problems


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("schemas/createToy.json", "[]", "a form is an object"),
        ("schemas/createToy.json", "null", "a form is an object"),
        ("schemas/createToy.json", '{"properties": [1]}', "a form is an object"),
        ("schemas/createToy.json", '{"items":' * 9000 + "{}" + "}" * 9000, "recursion"),
        ("actions/toys.py", "def create_toy(:\n", "its module is no Python: .*toys.py, line 1"),
    ],
)
def test_what_is_no_form_or_no_python_is_told_as_that(toy: Path, file: str, text: str, told: str) -> None:
    """By a call with the file, and by ``check``, which goes on."""
    (toy / file).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told) as raised:
        Runtime().invoke("toy-crm", "createToy", {"name": "Ball"}, {"token": "secret"})
    assert raised.value.fix == "maintainer"
    assert Path(file).name in str(raised.value)
    assert check("toy-crm")


def test_a_missing_schema_and_an_unclaimed_one_name_their_own_files(toy: Path) -> None:
    (toy / "schemas/listToys.json").rename(toy / "schemas/listToy.json")
    found = {(problem.file, problem.line) for problem in check("toy-crm")}
    assert found == {(toy / "component.yaml", 10), (toy / "schemas/listToy.json", 1)}


def test_json_may_be_indented_with_tabs(toy: Path) -> None:
    change(toy, C, '    "name"', '\t"name"')
    change(toy, C, '"x-depends-on": ["name"]', '"x-depends-on": ["age"]')
    assert [problem.message for problem in check("toy-crm")] == [
        "like depends on 'age', which is no input",
        "like: 'age' is no input of selectToy",
    ]


def test_a_component_may_have_no_service_of_its_own(toy: Path) -> None:
    change(toy, Y, "connections:\n  token: {handler: token:connection}\n", "")
    (toy / "schemas/token.json").unlink()
    (toy / "connections/token.py").unlink()
    assert [str(problem) for problem in check("toy-crm")] == []


def test_the_new_keywords_pass(toy: Path) -> None:
    words = (
        '"x-group": "Looks", "x-multiline": true, "x-suggestions": ["s"], "x-special": {"l": "Large"}, "x-enum-labels"'
    )
    change(toy, C, '"x-enum-labels"', words)
    assert [str(problem) for problem in check("toy-crm")] == []


def test_the_formats_of_the_vocabulary_are_those_that_are_checked() -> None:
    assert set(load_vocabulary()["properties"]["format"]["enum"]) == set(FORMATS)
