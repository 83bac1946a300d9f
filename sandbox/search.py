"""The Search API: a batch of queries over leads, contacts, deals, notes and tasks."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route
from sales_connectors.imitation.kit import Wrong

from .errors import MORE_INFO, not_found, refused
from .index import ATTRIBUTES, Indexed
from .queries import check_parameters
from .resources import Resource

PER_PAGE = 50
MOST_PER_PAGE = 200
LAST = 2**31  # page or offset
PAGING = ("page", "offset", "cursor")
AGGREGATIONS = ("min", "max", "avg", "sum", "count")  # inferred: sum and count


class Unsearchable(Exception):
    """A query that cannot be carried out; the others of its batch are."""


def search(request: Request) -> Reply:
    """``POST /v3/{resource}/search``"""
    name = request.params["resource"]
    if name not in ATTRIBUTES:
        raise not_found("There is nothing at this path.")
    check_parameters(request, [])
    answers = [_answer(request, Resource.catalogue[name], item) for item in _read_batch(request)]
    return Reply(200, {"items": answers, "meta": {"type": "collection", "count": len(answers)}})


def _read_batch(request: Request) -> list[Any]:
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
        return _find(request, resource, item["data"])
    except (Unsearchable, Wrong) as problem:
        error = {"code": "invalid_param", "message": "invalid search query", "details": str(problem)}
        errors = [{"error": error, "meta": {"type": "error", "links": MORE_INFO}}]
        return {"successful": False, "errors": errors, "meta": {"type": "errors", "http_status": "400 Bad Request"}}


def _find(request: Request, resource: Resource, data: Document) -> Document:
    _check_names(data, ("query", "aggregations", "suggestions", "hits", "per_page", *PAGING))
    query = data.get("query") or {}
    _check_names(query, ("filter", "projection", "sort"))
    known, kept = ATTRIBUTES[resource.name], request.collection(resource.name)
    where = _read_condition(known, query["filter"]) if query.get("filter") else Condition.every([])
    order, (size, offset) = _read_list(query.get("sort") or [], "sort"), _read_page(data)
    names = ["id", "version", *(_read_name(part) for part in _read_list(query.get("projection") or [], "projection"))]
    columns = {name: _find_attribute(known, name) for name in _expand(known, names)}
    total = kept.count(where)
    rows: list[tuple[Any, ...]] = []
    if data.get("hits", True) and size:
        sql = [indexed.sql for indexed in columns.values()]
        rows = kept.select(sql, where, order=_read_order(known, order), limit=size, offset=offset)
    items = [{"data": _nest(columns, row), "meta": {"type": resource.type}} for row in rows]
    meta: Document = {"type": "collection", "count": len(items), "total_count": total, "http_status": "200 OK"}
    meta["links"] = {"next_page": _encode_cursor(offset + size)} if rows and offset + size < total else {}
    if data.get("aggregations"):
        asked = _read_list(data["aggregations"], "aggregations")
        meta["aggregations"] = _aggregate(request, resource, where, asked)
    return {"successful": True, "items": items, "meta": meta}


def _read_condition(known: Mapping[str, Indexed], asked: Any) -> Condition:
    """A filter: exactly one of and, or, not, and a test of one attribute."""
    if not isinstance(asked, dict) or len(asked) != 1:
        raise Unsearchable("a filter has exactly one of: and, or, not, filter")
    kind, inner = next(iter(asked.items()))
    if kind in ("and", "or") and isinstance(inner, list):
        join = Condition.every if kind == "and" else Condition.some
        return join(_read_condition(known, part) for part in inner)
    if kind == "not":
        return _read_condition(known, inner).negated()
    if kind == "filter" and isinstance(inner, dict):
        return _test(_find_attribute(known, _read_name(inner.get("attribute"))), inner.get("parameter"))
    raise Unsearchable(f"there is no such filter: {kind}")


def _test(indexed: Indexed, parameter: Any) -> Condition:
    if not isinstance(parameter, dict) or not parameter:
        raise Unsearchable("a filter needs a parameter with an operator")
    strange = sorted(set(parameter) - set(OPERATORS))
    if strange:
        raise Unsearchable(f"there is no such operator: {', '.join(strange)}")
    return Condition.every(OPERATORS[name](indexed, value) for name, value in parameter.items())


def _match_equal(indexed: Indexed, value: Any) -> Condition:
    if indexed.type == "array":
        return Condition(f"exists (select 1 from json_each({indexed.sql}) where value = ?)", (indexed.value(value),))
    return Condition(f"{indexed.sql} = ?", (indexed.value(value),))


def _match_any(indexed: Indexed, values: Any) -> Condition:
    return Condition.some(_match_equal(indexed, value) for value in _read_list(values))


def _match_all(indexed: Indexed, values: Any) -> Condition:
    return Condition.every(_match_equal(indexed, value) for value in _read_list(values))


def _match_range(indexed: Indexed, bounds: Any) -> Condition:
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    if not isinstance(bounds, dict) or not bounds or set(bounds) - set(signs):
        raise Unsearchable(f"a range has some of: {', '.join(signs)}")
    return Condition.every(
        Condition(f"{indexed.sql} {signs[name]} ?", (indexed.value(bound),)) for name, bound in bounds.items()
    )


def _match_contains(indexed: Indexed, text: Any) -> Condition:
    return Condition(f"instr(lower({indexed.sql}), lower(?)) > 0", (str(text),))


def _match_start(indexed: Indexed, text: Any) -> Condition:
    return Condition(f"instr(lower({indexed.sql}), lower(?)) = 1", (str(text),))


def _match_null(indexed: Indexed, yes: Any) -> Condition:
    return Condition(f"{indexed.sql} is {'' if yes else 'not '}null")


OPERATORS = {
    "eq": _match_equal,
    "any": _match_any,
    "all": _match_all,
    "range": _match_range,
    "contains": _match_contains,
    "starts_with": _match_start,
    "is_null": _match_null,
}


DIRECTIONS = {"ascending": "asc", "descending": "desc"}


def _read_order(known: Mapping[str, Indexed], asked: Iterable[Any]) -> str:
    terms = []
    for part in asked:
        indexed = _find_attribute(known, _read_name(part.get("attribute") if isinstance(part, dict) else None))
        order = str(part.get("order", "ascending"))
        if order not in DIRECTIONS:
            raise Unsearchable("an order is ascending or descending")
        terms.append(f"{indexed.sql} {DIRECTIONS[order]}")
    return ", ".join([*terms, "id"])


def _aggregate(request: Request, resource: Resource, where: Condition, asked: Iterable[Any]) -> Document:
    known, found = ATTRIBUTES[resource.name], dict[str, Document]()
    for part in asked:
        if not isinstance(part, dict):
            raise Unsearchable("an aggregation is an object")
        name, kind = _read_name(part.get("attribute")), part.get("aggregation_type")
        if kind not in AGGREGATIONS:
            raise Unsearchable(f"there is no such aggregation: {kind}")
        rows = request.collection(resource.name).select((f"{kind}({_find_attribute(known, name).sql})",), where)
        found.setdefault(name, {})[kind] = rows[0][0]
    return found


def _read_page(data: Document) -> tuple[int, int]:
    """How many to give, and after how many."""
    size = data.get("per_page", PER_PAGE)
    if not isinstance(size, int) or not 0 <= size <= MOST_PER_PAGE:
        raise Unsearchable(f"per_page must be between 0 and {MOST_PER_PAGE}, given: {size}")
    given = [name for name in PAGING if data.get(name) is not None]
    if len(given) > 1:
        raise Unsearchable(f"{' and '.join(given)} exclude one another")
    if data.get("cursor") is not None:
        return size, _decode_cursor(str(data["cursor"]))
    number = data[given[0]] if given else 0
    if not isinstance(number, int) or not 0 <= number <= LAST:
        raise Unsearchable(f"{given[0]} must be an integer between 0 and {LAST}")
    return size, number * size if given == ["page"] else number


def _encode_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"after {offset}".encode()).decode()


def _decode_cursor(cursor: str) -> int:
    try:
        return min(int(base64.urlsafe_b64decode(cursor).decode().removeprefix("after ")), LAST)
    except ValueError:
        raise Unsearchable(f"cursor is not one of this search: {cursor}") from None


def _find_attribute(known: Mapping[str, Indexed], name: str) -> Indexed:
    if name not in known:
        raise Unsearchable(f"there is no attribute {name}")
    return known[name]


def _expand(known: Mapping[str, Indexed], names: Iterable[str]) -> dict[str, None]:
    """An attribute that is an object stands for its parts."""
    found: dict[str, None] = {}
    for name in names:
        parts = [name] if name in known else [whole for whole in known if whole.startswith(f"{name}.")]
        found |= dict.fromkeys(parts or [name])
    return found


def _nest(columns: Mapping[str, Indexed], row: tuple[Any, ...]) -> Document:
    """``owner.id`` is shown as an object in an object (inferred)."""
    shown: Document = {}
    for (name, indexed), value in zip(columns.items(), row, strict=True):
        *above, last = name.split(".", 1)
        (shown.setdefault(above[0], {}) if above else shown)[last] = indexed.show(value)
    return shown


def _read_name(attribute: Any) -> str:
    if not isinstance(attribute, dict) or not isinstance(attribute.get("name"), str):
        raise Unsearchable("an attribute is an object with a name")
    return str(attribute["name"])


def _check_names(data: Any, names: Iterable[str]) -> None:
    strange = sorted(set(data) - set(names)) if isinstance(data, dict) else ["not an object"]
    if strange:
        raise Unsearchable(f"unknown: {', '.join(strange)}")


def _read_list(values: Any, name: str = "this operator") -> list[Any]:
    if not isinstance(values, list):
        raise Unsearchable(f"{name} takes a list")
    return values


ROUTES = [Route("POST", "/v3/{resource}/search", search, scope="read")]
