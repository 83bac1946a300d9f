"""Imports, which group people by where they came from."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import Change, Problem

from .errors import read_parameter, refused
from .filters import match_ids, match_some
from .parameters import nested
from .people import PEOPLE
from .resources import Field, Resource, times, writable
from .rights import is_admin, own_or_admin, scope_of
from .values import integer, one_of, text
from .vendor import SALESLOFT


def delete_import(request: Request) -> Reply:
    """Delete an import: with ``undo`` its people go too, ``single`` only those who came with no other one."""
    found = SALESLOFT.find(request, IMPORTS)
    undo = nested(request.query).get("undo")
    chosen = read_parameter("undo", one_of("single", "all"), undo) if undo else None
    for person in _find_people(request, found):
        if chosen == "all" or (chosen == "single" and person["import_ids"] == [found["id"]]):
            SALESLOFT.remove(request, PEOPLE, person)
    return SALESLOFT.delete_one(request, IMPORTS)


def _find_people(request: Request, found: Document) -> list[Document]:
    return request.collection("people").find(Condition.holds("import_ids", found["id"]))


def _check(change: Change) -> Iterator[Problem]:
    user_id = change.given.get("user_id")
    if user_id is None:
        return
    if change.request.collection("users").get(user_id) is None:
        yield Problem("user_id", "does not exist")
    elif user_id != change.request.user_id and not is_admin(change.request):
        raise refused(403, "Only team admins may give imports to other users.")


def _settle(change: Change) -> None:
    change.record["user_id"] = change.record["user_id"] or change.request.user_id


def _leave(request: Request, found: Document) -> None:
    for person in _find_people(request, found):
        others = [id for id in person["import_ids"] if id != found["id"]]
        latest = person["import_id"] if person["import_id"] in others else None
        SALESLOFT.touch(request, "people", person["id"], import_ids=others, import_id=latest)


def _count_people(request: Request, found: Document) -> int:
    return len(_find_people(request, found))


IMPORTS = Resource(
    name="imports",
    scope="people",
    first_id=3301,
    fields={
        "id": Field(),
        "name": writable(text),
        "user_id": writable(integer),
        "current_people_count": Field(),
        "imported_people_count": Field(default=0),
        **times(),
    },
    derived={"current_people_count": _count_people},
    visible=own_or_admin("user_id"),
    filters={"ids": match_ids(), "user_ids": match_some("user_id", integer)},
    sorting={"created_at": "created_at", "updated_at": "updated_at"},
    rules=_check,
    settle=_settle,
    cascade=_leave,
)
ROUTES = [
    *SALESLOFT.routes(IMPORTS, "list", "create", "retrieve", "update"),
    Route("DELETE", IMPORTS.route + "/{id}", delete_import, scope_of("people", "DELETE")),
]
