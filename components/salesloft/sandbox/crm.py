"""What the team's CRM has to do with it: ids of its records, and the activities that are sent to it."""

from collections.abc import Iterator, Mapping

from sales_connectors.imitation import Condition
from sales_connectors.imitation.kit import READ, Change, Problem

from .errors import REQUIRED, TAKEN
from .filters import match_ids, match_one, match_span
from .resources import Field, Resource, link, times, writable
from .rights import need_scope
from .values import one_of, text
from .vendor import SALESLOFT

LENGTH = 18
PEOPLE = {"00Q": "Lead", "003": "Contact"}
ACCOUNTS = {"001": "Account"}

CRM_ACTIVITIES = Resource(
    name="crm_activities",
    scope="crm",
    first_id=81001,
    fields={
        "id": Field(),
        "subject": Field(),
        "description": Field(),
        "activity_type": Field(),
        "crm_id": Field(),
        "error": Field(),
        "custom_crm_fields": Field(default={}),
        "user": link("users"),
        "person": link("people"),
        **times(),
    },
    filters={"ids": match_ids(), "updated_at": match_span("updated_at")},
)
CRM_ACTIVITY_FIELDS = Resource(
    name="crm_activity_fields",
    scope="crm",
    first_id=601,
    fields={
        "id": Field(),
        "title": Field(),
        "field": Field(),
        "field_type": Field(),
        "source": Field(),
        "crm_object_type": Field(),
        "salesforce_object_type": Field(),
        "picklist_values": Field(default={}),
        "value": Field(),
        **times(),
    },
    filters={"source": match_one("source", one_of("email", "phone"))},
    sorting={"title": "title", "updated_at": "updated_at"},
    ascending=True,
)
ROUTES = [*SALESLOFT.routes(CRM_ACTIVITIES, *READ), *SALESLOFT.routes(CRM_ACTIVITY_FIELDS, "list")]
IDENTITY = {
    "crm_id": writable(text),
    "crm_url": Field(),
    "crm_object_type": Field(),
    "crm_id_type": writable(one_of("salesforce"), hidden=True),
    "owner_crm_id": Field(),
}


def identity_problems(change: Change, home: str, prefixes: Mapping[str, str], scope: str) -> Iterator[Problem]:
    """An id of the CRM names its kind of record, belongs to one record, and takes a scope to set."""
    crm_id = change.record.get("crm_id")
    if not crm_id or not change.moves("crm_id"):
        return
    need_scope(change.request, scope)
    if not change.record.get("crm_id_type"):
        yield Problem("crm_id_type", REQUIRED)
    if len(crm_id) != LENGTH or crm_id[:3] not in prefixes:
        yield Problem("crm_id", f"is not the {LENGTH}-character id of a {' or '.join(prefixes.values())}")
    if change.request.collection(home).first(Condition.match(crm_id=crm_id)):
        yield Problem("crm_id", TAKEN)


def settle_identity(change: Change, prefixes: Mapping[str, str]) -> None:
    """The address and the kind of the record in the CRM."""
    crm_id = change.record.get("crm_id")
    change.record["crm_object_type"] = prefixes.get(crm_id[:3]) if crm_id else None
    change.record["crm_url"] = f"https://crm.example.com/{crm_id}" if crm_id else None


def param_problems(change: Change) -> Iterator[Problem]:
    """What is wrong with the CRM fields of a call: an unknown one, or another value than a fixed one."""
    fields = change.request.collection("crm_activity_fields").find(Condition.match(source="phone"))
    fixed = {field["field"]: field.get("value") for field in fields}
    for name, value in (change.given.get("crm_params") or {}).items():
        if name not in fixed:
            yield Problem("crm_params", f"{name} is not a field of CRM activities")
        elif fixed[name] is not None and value != fixed[name]:
            yield Problem("crm_params", f"{name} has to be {fixed[name]}")
