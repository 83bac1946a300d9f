"""Records written one by one, as they come: a line of JSON or of CSV each, so that whatever came is kept."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ... import jsontext
from ...errors import SalesError
from ...unicode import replace_halves
from .formats import Format
from .interruptions import Interruptions
from .output import ErrorAfterResult, print_json, print_json_line, print_lines, warn
from .records import RecordKind, extract_rows, find_value, is_empty, shorten_references

VALUE_COLUMN = "value"
"""What stands above entries that are no objects."""


class RowWriter(Protocol):
    """Writes entries as they come."""

    begun: bool
    """Whether anything is out."""

    def expand(self, entry: Any) -> Iterable[Any]:
        """What is to be written of one entry of a list, or of the one there is."""

    def write(self, value: Any) -> None:
        """A part of it, whole."""

    def finish(self) -> None:
        """What is left to say when all of them are out."""


def write_rows(entries: Iterable[Any], writer: RowWriter, on_row: Callable[[int], None] | None = None) -> None:
    """Write all entries; whatever ends them early leaves those that came, and says so."""
    written = 0
    try:
        with Interruptions() as interruptions:
            for number, entry in enumerate(entries, start=1):
                for value in writer.expand(entry):
                    with interruptions.postponed():
                        writer.write(value)
                        written = number
                if on_row:
                    on_row(number)
            writer.finish()
    except SalesError as error:
        if writer.begun:
            raise ErrorAfterResult(error) from error
        raise
    except (KeyboardInterrupt, SystemExit) as interrupt:
        if written:
            interrupt.add_note(f"ended early: {written:,} record{'' if written == 1 else 's'} came, and are out whole")
        raise


def open_writer(shape: Format, kind: RecordKind, complete: Sequence[Any] | None = None) -> RowWriter:
    """The writer of a format; of records of no known type the columns are those of all entries."""
    if shape.kind != "csv":
        return JsonValues(shape)
    columns = shape.columns
    if not columns and not kind.columns and complete is not None:
        records = [record for record in map(kind.extract, complete) if isinstance(record, Mapping)]
        columns = tuple(dict.fromkeys(name for record in records for name in list_value_columns(record)))
    return CsvTable(kind, columns, is_chosen=bool(shape.columns))


def list_entries(result: Mapping[str, Any], kind: RecordKind) -> list[Any]:
    """The records of a result as the service sent them."""
    if result["data"] is None:
        return []
    rows = extract_rows(result["data"], kind.envelope)
    return [result["data"]] if rows is None else rows


class JsonValues:
    """An entry as the service sent it, or what a program makes of it: a line each, or for people several."""

    def __init__(self, shape: Format) -> None:
        self.begun = False
        self._program = shape.program
        self._print = {"json": print_json, "ndjson": print_json_line, "text": _print_text}[shape.kind]

    def expand(self, entry: Any) -> Iterable[Any]:
        return self._program.run(entry) if self._program else (entry,)

    def write(self, value: Any) -> None:
        self._print(value)
        self.begun = True

    def finish(self) -> None:
        """Nothing is left to say."""


def _print_text(value: Any) -> None:
    """Text as it is, for a shell; everything else as JSON."""
    if isinstance(value, str):
        print_lines(value + "\n")
    else:
        print_json_line(value)


class CsvTable:
    """A record a line below the names of its columns; what is no text or number stands there as JSON."""

    def __init__(self, kind: RecordKind, columns: Sequence[str], *, is_chosen: bool) -> None:
        self.begun = False
        self._kind, self._columns, self._is_chosen = kind, list(columns), is_chosen
        self._shown = set(columns)
        self._left_out: dict[str, None] = {}

    def expand(self, entry: Any) -> Iterable[Any]:
        record = self._kind.extract(entry)
        return (record if isinstance(record, Mapping) else {VALUE_COLUMN: record},)

    def write(self, record: Any) -> None:
        if not self.begun:
            self._begin(record)
        if not self._is_chosen:
            self._left_out |= dict.fromkeys(_list_unshown(record, self._shown))
        _print_row(_format_value(find_value(record, column)) for column in self._columns)

    def finish(self) -> None:
        if not self.begun and (self._columns or self._kind.columns):
            self._begin({})
        if self._left_out:
            warn(f"the first record had no such fields, and no column shows them: {', '.join(self._left_out)}")

    def _begin(self, record: Mapping[str, Any]) -> None:
        """The first line: the columns that were asked for, or all that the schema and the first record know."""
        if not self._columns:
            known = self._kind.columns
            self._columns = [*known, *_list_unshown(record, set(known))]
            self._shown = set(self._columns)
        self.begun = True
        _print_row(self._columns)


def list_value_columns(record: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """A column for each value of a record that no schema describes."""
    for name, value in record.items():
        inside = shorten_references(value)
        if isinstance(inside, Mapping) and inside:
            yield from list_value_columns(inside, f"{before}{name}.")
        else:
            yield before + name


def _list_unshown(record: Mapping[str, Any], shown: set[str], before: str = "") -> Iterator[str]:
    """Fields with a value that stands in none of the columns."""
    for name, value in record.items():
        path = before + name
        if path in shown or is_empty(value):
            continue
        if isinstance(value, Mapping) and any(column.startswith(f"{path}.") for column in shown):
            yield from _list_unshown(value, shown, f"{path}.")
        else:
            yield path


def _print_row(cells: Iterable[str]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    print_lines(line.getvalue())


def _format_value(value: Any) -> str:
    """Text as it is, everything else as JSON has it; nothing for nothing."""
    shown = shorten_references(value)
    if shown is None or isinstance(shown, str):
        return shown or ""
    try:
        return jsontext.dumps(shown).decode()
    except UnicodeEncodeError:
        return jsontext.dumps(replace_halves(shown)).decode()
