"""How results look at a terminal.  Only what is drawn there imports this module, and ``rich`` with it."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .form_command import first_words
from .output import safe
from .records import WIDEST, cell, columns_of, flattened, more_follows, notes_of, record_of, rows_of, text_of

HEAD, KEY, QUIET = "bold", "cyan", "dim"


def _draw(*parts: RenderableType) -> None:
    _console().print(Group(*parts))


def _console() -> Console:
    # what services send is shown as it is: no markup, no emoji, no highlighting
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False, soft_wrap=False)


# --- describe ---------------------------------------------------------------------------------------


def components(answer: Mapping[str, Any]) -> None:
    table = _table("Component", "Label", "What it does")
    for found in answer["components"]:
        table.add_row(Text(found["key"], KEY), found["label"], found["description"].strip())
    _draw(table, _hint("sales-connectors describe COMPONENT shows what one of them can do"))


def component(answer: Mapping[str, Any], groups: Mapping[str, str]) -> None:
    """A component for somebody who looks for an action; ``groups`` says which of them belong together."""
    key = answer["key"]
    _draw(
        Text.assemble((answer["label"], HEAD), f"  {key}  ", (str(answer["category"] or ""), QUIET)),
        Text(answer["description"].strip()),
        Text(str(answer["documentation"] or ""), QUIET),
        *_section("Actions", answer["actions"], "effect", groups),
        *_section("Data sources", answer["dataSources"]),
        *_section("Triggers", answer["triggers"]),
        *_section("Connections", answer["connections"]),
        Text(),
        _hint(f"sales-connectors run {key} ACTION --help shows the inputs of an action"),
    )


def _section(
    title: str, entries: Sequence[Mapping[str, Any]], kind: str = "", groups: Mapping[str, str] | None = None
) -> list[RenderableType]:
    if not entries:
        return []
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    before = None
    for entry in entries:
        group = (groups or {}).get(entry["key"])
        if before not in (None, group):
            table.add_row()
        before = group
        kinds = [Text(str(entry[kind]), QUIET)] if kind else []
        table.add_row(Text(entry["key"], KEY), *kinds, Text(first_words(entry["description"])))
    return [Text(), Text(f"{title} ({len(entries)})", HEAD), Padding(table, (0, 0, 0, 2))]


# --- results ----------------------------------------------------------------------------------------


def answer(result: Mapping[str, Any]) -> None:
    """What an action returned, or the request that it would send."""
    if "request" in result:
        return _draw(*_request(result["request"]))
    outcome = [Text(f"outcome: {result['outcome']}", QUIET)] if "outcome" in result else []
    _draw(*_data(result["data"]), *outcome)


def _data(data: Any, *, empty: bool = True) -> list[RenderableType]:
    if data is None:
        return [Text("Done.", QUIET)]
    rows = rows_of(data)
    if rows is not None:
        return _listed(data, rows)
    if isinstance(data, Mapping) and set(data) == {"base64", "contentType"}:
        return [Text(f"{data['contentType']}, {len(data['base64']) * 3 // 4} bytes; --json shows them as base64")]
    record = record_of(data)
    if not isinstance(record, Mapping):
        return [Text(text_of(record))]
    return [_record(record), *(_about_empty(record) if empty else [])]


def _listed(data: Any, rows: Sequence[Any]) -> list[RenderableType]:
    parts: list[RenderableType] = [_records(rows)] if rows else []
    notes = [f"{len(rows)} record{'' if len(rows) == 1 else 's'}"]
    notes += ["more on the next page (page, or fetchAll for all of them)"] if more_follows(data) else []
    notes += [f"{name}: {value}" for name, value in notes_of(data).items()]
    return [*parts, _hint(" · ".join(notes))]


def _records(rows: Sequence[Any]) -> RenderableType:
    records = [record_of(row) for row in rows]
    if not all(isinstance(record, Mapping) for record in records):
        return Text("\n".join(cell(record) for record in records))
    columns = columns_of(records, _console().width)
    table = _table(*map(safe, columns), whole=False)
    for record in records:
        table.add_row(*(_cell(name, record.get(name)) for name in columns))
    return table


def _cell(name: str, value: Any) -> Text:
    text = Text(cell(value), KEY if name == "id" else "")
    text.truncate(WIDEST, overflow="ellipsis")
    return text


def _record(record: Mapping[str, Any]) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style=KEY, no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in flattened(record):
        table.add_row(name, Text(text))
    return table


def _about_empty(record: Mapping[str, Any]) -> list[RenderableType]:
    empty = [str(name) for name, value in record.items() if value in (None, "", [], {})]
    return [_hint(f"empty: {', '.join(map(safe, empty))}")] if empty else []


def _request(request: Mapping[str, Any]) -> list[RenderableType]:
    """A dry run: the request as it would travel."""
    head = Text.assemble((f"{request['method']} ", HEAD), safe(request["url"]))
    headers = [Text(safe(f"{name}: {value}"), QUIET) for name, value in request["headers"].items()]
    body = request["body"]
    shown = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2, default=str)
    bodies = [Text(), Text(safe(shown))] if body is not None else []
    return [head, *headers, *bodies, _hint("A dry run: nothing was sent")]


def picklist(result: Mapping[str, Any]) -> None:
    options = result["result"]
    table = _table("Label", "Key")
    for option in options:
        missing = Text("  no longer there", "red") if option.get("missing") else Text()
        table.add_row(Text(cell(option["label"])) + missing, Text(cell(option["key"]), KEY))
    total = f"{len(options)}" if result.get("total") in (None, len(options)) else f"{len(options)} of {result['total']}"
    notes = [f"{total} option{'' if len(options) == 1 else 's'}"]
    notes += [f"more with --cursor {result['nextCursor']}"] if result.get("nextCursor") else []
    _draw(*([table] if options else []), _hint(" · ".join(notes)))


def changes(result: Mapping[str, Any], *, kept: bool) -> None:
    """What a poll found, and the state to hand to the next one unless it is kept in a file."""
    parts: list[RenderableType] = []
    for kind, rows in result["data"].items():
        parts.append(Text(f"{kind.capitalize()} ({len(rows)})", HEAD))
        parts += [Padding(_records(rows), (0, 0, 1, 2))] if rows else []
    state = json.dumps(result["state"], ensure_ascii=False, default=str)
    _draw(*parts, *([] if kept else [_hint(f"state for the next poll: {state}")]))


# --- connections ------------------------------------------------------------------------------------


def connections(answer: Mapping[str, Any]) -> None:
    kept = answer["connections"]
    if not kept:
        return _draw(Text("No connections are kept."), _hint("sales-connectors connect COMPONENT NAME signs in"))
    table = _table("Name", "Component", "Kind", "Service", "State")
    for one in kept:
        state = Text(f"sign in again: {one['signIn']}", "red") if one["signIn"] else Text("ready", "green")
        table.add_row(Text(one["name"], KEY), one["component"], one["key"], one["apiUrl"] or "", state)
    _draw(table)


# --- the demo ---------------------------------------------------------------------------------------


def step(number: int, title: str, value: Any) -> None:
    """One step of a story that is told."""
    shown = [] if value is None else [Padding(Group(*_value(value)), (0, 0, 0, 4))]
    _draw(Text.assemble((f"{number:>2}  ", QUIET), (title, HEAD)), *shown, Text())


def _value(value: Any) -> list[RenderableType]:
    if isinstance(value, str):
        return [Text(safe(value))]
    if isinstance(value, Mapping) and "request" in value:
        return _request(value["request"])
    if isinstance(value, Mapping) and isinstance(value.get("result"), list):
        return [_options(value["result"])]
    return _data(value, empty=False)


def _options(options: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for option in options:
        table.add_row(Text(cell(option["label"])), Text(cell(option["key"]), KEY))
    return table


# --- parts ------------------------------------------------------------------------------------------


def _table(*columns: str, whole: bool = True) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style=HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for name in columns:
        table.add_column(Text(name), overflow="fold" if whole else "ellipsis", no_wrap=not whole)
    return table


def _hint(text: str) -> RenderableType:
    return Text(safe(text), QUIET)
