"""Creates that are safe to ask for again, although the service knows no idempotency keys.

The create is journaled before it is sent.  Asked again with the same key, we first look for the record: the one that
the journal knows, else one that was not there before and is no other key's.  Where nobody can know, we say so.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .context import Context
from .errors import SalesError, Unavailable
from .register import Entry as Action

if TYPE_CHECKING:
    from .store import Entry, Journal

Create = Callable[[Context, Mapping[str, Any]], Any]
Find = Callable[[Context, Mapping[str, Any]], Iterable[Any]]

CREATED, FOUND = "created", "found"
SETTLED = 600.0
"""Seconds after which a request that was sent is either served or lost; no gateway holds one for longer."""


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
        candidates = _candidates(journal, entry, find, context, inputs)
        if not _never_arrived(candidates, entry, now):
            return _settled(journal, entry, candidates)
    return _sent(journal, entry, create, context, inputs)


def _sent(
    journal: "Journal", entry: "Entry", create: Create, context: Context, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Send the create, and write down what became of it."""
    sent = journal.sending(entry)
    try:
        result = create(context, inputs)
    except SalesError as error:
        if _surely_refused(error):
            journal.forget(sent)
        else:
            journal.release(sent)
        raise
    except BaseException:
        journal.release(sent)
        raise
    journal.done(sent, result, record=record_id(result))
    return {"data": result, "outcome": CREATED}


def _candidates(
    journal: "Journal", entry: "Entry", find: Find | None, context: Context, inputs: Mapping[str, Any]
) -> list[Any] | None:
    """The records that can be ours; None where they cannot be told from those of another key, or not be looked for."""
    try:
        if find is None or journal.rivals(entry):
            return None
        taken = journal.claimed(entry.identity, entry.action)
        return [found for found in find(context, inputs) if record_id(found) not in taken]
    except BaseException:
        journal.release(entry)
        raise


def _never_arrived(candidates: list[Any] | None, entry: "Entry", now: float) -> bool:
    """Whether there is no such record although the request was sent so long ago that it must have been served."""
    return candidates == [] and entry.sent_at is not None and now - entry.sent_at > SETTLED


def _settled(journal: "Journal", entry: "Entry", candidates: list[Any] | None) -> dict[str, Any]:
    """The one record that can be ours, or the admission that nobody can know."""
    if candidates is not None and len(candidates) == 1 and journal.claim(entry, record_id(candidates[0])):
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


def record_id(result: Any) -> str | None:
    """The id of a created record, in or out of its envelope."""
    record = result.get("data", result) if isinstance(result, Mapping) else {}
    number = record.get("id") if isinstance(record, Mapping) else None
    return None if number is None else str(number)


def _surely_refused(error: SalesError) -> bool:
    """Whether the service certainly created nothing: it said no, or it never saw the request."""
    return error.code != "outcome_unknown" and not (error.status is not None and error.status < 400)


def _fingerprint(inputs: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()
