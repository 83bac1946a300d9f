"""Writing records: reading a payload, applying the rules, storing, and telling the event stream."""

from collections.abc import Mapping
from typing import Any

from sales_connectors.imitation import Condition, Document, Request, Store

from . import firehose
from .attributes import Attribute, Wrong, now
from .custom_fields import custom_values
from .errors import Problem, incorrect
from .resources import CATALOGUE, Change, Resource

ALIASES = {"added_on": "added_at"}  # the official clients' name for it


def create(
    request: Request, resource: Resource, given: Mapping[str, Any], within: Mapping[str, Any] | None = None
) -> Document:
    """Make a record from the attributes of a payload; ``within`` is what the path says of it."""
    values, problems = _read(request, resource, given, None)
    problems += _missing(resource, values, given)
    start = {name: attribute.initial(request) for name, attribute in resource.attributes.items() if name != "id"}
    change = Change(request, {**start, **values, **(within or {}), "version": 1}, None, values)
    _apply_rules(resource, change, problems)
    record = add(request, resource, _stored(resource, change.record))
    resource.follow(Change(request, record, None, values))
    return record


def update(request: Request, resource: Resource, before: Document, given: Mapping[str, Any]) -> Document:
    """Change the attributes that a payload names, and no others."""
    values, problems = _read(request, resource, given, before)
    change = Change(request, {**before, **values}, before, values)
    _apply_rules(resource, change, problems)
    record = save(request, resource, before, _stored(resource, change.record))
    resource.follow(Change(request, record, before, values))
    return record


def add(request: Request, resource: Resource, record: Document, cause: str = "interaction") -> Document:
    """Store a new record that is known to be sound."""
    added = resource.kept(request.store).insert(record)
    firehose.feed(request.store, request.clock, resource, "created", added, cause=cause)
    return added


def save(
    request: Request, resource: Resource, before: Document, record: Document, cause: str = "interaction"
) -> Document:
    """Store a changed record that is known to be sound."""
    record = {**record, "version": before["version"] + 1}
    if "updated_at" in resource.attributes:
        record["updated_at"] = now(request)
    resource.kept(request.store).put(record)
    firehose.feed(request.store, request.clock, resource, "updated", record, before, cause)
    return record


def remove(request: Request, resource: Resource, record: Document, cause: str = "interaction") -> None:
    """Delete a record, and what goes with it."""
    resource.cascade(request, record)
    resource.kept(request.store).delete(record["id"])
    ended = {**record, "version": record["version"] + 1}
    firehose.feed(request.store, request.clock, resource, "deleted", ended, cause=cause)


def remove_all(request: Request, name: str, where: Condition) -> None:
    """Delete the records of another resource that went with one."""
    resource = CATALOGUE[name]
    for record in resource.kept(request.store).find(where):
        remove(request, resource, record, "system")


def _stored(resource: Resource, record: Document) -> Document:
    instructions = {name for name, attribute in resource.attributes.items() if attribute.write_only}
    return {name: value for name, value in record.items() if name not in instructions}


def _read(
    request: Request, resource: Resource, given: Mapping[str, Any], before: Document | None
) -> tuple[Document, list[Problem]]:
    """The values that a payload brings, as they are stored, and what is wrong with them."""
    values: Document = {}
    problems: list[Problem] = []
    earlier = resource.shown(request, before) if before else {}
    for sent, value in given.items():
        name = sent if sent in resource.attributes else ALIASES.get(sent, sent)
        attribute = resource.attributes.get(name)
        if attribute is None:
            problems.append(Problem(f"/{sent}", "unknown", f"a {resource.type} has no attribute {sent}"))
            continue
        if name in earlier and earlier[name] == value:
            continue  # a record sent back as it came is no attempt to write what cannot be written
        try:
            values[name] = _value(request, resource, attribute, name, value, before)
        except Wrong as wrong:
            problems.append(Problem(f"/{sent}{wrong.below}", wrong.code, wrong.details))
    return values, problems


def _value(
    request: Request, resource: Resource, attribute: Attribute, name: str, value: Any, before: Document | None
) -> Any:
    if attribute.read_only:
        raise Wrong("incorrect_value", "the attribute is read-only")  # inferred: refused rather than ignored
    if attribute.create_only and before is not None:
        raise Wrong("incorrect_value", "the attribute can only be set on create")
    if value is None:
        if attribute.nullable:
            return None
        raise Wrong("blank", "must not be null")
    read = attribute.kind.read(value)
    attribute.check(read)
    if attribute.refers_to:
        _check_reference(request.store, attribute.refers_to, read)
    if attribute.kind.name == "custom_fields":
        return {**((before or {}).get(name) or {}), **custom_values(resource.type, read)}
    return read


def _check_reference(store: Store, home: str, value: Any) -> None:
    kept = CATALOGUE[home].kept(store)
    for id in value if isinstance(value, list) else [value]:
        if kept.get(id) is None:
            raise Wrong("incorrect_value", f"there is no {CATALOGUE[home].type} {id}")


def _missing(resource: Resource, values: Document, given: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(f"/{name}", "missing", f"{name} is required")
        for name, attribute in resource.attributes.items()
        if attribute.required and name not in values and name not in given
    ]


def _apply_rules(resource: Resource, change: Change, problems: list[Problem]) -> None:
    """Check what goes beyond single attributes, once these are sound by themselves."""
    problems = problems or [*resource.rules(change), *_taken(resource, change)]
    if problems:
        raise incorrect(resource.type, problems, under_data=resource.pointers_under_data)
    resource.settle(change)


def _taken(resource: Resource, change: Change) -> list[Problem]:
    if not resource.unique:
        return []
    same = Condition.every(Condition.equal(name, change.record[name]) for name in resource.unique)
    others = [
        other for other in resource.kept(change.request.store).find(same) if other["id"] != change.record.get("id")
    ]
    name = resource.unique[0]
    return [Problem(f"/{name}", "already_exists", f"there is a {resource.type} with this {name}") for _ in others[:1]]
