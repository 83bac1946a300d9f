"""Creates that are safe to ask for again, although the service knows no idempotency keys.

The create is journaled before it is sent.  Asked again with the same key, we first look for the record: the one that
the journal knows, else one that was not there before and is no other key's.  Where nobody can know, we say so.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from .context import Context
from .errors import ConfigurationError, SalesError, Unavailable
from .register import Entry as Action

if TYPE_CHECKING:
    from .store import Entry, Journal

Create = Callable[[Context, Mapping[str, Any]], Any]
Find = Callable[[Context, Mapping[str, Any]], Iterable[Any] | None]
"""Records that a create with these inputs may have made; None where the service cannot be asked for them."""

CREATED, FOUND = "created", "found"
LONGEST = 100.0
"""Seconds that such a create may take, waits and repetitions included: it ends before its hold on the key does."""
SETTLED = 600.0
"""Seconds after which a request that was sent is either served or lost; no gateway holds one for longer."""
SKEW = 300.0
"""Seconds by which the service's clock may differ from ours."""


def created_once(
    journal: "Journal",
    identity: str,
    action: Action,
    create: Create,
    find: Find | None,
    context: Context,
    inputs: Mapping[str, Any],
    key: str,
    now: float,
) -> dict[str, Any]:
    """``{"data": …, "outcome": "created" | "found"}``, or Unavailable with the code ``outcome_unknown``."""
    entry = journal.begin(identity, action.key, key, _fingerprint(inputs))
    if entry.state == "done":
        return {"data": entry.result, "outcome": FOUND}
    if entry.state == "busy":
        raise Unavailable(
            f"Another process is creating this record under the key {key!r} right now",
            code="idempotency_key_busy",
            retry_after=entry.busy_for,
            fix="builder",
        )
    if entry.state == "pending":
        matches = _matches(journal, entry, find, context, inputs)
        if not _never_arrived(matches, entry, now):
            return _settled(journal, entry, matches)
    return _sent(journal, entry, create, context, inputs)


def _sent(
    journal: "Journal", entry: "Entry", create: Create, context: Context, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Send the create, and write down what became of it."""
    sent = journal.sending(entry)
    try:
        result = create(_in_time(context), inputs)
    except BaseException as error:
        # where the store fails too, the hold ends by itself; what the service said must not be lost over that
        with suppress(ConfigurationError):
            (journal.forget if _surely_refused(error) else journal.release)(sent)
        raise
    with suppress(ConfigurationError):  # it is created; a second call with the key will find it
        journal.done(sent, result, record=record_id(result))
    return {"data": result, "outcome": CREATED}


def _in_time(context: Context) -> Context:
    """The same call, over before another process may take the key and look for what became of it."""
    call = context.client.call
    ends = call.clock.monotonic() - call.started + LONGEST
    options = replace(call.options, deadline=min(call.options.deadline or ends, ends))
    return replace(context, client=replace(context.client, call=replace(call, options=options)))


class Matches(NamedTuple):
    """What the service and the journal know about a create whose fate is open."""

    records: list[Any]
    """Records like ours that are no other key's."""
    rivals: int
    """Other keys with the same inputs whose fate is open too."""


def _matches(
    journal: "Journal", entry: "Entry", find: Find | None, context: Context, inputs: Mapping[str, Any]
) -> Matches | None:
    """Look for the record; None where the service cannot be asked for it.

    The search comes before the look into the journal: whatever it found was journaled before it was sent, so another
    key that made it meanwhile is either a rival still or has claimed its record.
    """
    try:
        found = find(context, inputs) if find else None
        if found is None:
            return None
        found = list(found)
        rivals = journal.rivals(entry)
        taken = journal.claimed(entry.identity, entry.action)
        return Matches([record for record in found if record_id(record) not in taken], rivals)
    except BaseException:
        with suppress(ConfigurationError):
            journal.release(entry)
        raise


def _never_arrived(matches: Matches | None, entry: "Entry", now: float) -> bool:
    """Whether there is no such record although the request was sent so long ago that it must have been served."""
    if matches is None or matches.records:
        return False
    return entry.sent_at is not None and now - entry.sent_at > SETTLED


def _settled(journal: "Journal", entry: "Entry", matches: Matches | None) -> dict[str, Any]:
    """The record that is ours, or the admission that nobody can know.

    Where there is one record for each key that waits for one, all of them were created, and they are alike.
    """
    candidates = [record for record in matches.records if not _was_there_before(record, entry)] if matches else []
    if matches and len(candidates) == 1 + matches.rivals and journal.claim(entry, record_id(candidates[0])):
        journal.done(entry, candidates[0], record=record_id(candidates[0]))
        return {"data": candidates[0], "outcome": FOUND}
    journal.release(entry)
    raise Unavailable(
        "An earlier attempt with this key may have created the record or not, and looking for it settles nothing yet."
        " Ask again with the same key in a quarter of an hour, or look for the record in the service",
        code="outcome_unknown",
        retryable=False,
        fix="builder",
    )


def _was_there_before(record: Any, entry: "Entry") -> bool:
    """Whether a record like ours is older than the first attempt; one that does not say is not."""
    created = _created_at(record)
    return created is not None and created < entry.started - SKEW


def _created_at(result: Any) -> float | None:
    """When a record was created, where it says so, in seconds since the epoch."""
    record = _bare(result)
    attributes = record.get("attributes")
    said = attributes if isinstance(attributes, Mapping) else record
    try:
        when = datetime.fromisoformat(str(said.get("created_at") or said.get("createdAt")))
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def record_id(result: Any) -> str | None:
    """The id of a created record, in or out of its envelope."""
    number = _bare(result).get("id")
    return None if number is None else str(number)


def _bare(result: Any) -> Mapping[str, Any]:
    """A record without its envelope."""
    record = result.get("data", result) if isinstance(result, Mapping) else {}
    return record if isinstance(record, Mapping) else {}


def _surely_refused(error: BaseException) -> bool:
    """Whether the service certainly created nothing: it said no, or it never saw the request."""
    if not isinstance(error, SalesError) or error.code == "outcome_unknown":
        return False
    return error.status is None or error.status >= 400


def _fingerprint(inputs: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()
