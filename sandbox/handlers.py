"""What can be done with records over HTTP: the same five or six things for every resource."""

from collections.abc import Callable
from typing import Any

from sales_connectors.imitation import Document, Reply, Request, Route

from . import records
from .errors import invalid_param, not_found, refused
from .queries import check_known, listed, matching, record_id, wrapped
from .resources import Resource

Act = Callable[[Request, Resource], Reply]


def payload(request: Request) -> dict[str, Any]:
    """The attributes that a request sends: what stands under ``data`` in its body."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise refused(415, "The body has to be application/json.")
    try:
        body = request.json()
    except ValueError:
        raise refused(400, "The body is not JSON.", "invalid_payload") from None
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict) or set(body) - {"data", "meta"}:
        raise refused(422, "The body has to be an object with the attributes under data.", "incorrect_payload")
    given: dict[str, Any] = body["data"]
    return given


def retrieve_one(request: Request, resource: Resource) -> Reply:
    check_known(request, ["includes"] if resource.includes is not None else [])
    return Reply(200, wrapped(request, resource, existing(request, resource)))


def create_one(request: Request, resource: Resource) -> Reply:
    check_known(request, [])
    return Reply(200, resource.wrapped(request, records.create(request, resource, payload(request))))


def update_one(request: Request, resource: Resource) -> Reply:
    check_known(request, [])
    before = existing(request, resource)
    return Reply(200, resource.wrapped(request, records.update(request, resource, before, payload(request))))


def delete_one(request: Request, resource: Resource) -> Reply:
    check_known(request, [])
    records.remove(request, resource, existing(request, resource))
    return Reply(204)


def upsert_one(request: Request, resource: Resource) -> Reply:
    """Update the one record that the filters find, or create one if they find none."""
    found = resource.kept(request.store).find(matching(request, resource), limit=25)
    given = payload(request)
    if len(found) > 1:  # inferred: the vendor's answer to several matches is not known
        ids = ", ".join(str(record["id"]) for record in found)
        raise refused(409, f"Several {resource.name} match: {ids}", "conflict")
    record = records.update(request, resource, found[0], given) if found else records.create(request, resource, given)
    return Reply(200, resource.wrapped(request, record))


def existing(request: Request, resource: Resource, name: str = "id") -> Document:
    """The record that a path names."""
    record = resource.kept(request.store).get(record_id(request, name))
    if record is None:
        raise not_found(f"There is no {resource.type} {request.params[name]}.")
    return record


OPERATIONS: dict[str, tuple[str, str, Act]] = {
    "upsert": ("POST", "/v2/{name}/upsert", upsert_one),
    "list": ("GET", "/v2/{name}", listed),
    "create": ("POST", "/v2/{name}", create_one),
    "retrieve": ("GET", "/v2/{name}/{id}", retrieve_one),
    "update": ("PUT", "/v2/{name}/{id}", update_one),
    "delete": ("DELETE", "/v2/{name}/{id}", delete_one),
}
ALL = ("list", "create", "retrieve", "update", "delete")


def routes(resource: Resource, *operations: str) -> list[Route]:
    """The routes of the operations that the API has for a resource."""
    return [_route(resource, *OPERATIONS[operation]) for operation in operations]


def _route(resource: Resource, method: str, path: str, act: Act) -> Route:
    scope = resource.reads if method == "GET" else "write"
    return Route(method, path.replace("{name}", resource.name), lambda request: act(request, resource), scope)


def only_together(request: Request, *names: str) -> None:
    """Refuse a query that has some of these parameters and not the others."""
    given = [name for name in names if name in request.arguments()]
    if given and len(given) < len(names):
        raise invalid_param(f"{' and '.join(names)} go together")
