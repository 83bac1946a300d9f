"""JSON:API documents: how records are shown in them, and what a request says in one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sales_connectors.imitation import Document, Request
from sales_connectors.imitation.kit import Wrong

from .attributes import Attribute
from .errors import UNKNOWN_ATTRIBUTE, describe, not_valid, refused, refused_all
from .relationships import Many, One, Relation, id_of, refer
from .resources import Resource, find_resource
from .scopes import is_admin

Includes = Mapping[str, "Includes"]
"""The relationships to follow, and from each of them further on."""

MEMBERS = {"type", "id", "attributes", "relationships", "links", "meta"}


@dataclass(frozen=True)
class View:
    """How a request wants records shown."""

    request: Request
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the members of each type; without them all
    includes: Includes = field(default_factory=dict)
    with_rights: bool = False
    with_connections: bool = False
    hides_unnamed_accounts: bool = False

    def write_one(self, resource: Resource, record: Document) -> Document:
        return {"data": self.show(resource, record), **self._include([(resource, record)])}

    def write_many(self, resource: Resource, records: Iterable[Document]) -> Document:
        found = [(resource, record) for record in records]
        return {"data": [self.show(*one) for one in found], **self._include(found)}

    # --- one record ---

    def show(self, resource: Resource, record: Document) -> Document:
        """A record as a resource object."""
        attributes = {
            name: self._value(resource, record, name)
            for name, known in resource.attributes.items()
            if not known.hidden and self._wants(resource.type, name, usually=not known.on_request)
        }
        relationships = {
            name: self._relate(resource, record, name, known)
            for name, known in resource.relationships.items()
            if self._wants(resource.type, name)
        }
        id = str(record["id"]) if resource.textual_ids else record["id"]
        shown = {"type": resource.type, "id": id, "attributes": attributes, "relationships": relationships}
        links = {"self": f"{self.request.base_url}{resource.route}/{record['id']}"}
        return {key: value for key, value in shown.items() if value != {}} | {"links": links} | self._add_meta(resource)

    def _wants(self, type: str, name: str, usually: bool = True) -> bool:
        return name in self.fields[type] if type in self.fields else usually

    def _value(self, resource: Resource, record: Document, name: str) -> Any:
        worked_out = resource.derived.get(name)
        return worked_out(self.request, record) if worked_out else record.get(name)

    def _add_meta(self, resource: Resource) -> Document:
        is_allowed = not resource.admins_only or is_admin(self.request)
        rights = {"canWrite": is_allowed, "canDelete": is_allowed} if self.with_rights else {}
        connections: Document = {"dataConnections": []} if self.with_connections else {}
        return {"meta": {**rights, **connections}} if rights or connections else {}

    def _relate(self, resource: Resource, record: Document, name: str, relation: Relation) -> Document:
        if isinstance(relation, Many):
            related = self._link(relation, record, resource)
            if not relation.is_named:
                return related
            data = [refer(relation.types[0], one["id"]) for one in list_related(self.request, relation, record)]
            return {"data": data, **related, "meta": {"count": len(data)}}
        return {"data": self._name_related(record, name, relation)}

    def _name_related(self, record: Document, name: str, relation: Relation) -> Document | None:
        reference = follow(self.request, record, name, relation)
        if self.hides_unnamed_accounts and reference and reference["type"] == "account":
            account = self.request.collection("accounts").get(reference["id"])
            return reference if account and account["named"] else None
        return reference

    def _link(self, relation: Many, record: Document, resource: Resource) -> Document:
        """The list of the related records: filtered by the record, no path below it."""
        id = relation.find_anchor(record)
        if id is None or relation.via is None:
            return {}
        listed = f"{self.request.base_url}{resource.root}{relation.plural}"
        return {"links": {"related": f"{listed}?filter[{relation.via}][id]={id}"}}

    # --- the records that go with them ---

    def _include(self, found: list[tuple[Resource, Document]]) -> Document:
        """The related records that were asked for, each of them once."""
        if not self.includes:
            return {}
        primary = {(resource.type, record["id"]) for resource, record in found}
        kept: dict[tuple[str, int], tuple[Resource, Document]] = {}
        for resource, record in found:
            self._collect(resource, record, self.includes, kept)
        return {"included": [self.show(*one) for key, one in kept.items() if key not in primary]}

    def _collect(
        self,
        resource: Resource,
        record: Document,
        includes: Includes,
        kept: dict[tuple[str, int], tuple[Resource, Document]],
    ) -> None:
        for name, further in includes.items():
            for theirs, one in self._find_related(resource, record, name):
                kept.setdefault((theirs.type, one["id"]), (theirs, one))
                self._collect(theirs, one, further, kept)

    def _find_related(self, resource: Resource, record: Document, name: str) -> Iterator[tuple[Resource, Document]]:
        relation = resource.relationships.get(name)  # of one of the types that a relationship may lead to
        if isinstance(relation, Many):
            theirs = find_resource(relation.types[0])
            if theirs:
                yield from ((theirs, one) for one in list_related(self.request, relation, record))
        elif relation is not None:
            reference = self._name_related(record, name, relation)
            theirs = find_resource(reference["type"]) if reference else None
            known = self.request.collection(theirs.name).get(id_of(reference)) if theirs else None
            if theirs and known:
                yield theirs, known


def follow(request: Request, record: Document, name: str, relation: Relation) -> Document | None:
    """Whom a record belongs to by one of its relationships."""
    if not isinstance(relation, One) or relation.through is None:
        reference: Document | None = record.get(relation.repeats or name if isinstance(relation, One) else name)
        return reference
    first, second = relation.through
    middle = record.get(first)
    theirs = find_resource(middle["type"]) if middle else None
    known = request.collection(theirs.name).get(id_of(middle)) if theirs else None
    return known.get(second) if known else None


def list_related(request: Request, relation: Many, record: Document) -> list[Document]:
    """The records that a record has."""
    theirs = find_resource(relation.types[0])
    return request.collection(theirs.name).find(relation.locate(request, record)) if theirs else []


# --- what a request says ---


def read_document(request: Request, resource: Resource, id: int | None = None) -> dict[str, Any]:
    """The attributes and relationships that a request gives, by name; its document is checked."""
    data = read_data(request, resource, id)
    attributes, relationships = (read_members(data, key) for key in ("attributes", "relationships"))
    errors = [
        *_find_unknown(resource, "attributes", attributes, resource.attributes),
        *_find_unknown(resource, "relationships", relationships, resource.relationships),
    ]
    if errors:
        raise refused_all(400, errors)
    if id is not None and not (attributes or relationships):
        raise not_valid("At least one attribute or relationship has to be given.")  # inferred
    return {**attributes, **{name: _read_linkage(name, given) for name, given in relationships.items()}}


def read_data(request: Request, resource: Resource, id: int | None = None) -> dict[str, Any]:
    """The resource object that a request sends, if it is of the right type and, for an update, the right one."""
    try:
        body = request.json()
    except ValueError:
        raise refused(400, "The body is not JSON.") from None  # inferred
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise not_valid("The body has to be an object with the record under data.")
    data: dict[str, Any] = body["data"]
    if data.get("type") != resource.type:
        raise not_valid(f"The type has to be '{resource.type}'.")
    if id is None and "id" in data:
        raise not_valid("A new record has no id yet.")  # inferred
    if id is not None and (data.get("id") != id or isinstance(data["id"], bool)):
        raise not_valid(f"The id has to be {id}, as in the path.")
    if set(data) - MEMBERS:
        raise not_valid(f"A record has no members {', '.join(sorted(set(data) - MEMBERS))}.")  # inferred
    return data


def read_members(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    given = data.get(key, {})
    if not isinstance(given, dict):
        raise not_valid(f"The {key} have to be an object.", f"/data/{key}")
    return given


def _find_unknown(
    resource: Resource, key: str, given: Mapping[str, Any], known: Mapping[str, Attribute | Relation]
) -> Iterator[Document]:
    """What is there that the API does not know, or does not let anybody write."""
    for name in given:
        if name not in known or known[name].read_only:
            why = f"'{name}' is not a permitted {key.removesuffix('s')} of '{resource.type}'."
            yield describe(400, why, UNKNOWN_ATTRIBUTE, f"/data/{key}/{name}")


def _read_linkage(name: str, given: Any) -> Any:
    if not isinstance(given, dict) or "data" not in given:
        raise not_valid(f"The relationship '{name}' has to be an object with data.", f"/data/relationships/{name}")
    return given["data"]


def read_reference(request: Request, relation: Relation, value: Any) -> Document:
    """The record that a relationship is given; string ids are refused."""
    if not isinstance(value, dict) or set(value) - {"type", "id", "meta"}:
        raise Wrong("must be a resource identifier, or null")
    type, id = value.get("type"), value.get("id")
    if type not in relation.types:
        raise Wrong(f"must be of type {' or '.join(relation.types)}")
    if isinstance(id, bool) or not isinstance(id, int):
        raise Wrong("must have an integer id")
    theirs = find_resource(type)
    if theirs and request.collection(theirs.name).get(id) is None:
        raise Wrong("does not exist")
    return {"type": type, "id": id}
