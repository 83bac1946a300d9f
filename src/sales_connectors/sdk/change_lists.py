"""The poll of a list that can be asked for what changed from a time on, oldest change first.

Each page is asked for from the time with which the one before ended, never by its number: a record that changes
meanwhile leaves its place for the end of the list, where it is met again, and moves nobody past the reader.  Only where
more records than a page holds have one and the same time, its pages are read one behind the other, and once more, until
nothing has left them meanwhile.  What a poll returns is complete, or it fails and the next one begins where it began.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..errors import InvalidResponse, Unavailable
from .change_memory import ChangeMemory, Record, Records, Stamps, find_horizon
from .context import Context, Inputs
from .handlers import Changes
from .pages import Pages

MAX_ROUNDS = 5
"""How often the records of one time are read again that change while they are read."""
MAX_STALE_PAGES = 20
"""Pages in a row that bring nothing new: a list that moves has some, one that repeats has nothing else."""
ROUNDING = timedelta(seconds=1)
"""A service that keeps times more exactly than it shows them may begin this much before the time asked for."""


@dataclass(frozen=True)
class ChangeList:
    """A list of one type of record that can be asked for by the time of change."""

    resource: str
    """What its records are called, in a state too."""
    since: Callable[[datetime | None], Pages]
    """What changed at a time or later, oldest change first; everything where there is no time."""
    newest: Callable[[], Pages]
    """The list with the newest change first, one record on a page."""
    stamps: Stamps
    is_gone: Callable[[Mapping[str, Any]], bool] = lambda fields: False
    """Whether a record with these fields, which is listed still, counts as deleted."""


def poll_list(ctx: Context, inputs: Inputs, changes: ChangeList) -> Changes:
    """What changed in a list since ``ctx.state``; without a state from now on, or from the beginning.

    The inputs are those of every such trigger: ``startFrom``, ``showNewRecords`` and ``showUpdatedRecords``.  A record
    that changed several times is told once, as it is now, and as created where no poll before can have seen it.  A new
    one may be told as updated, by the next poll, where a change that showed up late has moved it behind the reader.
    What was deleted is told as far as it is still listed.
    """
    stamps, memory = changes.stamps, ChangeMemory.parse(ctx.state, changes.resource)
    known = memory or ChangeMemory(changes.resource)
    begins_now = memory is None and inputs["startFrom"] == "now"
    read, until = _read_latest(ctx, changes) if begins_now else _read_changes(ctx, changes, known.horizon)
    unseen = [] if begins_now else known.select_unseen(stamps, read)
    gone = {record["id"] for record in unseen if changes.is_gone(ctx.envelope.fields(record))}
    there = [record for record in unseen if record["id"] not in gone]
    deleted = [record for record in unseen if record["id"] in gone]
    kinds = select_kinds(inputs, known, stamps, there)
    return Changes({**kinds, "deleted": deleted}, known.advance(stamps, read, until).as_json())


def select_kinds(inputs: Inputs, known: ChangeMemory, stamps: Stamps, changed: list[Record]) -> dict[str, list[Record]]:
    """Records that changed as created and updated, as far as the caller wants to know of these."""
    created = [record for record in changed if known.is_new(stamps, record)]
    updated = [record for record in changed if not known.is_new(stamps, record)]
    return {
        "created": created if inputs["showNewRecords"] else [],
        "updated": updated if inputs["showUpdatedRecords"] else [],
    }


def _read_latest(ctx: Context, changes: ChangeList) -> tuple[Records, str | None]:
    """The records of the last seconds in which anything changed."""
    newest = _find_newest(ctx, changes)
    return (_read_on(ctx, changes, find_horizon(newest)), newest) if newest else ({}, None)


def _read_changes(ctx: Context, changes: ChangeList, begin: datetime | None) -> tuple[Records, str | None]:
    """Every record that changed at a time or later, and the newest change that was there before they were read.

    A change that shows up late may stand where the list was read already, so that only what was there before that can
    say from where on the next poll has to look: on one page that is the page itself, of more it is asked for first.
    """
    first = _read_stretch(ctx, changes, begin)
    if first.is_whole and first.is_last:
        newest = max(first.met.values(), key=changes.stamps.changed_at, default=None)
        return first.met, changes.stamps.write(newest) if newest else None
    newest_before = _find_newest(ctx, changes)
    return _read_on(ctx, changes, begin), newest_before


def _find_newest(ctx: Context, changes: ChangeList) -> str | None:
    """When the record changed that changed last, as the service writes it."""
    pages = changes.newest()
    newest = next(iter(ctx.envelope.records(pages.items(pages.fetch(pages.first)), "id")), None)
    if newest is None:
        return None
    changes.stamps.check(newest)
    return changes.stamps.write(newest)


def _read_on(ctx: Context, changes: ChangeList, begin: datetime | None) -> Records:
    """Every record that changed at a time or later, as it is now."""
    read: Records = {}
    is_over = False
    while not is_over:
        begin, is_over = _read_step(ctx, changes, begin, read)
    return read


@dataclass(frozen=True)
class Stretch:
    """Records from one time on, to a later one or to the end of the list."""

    met: Records
    tied: frozenset[Any]
    """The ids of those that changed no later than the time with which it begins; they fill all of its pages but the
    last."""
    end: datetime | None
    is_last: bool
    is_whole: bool
    """Whether it came on one page, at one moment."""


def _read_step(
    ctx: Context, changes: ChangeList, begin: datetime | None, read: Records
) -> tuple[datetime | None, bool]:
    """Read from a time to a later one; returns that, and whether the list is over.

    Whatever leaves a page that was read moves what stands behind it there, unread.  Since no time comes back, all that
    was met the first time and is there the second time was there all the while: then nothing has moved the first time.
    """
    first = _read_stretch(ctx, changes, begin)
    read |= first.met
    for _ in range(MAX_ROUNDS):
        if first.is_whole:
            return first.end, first.is_last
        again = _read_stretch(ctx, changes, begin)
        read |= again.met
        if first.tied <= again.tied:
            return first.end, first.is_last
        first = again
    raise Unavailable(
        "Records that changed at one time change again faster than they can be read; poll again with the same state"
    )


def _read_stretch(ctx: Context, changes: ChangeList, begin: datetime | None) -> Stretch:
    """Page after page from a time on, until one ends at a later one: what is left begins there."""
    pages, stamps = changes.since(begin), changes.stamps
    met: Records = {}
    tied: set[Any] = set()
    cursor, count, stale, end, last = pages.first, 0, 0, begin, None
    while cursor is not None and end == begin:
        page = pages.fetch(cursor)
        known = len(met)
        for record in ctx.envelope.records(pages.items(page), "id"):
            stamps.check(record)
            at = stamps.changed_at(record)
            if (begin and at + ROUNDING < begin) or (last and at < last):
                raise _unordered_error(record)
            met[record["id"]], last = record, at
            if begin is not None and at <= begin:
                tied.add(record["id"])
            else:
                end = at
        cursor, count = pages.after(page, cursor), count + 1
        stale = 0 if len(met) > known else stale + 1
        if cursor is not None and stale > MAX_STALE_PAGES:
            raise InvalidResponse("The service answers with the same records again and again", code="endless_list")
    return Stretch(met, frozenset(tied), end, cursor is None, count == 1)


def _unordered_error(record: Record) -> InvalidResponse:
    """The service passes over what it was asked for, so that a poll would miss changes."""
    return InvalidResponse(
        "The service answered with records that are not from the time asked for on, oldest change first", vendor=record
    )
