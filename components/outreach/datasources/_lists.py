"""Picklists over the lists of the API: read in pages, searched where it can search, found again by their keys."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sales_connectors.sdk import Context, NotAllowed, Option, Pages, Picklist

Record = dict[str, Any]
Label = Callable[[Record], str]

PAGE_SIZE = 1000
MAX_KEYS_PER_REQUEST = 100
PAIR = " \N{EN DASH} "
"""Between the names of two records that a third one joins."""


def build_picklist(
    ctx: Context,
    plural: str,
    kind: str,
    label: Label | None = None,
    *,
    fields: str = "name",
    sort: str | None = "name",
    include: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    searchable: bool = False,
) -> Picklist:
    """Every record of a list, asked for no more than its label needs; its name where there is no other one.

    ``include`` are relationships whose records the label tells of, each with the fields of those; they stand in the
    record under their own names, which are those of their types.  Where the token may not see them, they do not.
    """
    label, related = label or name_record, include or {}
    path, alone = f"/api/v2/{plural}", {f"fields[{kind}]": fields}
    asked = {
        f"fields[{kind}]": ",".join([fields, *related]),
        **({"include": ",".join(related)} if related else {}),
        **{f"fields[{name}]": names for name, names in related.items()},
    }

    def read(more: Mapping[str, Any]) -> Pages:
        pages = ctx.pages(path, {**asked, **more}, size=PAGE_SIZE)
        bare = ctx.pages(path, {**alone, **more}, size=PAGE_SIZE)

        def fetch(cursor: Any) -> Any:
            try:
                return pages.fetch(cursor)
            except NotAllowed:  # the token may see these records, and not those that they belong to
                if not related or cursor != pages.first:
                    raise
                return bare.fetch(bare.first)

        return replace(pages, fetch=fetch, items=lambda page: _join_included(ctx.envelope.items(page), page))

    order = {"sort": sort} if sort else {}
    return Picklist(
        pages=read({**order, **(query or {})}),
        options=lambda records: [
            Option(label(record), str(record["id"])) for record in ctx.envelope.records(records, "id")
        ],
        search=(lambda text: read({**(query or {}), "filter[q]": text})) if searchable else None,
        find=lambda keys: _find_records(read, keys),
    )


def _find_records(read: Callable[[Mapping[str, Any]], Pages], keys: Iterable[str]) -> Iterator[Any]:
    """The records with these ids that still exist; a key that is no number is no record's."""
    ids = [key for key in keys if key.isascii() and key.isdecimal()]
    for start in range(0, len(ids), MAX_KEYS_PER_REQUEST):
        yield from read({"filter[id]": ",".join(ids[start : start + MAX_KEYS_PER_REQUEST])}).every_item()


def _join_included(records: list[Any], page: Any) -> list[Any]:
    """The records of a page, each with those that came along for it under the names of their relationships."""
    listed = page.get("included") if isinstance(page, Mapping) else None
    known = {_identify(record): record for record in listed if isinstance(record, Mapping)} if listed else {}
    if not known:
        return records
    return [
        {**record, **{name: known.get(_identify(link)) for name, link in _iterate_links(record)}}
        if isinstance(record, Mapping)
        else record
        for record in records
    ]


def _identify(record: Mapping[str, Any]) -> tuple[Any, Any]:
    return record.get("type"), record.get("id")


def _iterate_links(record: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, relationship in (record.get("relationships") or {}).items():
        link = relationship.get("data") if isinstance(relationship, Mapping) else None
        if isinstance(link, Mapping):
            yield name, link


# --- labels -----------------------------------------------------------------------------------------


def read_field(record: Record | None, name: str) -> Any:
    """A field of a record, or of one that came along; None where either is not there."""
    attributes = (record or {}).get("attributes")
    return attributes.get(name) if isinstance(attributes, Mapping) else None


def name_record(record: Record, field: str = "name") -> str:
    """The name of a record; one without a name is told by its id."""
    return str(read_field(record, field) or f"Unnamed ({record['id']})")


def name_related(record: Record, relation: str) -> str:
    """The name of what a record belongs to; empty where it belongs to nothing, or the token may not see it."""
    return str(read_field(record.get(relation), "name") or "")


def append_hint(label: str, *hints: Any) -> str:
    """What tells a record from another of the same name, in brackets."""
    told = ", ".join(str(hint) for hint in hints if hint)
    return f"{label} ({told})" if told else label


def format_time(text: Any) -> str:
    """A time without seconds and zone, as the service gave it."""
    return str(text or "").replace("T", " ")[:16]
