"""Filters of lists: what each does with the value that a query gives it."""

from collections.abc import Callable, Iterable
from typing import Any

from sales_connectors.imitation import ANY, Condition, Request, field
from sales_connectors.imitation.kit import Wrong

from .resources import Filter
from .values import Read, flag, integer, moment, text

IS_NULL = "_is_null"
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
FEWEST = 3  # letters that a partial match needs


def match_one(path: str, read: Read = text) -> Filter:
    """A single value."""
    return lambda request, value: Condition.equal(path, read(value))


def match_some(path: str, read: Read = text, *, null: str | None = None, partial: bool = False) -> Filter:
    """Any of several values; ``null`` is what stands for none, ``partial`` allows the beginning of a value."""

    def build(request: Request, value: Any) -> Condition:
        if isinstance(value, dict):
            return _match_modified(path, value, read, partial=partial)
        chosen = _read_list(value)
        among = Condition.among(path, [read(one) for one in chosen if one != null])
        return Condition.some([among, Condition.missing(path)]) if null and null in chosen else among

    return build


def _match_modified(path: str, value: dict[str, Any], read: Read, *, partial: bool) -> Condition:
    """``[_not_in]`` and ``[_starts_with]``."""
    if set(value) == {"_not_in"}:
        return Condition.among(path, [read(one) for one in _read_list(value["_not_in"])]).negated()
    if not partial or set(value) != {"_starts_with"}:
        raise Wrong("is invalid")
    beginning = str(value["_starts_with"])
    if len(beginning) < FEWEST:
        raise Wrong(f"needs at least {FEWEST} letters")
    return Condition(f"instr(lower({field(path)}), lower(?)) = 1", (beginning,), ())


def match_uncased(path: str, *, null: str | None = None) -> Filter:
    """Any of several texts, stored in lower case."""
    return match_some(path, lambda value: str(value).lower(), null=null)


def match_span(path: str, *, null: bool = False) -> Filter:
    """A stretch of time; ``null`` allows to ask whether there is a time at all."""

    def build(request: Request, value: Any) -> Condition:
        if null and value in (IS_NULL, "_is_not_null"):
            return Condition.missing(path, value == IS_NULL)
        if not isinstance(value, dict) or not set(value) <= set(COMPARISONS):
            raise Wrong("takes gt, gte, lt and lte")
        bounds = [(COMPARISONS[name], moment(bound)) for name, bound in value.items()]
        return Condition.every(Condition(f"{field(path)} {sign} ?", (at,), (path,)) for sign, at in bounds)

    return build


def match_flag(condition: Callable[[Request], Condition]) -> Filter:
    """A flag: records that fit the condition, or those that do not."""

    def build(request: Request, value: Any) -> Condition:
        return condition(request) if flag(value) else condition(request).negated()

    return build


def include(others: Condition) -> Filter:
    """A flag: whether others, which are left out without it, come along."""
    return lambda request, value: ANY if flag(value) else others.negated()


def is_true(path: str) -> Filter:
    return match_flag(lambda request: Condition.equal(path, True))


def is_there(path: str) -> Filter:
    return match_flag(lambda request: Condition.missing(path, False))


def has_some(path: str) -> Filter:
    """A flag: more than none of what is counted there."""
    return match_flag(lambda request: Condition(f"{field(path)} > 0"))


def holds_any(path: str, read: Read = text, *, null: bool = False) -> Filter:
    """The list at the path has any of the values in it."""

    def build(request: Request, value: Any) -> Condition:
        chosen = _read_list(value)
        held = [Condition.holds(path, read(one)) for one in chosen if not (null and one == IS_NULL)]
        empty = [Condition(f"json_array_length({field(path)}) = 0")] if null and IS_NULL in chosen else []
        return Condition.some([*held, *empty])

    return build


def match_guid(path: str) -> Filter:
    """Users, named by their guids."""

    def build(request: Request, value: Any) -> Condition:
        users = request.collection("users").find(Condition.among("guid", map(text, _read_list(value))))
        return Condition.among(path, [user["id"] for user in users])

    return build


def match_through(path: str, name: str, inner: Filter) -> Filter:
    """A filter on the record to which the path leads."""
    return lambda request, value: match_related(path, name, inner(request, value))


def match_related(path: str, name: str, inner: Condition) -> Condition:
    """Records whose related one fits the condition."""
    return Condition(f'{field(path)} in (select id from "{name}" where {inner.sql})', inner.values)


def match_tags(request: Request, value: Any) -> Condition:
    """Records with any of the tags, named by their ids."""
    tags = request.collection("tags").find(Condition.among("id", map(integer, _read_list(value))))
    return Condition.some(Condition.holds("tags", tag["name"]) for tag in tags)


def match_custom_fields(request: Request, value: Any) -> Condition:
    """``custom_fields[Name]=value``: the name as it is written, the value in any case."""
    if not isinstance(value, dict):
        raise Wrong("takes the names of custom fields")
    return Condition.every(_match_custom_field(name, str(wanted)) for name, wanted in value.items())


def _match_custom_field(name: str, wanted: str) -> Condition:
    # a name may hold whatever a path must not, so it is compared as a value
    held = f"select 1 from json_each({field('custom_fields')}) where key = ? and lower(value) = lower(?)"
    return Condition(f"exists ({held})", (name, wanted))


def match_ids() -> Filter:
    return match_some("id", integer)


def _read_list(value: Any) -> Iterable[Any]:
    """Several values, or a bare one."""
    if isinstance(value, dict):
        raise Wrong("is invalid")
    return value if isinstance(value, list) else [value]
