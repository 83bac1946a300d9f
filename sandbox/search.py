"""The Search API: a batch of queries over leads, contacts, deals, notes and tasks.

The index knows attributes by names of its own; each of them is an SQL expression over the stored records here, so that
filters, sorting, projections and aggregations all use the same.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sales_connectors.sandbox import Condition, Document, Reply, Request, Route, field

from .attributes import DATE, DATETIME, Kind, Wrong
from .contacts import PROFILE
from .custom_fields import BY_NAME, search_name
from .errors import MORE_INFO, not_found, refused
from .queries import check_known
from .resources import CATALOGUE, Resource

PER_PAGE = 50
MOST_PER_PAGE = 200
PAGING = ("page", "offset", "cursor")
AGGREGATIONS = ("min", "max", "avg", "sum", "count")  # inferred: sum and count
TIMES: Mapping[str, Kind] = {"date": DATE, "date_time": DATETIME}


class Unsearchable(Exception):
    """A query that cannot be carried out; the others of its batch are."""


@dataclass(frozen=True)
class Indexed:
    """An attribute of the index."""

    sql: str
    type: str = "keyword"

    def value(self, given: Any) -> Any:
        """A value of a filter, as the records hold it."""
        try:
            return TIMES[self.type].read(given) if self.type in TIMES and given is not None else given
        except Wrong as wrong:
            raise Unsearchable(wrong.details) from None

    def shown(self, found: Any) -> Any:
        if found is None:
            return None
        if self.type == "boolean":
            return bool(found)
        return json.loads(found) if self.type in ("array", "object") else found


def _plain(type: str, *paths: str) -> dict[str, Indexed]:
    """Attributes that the index calls as the records do."""
    return {path: Indexed(field(path), type) for path in paths}


def _outer(home: str, path: str) -> str:
    """A field of the record itself, inside a subquery over another collection."""
    return field(path).replace("(doc", f'("{home}".doc')


def _reference(home: str, to: str, path: str, other: str, /, **more: tuple[str, str]) -> dict[str, Indexed]:
    """Another record that this one names: its id, and what the index copies from it."""

    def copied(expression: str) -> str:
        return f'(select {expression} from "{other}" as other where other.id = {_outer(home, path)})'

    parts = {f"{to}.{part}": Indexed(copied(sql), type) for part, (sql, type) in more.items()}
    return {f"{to}.id": Indexed(field(path), "long"), **parts}


NAME = {"name": (field("name"), "string")}
PLACES = {"city": "city", "country": "country", "region": "state", "street": "line1", "zip": "postal_code"}
TAG_IDS = """(select json_group_array("tags".id) from "tags", json_each({tags})
 where json_extract("tags".doc, '$."name"') = value and json_extract("tags".doc, '$."resource_type"') = '{type}')"""


def _base(home: str, *, owner: str = "owner_id") -> dict[str, Indexed]:
    return {
        "id": Indexed("id", "id"),
        **_plain("version", "version"),
        **_plain("date_time", "created_at", "updated_at"),
        **_reference(home, "owner", owner, "users", **NAME),
        **_reference(home, "creator", "creator_id", "users", **NAME),
    }


def _tagged(home: str, type: str) -> dict[str, Indexed]:
    ids = TAG_IDS.format(tags=_outer(home, "tags"), type=type)
    return {**_plain("array", "tags"), "tag_ids": Indexed(ids, "array")}


def _custom(kind: str) -> dict[str, Indexed]:
    types = {"number": "double", "bool": "boolean", "date": "date", "datetime": "date_time", "address": "object",
             "multi_select_list": "array"}  # fmt: skip
    found = {}
    for defined in BY_NAME[kind].values():
        sql, type = field(f"custom_fields.{defined.name}"), types.get(defined.type, "string")
        found[search_name(kind, defined)] = Indexed(f"cast({sql} as real)" if type == "double" else sql, type)
    return found


def _located(name: str = "address") -> dict[str, Indexed]:
    shown = {**PLACES, "zip_code": "postal_code"}
    return {
        **{f"{name}.{part}": Indexed(field(f"{name}.{path}"), "string") for part, path in shown.items()},
        **(
            {part: Indexed(field(f"{name}.{path}"), "string") for part, path in shown.items()}
            if name == "address"
            else {}
        ),
    }


def _profile() -> dict[str, Indexed]:
    numbers = {f"phone_numbers.{name}": Indexed(field(name)) for name in ("phone", "mobile")}
    return {**_plain("string", *(name for name in PROFILE if name not in ("phone", "mobile"))), **numbers}


FULL_NAME = f"trim(coalesce({field('first_name')}, '') || ' ' || coalesce({field('last_name')}, ''))"
COMPANY = field("organization_name")
STAGE = {
    "position": (field("position"), "integer"),
    "is_active": (field("active"), "boolean"),
    "name": (field("name"), "string"),
}


def _of_stage(expression: str) -> str:
    return f'(select {expression} from "stages" where "stages".id = {_outer("deals", "stage_id")})'


PIPELINE = f"""(select json_extract("pipelines".doc, '$."name"') from "pipelines"
 where "pipelines".id = {_of_stage(field("pipeline_id"))})"""

ATTRIBUTES: dict[str, dict[str, Indexed]] = {
    "deals": {
        **_base("deals"),
        **_tagged("deals", "deal"),
        **_plain("string", "name", "currency"),
        **_plain("boolean", "hot"),
        **_plain("date", "estimated_close_date"),
        **_plain("date_time", "last_stage_change_at"),
        "decimal_value": Indexed(f"{field('value')} / 100.0", "double"),
        "estimated_win_likelihood": Indexed(
            f"coalesce({field('customized_win_likelihood')}, {_of_stage(field('likelihood'))})", "integer"
        ),
        "added_at": Indexed(f"substr({field('added_at')}, 1, 10)", "date"),
        "added_at_with_time": Indexed(field("added_at"), "date_time"),
        "last_activity_date": Indexed(field("last_activity_at"), "date_time"),
        "is_won": Indexed(f"{_of_stage(field('category'))} = 'won'", "boolean"),
        "is_closed": Indexed(f"not {_of_stage(field('active'))}", "boolean"),
        "pipeline": Indexed(PIPELINE),
        "pipeline_id": Indexed(_of_stage(field("pipeline_id")), "long"),
        **_reference("deals", "stage", "stage_id", "stages", **STAGE),
        **_reference("deals", "contact", "contact_id", "contacts", **NAME, last_name=(field("last_name"), "string")),
        **_reference("deals", "company", "organization_id", "contacts", **NAME),
        **_reference("deals", "source", "source_id", "deal_sources", **NAME),
        **_reference("deals", "loss_reason", "loss_reason_id", "loss_reasons", **NAME),
        **_reference("deals", "unqualified_reason", "unqualified_reason_id", "deal_unqualified_reasons", **NAME),
        **_custom("deal"),
    },
    "contacts": {
        **_base("contacts"),
        **_tagged("contacts", "contact"),
        **_profile(),
        **_located(),
        **_located("billing_address"),
        **_located("shipping_address"),
        **_plain("string", "name", "first_name", "last_name", "prospect_status"),
        "display_name": Indexed(field("name"), "string"),
        "first_or_company_name": Indexed(f"coalesce({field('first_name')}, {field('name')})", "string"),
        "is_organisation": Indexed(field("is_organization"), "boolean"),
        "company_id": Indexed(field("contact_id"), "long"),
        "parent_company_id": Indexed(field("parent_organization_id"), "long"),
        **_reference("contacts", "company", "contact_id", "contacts", **NAME),
        **_reference("contacts", "parent_company", "parent_organization_id", "contacts", **NAME),
        **_custom("contact"),
    },
    "leads": {
        **_base("leads"),
        **_tagged("leads", "lead"),
        **_profile(),
        **_located(),
        **_plain("string", "first_name", "last_name"),
        "name": Indexed(FULL_NAME, "string"),
        "display_name": Indexed(f"coalesce(nullif({FULL_NAME}, ''), {COMPANY})", "string"),
        "company_name": Indexed(COMPANY, "string"),
        "first_or_company_name": Indexed(f"coalesce({field('first_name')}, {COMPANY})", "string"),
        "last_or_company_name": Indexed(f"coalesce({field('last_name')}, {COMPANY})", "string"),
        "status.id": Indexed(
            f'(select id from "lead_statuses" where {field("name")} = {_outer("leads", "status")})', "long"
        ),
        **_reference("leads", "source", "source_id", "lead_sources", **NAME),
        **_reference("leads", "unqualified_reason", "unqualified_reason_id", "lead_unqualified_reasons", **NAME),
        **_custom("lead"),
    },
    "notes": {
        **_base("notes", owner="creator_id"),
        **_plain("string", "content", "type"),
        **_plain("boolean", "is_important"),
        **_plain("array", "tags"),
        "resource.id": Indexed(field("resource_id"), "long"),
        "resource.type": Indexed(field("resource_type")),
    },
    "tasks": {
        **_base("tasks"),
        **_plain("string", "content"),
        **_plain("boolean", "completed"),
        **_plain("date_time", "completed_at", "due_date", "remind_at"),
        **_reference("tasks", "assignee", "owner_id", "users", **NAME),
        "resource.id": Indexed(field("resource_id"), "long"),
        "resource.type": Indexed(field("resource_type")),
    },
}


def search(request: Request) -> Reply:
    """``POST /v3/{resource}/search``"""
    name = request.params["resource"]
    if name not in ATTRIBUTES:
        raise not_found("There is nothing at this path.")
    check_known(request, [])
    answers = [_answer(request, CATALOGUE[name], item) for item in _batch(request)]
    return Reply(200, {"items": answers, "meta": {"type": "collection", "count": len(answers)}})


def _batch(request: Request) -> list[Any]:
    try:
        body = request.json()
    except ValueError:
        raise refused(400, "The body is not JSON.", "invalid_payload") from None
    if not isinstance(body, dict) or not isinstance(body.get("items"), list) or not body["items"]:
        raise refused(422, "The body has to hold queries under items.", "incorrect_payload")
    return list(body["items"])


def _answer(request: Request, resource: Resource, item: Any) -> Document:
    """One query of the batch; that it fails does not fail the others."""
    try:
        if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
            raise Unsearchable("a query stands under data")
        return _found(request, resource, item["data"])
    except Unsearchable as problem:
        error = {"code": "invalid_param", "message": "invalid search query", "details": str(problem)}
        errors = [{"error": error, "meta": {"type": "error", "links": MORE_INFO}}]
        return {"successful": False, "errors": errors, "meta": {"type": "errors", "http_status": "400 Bad Request"}}


def _found(request: Request, resource: Resource, data: Document) -> Document:
    _only(data, ("query", "aggregations", "suggestions", "hits", "per_page", *PAGING))
    query = data.get("query") or {}
    _only(query, ("filter", "projection", "sort"))
    known, kept = ATTRIBUTES[resource.name], resource.kept(request.store)
    where = _condition(known, query["filter"]) if query.get("filter") else Condition.every([])
    size, offset = _page(data)
    names = ["id", "version", *(_named(part) for part in query.get("projection") or ())]
    columns = {name: _attribute(known, name) for name in _expanded(known, names)}
    total = kept.count(where)
    rows: list[tuple[Any, ...]] = []
    if data.get("hits", True) and size:
        sql = [indexed.sql for indexed in columns.values()]
        rows = kept.select(sql, where, order=_order(known, query.get("sort") or ()), limit=size, offset=offset)
    items = [{"data": _nested(columns, row), "meta": {"type": resource.type}} for row in rows]
    meta: Document = {"type": "collection", "count": len(items), "total_count": total, "http_status": "200 OK"}
    meta["links"] = {"next_page": _cursor(offset + size)} if rows and offset + size < total else {}
    if data.get("aggregations"):
        meta["aggregations"] = _aggregated(request, resource, where, data["aggregations"])
    return {"successful": True, "items": items, "meta": meta}


def _condition(known: Mapping[str, Indexed], asked: Any) -> Condition:
    """A filter: exactly one of and, or, not, and a test of one attribute."""
    if not isinstance(asked, dict) or len(asked) != 1:
        raise Unsearchable("a filter has exactly one of: and, or, not, filter")
    kind, inner = next(iter(asked.items()))
    if kind in ("and", "or") and isinstance(inner, list):
        join = Condition.every if kind == "and" else Condition.some
        return join(_condition(known, part) for part in inner)
    if kind == "not":
        return _condition(known, inner).negated()
    if kind == "filter" and isinstance(inner, dict):
        return _test(_attribute(known, _named(inner.get("attribute"))), inner.get("parameter"))
    raise Unsearchable(f"there is no such filter: {kind}")


def _test(indexed: Indexed, parameter: Any) -> Condition:
    if not isinstance(parameter, dict) or not parameter:
        raise Unsearchable("a filter needs a parameter with an operator")
    strange = sorted(set(parameter) - set(OPERATORS))
    if strange:
        raise Unsearchable(f"there is no such operator: {', '.join(strange)}")
    return Condition.every(OPERATORS[name](indexed, value) for name, value in parameter.items())


def _equal(indexed: Indexed, value: Any) -> Condition:
    if indexed.type == "array":
        return Condition(f"exists (select 1 from json_each({indexed.sql}) where value = ?)", (value,))
    return Condition(f"{indexed.sql} = ?", (indexed.value(value),))


def _any(indexed: Indexed, values: Any) -> Condition:
    return Condition.some(_equal(indexed, value) for value in _list(values))


def _all(indexed: Indexed, values: Any) -> Condition:
    return Condition.every(_equal(indexed, value) for value in _list(values))


def _range(indexed: Indexed, bounds: Any) -> Condition:
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    if not isinstance(bounds, dict) or not bounds or set(bounds) - set(signs):
        raise Unsearchable(f"a range has some of: {', '.join(signs)}")
    return Condition.every(
        Condition(f"{indexed.sql} {signs[name]} ?", (indexed.value(bound),)) for name, bound in bounds.items()
    )


def _contains(indexed: Indexed, text: Any) -> Condition:
    return Condition(f"instr(lower({indexed.sql}), lower(?)) > 0", (str(text),))


def _starts_with(indexed: Indexed, text: Any) -> Condition:
    return Condition(f"instr(lower({indexed.sql}), lower(?)) = 1", (str(text),))


def _is_null(indexed: Indexed, yes: Any) -> Condition:
    return Condition(f"{indexed.sql} is {'' if yes else 'not '}null")


OPERATORS = {
    "eq": _equal,
    "any": _any,
    "all": _all,
    "range": _range,
    "contains": _contains,
    "starts_with": _starts_with,
    "is_null": _is_null,
}


def _order(known: Mapping[str, Indexed], asked: Iterable[Any]) -> str:
    terms = []
    for part in asked:
        indexed = _attribute(known, _named(part.get("attribute") if isinstance(part, dict) else None))
        directions = {"ascending": "asc", "descending": "desc"}
        if part.get("order", "ascending") not in directions:
            raise Unsearchable("an order is ascending or descending")
        terms.append(f"{indexed.sql} {directions[part.get('order', 'ascending')]}")
    return ", ".join([*terms, "id"])


def _aggregated(request: Request, resource: Resource, where: Condition, asked: Iterable[Any]) -> Document:
    known, found = ATTRIBUTES[resource.name], dict[str, Document]()
    for part in asked:
        name, kind = _named(part.get("attribute")), part.get("aggregation_type")
        if kind not in AGGREGATIONS:
            raise Unsearchable(f"there is no such aggregation: {kind}")
        rows = resource.kept(request.store).select((f"{kind}({_attribute(known, name).sql})",), where)
        found.setdefault(name, {})[kind] = rows[0][0]
    return found


def _page(data: Document) -> tuple[int, int]:
    """How many to give, and after how many."""
    size = data.get("per_page", PER_PAGE)
    if not isinstance(size, int) or not 0 <= size <= MOST_PER_PAGE:
        raise Unsearchable(f"per_page must be between 0 and {MOST_PER_PAGE}, given: {size}")
    given = [name for name in PAGING if data.get(name) is not None]
    if len(given) > 1:
        raise Unsearchable(f"{' and '.join(given)} exclude one another")
    if data.get("cursor") is not None:
        return size, _offset(str(data["cursor"]))
    number = data.get("page", data.get("offset", 0))
    if not isinstance(number, int) or number < 0:
        raise Unsearchable(f"{given[0]} must be an integer greater than or equal to 0")
    return size, number * size if given == ["page"] else number


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"after {offset}".encode()).decode()


def _offset(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("after "))
    except ValueError:
        raise Unsearchable(f"cursor is not one of this search: {cursor}") from None


def _attribute(known: Mapping[str, Indexed], name: str) -> Indexed:
    if name not in known:
        raise Unsearchable(f"there is no attribute {name}")
    return known[name]


def _expanded(known: Mapping[str, Indexed], names: Iterable[str]) -> dict[str, None]:
    """An attribute that is an object stands for its parts."""
    found: dict[str, None] = {}
    for name in names:
        parts = [name] if name in known else [whole for whole in known if whole.startswith(f"{name}.")]
        found |= dict.fromkeys(parts or [name])
    return found


def _nested(columns: Mapping[str, Indexed], row: tuple[Any, ...]) -> Document:
    """``owner.id`` is shown as an object in an object (inferred)."""
    shown: Document = {}
    for (name, indexed), value in zip(columns.items(), row, strict=True):
        *above, last = name.split(".", 1)
        (shown.setdefault(above[0], {}) if above else shown)[last] = indexed.shown(value)
    return shown


def _named(attribute: Any) -> str:
    if not isinstance(attribute, dict) or not isinstance(attribute.get("name"), str):
        raise Unsearchable("an attribute is an object with a name")
    return str(attribute["name"])


def _only(data: Any, names: Iterable[str]) -> None:
    strange = sorted(set(data) - set(names)) if isinstance(data, dict) else ["not an object"]
    if strange:
        raise Unsearchable(f"unknown: {', '.join(strange)}")


def _list(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise Unsearchable("this operator takes a list")
    return values


ROUTES = [Route("POST", "/v3/{resource}/search", search, scope="read")]
