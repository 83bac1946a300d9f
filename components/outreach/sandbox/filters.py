"""Filters of lists, in both ways of writing them.

The old one holds everything in one value: ``a,b`` is any of two, ``a..b`` a range that holds its ends, with ``neginf``
and ``inf`` for ends that are open.  The new one (``newFilterSyntax=true``) leaves values alone, and says in the name
what is meant: ``[]`` any of several, ``[gte]`` and ``[lte]`` the ends of a range.  Nulls are ``__null__`` and
``__notnull__`` in both.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sales_connectors.imitation import Condition
from sales_connectors.imitation import field as path_to
from sales_connectors.imitation.kit import Wrong

from .attributes import INTEGRAL, TEXT, Attribute, Kind
from .errors import refused
from .queries import Filters
from .relationships import ANY, NOTHING, Many, One, Relation, select_within
from .resources import Resource, find_resource

NULL, NOT_NULL = "__null__", "__notnull__"
NAMED = {"byPersonaId": "persona.id", "byStageId": "stage.id"}
"""Filters of related records that are called otherwise than what they look at."""
LOWEST, HIGHEST = "neginf", "inf"
ENDS = {"gte": ">=", "lte": "<="}

Given = Sequence[tuple[tuple[str, ...], str]]
"""What is said of one attribute: how, and the value."""


def read_filters(resource: Resource, filters: Filters, in_new_syntax: bool) -> Condition:
    """What the filters of a query come to together."""
    grouped: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = {}
    for keys, value in filters:
        named = tuple(key for key in keys if key and key not in ENDS)
        grouped.setdefault(named, []).append((keys[len(named) :], value))
    return Condition.every(
        _read_filter(resource, ".".join(named), named, given, in_new_syntax) for named, given in grouped.items()
    )


def _read_filter(
    resource: Resource, shown: str, named: tuple[str, ...], given: Given, in_new_syntax: bool
) -> Condition:
    compare = _compare_new if in_new_syntax else _compare_old
    if named == ("q",) and resource.searched:
        return _search(resource, given[-1][1])
    known = resource.fields.get(named[0]) if named else None
    try:
        if len(named) == 1 and named != ("id",) and isinstance(known, Attribute) and known.filterable:
            return compare(named[0], known.kind, given)
        if named == ("id",):
            return compare("id", INTEGRAL, given)
        if len(named) == 1 and named[0] in resource.further:
            return compare(resource.further[named[0]], TEXT, given)
        if len(named) == 2 and isinstance(known, Relation) and _can_filter(known, named[1]):
            return _match_related(resource, named[0], named[1], lambda path, kind: compare(path, kind, given))
    except Wrong as wrong:
        raise refused(400, f"The filter '{shown}' {wrong.details}.") from None
    raise refused(400, f"'{resource.type}' cannot be filtered by '{shown}'.")  # inferred: refused, not ignored


# --- values ---


def _compare_old(path: str, kind: Kind, given: Given) -> Condition:
    if any(keys for keys, _ in given):
        raise Wrong("is written in the new syntax, which newFilterSyntax=true switches on")
    return Condition.every(_match_old(path, kind, value) for _, value in given)


def _match_old(path: str, kind: Kind, value: str) -> Condition:
    return _match_null(path, kind, value) or Condition.some(
        _match_range(path, kind, part) if ".." in part else _match_value(path, kind, part) for part in value.split(",")
    )


def _match_range(path: str, kind: Kind, written: str) -> Condition:
    low, _, high = written.partition("..")
    ends = [_match_end(path, kind, ">=", low)] if low != LOWEST else []
    return Condition.every([*ends, *([_match_end(path, kind, "<=", high)] if high != HIGHEST else [])])


def _compare_new(path: str, kind: Kind, given: Given) -> Condition:
    """Values under ``[]`` are alternatives, ends of a range hold together."""
    ends = [_match_end(path, kind, ENDS[keys[0]], value) for keys, value in given if keys and keys[0] in ENDS]
    values = [_match_new(path, kind, value) for keys, value in given if keys in ((), ("",))]
    if len(ends) + len(values) != len(given):
        raise Wrong("takes [], [gte] and [lte], and nothing else")
    return Condition.every([*ends, *([Condition.some(values)] if values else [])])


def _match_new(path: str, kind: Kind, value: str) -> Condition:
    return _match_null(path, kind, value) or _match_value(path, kind, value)


def _match_null(path: str, kind: Kind, value: str) -> Condition | None:
    if value not in (NULL, NOT_NULL):
        return None
    if kind.is_list:  # a list that holds nothing
        return Condition(f"coalesce(json_array_length({path_to(path)}), 0) {'=' if value == NULL else '>'} 0")
    return Condition.missing(path, value == NULL)


def _match_value(path: str, kind: Kind, value: str) -> Condition:
    return Condition.holds(path, value) if kind.is_list else Condition.equal(path, kind.query(value))


def _match_end(path: str, kind: Kind, sign: str, value: str) -> Condition:
    if kind.is_list:
        raise Wrong("takes no range")
    return Condition(f"{path_to(path)} {sign} ?", (kind.query(value),), (path,))


# --- related records ---


def _can_filter(relation: Relation, name: str) -> bool:
    if relation.by != ANY:
        return name in relation.by
    theirs = find_resource(relation.types[0])
    known = theirs.attributes.get(name) if theirs else None
    return name == "id" or bool(known and known.filterable)


def _match_related(resource: Resource, name: str, theirs: str, compare: Callable[[str, Kind], Condition]) -> Condition:
    relation = resource.relationships[name]
    if isinstance(relation, One) and relation.through:
        first, second = relation.through
        middle = find_resource(resource.relationships[first].types[0])
        assert middle is not None, "relationships lead through what is served"
        return select_within(f"{first}.id", middle.name, "id", _match_related(middle, second, theirs, compare))
    if isinstance(relation, One) and theirs == "id":
        return compare(f"{relation.repeats or name}.id", INTEGRAL)
    condition = _match_theirs(relation.types, theirs, compare)
    if isinstance(relation, Many):
        return relation.reverse(condition)
    related = find_resource(relation.types[0])
    return select_within(f"{name}.id", related.name, "id", condition) if related else NOTHING


def _match_theirs(types: Iterable[str], name: str, compare: Callable[[str, Kind], Condition]) -> Condition:
    if name == "id" or name in NAMED:
        return compare(NAMED.get(name, "id"), INTEGRAL)
    resource = find_resource(next(iter(types)))
    if resource is None:
        return NOTHING
    return compare(name, resource.attributes[name].kind)


# --- search ---


def _search(resource: Resource, value: str) -> Condition:
    """The beginning of a word, in whatever case; ``_value_,attribute`` is the whole of one attribute."""
    text, comma, name = value.rpartition(",")
    if comma and name in resource.attributes and text.startswith("_") and text.endswith("_") and len(text) > 1:
        return Condition(f"lower({path_to(name)}) = lower(?)", (text[1:-1],))
    return Condition.some(_match_beginning(resource.attributes[known], known, value) for known in resource.searched)


def _match_beginning(known: Attribute, path: str, value: str) -> Condition:
    """Of the text, or of one of its words (inferred: which beginnings count)."""
    words: Any = "(' ' || lower({}))"
    if known.kind.is_list:
        found = f"instr({words.format('value')}, ' ' || lower(?)) > 0"
        return Condition(f"exists (select 1 from json_each({path_to(path)}) where {found})", (value,))
    return Condition(f"instr({words.format(path_to(path))}, ' ' || lower(?)) > 0", (value,))
