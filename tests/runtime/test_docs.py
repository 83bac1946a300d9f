"""The reference pages and the types are up to date, complete, and their links lead somewhere."""

import json
import os
import re
from pathlib import Path

import pytest
from tests.conftest import unmount

from sales_connectors import components, manifest
from sales_connectors.components import CHECKOUT
from sales_connectors.doors.cli.component_template import COMPONENT_FILES
from sales_connectors.doors.cli.new_component import write_files
from sales_connectors.manifest import Component, Entry, projections
from sales_connectors.manifest.fields import describe_field, describe_type
from sales_connectors.manifest.forms import Form
from sales_connectors.manifest.markdown import render_table
from sales_connectors.manifest.output import build_output_schema, build_polled_schema, get_record_type
from sales_connectors.manifest.projections.layout import lay_out
from sales_connectors.manifest.projections.reference import render_reference
from sales_connectors.manifest.projections.stubs import render_module
from sales_connectors.manifest.rules import describe_rules
from sales_connectors.manifest.vocabulary import list_own_keywords
from sales_connectors.runtime.idempotency import MAX_KEYED_CREATE_SECONDS
from sales_connectors.store.journal import KEY_RETENTION_DAYS

COMPONENTS = manifest.load_components()
KEYS = [component.key for component in COMPONENTS]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which everything was written."""
    root = tmp_path_factory.mktemp("checkout")
    (root / projections.TYPED_FOLDER).mkdir(parents=True)
    (root / "README.md").touch()
    projections.write(None, root=root)
    return root


def page(pages: Path, key: str) -> str:
    return (pages / "docs" / f"{key}.md").read_text(encoding="utf-8")


def reference(pages: Path, key: str) -> dict[str, str]:
    """The pages of a component, by their place below the folder of all."""
    docs = pages / "docs"
    found = [docs / f"{key}.md", *sorted((docs / key).glob("*.md"))]
    return {path.relative_to(docs).as_posix(): path.read_text(encoding="utf-8") for path in found}


def whole(pages: Path, key: str) -> str:
    return "\n".join(reference(pages, key).values())


def section(text: str, heading: str) -> str:
    """What stands under a heading."""
    found = re.search(rf"^###? {re.escape(heading)}\n(.*?)(?=^##|\Z)", text, re.M | re.S)
    assert found, f"there is no section {heading}"
    return found[1]


def find_dead_links(texts: dict[str, str], root: Path = Path("nowhere")) -> list[str]:
    """Links to a page that is neither here nor a file, or to a heading that its page has not, or twice."""
    dead = []
    for name, text in texts.items():
        for target, anchor in re.findall(r"\]\((?![a-z]+:)([^)#]*)#?([^)]*)\)", text):
            place = os.path.normpath((Path(name).parent / target).as_posix() if target else name)
            page = texts.get(place)
            if page is None and not anchor and (root / place).exists():
                continue
            if page is None or (anchor and anchors(page).count(anchor) != 1):
                dead.append(f"{name}: {target}#{anchor}")
    return dead


def anchors(text: str) -> list[str]:
    """The anchors of a page, as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_nothing_generated_is_stale() -> None:
    assert projections.write(None, check=True) == [], "run `make docs`"


def test_writing_twice_changes_nothing(pages: Path) -> None:
    assert projections.write(None, root=pages) == []


def test_what_is_stale_is_named_and_not_written(pages: Path) -> None:
    path = pages / "docs" / f"{KEYS[0]}.md"
    before = path.read_text(encoding="utf-8")
    path.write_text("old", encoding="utf-8")
    assert projections.write(KEYS[0], check=True, root=pages) == [path]
    assert path.read_text(encoding="utf-8") == "old"
    assert projections.write(KEYS[0], root=pages) == [path]
    assert path.read_text(encoding="utf-8") == before


def test_the_page_of_a_component_that_is_gone_goes_too(pages: Path) -> None:
    gone, kept = pages / "docs" / "gone.md", pages / "docs" / "by-hand.md"
    gone.write_text(page(pages, KEYS[0]), encoding="utf-8")
    kept.write_text("# By hand\n", encoding="utf-8")
    assert projections.write(None, root=pages) == [gone]
    assert kept.exists()
    assert not gone.exists()


def test_a_page_of_a_group_that_is_gone_goes_too(pages: Path) -> None:
    docs = pages / "docs"
    text = page(pages, KEYS[0])
    left = [docs / KEYS[0] / "old-group.md", docs / "gone" / "things.md"]
    left[1].parent.mkdir()
    by_hand = docs / KEYS[0] / "notes-of-mine.md"
    for path in left:
        path.write_text(text, encoding="utf-8")
    by_hand.write_text("# By hand\n", encoding="utf-8")
    assert projections.write(KEYS[0], check=True, root=pages) == left[:1]
    assert projections.write(None, check=True, root=pages) == sorted(left)
    assert projections.write(None, root=pages) == sorted(left)
    assert by_hand.exists()
    assert not left[1].parent.exists()
    by_hand.unlink()


def test_a_component_that_lies_elsewhere_has_its_pages(tmp_path: Path) -> None:
    folder, root = tmp_path / "elsewhere", tmp_path / "project"
    write_files(folder, COMPONENT_FILES, "acme-elsewhere", "Acme Elsewhere")
    package = components.mount(folder, "acme-elsewhere")
    try:
        written = projections.write("acme-elsewhere", root=root)
        assert projections.write("acme-elsewhere", check=True, root=root) == []
    finally:
        unmount(package)
    texts = reference(root, "acme-elsewhere")
    assert sorted(texts) == sorted(path.relative_to(root / "docs").as_posix() for path in written)
    assert {"acme-elsewhere.md", "acme-elsewhere/items.md", "acme-elsewhere/picklists.md"} <= texts.keys()
    assert "\n## createItem\n" in texts["acme-elsewhere/items.md"]
    assert find_dead_links(texts) == []


def test_without_a_checkout_only_pages_are_written(tmp_path: Path) -> None:
    projections.write(None, root=tmp_path)
    assert sorted(path.name for path in (tmp_path / "docs").glob("*.*")) == sorted(
        ["README.md", "calls.md", "forms.md", "troubleshooting.md", *(f"{key}.md" for key in KEYS)]
    )
    assert {path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")} == {
        "docs",
        *(f"docs/{key}" for key in KEYS),
    }


@pytest.mark.parametrize("component", COMPONENTS, ids=KEYS)
def test_every_input_stands_in_the_section_of_its_action(pages: Path, component: Component) -> None:
    text = whole(pages, component.key)
    for key in [*component.connections, *component.actions, *component.data_sources, *component.triggers]:
        said = section(text, key)
        form = component.form(key)
        assert form.label in said
        assert [name for name in form.properties if f"| `{name}` |" not in said] == []


@pytest.mark.parametrize("component", COMPONENTS, ids=KEYS)
def test_every_field_of_a_record_is_described(pages: Path, component: Component) -> None:
    text = whole(pages, component.key)
    for record in {get_record_type(entry.returns) for entry in component.actions.values()} - {None}:
        said = section(text, f"Record: {record}")
        assert [name for name in component.record(str(record))["properties"] if f"| `{name}` |" not in said] == []


@pytest.mark.parametrize("component", COMPONENTS, ids=KEYS)
def test_links_lead_to_one_heading(pages: Path, component: Component) -> None:
    texts = reference(pages, component.key)
    assert sum(text.count("](") for text in texts.values()) >= 2 * len(component.actions)
    assert find_dead_links(texts) == []


@pytest.mark.parametrize("component", COMPONENTS, ids=KEYS)
def test_no_page_is_a_wall(pages: Path, component: Component) -> None:
    assert [name for name, text in reference(pages, component.key).items() if text.count("\n") > 1000] == []


def test_the_index_leads_to_every_page_there_is(pages: Path) -> None:
    text = (CHECKOUT / "docs" / "README.md").read_text(encoding="utf-8")
    there = {path.name for path in (CHECKOUT / "docs").glob("*.md")} - {"README.md"}
    assert there <= set(re.findall(r"\]\(([^)#]+)\)", text))
    elsewhere = re.findall(r"\]\(([^)#]+)\)", page(pages, "README"))
    assert {f"{key}.md" for key in KEYS} <= set(elsewhere)
    assert [link for link in elsewhere if not (pages / "docs" / link).exists()] == []


def test_every_keyword_of_ours_is_explained(pages: Path) -> None:
    text = (pages / "docs" / "forms.md").read_text(encoding="utf-8")
    for name, spec in list_own_keywords().items():
        assert f"| `{name}` | " in text
        assert str(spec["description"]) in text


@pytest.mark.parametrize("component", COMPONENTS, ids=KEYS)
def test_each_group_of_actions_has_its_page_with_its_records(pages: Path, component: Component) -> None:
    texts = {re.findall(r"^# (.+)$", text, re.M)[0]: text for text in reference(pages, component.key).values()}
    for entry in component.actions.values():
        assert f"\n## {entry.key}\n" in texts[entry.group]
    everything = "".join(texts.values())
    for record in {get_record_type(entry.returns) for entry in component.actions.values()} - {None}:
        assert everything.count(f"\n## Record: {record}\n") == 1


@pytest.mark.parametrize("component", COMPONENTS, ids=KEYS)
def test_rows_of_a_table_have_the_cells_of_its_head(pages: Path, component: Component) -> None:
    rows = re.findall(r"((?:^\|.*\|\n)+)", whole(pages, component.key), re.M)
    assert len(rows) > len(component.actions)
    for lines in (row.splitlines() for row in rows):
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {len(re.findall(r"\|", lines[0]))}


def test_the_groups_of_a_form_are_headings_of_its_table(pages: Path) -> None:
    rows = section(page(pages, "zendesk-sell/contacts"), "listContacts").splitlines()
    names = [row.split("|")[1].strip() for row in rows if row.startswith("| ")]
    form = manifest.load_component("zendesk-sell").form("listContacts").properties
    groups = dict.fromkeys(spec["x-group"] for spec in form.values() if "x-group" in spec)
    assert [name for name in names if name.startswith("**")] == [f"**{group}**" for group in groups]
    assert names.index("**Paging and sorting**") < names.index("`sortBy`") < names.index("`perPage`")


def test_columns_in_which_nothing_stands_are_left_out() -> None:
    assert render_table(["A", "B"], [["1", ""], ["2|3", ""]]) == "| A |\n| --- |\n| 1 |\n| 2\\|3 |"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"dependentRequired": {"a": ["b"]}}, ["`a` needs `b`."]),
        ({"dependentRequired": {"a": ["b"], "b": ["a"]}}, ["`a` and `b` go together."]),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, ["At least one of `a` or `b` is required."]),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, ["Exactly one of `a` or `b` is required."]),
        ({"allOf": [{"description": "Not both.", "not": {"required": ["a", "b"]}}]}, ["Not both."]),
        (
            {
                "if": {"properties": {"kind": {"const": True}}, "required": ["kind"]},
                "then": {"description": "It has a name.", "required": ["name"]},
                "else": {"description": "It has none.", "properties": {"name": False}},
            },
            ["When `kind` is `true`: it has a name. Required: `name`.", "Otherwise: it has none."],
        ),
        (
            {"if": {"required": ["a"]}, "then": {"properties": {"b": False, "c": False, "d": {"type": "string"}}}},
            ["With `a`: not with `b` and `c`."],
        ),
        ({"if": {"required": ["a"]}, "then": {"description": "Say why."}}, ["With `a`: say why."]),
        ({"if": {"not": {"required": ["a"]}}, "then": {"description": "Say why."}}, ["Without `a`: say why."]),
    ],
)
def test_conditions_are_told_in_words(schema: dict[str, object], words: list[str]) -> None:
    assert describe_rules(schema) == words


RECORD = {"type": "object", "properties": {"id": {"type": "integer"}}}
ENVELOPE = {"one": {"data": "record", "meta": "object"}, "list": {"items": ["one"], "meta": "object"}}


class Toys(Component):
    """A component without files."""

    def record(self, name: str) -> dict[str, object]:
        return RECORD | {"x-bare": name == "bare"}

    def form(self, key: str) -> Form:
        kinds = {"kind": {"type": "string", "enum": ["balls", "bears"]}}
        return Form({"title": key, "description": f"{key}.", "properties": kinds, "required": ["kind"]})


def test_a_component_without_a_service_of_its_own_has_a_page() -> None:
    texts = render_reference(
        Toys(Path("."), "toys", {"key": "toys", "label": "Toys", "documentation": "https://toys.example"})
    )
    assert texts.keys() == {"toys.md"}
    assert "None: the component has no service of its own." in texts["toys.md"]
    assert find_dead_links(texts) == []


def test_groups_of_like_names_have_pages_of_their_own() -> None:
    groups = ("Big toys", "big toys", "Picklists", "Triggers", "…")
    actions = {f"do{number}": {"handler": "toys:do", "group": group} for number, group in enumerate(groups)}
    layout = lay_out(
        Toys(
            Path("."),
            "toys",
            {"key": "toys", "label": "Toys", "documentation": "https://toys.example", "actions": actions},
        )
    )
    assert [page.file for page in layout.pages] == [
        "big-toys.md",
        "big-toys-2.md",
        "picklists-2.md",
        "triggers-2.md",
        "actions.md",
    ]


@pytest.mark.parametrize(
    ("returns", "envelope", "wanted"),
    [
        ("nothing", ENVELOPE, {"type": "null"}),
        ("anything", ENVELOPE, {}),
        ("toy", None, {}),
        ("toy", {"one": "record", "list": {"items": ["record"]}}, RECORD | {"x-bare": False}),
        ("bare", ENVELOPE, RECORD | {"x-bare": True}),
    ],
)
def test_the_schema_of_an_answer(returns: object, envelope: object, wanted: dict[str, object]) -> None:
    toys = Toys(Path("."), "toys", {"key": "toys", "envelope": envelope})
    assert build_output_schema(toys, Entry("actions", "getToy", "toys:get_toy", returns=returns)) == wanted


def test_the_schema_of_a_list_wraps_each_record() -> None:
    toys = Toys(Path("."), "toys", {"key": "toys", "envelope": ENVELOPE})
    schema = build_output_schema(toys, Entry("actions", "listToys", "toys:list_toys", returns=["toy"]))
    assert schema["required"] == ["items", "meta"]
    assert schema["properties"]["items"]["items"]["properties"]["data"]["properties"] == RECORD["properties"]


@pytest.mark.parametrize(
    ("spec", "type", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 2**53 - 1}, "integer", ""),
        ({"type": "integer", "minimum": 1, "maximum": 100}, "integer", "From 1 to 100."),
        ({"type": "string", "x-special": {"_none": "None"}}, "string", "With a meaning of its own: `_none` (None)."),
        (
            {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"title": "ID", "type": "integer"},
                        {"title": "Text", "type": "string", "x-special": {"_none": "None", "_any": "Any"}},
                    ]
                },
            },
            "array of integer or string",
            "With a meaning of its own: `_none` (None) or `_any` (Any).",
        ),
        (
            {"anyOf": [{"title": "Day", "type": "string", "format": "date"}, {"title": "No day", "type": "null"}]},
            "string (date) or null",
            "",
        ),
    ],
)
def test_an_input_is_told_in_words(spec: dict[str, object], type: str, words: str) -> None:
    assert (describe_type(spec), describe_field(spec)) == (type, words)


# --- what a poll reports --------------------------------------------------------------------------------------------

ONE_OF_EACH = {"kind": {"balls": "ball", "bears": "bear"}}


def poller(returns: object) -> Toys:
    line = {"handler": "toys:poll_toys"} | ({"returns": returns} if returns else {})
    return Toys(
        Path("."),
        "toys",
        {"key": "toys", "label": "Toys", "documentation": "https://toys.example", "triggers": {"pollToys": line}},
    )


@pytest.mark.parametrize(
    ("returns", "one"),
    [
        (None, {"type": "object"}),
        ("ball", RECORD | {"x-bare": False}),
        (ONE_OF_EACH, {"anyOf": [RECORD | {"x-bare": False}] * 2}),
    ],
)
def test_the_schema_of_a_poll_has_no_envelope(returns: object, one: dict[str, object]) -> None:
    toys = poller(returns)
    schema = build_polled_schema(toys, toys.triggers["pollToys"])
    changed = {"type": "array", "items": one}
    deleted = {"type": "array", "items": {"type": "object"}}
    assert schema["properties"] == {"created": changed, "updated": changed, "deleted": deleted}
    assert schema["required"] == ["created", "updated", "deleted"]


@pytest.mark.parametrize(
    ("returns", "signatures"),
    [
        (None, [('Literal["balls", "bears"]', "Polled")]),
        ("ball", [('Literal["balls", "bears"]', "Polled[Ball]")]),
        (ONE_OF_EACH, [('Literal["balls"]', "Polled[Ball]"), ('Literal["bears"]', "Polled[Bear]")]),
    ],
)
def test_the_type_of_a_poll_is_that_of_its_records(returns: object, signatures: list[tuple[str, str]]) -> None:
    text = render_module(poller(returns))
    assert re.findall(r"def poll\(.*?kind: (.*?),\n.*?\) -> (.*?):", text, re.S) == signatures


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ("ball", "**Returns** records of the type [ball](triggers.md#record-ball)."),
        (ONE_OF_EACH, "[ball](triggers.md#record-ball) for `balls` or [bear](triggers.md#record-bear) for `bears`."),
    ],
)
def test_the_page_of_a_trigger_says_which_records_it_reports(returns: object, said: str) -> None:
    texts = render_reference(poller(returns))
    assert said in section(texts["toys/triggers.md"], "pollToys")
    assert find_dead_links(texts) == []


def test_a_poll_is_shown_with_its_answer_and_its_missing_envelope(pages: Path) -> None:
    text = page(pages, "zendesk-sell/triggers")
    said = section(text, "pollChangesTrigger")
    assert "without the envelope" in text.partition("## ")[0]
    assert 'for deal in polled["data"]["created"]:\n    print(deal["id"])' in said
    answer = json.loads(re.findall(r"```json\n(.*?)```", said, re.S)[-1])
    assert answer["data"]["created"] == manifest.load_component("zendesk-sell").record("deal")["examples"][:1]


@pytest.mark.parametrize("component", COMPONENTS, ids=KEYS)
def test_the_fields_that_always_come_are_marked(pages: Path, component: Component) -> None:
    text = whole(pages, component.key)
    for record in {get_record_type(entry.returns) for entry in component.actions.values()} - {None}:
        schema = component.record(str(record))
        rows = re.findall(r"^\| `([^`.\[]+)` \| [^|]* \| (yes)? ?\|", section(text, f"Record: {record}"), re.M)
        if set(schema["required"]) != set(schema["properties"]):
            assert {"", "yes"} == {mark for _, mark in rows}
        assert [name for name, mark in rows if mark] == [
            name for name in schema["properties"] if name in schema["required"]
        ]


def test_what_is_inferred_of_a_record_says_so(pages: Path) -> None:
    assert "*Always* is inferred: the vendor names these keys" in section(
        page(pages, "salesloft/people"), "Record: person"
    )
    assert "is inferred" not in section(page(pages, "zendesk-sell/deals"), "Record: deal")


def test_the_bounds_of_a_key_are_those_that_hold() -> None:
    text = (CHECKOUT / "docs" / "calls.md").read_text(encoding="utf-8")
    assert f"for at least {KEY_RETENTION_DAYS} days after its create was done" in text
    assert f"ends after {MAX_KEYED_CREATE_SECONDS:.0f} s at the latest" in text


def test_what_may_stand_beside_records_is_said_and_not_required() -> None:
    envelope = {"one": {"data": "record"}, "list": {"data": ["record"]}, "beside": {"included": ["object"]}}
    toys = Toys(
        Path("."),
        "toys",
        {"key": "toys", "label": "Toys", "documentation": "https://toys.example", "envelope": envelope},
    )
    for returns in ("toy", ["toy"]):
        schema = build_output_schema(toys, Entry("actions", "listToys", "toys:list_toys", returns=returns))
        assert schema["required"] == ["data"]
        assert schema["properties"]["included"] == {"type": "array", "items": {"type": "object"}}
    assert 'Beside them may stand `"included": [{…}, …]`' in render_reference(toys)["toys.md"]
    bare = build_output_schema(toys, Entry("actions", "getToy", "toys:get_toy", returns="bare"))
    assert "included" not in bare["properties"]
