"""Notes on people and accounts."""

from collections.abc import Iterator
from typing import Any

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, BOTH, CREATE, Change, Problem

from .errors import invalid
from .filters import match_ids, match_one, match_span
from .parameters import nested
from .resources import Field, Resource, link, link_to, times, writable
from .rights import named_user, take_user
from .values import flag, integer, one_of, text
from .vendor import SALESLOFT

COLLECTIONS_OF_SUBJECTS = {"person": "people", "account": "accounts"}


def _read_kind(value: Any) -> str:
    return str(one_of(*COLLECTIONS_OF_SUBJECTS)(str(value).lower()))


def _check(change: Change) -> Iterator[Problem]:
    request, record = change.request, change.record
    yield from named_user(change)
    if (
        request.collection(COLLECTIONS_OF_SUBJECTS[record["associated_with_type"]]).get(record["associated_with_id"])
        is None
    ):
        yield Problem("associated_with_id", "does not exist")
    other = request.collection("notes").first(Condition.match(call_id=record["call_id"])) if record["call_id"] else None
    if other and other["id"] != record.get("id"):
        yield Problem("call_id", "has a note already")


def _settle(change: Change) -> None:
    if change.is_new:
        take_user(change)


def _follow(change: Change) -> None:
    if change.before and change.moves("call_id"):
        SALESLOFT.touch(change.request, "calls", change.before["call_id"], note_id=None)
    SALESLOFT.touch(change.request, "calls", change.record["call_id"], note_id=change.record["id"])


def _cascade(request: Request, note: Document) -> None:
    SALESLOFT.touch(request, "calls", note["call_id"], note_id=None)


def _show_associated(request: Request, note: Document) -> Document | None:
    return link_to(request, COLLECTIONS_OF_SUBJECTS[note["associated_with_type"]], note["associated_with_id"])


def _show_type(request: Request, note: Document) -> Any:
    return note["associated_with_type"]


def _match_about(request: Request, value: Any) -> Condition:
    if "associated_with_type" not in nested(request.query):
        raise invalid([Problem("associated_with_type", "is required together with associated_with_id")])
    return Condition.equal("associated_with_id", integer(value))


NOTES = Resource(
    name="notes",
    scope="notes",
    first_id=440101,
    fields={
        "id": Field(),
        "content": writable(text, required=BOTH),
        "associated_type": Field(),
        "associated_with": Field(),
        "call": link("calls", BOTH),
        "user": link("users"),
        **times(),
        "associated_with_type": writable(_read_kind, (CREATE,), required=(CREATE,), hidden=True),
        "associated_with_id": writable(integer, (CREATE,), required=(CREATE,), hidden=True),
        "skip_crm_sync": writable(flag, (CREATE,), instruction=True),
        "subject": writable(text, (CREATE,), instruction=True),
        "user_guid": writable(text, (CREATE,), instruction=True),
    },
    derived={"associated_type": _show_type, "associated_with": _show_associated},
    filters={
        "associated_with_type": match_one("associated_with_type", _read_kind),
        "associated_with_id": _match_about,
        "ids": match_ids(),
        "updated_at": match_span("updated_at"),
    },
    repeatable=True,
    rules=_check,
    settle=_settle,
    follow=_follow,
    cascade=_cascade,
)
ROUTES = SALESLOFT.routes(NOTES, *ALL)
