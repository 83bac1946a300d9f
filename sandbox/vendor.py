"""How this vendor reads, refuses and shows records of any kind."""

from collections.abc import Mapping
from typing import Any

from sales_connectors.imitation import Document, Reply, Request
from sales_connectors.imitation.kit import Operation, Problem, Vendor, Wrong, read_each

from . import firehose
from .attributes import NUMBER, Attribute, format_moment
from .custom_fields import read_custom_fields
from .errors import incorrect, invalid_param, not_found, refused
from .queries import check_parameters, envelop, list_records, match_filters
from .resources import HANGING, Resource, hang_on

ALIASES = {"added_on": "added_at"}  # the official clients' name for it


def read_payload(request: Request) -> dict[str, Any]:
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


def read_attributes(
    request: Request, resource: Resource, given: Mapping[str, Any], before: Document | None
) -> tuple[Document, list[Problem]]:
    """The values that a payload brings, as they are stored, and what is wrong with them."""
    names = {sent: sent if sent in resource.fields else ALIASES.get(sent, sent) for sent in given}
    earlier = resource.show(request, before) if before else {}

    def is_changed(sent: str) -> bool:
        """A record sent back as it came is no attempt to write what cannot be written."""
        return names[sent] not in earlier or earlier[names[sent]] != given[sent]

    def read(sent: str, value: Any) -> Any:
        name = names[sent]
        if name not in resource.fields:
            raise Wrong(f"a {resource.type} has no attribute {sent}", "unknown")
        return _read_value(request, resource, name, value, before)

    values, problems = read_each({sent: given[sent] for sent in given if is_changed(sent)}, read)
    missing = [
        Problem(name, f"{name} is required", "missing")
        for name, attribute in resource.fields.items()
        if before is None and attribute.required and name not in given
    ]
    return {names[sent]: value for sent, value in values.items()}, [*problems, *missing]


def _read_value(request: Request, resource: Resource, name: str, value: Any, before: Document | None) -> Any:
    attribute = resource.fields[name]
    if attribute.read_only:
        raise Wrong("the attribute is read-only", "incorrect_value")  # inferred: refused rather than ignored
    if attribute.create_only and before is not None:
        raise Wrong("the attribute can only be set on create", "incorrect_value")
    if value is None:
        if attribute.nullable:
            return None
        raise Wrong("must not be null", "blank")
    read = attribute.kind.read(value)
    attribute.check(read)
    _check_links(request, attribute, read)
    if attribute.kind.name == "custom_fields":
        return {**((before or {}).get(name) or {}), **read_custom_fields(resource.type, read)}
    return read


def _check_links(request: Request, attribute: Attribute, value: Any) -> None:
    if not attribute.links:
        return
    for id in value if isinstance(value, list) else [value]:
        if request.collection(attribute.links).get(id) is None:
            raise Wrong(f"there is no {Resource.catalogue[attribute.links].type} {id}", "incorrect_value")


def parse_id(text: str, name: str) -> int:
    try:
        return int(NUMBER.query(text))
    except ValueError as problem:
        raise invalid_param(f"{name} {problem}, given: {text}") from None


def check_query(request: Request, resource: Resource, operation: str) -> None:
    """Of the operations on one record, only retrieving knows a parameter."""
    check_parameters(request, ["includes"] if operation == "retrieve" and resource.includes is not None else [])


def upsert_one(request: Request, resource: Resource) -> Reply:
    """Update the one record that the filters find, or create one if they find none."""
    found = request.collection(resource.name).find(match_filters(request, resource), limit=25)
    given = read_payload(request)
    if len(found) > 1:  # inferred: the vendor's answer to several matches is not known
        ids = ", ".join(str(record["id"]) for record in found)
        raise refused(409, f"Several {resource.name} match: {ids}", "conflict")
    record = SELL.update(request, resource, found[0], given) if found else SELL.create(request, resource, given)
    return Reply(200, resource.envelop(request, record))


def remove_hanging_on(request: Request, resource_type: str, id: int) -> None:
    """Notes, tasks and collaborations go with the record that they hang on."""
    for name in HANGING:
        SELL.remove_all(request, name, hang_on(resource_type, id))


SELL = Vendor[Resource](
    resources=Resource.catalogue,
    format_moment=format_moment,
    payload=lambda request, resource, before: read_payload(request),
    read=read_attributes,
    refuse=incorrect,
    taken=lambda resource, name: Problem(name, f"another {resource.type} has this {name}", "already_exists"),
    parse_id=parse_id,
    not_found=lambda resource, id: not_found(f"There is no {resource.type} {id}."),
    reply=lambda request, resource, record: Reply(200, envelop(request, resource, record)),
    list=list_records,
    scope=lambda resource, method: resource.reads if method == "GET" else "write",
    check=check_query,
    tell=firehose.feed,
    operations={"upsert": Operation("POST", "/upsert", upsert_one)},
)
