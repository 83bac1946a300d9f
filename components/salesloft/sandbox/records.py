"""Writing records: reading what a request gives, applying the rules, storing."""

from collections.abc import Iterator, Mapping
from typing import Any

from sales_connectors.imitation import Document, Request

from .errors import REQUIRED, Problem, Wrong, invalid
from .resources import CREATE, UPDATE, Change, Field, Resource, kept, now, one, stored
from .values import integer


def create(request: Request, resource: Resource, given: Mapping[str, Any]) -> Document:
    """Make a record from what a request gives; what is no field is passed over (inferred)."""
    values, problems = _read(request, resource, given, CREATE)
    at = now(request)
    start = {stored(name, known): _initial(known) for name, known in resource.fields.items() if name != "id"}
    change = Change(request, {**start, "created_at": at, **values, "updated_at": at}, None, values)
    _apply_rules(resource, change, problems)
    change.record = resource.kept(request.store).insert(change.record)
    resource.follow(change)
    return change.record


def update(request: Request, resource: Resource, before: Document, given: Mapping[str, Any]) -> Document:
    """Change what a request names, and nothing else."""
    values, problems = _read(request, resource, given, UPDATE)
    change = Change(request, {**before, **values, "updated_at": now(request)}, before, values)
    _apply_rules(resource, change, problems)
    resource.kept(request.store).put(change.record)
    resource.follow(change)
    return change.record


def touch(request: Request, name: str, id: int | None, **values: Any) -> None:
    """Note something in a record that follows from a change of another one."""
    record = one(request, name, id)
    if record is not None:
        kept(request, name).put({**record, **values, "updated_at": now(request)})


def remove(request: Request, resource: Resource, record: Document) -> None:
    """Delete a record, and what goes with it."""
    resource.cascade(request, record)
    resource.kept(request.store).delete(record["id"])
    if resource.repeatable:
        request.store.collection("deleted").insert({"of": resource.name, "was": record["id"]})


def _initial(known: Field) -> Any:
    """The value of a record that was made without saying one; each gets lists and objects of its own."""
    return known.default.copy() if isinstance(known.default, list | dict) else known.default


def _read(request: Request, resource: Resource, given: Mapping[str, Any], event: str) -> tuple[Document, list[Problem]]:
    """The values that a request gives, as they are stored, and what is wrong with them."""
    values: Document = {}
    problems: list[Problem] = []
    for name, known in _writable(resource, event):
        if name not in given:
            continue
        try:
            values[name] = None if given[name] is None else _value(request, known, given[name])
        except Wrong as wrong:
            problems.append((name, str(wrong)))
    return values, [*problems, *_missing(resource, given, values, event)]


def _writable(resource: Resource, event: str) -> Iterator[tuple[str, Field]]:
    return ((stored(name, known), known) for name, known in resource.fields.items() if event in known.on)


def _value(request: Request, known: Field, given: Any) -> Any:
    if known.read:
        return known.read(given)
    id = integer(given)
    if one(request, known.links or "", id) is None:
        raise Wrong("does not exist")
    return id


def _missing(resource: Resource, given: Mapping[str, Any], values: Document, event: str) -> list[Problem]:
    """What is needed and is not there; what a record needs to begin with cannot be cleared later either."""
    absent = [(name, known) for name, known in _writable(resource, event) if values.get(name) is None]
    return [
        (name, REQUIRED)
        for name, known in absent
        if (known.required and name in values) or (event in known.required and given.get(name) is None)
    ]


def _apply_rules(resource: Resource, change: Change, problems: list[Problem]) -> None:
    """Check what goes beyond single fields, once these are sound by themselves."""
    problems = problems or list(resource.rules(change))
    if problems:
        raise invalid(problems)
    resource.settle(change)
