"""How results look at a terminal.  Only what is drawn there imports this module, and ``rich`` with it."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from ...addresses import format_location
from ...unicode import strip_controls
from .form_command import shorten_description
from .output import measure_terminal, print_text, shows_styles
from .records import (
    RecordKind,
    choose_columns,
    extract_notes,
    extract_rows,
    find_value,
    flatten_record,
    format_cell,
    format_value,
    has_next_page,
    is_empty,
    list_left_out,
    shorten_references,
)

WIDE_COLUMNS = 110
"""Columns of a terminal that shows all that is known of a connection."""
CONNECTION_DETAILS = ("Scopes", "Age", "Used")
DETAILS_HINT = "A wider terminal, or --json, shows scopes, age and last use too."
MAX_SCOPES = 4
"""How many scopes of a connection are spelt out."""
LEFT_OUT_LINES = 2
"""Lines of the terminal in which the fields are named that a table leaves out."""
HEAD_STYLE, KEY_STYLE, QUIET_STYLE = "bold", "cyan", "dim"


class Harmless:
    """Whatever is drawn, without what a terminal would obey if it stood in somebody's text."""

    def __init__(self, *parts: RenderableType) -> None:
        self._drawn = Group(*parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._drawn, options):
            yield segment if segment.control else segment._replace(text=strip_controls(segment.text))


def _draw(*parts: RenderableType) -> None:
    console = _build_console()
    with console.capture() as drawn:
        console.print(Harmless(*parts))
    print_text(drawn.get())


def _build_console() -> Console:
    # what services send is shown as it is: no markup, no emoji, no highlighting
    width, height = measure_terminal()
    looks: dict[str, Any] = {"width": width, "height": height}
    looks |= {} if shows_styles(sys.stdout) else {"color_system": None}
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False, soft_wrap=False, **looks)


# --- describe ---------------------------------------------------------------------------------------


def draw_components(answer: Mapping[str, Any]) -> None:
    table = _build_table("Component", "Label", "What it does")
    for found in answer["components"]:
        table.add_row(Text(found["key"], KEY_STYLE), found["label"], found["description"].strip())
    _draw(table, _render_hint("sales-connectors describe COMPONENT shows what one of them can do"))


def draw_component(answer: Mapping[str, Any]) -> None:
    """A component for somebody who looks for an action."""
    key = answer["key"]
    _draw(
        Text.assemble((answer["label"], HEAD_STYLE), f"  {key}  ", (str(answer["category"] or ""), QUIET_STYLE)),
        Text(answer["description"].strip()),
        Text(str(answer["documentation"] or ""), QUIET_STYLE),
        *_render_section("Actions", answer["actions"], "effect"),
        *_render_section("Data sources", answer["dataSources"]),
        *_render_section("Triggers", answer["triggers"]),
        *_render_section("Connections", answer["connections"]),
        Text(),
        _render_hint(f"sales-connectors run {key} ACTION --help shows the inputs of an action"),
    )


def _render_section(title: str, entries: Sequence[Mapping[str, Any]], kind: str = "") -> list[RenderableType]:
    """The entries, those of a group below its name."""
    if not entries:
        return []
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    before = None
    for entry in entries:
        group = entry.get("group")
        if group != before:
            table.add_row(*([] if before is None else [""]))
            table.add_row(Text(str(group), HEAD_STYLE))
        before = group
        kinds = [Text(str(entry[kind]), QUIET_STYLE)] if kind else []
        needs = Text(f"needs {' '.join(entry['scopes'])}" if entry.get("scopes") else "", QUIET_STYLE)
        table.add_row(Text(entry["key"], KEY_STYLE), *kinds, Text(shorten_description(entry["description"])), needs)
    return [Text(), Text(f"{title} ({len(entries)})", HEAD_STYLE), Padding(table, (0, 0, 0, 2))]


# --- results ----------------------------------------------------------------------------------------


def draw_result(result: Mapping[str, Any], kind: RecordKind, columns: Sequence[str] = ()) -> None:
    """What an action returned; of records, all columns or the given ones."""
    outcome = [Text(f"outcome: {result['outcome']}", QUIET_STYLE)] if "outcome" in result else []
    _draw(*_render_data(result["data"], kind, columns), *outcome)


def draw_request(result: Mapping[str, Any]) -> None:
    """The request that would be sent."""
    _draw(*_render_request(result["request"]))


def _render_data(
    data: Any, kind: RecordKind, columns: Sequence[str] = (), *, empty: bool = True
) -> list[RenderableType]:
    if data is None:
        return [Text("Done.", QUIET_STYLE)]
    rows = extract_rows(data, kind.envelope)
    if rows is not None:
        return _render_list(data, rows, kind, columns)
    if isinstance(data, Mapping) and set(data) == {"base64", "contentType"}:
        return [Text(f"{data['contentType']}, {len(data['base64']) * 3 // 4} bytes; --json shows them as base64")]
    record = kind.extract(data)
    if not isinstance(record, Mapping):
        return [Text(format_value(record))]
    if columns:
        return [
            _render_fields([(name, format_value(shorten_references(find_value(record, name)))) for name in columns])
        ]
    return [_render_fields(flatten_record(record)), *(_list_empty_fields(record) if empty else [])]


def _render_list(data: Any, rows: Sequence[Any], kind: RecordKind, columns: Sequence[str]) -> list[RenderableType]:
    notes = [f"{len(rows)} record{'' if len(rows) == 1 else 's'}"]
    notes += ["more on the next page; fetchAll reads all of them"] if has_next_page(data) else []
    notes += [f"{name}: {value}" for name, value in extract_notes(data).items()]
    return [*_render_records(rows, kind, columns), _render_hint(" · ".join(notes))]


def _render_records(rows: Sequence[Any], kind: RecordKind, columns: Sequence[str]) -> list[RenderableType]:
    """A table, and the fields that it leaves out."""
    records = [kind.extract(row) for row in rows]
    if not records:
        return []
    if not all(isinstance(record, Mapping) for record in records):
        return [Text("\n".join(format_cell(record) for record in records))]
    width = _build_console().width
    widths = {} if columns else choose_columns(kind, records, width)
    shown = columns or [*widths]
    table = _build_table(*shown, whole=bool(columns))
    for record in records:
        table.add_row(*(_render_cell(name, find_value(record, name), widths.get(name)) for name in shown))
    left_out = [] if columns else list_left_out(records, shown)
    return [table, *([_render_left_out(left_out, width)] if left_out else [])]


def _render_cell(name: str, value: Any, width: int | None) -> Text:
    text = Text(format_cell(value), KEY_STYLE if name == "id" else "")
    if width is not None:
        text.truncate(width, overflow="ellipsis")
    return text


def _render_left_out(names: Sequence[str], width: int) -> RenderableType:
    """The fields that a table does not show, as many of them as fit, and how to see them."""
    for count in range(len(names), 0, -1):
        more = f" and {len(names) - count} more" if count < len(names) else ""
        words = f"Not shown: {', '.join(names[:count])}{more}; --columns chooses, --json shows all"
        if len(wrap(words, width)) <= LEFT_OUT_LINES:
            break
    return _render_hint(words)


def _render_fields(fields: Sequence[tuple[str, str]]) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style=KEY_STYLE, no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in fields:
        table.add_row(name, Text(text))
    return table


def _list_empty_fields(record: Mapping[str, Any]) -> list[RenderableType]:
    empty = [str(name) for name, value in record.items() if is_empty(value)]
    return [_render_hint(f"empty: {', '.join(empty)}")] if empty else []


def _render_request(request: Mapping[str, Any]) -> list[RenderableType]:
    """A dry run: the request as it would travel."""
    head = Text.assemble((f"{request['method']} ", HEAD_STYLE), request["url"])
    headers = [Text(f"{name}: {value}", QUIET_STYLE) for name, value in request["headers"].items()]
    body = request["body"]
    shown = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2, default=str)
    bodies = [Text(), Text(shown)] if body is not None else []
    return [head, *headers, *bodies, _render_hint("A dry run: nothing was sent")]


def draw_picklist(result: Mapping[str, Any], kind: RecordKind, columns: Sequence[str] = ()) -> None:
    options = result["result"]
    shown = _render_records(options, kind, columns) if columns else [_render_choices(options)] if options else []
    total = f"{len(options)}" if result.get("total") in (None, len(options)) else f"{len(options)} of {result['total']}"
    notes = [f"{total} option{'' if len(options) == 1 else 's'}"]
    notes += [f"more with --cursor {result['nextCursor']}"] if result.get("nextCursor") else []
    _draw(*shown, _render_hint(" · ".join(notes)))


def _render_choices(options: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = _build_table("Label", "Key")
    for option in options:
        missing = Text("  no longer there", "red") if option.get("missing") else Text()
        table.add_row(Text(format_cell(option["label"])) + missing, Text(format_cell(option["key"]), KEY_STYLE))
    return table


def draw_changes(result: Mapping[str, Any], kind: RecordKind, columns: Sequence[str] = (), *, kept: bool) -> None:
    """What a poll found, and the state to hand to the next one unless it is kept in a file."""
    parts: list[RenderableType] = []
    for change, rows in result["data"].items():
        parts.append(Text(f"{change.capitalize()} ({len(rows)})", HEAD_STYLE))
        parts += [Padding(Group(*_render_records(rows, kind, columns)), (0, 0, 1, 2))] if rows else []
    state = json.dumps(result["state"], ensure_ascii=False, default=str)
    _draw(*parts, *([] if kept else [_render_hint(f"state for the next poll: {state}")]))


# --- connections ------------------------------------------------------------------------------------


def draw_connections(answer: Mapping[str, Any]) -> None:
    kept = answer["connections"]
    if not kept:
        return _draw(Text("No connections are kept."), _render_hint("sales-connectors connect COMPONENT NAME signs in"))
    is_wide = measure_terminal()[0] >= WIDE_COLUMNS
    table = _build_table("Name", "Component", "Account", "Service", *(CONNECTION_DETAILS if is_wide else ()), "State")
    for column in table.columns[:2]:
        column.no_wrap = True  # the names that are typed
    for one in kept:
        about = (one["component"], one["account"] or "", format_location(one["apiUrl"]))
        details = (_format_scopes(one["scopes"]), _format_days(one["createdAt"]), _format_days(one["usedAt"]))
        cells = [Text(strip_controls(cell)) for cell in (*about, *(details if is_wide else ()))]
        table.add_row(Text(one["name"], KEY_STYLE), *cells, _render_state(one))
    troubles = [(one["name"], _say_trouble(one)) for one in kept]
    _draw(
        table,
        *(Text.assemble((name, KEY_STYLE), f": {trouble}") for name, trouble in troubles if trouble),
        _render_hint(_say_defaults(kept) + ("" if is_wide else f" {DETAILS_HINT}")),
    )


def _format_scopes(scopes: Sequence[str] | None) -> str:
    """The scopes; many are a number, which JSON spells out."""
    return " ".join(scopes or []) if len(scopes or []) <= MAX_SCOPES else f"{len(scopes or [])} scopes"


def _say_defaults(kept: Sequence[Mapping[str, Any]]) -> str:
    """Which connections are used where none is named, and what to do about the others."""
    defaults = {one["component"]: one["name"] for one in kept if one["default"]}
    without = dict.fromkeys(one["component"] for one in kept if one["component"] not in defaults)
    said = [f"{component} uses {name}" for component, name in defaults.items()]
    said += [f"{component} has several: sales-connectors connections default NAME chooses" for component in without]
    return f"Where no --connection is named, {'; '.join(said)}."


def _render_state(one: Mapping[str, Any]) -> Text:
    if one["signIn"]:
        return Text("sign in again", "red")
    return Text("idle", "yellow") if one["idle"] else Text("ready", "green")


def _say_trouble(one: Mapping[str, Any]) -> str:
    """Why a connection is not ready, and what to do."""
    if one["signIn"]:
        return strip_controls(one["signIn"])
    return "not used for 30 days; is it still needed?" if one["idle"] else ""


def _format_days(at: float | None) -> str:
    """How long ago, in days."""
    if at is None:
        return ""
    days = int((time.time() - at) // 86_400)
    return "today" if days < 1 else "a day" if days == 1 else f"{days} days"


# --- the demo ---------------------------------------------------------------------------------------


def draw_step(number: int, title: str, value: Any, kind: RecordKind) -> None:
    """One step of a story that is told."""
    shown = [] if value is None else [Padding(Group(*_render_value(value, kind)), (0, 0, 0, 4))]
    _draw(Text.assemble((f"{number:>2}  ", QUIET_STYLE), (title, HEAD_STYLE)), *shown, Text())


def _render_value(value: Any, kind: RecordKind) -> list[RenderableType]:
    if isinstance(value, str):
        return [Text(value)]
    if isinstance(value, Mapping) and "request" in value:
        return _render_request(value["request"])
    if isinstance(value, Mapping) and isinstance(value.get("result"), list):
        return [_render_options(value["result"])]
    return _render_data(value, kind, empty=False)


def _render_options(options: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for option in options:
        table.add_row(Text(format_cell(option["label"])), Text(format_cell(option["key"]), KEY_STYLE))
    return table


# --- parts ------------------------------------------------------------------------------------------


def _build_table(*columns: str, whole: bool = True) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style=HEAD_STYLE, pad_edge=False, show_edge=False, padding=(0, 1))
    for name in columns:
        table.add_column(Text(name), overflow="fold" if whole else "ellipsis", no_wrap=not whole)
    return table


def _render_hint(text: str) -> RenderableType:
    return Text(text, QUIET_STYLE)
