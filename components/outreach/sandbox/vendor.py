"""How this vendor reads, refuses, shows and lists records of any kind."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sales_connectors.imitation import Condition, Document, Refused, Reply, Request, Route
from sales_connectors.imitation.kit import CREATE, UPDATE, Problem, Vendor, Wrong, read_each

from . import paging
from .attributes import Attribute, format_moment
from .documents import View, read_document, read_reference
from .errors import DUPLICATE, NOT_VALID, describe, not_found, not_valid, refused, refused_all, write_document
from .event_log import note_creation
from .filters import read_filters
from .queries import Query, read_order
from .relationships import One, Relation
from .resources import Action, Resource
from .scopes import name_scope, need_admin

BLANK = "can't be blank"
WRITING = {"POST": CREATE, "PATCH": UPDATE}


def read_fields(
    request: Request, resource: Resource, given: Mapping[str, Any], before: Document | None
) -> tuple[Document, list[Problem]]:
    """The values that a document gives, as they are kept, and what is wrong with them."""

    def read(name: str, value: Any) -> Any:
        if value is None:
            return None
        known = resource.fields[name]
        return known.read(value) if isinstance(known, Attribute) else read_reference(request, known, value)

    values, problems = read_each(given, read)
    missing = [
        Problem(name, BLANK)
        for name, known in resource.fields.items()
        if known.required and (name in given or before is None) and given.get(name) in (None, "")
    ]
    return values, [*problems, *missing]


def invalid(resource: Resource, problems: Sequence[Problem]) -> Refused:
    """Everything that is wrong with a record, each with a pointer to where it stands."""
    return refused_all(
        422,
        (describe(422, f"{name} {why}.", code or NOT_VALID, _point(resource, name)) for name, why, code in problems),
    )


def _point(resource: Resource, name: str) -> str:
    known = resource.fields.get(name)
    if known is None:
        return "/data"
    return f"/data/{'relationships' if isinstance(known, Relation) else 'attributes'}/{name}"


def check_request(request: Request, resource: Resource, operation: str) -> None:
    """The query is one that the operation knows, and whoever asks has the right to it."""
    Query.read(request, operation)
    if resource.admins_only and request.method != "GET":
        need_admin(request)


def write_reply(request: Request, resource: Resource, record: Document) -> Reply:
    query = Query.read(request, WRITING.get(request.method, "retrieve"))
    return write_document(200, query.view(request, resource).write_one(resource, record))


def list_records(request: Request, resource: Resource) -> Reply:
    """The page of a list that a request asks for."""
    query = Query.read(request, "list")
    view, order = query.view(request, resource), read_order(resource, query.plain.get("sort", ""))
    filtered = read_filters(resource, query.filters, query.flag("newFilterSyntax"))
    where = Condition.every([resource.listed, resource.visible(request), filtered])
    records = request.collection(resource.name)
    found, links = paging.fetch(request, query.page, records, where, order)
    counted = {"meta": paging.count(records, where)} if query.flag("count") else {}  # off, as for every new application
    return write_document(200, {**view.write_many(resource, found), "links": links, **counted})


def act(request: Request, resource: Resource, action: Action) -> Reply:
    """Do something to a record, with parameters that stand in the query; there is no body."""
    given = Query.read(request, "action").parameters
    record = OUTREACH.find(request, resource)
    action.run(request, record, _read_parameters(request, action, given))
    changed = request.collection(resource.name).get(record["id"]) or record
    return write_document(200, View(request).write_one(resource, changed))


def _read_parameters(request: Request, action: Action, given: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of an action: one that it does not know is refused, and so is one that it misses."""
    unknown = sorted(set(given) - set(action.parameters))
    if unknown:
        raise refused(400, f"'{unknown[0]}' is not a permitted parameter of this action.")
    read: dict[str, Any] = {}
    for name, known in action.parameters.items():
        if given.get(name):
            read[name] = _read_parameter(request, name, known, given[name])
        elif known.required:
            raise _not_taken(name, BLANK)
    return read


def _read_parameter(request: Request, name: str, known: Attribute | One, written: str) -> Any:
    try:
        if isinstance(known, Attribute):
            return known.read(known.kind.query(written))
        return read_reference(request, known, {"type": known.types[0], "id": parse_id(written, name) or None})
    except Wrong as wrong:
        raise _not_taken(name, wrong.details) from None


def _not_taken(name: str, why: str) -> Refused:
    return not_valid(f"{name} {why}.", f"/actionParams/{name}")  # inferred: where it points


def parse_id(text: str, name: str) -> int:
    """The id in a path; what cannot be one is nobody's."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else 0


def note_change(
    request: Request, resource: Resource, event: str, record: Document, before: Document | None, cause: str
) -> None:
    """What follows from any change at all."""
    if event == "created":
        note_creation(request, resource, record)
    elif event == "deleted":
        _forget(request, resource, record)


def _forget(request: Request, resource: Resource, record: Document) -> None:
    """Take a deleted record out of the relationships that named it."""
    for theirs in Resource.catalogue.values():
        for name, relation in theirs.relationships.items():
            if isinstance(relation, One) and not relation.through and resource.type in relation.types:
                named = Condition.match(**{f"{name}.id": record["id"], f"{name}.type": resource.type})
                for one in request.collection(theirs.name).find(named):
                    request.collection(theirs.name).put({**one, name: None})


def build_routes(resource: Resource, *operations: str) -> list[Route]:
    """The routes of a resource: the operations that the API has for it, and its actions."""
    scope = name_scope(resource.name, "POST")
    acts = [
        Route("POST", f"{resource.route}/{{id}}/actions/{name}", partial(act, resource=resource, action=action), scope)
        for name, action in resource.actions.items()
    ]
    return [*OUTREACH.routes(resource, *operations), *acts]


OUTREACH = Vendor[Resource](
    resources=Resource.catalogue,
    format_moment=format_moment,
    times=("createdAt", "updatedAt"),
    payload=lambda request, resource, before: read_document(request, resource, before["id"] if before else None),
    read=read_fields,
    refuse=invalid,
    taken=lambda resource, name: Problem(name, "has already been taken", DUPLICATE),
    parse_id=parse_id,
    not_found=lambda resource, id: not_found(resource.type, id),
    reply=write_reply,
    list=list_records,
    scope=lambda resource, method: name_scope(resource.name, method),
    check=check_request,
    tell=note_change,
    created_status=201,
    update_method="PATCH",
)
