"""The polling trigger: what was created, updated and deleted since the last poll.

Two sources, each for what it can tell.  Lists sorted by ``updated_at`` show what was created and updated, on every
plan and for every resource, in the shape in which all actions show records; reading stops at what the last poll has
seen.  Deletions stand only in the event streams, which a token may be refused.  Every position in the state comes
from the service: its own clock and its own stream.

https://developer.zendesk.com/api-reference/sales-crm/firehose/introduction/
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sales_connectors.sdk import (
    ChangeMemory,
    Changes,
    Context,
    Inputs,
    InvalidResponse,
    NotAllowed,
    NotFound,
    Records,
    Stamps,
    Walk,
    find_horizon,
    invalid_state_error,
    is_behind,
    parse_time,
    select_kinds,
)

Record = dict[str, Any]

MAX_PAGE_SIZE = 100
OVERLAP_RECORDS = 3
"""Records of the page before with which a page begins, while the list does not move."""
MAX_ROUNDS = 5
"""How often a list that moves while it is read is read again before what is there has to do."""
MAX_STALE_PAGES = 20
"""Pages in a row that bring nothing new or hang in the air: a list that moves has some, one that repeats has nothing
else."""
COMPUTED_ATTRIBUTES = ("overdue",)
"""Attributes that change although nobody writes to the record."""

EXPIRED_MESSAGE = (
    "The service no longer keeps the events that followed the last poll, so deletions since then cannot be told. "
    "Start afresh without a state, or set position in the state to null to go on without them"
)


def poll_changes(ctx: Context, inputs: Inputs) -> Changes:
    """Changes of one resource since ``ctx.state``; without a state from now on, or from the beginning.

    The stream is read before the list: what is deleted in between is told next time, and never gets lost.
    """
    resource, stamps = inputs["pollResourceType"], Stamps(ctx.envelope, computed=COMPUTED_ATTRIBUTES)
    memory = ChangeMemory.parse(ctx.state, resource)
    deleted, position = _read_deletions(ctx, resource, _parse_position(ctx.state) if memory else None)
    if memory is None and inputs["startFrom"] == "now":
        read, until = _read_latest(ctx, resource, stamps)
    else:
        read, until = _read_changes(ctx, resource, stamps, memory.horizon if memory else None)
    known = memory or ChangeMemory(resource)
    gone = {record["id"] for record in deleted}
    is_told = memory is not None or inputs["startFrom"] == "beginning"
    changed = [each for each in known.select_unseen(stamps, read) if is_told and each["id"] not in gone]
    new_state = {**known.advance(stamps, read, until).as_json(), "position": position}
    return Changes({**select_kinds(inputs, known, stamps, changed), "deleted": deleted}, new_state)


def _parse_position(state: Any) -> str | None:
    """Where the stream goes on, as the last poll has put it beside what it knew of the list."""
    position = state.get("position", 0)
    if not isinstance(position, str | None):
        raise invalid_state_error("is not what a poll returned as its state")
    return position


# --- created and updated: the list, newest change first --------------------------------------------


def _read_latest(ctx: Context, resource: str, stamps: Stamps) -> tuple[Records, str | None]:
    """The records of the last seconds in which anything changed."""
    newest, _ = _read_page(ctx, resource, stamps, 1, 1)
    if not newest:
        return {}, None
    return _read_changes(ctx, resource, stamps, find_horizon(newest[0]["updated_at"]))


def _read_changes(ctx: Context, resource: str, stamps: Stamps, horizon: datetime | None) -> tuple[Records, str | None]:
    """Every record that changed after the horizon, and up to when that is certain, although the list moves meanwhile.

    A change moves a record to the top, past what has been read; so after several pages the top is read again.
    """
    read: Records = {}
    for _ in range(MAX_ROUNDS):
        top, is_settled = _read_down(ctx, resource, stamps, horizon, read)
        if is_settled:
            break
        horizon = find_horizon(top)
    return read, top


def _read_down(
    ctx: Context, resource: str, stamps: Stamps, horizon: datetime | None, read: Records
) -> tuple[str | None, bool]:
    """Read from the top to the horizon; returns the newest change, and whether nothing can have moved meanwhile.

    A deletion moves up all that stand below it.  So each page begins within the one before, and one that does not is
    read again from further up.
    """
    top, end, news, pages, stale = None, 0, 0, 0, 0
    while True:
        number, size = _choose_page(end)
        records, is_last = _read_page(ctx, resource, stamps, number, size)
        pages += 1
        overlaps = not end or any(read.get(record["id"]) == record for record in records)
        stale = 0 if overlaps and any(record["id"] not in read for record in records) else stale + 1
        if stale > MAX_STALE_PAGES:
            raise InvalidResponse("The service answers with the same records again and again", code="endless_list")
        if not overlaps:
            end = max(0, (number - 1) * size - MAX_PAGE_SIZE // 2)
            continue
        top = top or (records[0]["updated_at"] if records else None)
        wanted = [record for record in records if not is_behind(parse_time(record["updated_at"]), horizon)]
        news += sum(read.get(record["id"]) != record for record in wanted)
        read |= {record["id"]: record for record in wanted}
        if is_last or len(wanted) < len(records):
            return top, pages == 1 or not news
        end = number * size


def _choose_page(end: int) -> tuple[int, int]:
    """Number and size of the page that begins shortly before ``end`` and reaches furthest behind it."""
    begin = max(0, end - OVERLAP_RECORDS)
    size = max(range(MAX_PAGE_SIZE // 2, MAX_PAGE_SIZE + 1), key=lambda size: (begin // size + 1) * size)
    return begin // size + 1, size


def _read_page(ctx: Context, resource: str, stamps: Stamps, number: int, size: int) -> tuple[list[Record], bool]:
    """The records of a page of the list, newest change first, and whether no page follows."""
    pages = ctx.pages(f"/v2/{resource}", {"sort_by": "updated_at:desc"}, size=size)
    page = pages.fetch(number)
    _read_meta(page)
    records = [*ctx.envelope.records(pages.items(page), "id")]
    for record in records:
        stamps.check(record)
    return records, pages.after(page, number) is None


# --- deleted: the event stream ---------------------------------------------------------------------


def _read_deletions(ctx: Context, resource: str, position: str | None) -> tuple[list[Record], str | None]:
    """Records deleted since a position, and the one that follows; None where this token never could read the stream."""
    deleted: Records = {}
    try:
        for events, behind in _read_events(ctx, resource, position or "top"):
            gone = [event for event in events if _read_meta(event, "event_type")["event_type"] == "deleted"]
            deleted |= {record["id"]: record for record in ctx.envelope.records(gone, "id")}
            position = behind
    except (NotAllowed, NotFound) as refused:
        if refused.status == 410:
            refused.message = EXPIRED_MESSAGE
            raise
    return list(deleted.values()), position


def _read_events(ctx: Context, resource: str, position: str) -> Iterator[tuple[list[Any], str]]:
    """The events of each page up to the newest, and the position behind them.

    An empty page does not end a stream, unless it leads nowhere.
    """
    walk = Walk()
    while True:
        page = ctx.client.get(f"/v3/{resource}/stream", {"position": position, "limit": MAX_PAGE_SIZE})
        events, meta = ctx.envelope.items(page), _read_meta(page, "position", "top")
        behind = _read_position(meta)
        yield events, behind
        if meta["top"] or (not events and behind == position):
            return
        position = behind
        walk.check(events, position)


def _read_position(meta: Record) -> str:
    """Where a stream goes on, as text; InvalidResponse where the service does not say."""
    position = meta["position"]
    if not isinstance(position, str | int) or isinstance(position, bool):
        raise InvalidResponse("The service answered with a position that can be none", vendor=meta)
    return str(position)


def _read_meta(found: Any, *names: str) -> Record:
    """What a page or an event says of itself, these at least; InvalidResponse where it does not."""
    meta = found.get("meta") if isinstance(found, dict) else None
    if not isinstance(meta, dict) or any(meta.get(name) is None for name in names):
        raise InvalidResponse(f"The service answered without {' and '.join(['meta', *names])}", vendor=found)
    return meta
