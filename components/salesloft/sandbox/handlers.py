"""What can be done with records over HTTP: the same five things for every resource."""

from collections.abc import Callable
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route

from . import records
from .errors import not_found
from .parameters import parameters
from .queries import listed
from .resources import Resource
from .rights import SCOPES

Act = Callable[[Request, Resource], Reply]


def wrapped(data: Any) -> Reply:
    return Reply(200, {"data": data})


def create_one(request: Request, resource: Resource) -> Reply:
    return wrapped(resource.shown(request, records.create(request, resource, parameters(request))))


def retrieve_one(request: Request, resource: Resource) -> Reply:
    return wrapped(resource.shown(request, existing(request, resource)))


def update_one(request: Request, resource: Resource) -> Reply:
    changed = records.update(request, resource, existing(request, resource), parameters(request))
    return wrapped(resource.shown(request, changed))


def delete_one(request: Request, resource: Resource) -> Reply:
    if not (resource.repeatable and _was_deleted(request, resource)):
        records.remove(request, resource, existing(request, resource))
    return Reply(204)


def existing(request: Request, resource: Resource, name: str = "id") -> Document:
    """The record that a path names, if the caller may see it."""
    visible = Condition.every([Condition.equal("id", record_id(request, name)), resource.visible(request)])
    record = resource.kept(request.store).first(visible)
    if record is None:
        raise not_found()
    return record


def record_id(request: Request, name: str = "id") -> int:
    """The id in a path; what cannot be one is nobody's."""
    text = request.params[name]
    if not text.isdecimal() or len(text) > 15:
        raise not_found()
    return int(text)


def _was_deleted(request: Request, resource: Resource) -> bool:
    deleted = Condition.every([Condition.equal("of", resource.name), Condition.equal("was", record_id(request))])
    return request.store.collection("deleted").first(deleted) is not None


OPERATIONS: dict[str, tuple[str, str, Act]] = {
    "list": ("GET", "", listed),
    "create": ("POST", "", create_one),
    "retrieve": ("GET", "/{id}", retrieve_one),
    "update": ("PUT", "/{id}", update_one),
    "delete": ("DELETE", "/{id}", delete_one),
}
ALL = ("list", "create", "retrieve", "update", "delete")
READ = ("list", "retrieve")


def routes(resource: Resource, *operations: str) -> list[Route]:
    """The routes of the operations that the API has for a resource."""
    return [_route(resource, *OPERATIONS[operation]) for operation in operations]


def _route(resource: Resource, method: str, below: str, act: Act) -> Route:
    return Route(
        method, resource.route + below, lambda request: act(request, resource), scope_of(resource.scope, method)
    )


def scope_of(scope: str | None, method: str) -> str | None:
    """The scope that a request needs; not every resource has one for deleting."""
    verb = {"GET": "read", "DELETE": "delete"}.get(method, "write")
    names = [f"{scope}:{verb}", f"{scope}:write"]
    return next((name for name in names if name in SCOPES), None) if scope else None
