"""How this vendor reads, refuses and shows records of any kind."""

from collections.abc import Mapping
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request
from sales_connectors.imitation.kit import CREATE, UPDATE, Operation, Problem, Vendor, Wrong, read_each

from .errors import REQUIRED, TAKEN, invalid, not_found
from .parameters import parameters
from .queries import list_records
from .resources import Field, Resource
from .rights import scope_of
from .values import format_moment, integer


def wrap(data: Any) -> Reply:
    return Reply(200, {"data": data})


def read_fields(
    request: Request, resource: Resource, given: Mapping[str, Any], before: Document | None
) -> tuple[Document, list[Problem]]:
    """The values that a request gives, as they are stored, and what is wrong with them.

    What is no field is passed over (inferred); what a record needs to begin with cannot be cleared later either.
    """
    event = UPDATE if before else CREATE
    fields = {known.key(name): known for name, known in resource.fields.items() if event in known.on}

    def read(name: str, value: Any) -> Any:
        return None if value is None else _read_value(request, fields[name], value)

    values, problems = read_each({name: given[name] for name in fields if name in given}, read)
    missing = [
        Problem(name, REQUIRED)
        for name, known in fields.items()
        if values.get(name) is None
        and ((known.required and name in values) or (event in known.required and given.get(name) is None))
    ]
    return values, [*problems, *missing]


def _read_value(request: Request, known: Field, value: Any) -> Any:
    if known.read:
        return known.read(value)
    id = integer(value)
    if request.collection(known.links or "").get(id) is None:
        raise Wrong("does not exist")
    return id


def parse_id(text: str, name: str) -> int:
    """The id in a path; what cannot be one is nobody's."""
    if not text.isdecimal() or len(text) > 15:
        raise not_found()
    return int(text)


def delete_one(request: Request, resource: Resource) -> Reply:
    if not (resource.repeatable and _was_deleted(request, resource)):
        SALESLOFT.remove(request, resource, SALESLOFT.find(request, resource))
    return Reply(204)


def _was_deleted(request: Request, resource: Resource) -> bool:
    deleted = Condition.match(of=resource.name, was=parse_id(request.params["id"], "id"))
    return request.collection("deleted").first(deleted) is not None


def note_deletion(
    request: Request, resource: Resource, event: str, record: Document, before: Document | None, cause: str
) -> None:
    """Remember what is gone where deleting it again shall be no error."""
    if event == "deleted" and resource.repeatable:
        request.collection("deleted").insert({"of": resource.name, "was": record["id"]})


SALESLOFT = Vendor[Resource](
    resources=Resource.catalogue,
    format_moment=format_moment,
    payload=lambda request, resource, before: parameters(request),
    read=read_fields,
    refuse=lambda resource, problems: invalid(problems),
    taken=lambda resource, name: Problem(name, TAKEN),
    parse_id=parse_id,
    not_found=lambda resource, id: not_found(),
    reply=lambda request, resource, record: wrap(resource.show(request, record)),
    list=list_records,
    scope=lambda resource, method: scope_of(resource.scope, method),
    tell=note_deletion,
    operations={"delete": Operation("DELETE", "/{id}", delete_one)},
)
