"""Custom fields, and the values that people and accounts have for them."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, CREATE, Change, Problem, Wrong

from .errors import REQUIRED
from .filters import match_ids, match_one
from .resources import Field, Resource, times, writable
from .values import day, one_of, text
from .vendor import SALESLOFT

COLLECTIONS_OF_FIELD_TYPES = {"person": "people", "company": "accounts"}


def _check(change: Change) -> Iterator[Problem]:
    if change.record["field_type"] is None:
        yield Problem("field_type", REQUIRED)


def _rename(change: Change) -> None:
    """Values move along with the name of their field."""
    if change.before is not None and change.moves("name"):
        _replace_values(change.request, change.before, change.record["name"])


def _forget(request: Request, record: Document) -> None:
    _replace_values(request, record, None)


CUSTOM_FIELDS = Resource(
    name="custom_fields",
    first_id=4101,
    fields={
        "id": Field(),
        "name": writable(text, required=(CREATE,)),
        "field_type": writable(one_of("person", "company", "opportunity"), default="person"),  # inferred default
        "value_type": Field(default="text"),
        **times(),
    },
    filters={"ids": match_ids(), "field_type": match_one("field_type"), "value_type": match_one("value_type")},
    sorting={"updated_at": "updated_at", "created_at": "created_at", "name": "name"},
    unique=("name", "field_type"),  # values are kept by name (inferred)
    rules=_check,
    follow=_rename,
    cascade=_forget,
)
ROUTES = SALESLOFT.routes(CUSTOM_FIELDS, *ALL)


def value_problems(change: Change, kind: str) -> Iterator[Problem]:
    """What is wrong with the values that are given to a record; an unknown name is refused (inferred)."""
    for name, value in (change.given.get("custom_fields") or {}).items():
        found = _find_named(change.request, kind, name)
        if not found:
            yield Problem("custom_fields", f"{name} is not a custom field")
        elif value and found[0]["value_type"] == "date":
            yield from _check_date(name, value)


def _check_date(name: str, value: object) -> Iterator[Problem]:
    try:
        day(value)
    except Wrong as wrong:
        yield Problem("custom_fields", f"{name} {wrong}")


def settle_values(change: Change) -> None:
    """Add the given values to those that were there; only filled ones are kept, as texts."""
    given = change.given.get("custom_fields")
    merged = {**((change.before or {}).get("custom_fields") or {}), **(given or {})}
    change.record["custom_fields"] = {name: text(value) for name, value in merged.items() if value not in (None, "")}


def _find_named(request: Request, kind: str | None, name: str) -> list[Document]:
    return request.collection("custom_fields").find(Condition.match(name=name, field_type=kind))


def _replace_values(request: Request, field: Document, name: str | None) -> None:
    """Let the values of a field have another name, or go."""
    home = COLLECTIONS_OF_FIELD_TYPES.get(field["field_type"])
    for record in request.collection(home).find() if home else ():
        values = record["custom_fields"]
        if field["name"] in values:
            value = values.pop(field["name"])
            request.collection(str(home)).put(
                {**record, "custom_fields": {**values, **({name: value} if name else {})}}
            )
