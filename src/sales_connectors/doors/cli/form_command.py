"""Help for one action, data source or trigger: its form, out of the manifest."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from textwrap import wrap
from typing import Any

import click
from click.shell_completion import CompletionItem

from ...errors import SalesError
from ...manifest import Component, Entry, Form, load_component
from ...manifest.component import SECTION_NAMES
from ...options import OPTIONS
from ...sdk import Effect
from . import PROGRAM_NAME
from .completion import find_argument

COMMAND_NAMES = {"actions": "run", "dataSources": "pick", "triggers": "poll"}
"""Which command takes an entry of which section."""
HELP_FLAGS = ("-h", "--help")
COLUMN_GAP = "  "
MIN_DESCRIPTION_WIDTH = 30


class FormCommand(click.Command):
    """A command that takes COMPONENT and a key; with both, ``--help`` shows the form of that key."""

    def __init__(self, *args: Any, section: str, **others: Any) -> None:
        super().__init__(*args, **others)
        self.section = section

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[__name__] = [word for word in args if word not in HELP_FLAGS]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found, entry = self._parse_subject(ctx)
        if found is None:
            super().format_help(ctx, formatter)
        elif entry is None:
            _write_keys(formatter, found, self, ctx)
        else:
            _write_form(formatter, found, entry, self, ctx)

    def write_options(self, ctx: click.Context, formatter: click.HelpFormatter, entry: Entry) -> None:
        """The options that mean something to this entry."""
        options = [option for option in self.get_params(ctx) if isinstance(option, click.Option)]
        records = [option.get_help_record(ctx) for option in options if _is_offered(option, entry)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        offered = super().shell_complete(ctx, incomplete)
        entry = _find_entry(ctx, self.section)
        hidden = [] if entry is None else [option for option in self.params if not _is_offered(option, entry)]
        flags = {flag for option in hidden for flag in option.opts}
        return [item for item in offered if item.value not in flags]

    def _parse_subject(self, ctx: click.Context) -> tuple[Component | None, Entry | None]:
        """What stands beside ``--help``."""
        words = ctx.meta.get(__name__, [])
        if ctx.resilient_parsing or not words:
            return None, None
        given = self.make_context(ctx.info_name, list(words), parent=ctx.parent, resilient_parsing=True).params
        if not given["component"]:
            return None, None
        found = load_component(given["component"])
        return found, found.entry(self.section, given["key"]) if given["key"] else None


def _is_offered(option: click.Parameter, entry: Entry) -> bool:
    """Whether an option means something to an entry: some only to what creates."""
    spec = OPTIONS.get(option.name or "")
    return spec is None or not spec.for_creates or entry.effect is Effect.CREATE


def _find_entry(ctx: click.Context, section: str) -> Entry | None:
    """What stands before the word that is completed."""
    try:
        return load_component(find_argument(ctx, "component")).entry(section, find_argument(ctx, "key"))
    except SalesError:
        return None


def _write_keys(formatter: click.HelpFormatter, found: Component, command: FormCommand, ctx: click.Context) -> None:
    """Everything of the section, to choose from."""
    entries = found.section(command.section)
    formatter.write_usage(ctx.command_path, f"{found.key} {_find_metavar(command)} [OPTIONS]")
    with formatter.section(f"{_find_metavar(command)} of {found.label}"):
        formatter.write_dl([(key, shorten_description(found.form(key).description)) for key in entries])
    formatter.write_paragraph()
    formatter.write_text(f"With one of them, --help shows its inputs: {ctx.command_path} {found.key} KEY --help")


def _write_form(
    formatter: click.HelpFormatter, found: Component, entry: Entry, command: FormCommand, ctx: click.Context
) -> None:
    form = found.form(entry.key)
    inputs = "[NAME=VALUE]... " if form.properties else ""
    formatter.write_usage(ctx.command_path, f"{found.key} {entry.key} {inputs}[OPTIONS]")
    formatter.write_paragraph()
    _write_inputs(formatter, form)
    _write_example(formatter, found, entry, ctx.command_path)
    command.write_options(ctx, formatter, entry)


def write_entry(formatter: click.HelpFormatter, found: Component, entry: Entry) -> None:
    """One entry of a component, for somebody who wants to know what it is and takes."""
    told = {"effect": str(entry.effect), "group": entry.group, "scopes": ", ".join(entry.scopes)}
    about = [f"{name}: {value}" for name, value in told.items() if value and entry.section == "actions"]
    formatter.write_text(" · ".join([f"{entry.key}, {SECTION_NAMES[entry.section]} of {found.label}", *about]))
    formatter.write_paragraph()
    _write_inputs(formatter, found.form(entry.key))
    if entry.section in COMMAND_NAMES:
        _write_example(formatter, found, entry, f"{PROGRAM_NAME} {COMMAND_NAMES[entry.section]}")


def _write_inputs(formatter: click.HelpFormatter, form: Form) -> None:
    """What a form is for, its inputs, and what binds them."""
    with formatter.indentation():
        formatter.write_text(f"{form.label}. {form.description}")
    if form.properties:
        with formatter.section("Inputs"):
            _write_table(formatter, list(_build_rows(form.schema)))
    _write_rules(formatter, form.schema)


def _write_example(formatter: click.HelpFormatter, found: Component, entry: Entry, command: str) -> None:
    form = found.form(entry.key)
    example = next(iter(form.schema.get("examples", [])), None)
    if example:
        words = [command, found.key, entry.key, *_quote_example(form, example)]
        with formatter.section("Example"):
            for line in _break_command(words, formatter.width - 4):
                formatter.write(f"  {line}\n")


def _write_rules(formatter: click.HelpFormatter, schema: Mapping[str, Any]) -> None:
    """What binds several inputs, as the reference pages word it."""
    from ...manifest.rules import describe_rules

    said = [_strip_markdown(rule) for rule in describe_rules(schema)]
    if said:
        with formatter.section("Rules"):
            for rule in said:
                formatter.write_text(f"- {rule}")


def _build_rows(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Name, type, whether it is required, description."""
    from ...manifest.fields import describe_field, describe_type

    required = schema.get("required", ())
    for name, spec in schema["properties"].items():
        default = f" Default: {json.dumps(spec['default'])}." if "default" in spec else ""
        source = f" Picklist: {spec['x-data-source']}." if "x-data-source" in spec else ""
        words = f"{_strip_markdown(describe_field(spec))}{default}{source}"
        yield name, describe_type(spec).removesuffix(" or null"), "required" if name in required else "", words


def _write_table(formatter: click.HelpFormatter, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Columns; the last one is wrapped into what is left of the line, or stands below where too little is."""
    name_width, type_width, mark_width = (max(len(row[column]) for row in rows) for column in range(3))
    before = COLUMN_GAP + "".join(" " * width + COLUMN_GAP for width in (name_width, type_width, mark_width) if width)
    room = formatter.width - len(before)
    if room < MIN_DESCRIPTION_WIDTH:
        return _write_stack(formatter, rows)
    for name, kind, mark, words in rows:
        cells = [click.style(name.ljust(name_width), bold=True), kind.ljust(type_width)]
        cells += [mark.ljust(mark_width)] if mark_width else []
        lines = wrap(words, room) or [""]
        formatter.write(COLUMN_GAP + COLUMN_GAP.join([*cells, lines[0]]).rstrip() + "\n")
        formatter.write("".join(f"{before}{line}\n" for line in lines[1:]))


def _write_stack(formatter: click.HelpFormatter, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Each row in a paragraph of its own."""
    for name, *about, words in rows:
        head = COLUMN_GAP.join(filter(None, [click.style(name, bold=True), *about]))
        formatter.write(f"{COLUMN_GAP}{head}\n")
        for line in wrap(words, formatter.width - 6):
            formatter.write(f"      {line}\n")


def _break_command(words: Sequence[str], width: int) -> list[str]:
    """A command on lines that fit, as far as its words do, and can be pasted as they stand."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def _find_metavar(command: FormCommand) -> str:
    return next(str(parameter.metavar) for parameter in command.params if parameter.name == "key")


def shorten_description(description: str) -> str:
    """As much of a description as fits beside a key."""
    return re.split(r"[.;:](\s|$)", description.strip(), maxsplit=1)[0]


def _quote_example(form: Form, example: Mapping[str, Any]) -> list[str]:
    """Inputs as they are typed: as pairs, or as JSON where no text would say the same."""
    typed = {name: _find_text(form, name, value) for name, value in example.items()}
    if None in typed.values():
        return [f"--input {quote(json.dumps(example, ensure_ascii=False))}"]
    return [f"{name}={quote(str(text))}" for name, text in typed.items()]


def _find_text(form: Form, name: str, value: Any) -> str | None:
    """The text that the form takes for this value of an input."""
    from ...inputs.accept import coerce_inputs

    as_list = ",".join(map(str, value)) if isinstance(value, list) else ""
    texts = [value if isinstance(value, str) else as_list, json.dumps(value, ensure_ascii=False)]
    meant = coerce_inputs(form, {name: value}, [])
    return next((text for text in texts if coerce_inputs(form, {name: text}, []) == meant), None)


def _strip_markdown(markdown: str) -> str:
    """Words that were made for a page, for a terminal."""
    from html import unescape

    return unescape(markdown).replace("\\*", "*").replace("`", "")
