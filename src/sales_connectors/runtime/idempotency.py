"""Creates that are safe to ask for again, although the service knows no idempotency keys.

The create is journaled before it is sent.  Asked again with the same key, we first look for the record: the one that
the journal knows, else one that was not there before and is no other key's.  Where nobody can know, we say so.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import MAX_PREC, Decimal
from decimal import Context as DecimalContext
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConfigurationError, Fault, InvalidInput, InvalidResponse, Unavailable
from ..inputs.coerce import is_number
from ..sdk import ActionHandler, Context, Envelope, FindHandler, Inputs
from ..store.journal import PART_SEPARATOR

if TYPE_CHECKING:
    from ..store import Journal, JournalEntry

CREATED, FOUND = "created", "found"
MAX_KEYED_CREATE_SECONDS = 100.0
"""Seconds that such a create may take, waits and repetitions included: it ends before its hold on the key does."""
BUSY_RETRY_SECONDS = 5.0
"""Seconds after which to ask again while another process is at it: its hold lasts longer, its request hardly does."""
SETTLED_SECONDS = 600.0
"""Seconds after which a request that was sent is either served or lost; no gateway holds one for longer."""
MAX_CLOCK_SKEW_SECONDS = 300.0
"""Seconds by which the service's clock may differ from ours."""
ASK_AGAIN_SECONDS = 900.0
"""Seconds after which asking again with the same key settles what was lost: more than SETTLED_SECONDS."""
EXACT = DecimalContext(prec=MAX_PREC)
"""No digit of a number is lost."""


@dataclass(frozen=True)
class KeyedCreate:
    """A create that is asked for under an idempotency key.

    Scope: one key stands for one create of one action in one account, whichever process or door asks for it.
    Lifetime: at least 30 days after the create was done, and for as long as nobody knows whether it was.
    Store: that of the runtime, which holds the connections too; machines that share it know one another's keys.
    """

    journal: "Journal"
    identity: str
    action: str
    create: ActionHandler
    find: FindHandler | None
    context: Context
    inputs: Inputs
    written: Event
    """Set once a request of the call has changed something at the service, or may have."""
    returns_record: bool
    """Whether the manifest says that the create returns a record."""

    def run(self, key: str) -> dict[str, Any]:
        """``{"data": …, "outcome": "created" | "found"}``, or Unavailable with the code ``outcome_unknown``."""
        entry = self._begin(key, _compute_fingerprint(self.inputs))
        if entry.state == "done":
            return {"data": entry.result, "outcome": FOUND}
        if entry.state == "pending" and not self.journal.has_parts(entry):
            matches = self._find_matches(entry)
            if not _has_never_arrived(matches, entry):
                return self._settle(entry, matches)
        return self._send(entry)

    def _begin(self, key: str, fingerprint: str) -> "JournalEntry":
        entry = self.journal.begin(self.identity, self.action, key, fingerprint)
        if entry.state == "busy":
            raise Unavailable(
                f"Another process is creating this record under the key {key.partition(PART_SEPARATOR)[0]!r} right now",
                code="idempotency_key_busy",
                retry_after=min(entry.busy_for, BUSY_RETRY_SECONDS),
                fix="builder",
            )
        return entry

    def _send(self, entry: "JournalEntry") -> dict[str, Any]:
        """Send the create, and write down what became of it."""
        parts: list[str] = []

        def send_part(name: str, send: Callable[[], Any]) -> Any:
            parts.append(name)
            return self._send_part(entry, name, send)

        try:
            with self._note_end(self.journal.mark_sending(entry)) as sent:
                result = self.create(replace(self.context, parts=send_part), self.inputs)
                if self.returns_record and not self.context.envelope.record(result):
                    raise InvalidResponse("The service answered with an empty record where the new one belongs")
        except Unavailable as lost:
            if lost.code == "outcome_unknown":
                _advise(lost, will_settle=self.find is not None and not parts)
            raise
        with suppress(ConfigurationError):  # it is created; a second call with the key will find it
            self.journal.finish(sent, result, record=self.context.envelope.record_id(result))
        return {"data": result, "outcome": CREATED}

    def _send_part(self, whole: "JournalEntry", name: str, send: Callable[[], Any]) -> Any:
        """Send one part of the create, unless it is done; what became of it, its own entry knows."""
        fingerprint = _compute_fingerprint({"whole": whole.fingerprint, "part": name})
        entry = self._begin(f"{whole.key}{PART_SEPARATOR}{name}", fingerprint)
        if entry.state == "done":
            return entry.result
        if entry.state == "pending":
            self.journal.release(entry)
            raise _unsettled_error("done this part of the work")
        had_written = self.written.is_set()  # by other parts, at the same time: this one must know of its own alone
        try:
            with self._note_end(self.journal.mark_sending(entry)) as sent:
                result = send()
            self.journal.finish(sent, result)
            self.written.clear()
        finally:
            if had_written:
                self.written.set()
        return result

    @contextmanager
    def _note_end(self, sent: "JournalEntry") -> Iterator["JournalEntry"]:
        """Free the key of what fails before anything was done, and hold it where nobody knows."""
        self.written.clear()  # what was sent before was a search
        try:
            yield sent
        except BaseException:
            # where the store fails too, the hold ends by itself; what the service said must not be lost over that
            with suppress(ConfigurationError):
                if self.written.is_set():
                    self.journal.release(sent)
                else:
                    self.journal.forget(sent)
            raise

    def _find_matches(self, entry: "JournalEntry") -> "Matches | None":
        """Look for the record; None where the service cannot be asked for it.

        The search comes before the look into the journal: whatever it found was journaled before it was sent, so
        another key that made it meanwhile is either a rival still or has claimed its record.
        """
        try:
            found = self.find(self.context, self.inputs) if self.find else None
            if found is None:
                return None
            found, record_id = list(found), self.context.envelope.record_id
            if entry.record is not None:  # it was found before, and only not written down as done
                return Matches([record for record in found if record_id(record) == entry.record], 0)
            rivals = self.journal.count_rivals(entry)
            taken = self.journal.find_claimed(entry.identity, entry.action)
            return Matches([record for record in found if record_id(record) not in taken], rivals)
        except BaseException:
            with suppress(ConfigurationError):
                self.journal.release(entry)
            raise

    def _settle(self, entry: "JournalEntry", matches: "Matches | None") -> dict[str, Any]:
        """The record that is ours, or the admission that nobody can know.

        Where there is one record for each key that waits for one, all of them were created, and they are alike.
        """
        envelope = self.context.envelope
        records = matches.records if matches else []
        candidates = [record for record in records if not _is_preexisting(record, entry, envelope)]
        will_settle = _may_still_arrive(matches, candidates, entry)
        if matches and len(candidates) == 1 + matches.rivals:
            ours = envelope.record_id(candidates[0])
            if ours and self.journal.claim(entry, ours):
                self.journal.finish(entry, candidates[0], record=ours)
                return {"data": candidates[0], "outcome": FOUND}
            will_settle = bool(ours)  # another key has claimed it just now, and the next search leaves it out
        self.journal.release(entry)
        unsettled = _unsettled_error("created the record")
        _advise(unsettled, will_settle=will_settle)
        raise unsettled


class Matches(NamedTuple):
    """What the service and the journal know about a create whose fate is open."""

    records: list[Any]
    """Records like ours that are no other key's."""
    rivals: int
    """Other keys with the same inputs whose fate is open too."""


def _has_never_arrived(matches: Matches | None, entry: "JournalEntry") -> bool:
    """Whether there is no such record although the request was sent so long ago that it must have been served."""
    if matches is None or matches.records or entry.record is not None:
        return False
    return _is_settled(entry)


def _may_still_arrive(matches: Matches | None, candidates: list[Any], entry: "JournalEntry") -> bool:
    """Whether time alone can bring the record, or the certainty that there is none: where the service can be asked,
    the request may still be served, and there are not too many records to tell ours from others already."""
    if matches is None or entry.record is not None:
        return False
    return not _is_settled(entry) and len(candidates) <= matches.rivals


def _is_settled(entry: "JournalEntry") -> bool:
    """Whether the request was sent so long ago that it is either served or lost."""
    return entry.sent_ago is not None and entry.sent_ago > SETTLED_SECONDS


def _is_preexisting(record: Any, entry: "JournalEntry", envelope: Envelope) -> bool:
    """Whether a record like ours is older than the first attempt; one that does not say is not."""
    try:
        when = datetime.fromisoformat(str(envelope.created_at(record)))
    except ValueError:
        return False
    created = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return created < entry.started - MAX_CLOCK_SKEW_SECONDS


def _compute_fingerprint(inputs: Mapping[str, Any]) -> str:
    """What tells inputs from others: their values, however a door or a caller spells them."""
    return hashlib.sha256(json.dumps(_normalize(inputs), sort_keys=True, default=str).encode()).hexdigest()


def _normalize(value: Any) -> Any:
    """A value in which 1, 1.0 and 1.00 are one number."""
    if isinstance(value, Mapping):
        return {key: _normalize(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normalize(item) for item in value]
    if not is_number(value):
        return value
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return int(number) if number == int(number) else number.normalize(EXACT)


def _unsettled_error(what: str) -> Unavailable:
    return Unavailable(
        f"An earlier attempt with this key may have {what} or not, and nothing tells yet",
        code="outcome_unknown",
        fix="builder",
    )


def _advise(lost: Unavailable, *, will_settle: bool) -> None:
    """Say to whoever gave a key what to do about an outcome that nobody knows."""
    lost.retryable, lost.retry_after = will_settle, ASK_AGAIN_SECONDS if will_settle else None
    lost.message += (
        ". Ask again with the same key in a quarter of an hour, when it can be known"
        if will_settle
        else ". Look for it in the service: asking again with this key can settle nothing"
    )


def check_key(key: str) -> None:
    """InvalidInput where a key could be taken for the part of another one."""
    if PART_SEPARATOR in key:
        message = "must be without the control character U+001F"
        fault: Fault = {"path": "/idempotencyKey", "message": message}
        raise InvalidInput(f"Option idempotencyKey: {message}", code="invalid_option", fields=[fault])


def nameless_connection_error() -> InvalidInput:
    """Once the token is refreshed, nobody could tell that an earlier create with the key was of this connection."""
    message = "must have a name of your choice, or be kept, to be known again once its token was refreshed"
    return InvalidInput(
        f"An idempotency key needs a connection that lasts: it {message}",
        code="nameless_connection",
        fields=[{"path": "/name", "message": message}],
    )
