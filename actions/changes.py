"""The polling trigger: what was created, updated and deleted since the last poll.

Two sources, each for what it can tell.  Lists sorted by ``updated_at`` show what was created and updated, on every
plan and for every resource, in the shape in which all actions show records; reading stops at what the last poll has
seen.  Deletions stand only in the event streams, which a token may be refused.  Every position in the state comes
from the service: its own clock and its own stream.

https://developer.zendesk.com/api-reference/sales-crm/firehose/introduction/
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sales_connectors.sdk import Changes, Context, Inputs, InvalidInput, InvalidResponse, NotAllowed, NotFound, Walk

Record = dict[str, Any]
Records = dict[int, Record]
State = dict[str, Any]

SETTLING_TIME = timedelta(seconds=10)
"""A change may show up this much after a later one: the service stamps a write before it is done with it (inferred)."""
MAX_PAGE_SIZE = 100
OVERLAP_RECORDS = 3
"""Records of the page before with which a page begins, while the list does not move."""
MAX_ROUNDS = 5
"""How often a list that moves while it is read is read again before what is there has to do."""
MAX_STALE_PAGES = 20
"""Pages in a row that bring nothing new or hang in the air: a list that moves has some, one that repeats has nothing
else."""
READ_TIMES = ("created_at", "updated_at")
"""Attributes that say when a record changed."""
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
    resource = inputs["pollResourceType"]
    state = _parse_state(ctx.state, resource)
    deleted, position = _read_deletions(ctx, resource, state["position"] if state else None)
    if state is None and inputs["startFrom"] == "now":
        read, until = _read_latest(ctx, resource)
        changed = []
    else:
        read, until = _read_changes(ctx, resource, _compute_horizon(state["until"] if state else None))
        changed = _select_unseen(read, state, {record["id"] for record in deleted})
    new_state = {"resource": resource, **_advance_state(read, until, state), "position": position}
    return Changes(_select_changes(inputs, changed, deleted, state), new_state)


def _select_changes(
    inputs: Inputs, changed: list[Record], deleted: list[Record], state: State | None
) -> dict[str, list[Record]]:
    """What of all this the caller wants to know."""
    created = [record for record in changed if _is_new(record, state)]
    updated = [record for record in changed if not _is_new(record, state)]
    return {
        "created": created if inputs["showNewRecords"] else [],
        "updated": updated if inputs["showUpdatedRecords"] else [],
        "deleted": deleted,
    }


# --- the state ------------------------------------------------------------------------------------


def _parse_state(given: Any, resource: str) -> State | None:
    """What the last poll of this resource returned."""
    if given is None:
        return None
    if not _is_state(given):
        raise _invalid_state_error("is not what a poll returned as its state")
    if given["resource"] != resource:
        raise _invalid_state_error(f"is that of {given['resource']}, not of {resource}: keep a state for each resource")
    state: State = given
    return state


def _invalid_state_error(message: str) -> InvalidInput:
    return InvalidInput(f"state {message}", code="invalid_state", fields=[{"path": "/state", "message": message}])


def _is_state(given: Any) -> bool:
    try:
        horizon = _compute_horizon(given["until"])
        for mark in given["seen"].values():
            _is_behind(mark, horizon)
        return isinstance(given["position"], str | None) and "resource" in given
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return False


def _advance_state(read: Records, until: str | None, state: State | None) -> State:
    """How far the list was read, and how the records looked that changed last."""
    before = state or {"until": None, "seen": {}}
    until = max(filter(None, [until, before["until"]]), default=None)
    seen = before["seen"] | {str(record["id"]): _build_mark(record) for record in read.values()}
    return {
        "until": until,
        "seen": {id: mark for id, mark in seen.items() if not _is_behind(mark, _compute_horizon(until))},
    }


def _select_unseen(read: Records, state: State | None, gone: set[int]) -> list[Record]:
    """The records that are not as the state knows them, oldest change first; what was deleted is no change."""
    seen = state["seen"] if state else {}
    fresh = [record for record in read.values() if seen.get(str(record["id"])) != _build_mark(record)]
    there = [record for record in fresh if record["id"] not in gone]
    return sorted(there, key=lambda record: (record["updated_at"], record["id"]))


def _is_new(record: Record, state: State | None) -> bool:
    """Whether no poll before this one can have seen the record."""
    if state is None:
        return True
    horizon = _compute_horizon(state["until"])
    return str(record["id"]) not in state["seen"] and (horizon is None or _parse_time(record["created_at"]) >= horizon)


def _build_mark(record: Record) -> str:
    """When the record changed, and a fingerprint of its content."""
    content = {name: value for name, value in record.items() if name not in COMPUTED_ATTRIBUTES}
    fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return f"{record['updated_at']} {fingerprint}"


def _compute_horizon(until: str | None) -> datetime | None:
    """Changes before this one are surely all known."""
    return _parse_time(until) - SETTLING_TIME if until else None


def _is_behind(mark: str, horizon: datetime | None) -> bool:
    return horizon is not None and _parse_time(mark.partition(" ")[0]) < horizon


def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- created and updated: the list, newest change first --------------------------------------------


def _read_latest(ctx: Context, resource: str) -> tuple[Records, str | None]:
    """The records of the last seconds in which anything changed."""
    newest, _ = _read_page(ctx, resource, 1, 1)
    return _read_changes(ctx, resource, _compute_horizon(newest[0]["updated_at"])) if newest else ({}, None)


def _read_changes(ctx: Context, resource: str, horizon: datetime | None) -> tuple[Records, str | None]:
    """Every record that changed after the horizon, and up to when that is certain, although the list moves meanwhile.

    A change moves a record to the top, past what has been read; so after several pages the top is read again.
    """
    read: Records = {}
    for _ in range(MAX_ROUNDS):
        top, is_settled = _read_down(ctx, resource, horizon, read)
        if is_settled:
            break
        horizon = _compute_horizon(top)
    return read, top


def _read_down(ctx: Context, resource: str, horizon: datetime | None, read: Records) -> tuple[str | None, bool]:
    """Read from the top to the horizon; returns the newest change, and whether nothing can have moved meanwhile.

    A deletion moves up all that stand below it.  So each page begins within the one before, and one that does not is
    read again from further up.
    """
    top, end, news, pages, stale = None, 0, 0, 0, 0
    while True:
        number, size = _choose_page(end)
        records, is_last = _read_page(ctx, resource, number, size)
        pages += 1
        overlaps = not end or any(read.get(record["id"]) == record for record in records)
        stale = 0 if overlaps and any(record["id"] not in read for record in records) else stale + 1
        if stale > MAX_STALE_PAGES:
            raise InvalidResponse("The service answers with the same records again and again", code="endless_list")
        if not overlaps:
            end = max(0, (number - 1) * size - MAX_PAGE_SIZE // 2)
            continue
        top = top or (records[0]["updated_at"] if records else None)
        wanted = [record for record in records if not _is_behind(record["updated_at"], horizon)]
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


def _read_page(ctx: Context, resource: str, number: int, size: int) -> tuple[list[Record], bool]:
    """The records of a page of the list, newest change first, and whether no page follows."""
    pages = ctx.pages(f"/v2/{resource}", {"sort_by": "updated_at:desc"}, size=size)
    page = pages.fetch(number)
    _read_meta(page)
    records = [*ctx.envelope.records(pages.items(page), "id", *READ_TIMES)]
    for record in records:
        _check_times(record)
    return records, pages.after(page, number) is None


def _check_times(record: Record) -> None:
    """InvalidResponse where a time that the poll goes by is none."""
    try:
        for name in READ_TIMES:
            _parse_time(record[name])
    except (OverflowError, TypeError, ValueError) as broken:
        raise InvalidResponse(
            "The service answered with a record whose times cannot be read", vendor=record
        ) from broken


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
