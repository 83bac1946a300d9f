"""Upserts: the record that the key finds is updated, and one that nobody finds is created."""

from collections.abc import Mapping
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import Problem

from .accounts import ACCOUNTS
from .errors import REQUIRED, invalid, read_parameter
from .parameters import Given, parameters
from .people import PEOPLE
from .resources import Resource
from .rights import scope_of
from .values import domain, integer, one_of
from .vendor import SALESLOFT, wrap

KEYS: Mapping[str, tuple[str, ...]] = {
    "people": ("id", "crm_id", "email_address"),
    "accounts": ("id", "crm_id", "domain"),
}
KEPT_AS = {"email_address": "email_key"}


def upsert(request: Request, resource: Resource, given: Given) -> tuple[Document, str]:
    """The record as it is now, and whether it was created or updated; without a key nothing is ever updated."""
    found = _find_by_key(request, resource, given) if given.get("upsert_key") else None
    if found is None:
        return SALESLOFT.create(request, resource, given), "create"
    return SALESLOFT.update(request, resource, found, {**_repeat_required(resource, found), **given}), "update"


def _find_by_key(request: Request, resource: Resource, given: Given) -> Document | None:
    key = read_parameter("upsert_key", one_of(*KEYS[resource.name]), given["upsert_key"])
    if given.get(key) is None:
        raise invalid([Problem(key, f"{REQUIRED}, since it is the upsert_key")])
    matching = request.collection(resource.name).find(_match_key(key, given[key]))
    if len(matching) > 1:
        raise invalid(
            [Problem("upsert_key", f"matches multiple records: {', '.join(str(one['id']) for one in matching)}")]
        )
    found = matching[0] if matching else None
    if key == "id" and found is None:
        raise invalid([Problem("id", "does not exist")])  # inferred: nobody chooses the id of a new record
    if given.get("id") is not None and (found or {}).get("id") != read_parameter("id", integer, given["id"]):
        raise invalid([Problem("id", f"does not point at the same record as {key}")])
    return found


def _match_key(key: str, value: Any) -> Condition:
    if key == "id":
        return Condition.equal("id", read_parameter("id", integer, value))
    if key == "domain":
        return Condition.equal("domain", read_parameter("domain", domain, value))
    wanted = str(value).strip()
    return Condition.equal(KEPT_AS.get(key, key), wanted.lower() if key in KEPT_AS else wanted)


def _repeat_required(resource: Resource, found: Document) -> Document:
    """What an update asks for every time, as it is: an upsert need not say it again (inferred)."""
    return {name: found[name] for name, known in resource.fields.items() if known.required}


def upsert_person(request: Request) -> Reply:
    return _upsert_one(request, PEOPLE, "person")


def upsert_account(request: Request) -> Reply:
    return _upsert_one(request, ACCOUNTS, "account")


def _upsert_one(request: Request, resource: Resource, name: str) -> Reply:
    record, kind = upsert(request, resource, parameters(request))
    return wrap({name: resource.show(request, record), "upsert_type": kind})


ROUTES = [
    Route("POST", "/v2/person_upserts", upsert_person, scope_of("people", "POST")),
    Route("POST", "/v2/account_upserts", upsert_account, scope_of("accounts", "POST")),
]
