"""What the search index knows of each kind of record, by names of its own.

Each attribute is an SQL expression over the stored records, so that filters, sorting, projections and aggregations all
use the same.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sales_connectors.imitation import field
from sales_connectors.imitation.kit import Wrong

from .attributes import DATE, DATETIME, LARGEST, Kind
from .contacts import PROFILE, TRADED
from .custom_fields import BY_NAME, name_in_search

TIMES: Mapping[str, Kind] = {"date": DATE, "date_time": DATETIME}


@dataclass(frozen=True)
class Indexed:
    """An attribute of the index."""

    sql: str
    type: str = "keyword"

    def value(self, given: Any) -> Any:
        """A value of a filter, as the records hold it; a Wrong says why it is none."""
        if isinstance(given, list | dict) or (isinstance(given, int) and abs(given) > LARGEST):
            raise Wrong("a value of a filter is a text, a flag or a number within range")
        return TIMES[self.type].read(given) if self.type in TIMES and given is not None else given

    def show(self, found: Any) -> Any:
        if found is None:
            return None
        if self.type == "boolean":
            return bool(found)
        return json.loads(found) if self.type in ("array", "object") else found


def _index_plain(type: str, *paths: str) -> dict[str, Indexed]:
    """Attributes that the index calls as the records do."""
    return {path: Indexed(field(path), type) for path in paths}


def _select_other(home: str, path: str, other: str, expression: str) -> str:
    """What another record, which this one names at the path, has."""
    return f'(select {expression} from "{other}" as other where other.id = {field(path, home)})'


def _index_reference(home: str, to: str, path: str, other: str, /, **more: tuple[str, str]) -> dict[str, Indexed]:
    """Another record that this one names: its id, and what the index copies from it."""
    parts = {f"{to}.{part}": Indexed(_select_other(home, path, other, sql), type) for part, (sql, type) in more.items()}
    return {f"{to}.id": Indexed(field(path), "long"), **parts}


NAME = {"name": (field("name"), "string")}
PLACES = {
    "city": "city", "country": "country", "region": "state", "street": "line1", "zip": "postal_code",
    "zip_code": "postal_code",
}  # fmt: skip
ADDRESSES = ("address", *TRADED)
TAG_IDS = """(select json_group_array("tags".id) from "tags", json_each({tags})
 where json_extract("tags".doc, '$."name"') = value and json_extract("tags".doc, '$."resource_type"') = '{type}')"""


def _index_base(home: str, *, owner: str = "owner_id") -> dict[str, Indexed]:
    return {
        "id": Indexed("id", "id"),
        **_index_plain("version", "version"),
        **_index_plain("date_time", "created_at", "updated_at"),
        **_index_reference(home, "owner", owner, "users", **NAME),
        **_index_reference(home, "creator", "creator_id", "users", **NAME),
    }


def _index_tags(home: str, type: str) -> dict[str, Indexed]:
    ids = TAG_IDS.format(tags=field("tags", home), type=type)
    return {**_index_plain("array", "tags"), "tag_ids": Indexed(ids, "array")}


def _index_custom_fields(kind: str) -> dict[str, Indexed]:
    types = {"number": "double", "bool": "boolean", "date": "date", "datetime": "date_time", "address": "object",
             "multi_select_list": "array"}  # fmt: skip
    found = {}
    for defined in BY_NAME[kind].values():
        sql, type = field(f"custom_fields.{defined.name}"), types.get(defined.type, "string")
        found[name_in_search(kind, defined)] = Indexed(f"cast({sql} as real)" if type == "double" else sql, type)
    return found


def _index_address(name: str, prefix: str) -> dict[str, Indexed]:
    """The parts of an address, each with what its name in the index begins with."""
    return {f"{prefix}{part}": Indexed(field(f"{name}.{path}"), "string") for part, path in PLACES.items()}


def _index_profile() -> dict[str, Indexed]:
    numbers = {f"phone_numbers.{name}": Indexed(field(name)) for name in ("phone", "mobile")}
    return {**_index_plain("string", *(name for name in PROFILE if name not in ("phone", "mobile"))), **numbers}


FULL_NAME = f"trim(coalesce({field('first_name')}, '') || ' ' || coalesce({field('last_name')}, ''))"
COMPANY = field("organization_name")
STAGE = {
    "position": (field("position"), "integer"),
    "is_active": (field("active"), "boolean"),
    "name": (field("name"), "string"),
}


def _select_of_stage(path: str) -> str:
    return _select_other("deals", "stage_id", "stages", field(path))


PIPELINE = f"""(select {field("name")} from "pipelines" where id = {_select_of_stage("pipeline_id")})"""

ATTRIBUTES: dict[str, dict[str, Indexed]] = {
    "deals": {
        **_index_base("deals"),
        **_index_tags("deals", "deal"),
        **_index_plain("string", "name", "currency"),
        **_index_plain("boolean", "hot"),
        **_index_plain("date", "estimated_close_date"),
        **_index_plain("date_time", "last_stage_change_at"),
        "decimal_value": Indexed(f"{field('value')} / 100.0", "double"),
        "estimated_win_likelihood": Indexed(
            f"coalesce({field('customized_win_likelihood')}, {_select_of_stage('likelihood')})", "integer"
        ),
        "added_at": Indexed(f"substr({field('added_at')}, 1, 10)", "date"),
        "added_at_with_time": Indexed(field("added_at"), "date_time"),
        "last_activity_date": Indexed(field("last_activity_at"), "date_time"),
        "is_won": Indexed(f"{_select_of_stage('category')} = 'won'", "boolean"),
        "is_closed": Indexed(f"not {_select_of_stage('active')}", "boolean"),
        "pipeline": Indexed(PIPELINE),
        "pipeline_id": Indexed(_select_of_stage("pipeline_id"), "long"),
        **_index_reference("deals", "stage", "stage_id", "stages", **STAGE),
        **_index_reference(
            "deals", "contact", "contact_id", "contacts", **NAME, last_name=(field("last_name"), "string")
        ),
        **_index_reference("deals", "company", "organization_id", "contacts", **NAME),
        **_index_reference("deals", "source", "source_id", "deal_sources", **NAME),
        **_index_reference("deals", "loss_reason", "loss_reason_id", "loss_reasons", **NAME),
        **_index_reference("deals", "unqualified_reason", "unqualified_reason_id", "deal_unqualified_reasons", **NAME),
        **_index_custom_fields("deal"),
    },
    "contacts": {
        **_index_base("contacts"),
        **_index_tags("contacts", "contact"),
        **_index_profile(),
        **_index_address("address", ""),
        **{name: part for home in ADDRESSES for name, part in _index_address(home, f"{home}.").items()},
        **_index_plain("string", "name", "first_name", "last_name", "prospect_status"),
        "display_name": Indexed(field("name"), "string"),
        "first_or_company_name": Indexed(f"coalesce({field('first_name')}, {field('name')})", "string"),
        "is_organisation": Indexed(field("is_organization"), "boolean"),
        "company_id": Indexed(field("contact_id"), "long"),
        "parent_company_id": Indexed(field("parent_organization_id"), "long"),
        **_index_reference("contacts", "company", "contact_id", "contacts", **NAME),
        **_index_reference("contacts", "parent_company", "parent_organization_id", "contacts", **NAME),
        **_index_custom_fields("contact"),
    },
    "leads": {
        **_index_base("leads"),
        **_index_tags("leads", "lead"),
        **_index_profile(),
        **_index_address("address", ""),
        **_index_address("address", "address."),
        **_index_plain("string", "first_name", "last_name"),
        "name": Indexed(FULL_NAME, "string"),
        "display_name": Indexed(f"coalesce(nullif({FULL_NAME}, ''), {COMPANY})", "string"),
        "company_name": Indexed(COMPANY, "string"),
        "first_or_company_name": Indexed(f"coalesce({field('first_name')}, {COMPANY})", "string"),
        "last_or_company_name": Indexed(f"coalesce({field('last_name')}, {COMPANY})", "string"),
        "status.id": Indexed(
            f'(select id from "lead_statuses" where {field("name")} = {field("status", "leads")})', "long"
        ),
        **_index_reference("leads", "source", "source_id", "lead_sources", **NAME),
        **_index_reference("leads", "unqualified_reason", "unqualified_reason_id", "lead_unqualified_reasons", **NAME),
        **_index_custom_fields("lead"),
    },
    "notes": {
        **_index_base("notes", owner="creator_id"),
        **_index_plain("string", "content", "type"),
        **_index_plain("boolean", "is_important"),
        **_index_plain("array", "tags"),
        "resource.id": Indexed(field("resource_id"), "long"),
        "resource.type": Indexed(field("resource_type")),
    },
    "tasks": {
        **_index_base("tasks"),
        **_index_plain("string", "content"),
        **_index_plain("boolean", "completed"),
        **_index_plain("date_time", "completed_at", "due_date", "remind_at"),
        **_index_reference("tasks", "assignee", "owner_id", "users", **NAME),
        "resource.id": Indexed(field("resource_id"), "long"),
        "resource.type": Indexed(field("resource_type")),
    },
}
