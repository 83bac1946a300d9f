"""Picklists over the lists of the API: read in pages, searched where it can search, found again by their keys."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sales_connectors.sdk import Context, NotAllowed, Option, Pages, Picklist, fold_text, format_name

Record = dict[str, Any]
Label = Callable[[Record], str]
Options = Callable[[list[Record]], list[Option]]
Find = Callable[[list[str]], Iterable[Any]]
RecordsById = dict[int | None, Record]
"""Related records by their ids."""

MAX_KEYS_PER_REQUEST = 100
EMAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")

BY_ID: Any = object()
"""Saved keys are ids, which the list can be filtered by."""


def build_picklist(ctx: Context, path: str, label: Label, *, key: str = "id", **how: Any) -> Picklist:
    """Every record of a list, labelled one by one; ``how`` as :func:`build_batch_picklist` takes it."""

    def options(records: list[Record]) -> list[Option]:
        return [Option(label(record), str(record[key])) for record in records]

    return build_batch_picklist(ctx, path, options, key=key, **how)


def build_batch_picklist(
    ctx: Context,
    path: str,
    options: Options,
    *,
    key: str = "id",
    query: dict[str, Any] | None = None,
    search: Callable[[str], Pages | None] | None = None,
    find: Find | None = BY_ID,
) -> Picklist:
    """Every record of a list, labelled a page at a time: for labels that need a look at other records.

    Without a ``find``, where the service does not look up keys, saved ones are found by reading the list again.
    """
    return Picklist(
        pages=ctx.pages(path, {"include_paging_counts": True, **(query or {})}),
        options=lambda entries: options([*ctx.envelope.records(entries, key)]),
        search=search,
        find=(lambda keys: find_records(ctx, path, keys)) if find is BY_ID else find,
    )


def build_name_picklist(ctx: Context, path: str) -> Picklist:
    """A short list whose records are stored by their names."""
    return build_picklist(ctx, path, format_name, key="name", find=None)


def merge_keys(choices: Picklist) -> Picklist:
    """The same picklist, read whole, for short lists in which several records may share a key."""
    pages = choices.pages

    def options(records: list[Record]) -> list[Option]:
        return list({option.key: option for option in choices.options(records)}.values())

    def whole(cursor: Any) -> Any:
        return pages.whole(list(pages.every_item()))

    read_whole = replace(pages, fetch=whole, total=lambda page: len(options(pages.items(page))))
    return replace(choices, pages=read_whole, options=options)


def prepend_options(choices: Picklist, fixed: Sequence[Record]) -> Picklist:
    """The same picklist with options before its records that the service does not list."""

    def find(keys: list[str]) -> Iterator[Any]:
        yield from (record for record in fixed if record["id"] in keys)
        if choices.find and (others := [key for key in keys if all(key != record["id"] for record in fixed)]):
            yield from choices.find(others)

    def search(text: str) -> Pages | None:
        hits = choices.search(text) if choices.search else None
        matching = [record for record in fixed if fold_text(text) in fold_text(record["name"])]
        return hits and _prepend_records(hits, matching)

    return replace(choices, pages=_prepend_records(choices.pages, fixed), find=find, search=search)


def _prepend_records(pages: Pages, records: Sequence[Record]) -> Pages:
    def fetch(cursor: Any) -> Any:
        page = pages.fetch(cursor)
        listed = pages.items(page)
        return {**page, "data": [*records, *listed]} if cursor == pages.first else page

    def total(page: Any) -> int | None:
        listed = pages.count(page)
        return None if listed is None else listed + len(records)

    return replace(pages, fetch=fetch, total=total)


def build_address_search(ctx: Context) -> Callable[[str], Pages | None]:
    """People with an email address; the service can look up a whole one, and has no search for other words."""
    return lambda text: (
        ctx.pages("/v2/people", {"email_addresses[]": [text]}) if EMAIL_ADDRESS.fullmatch(text) else None
    )


# --- records by their keys --------------------------------------------------------------------------


def find_records(
    ctx: Context,
    path: str,
    keys: Iterable[str],
    name: str = "ids[]",
    *,
    fits: Callable[[str], bool] = str.isdecimal,
    query: dict[str, Any] | None = None,
) -> Iterator[Any]:
    """The records with these keys that still exist; a key that does not fit is no record's."""
    wanted = list(filter(fits, keys))
    for start in range(0, len(wanted), MAX_KEYS_PER_REQUEST):
        chunk = wanted[start : start + MAX_KEYS_PER_REQUEST]
        page = ctx.client.get(path, {name: chunk, "page": 1, "per_page": MAX_KEYS_PER_REQUEST, **(query or {})})
        yield from ctx.envelope.items(page)


def find_linked(ctx: Context, path: str, records: Iterable[Record], field: str) -> RecordsById:
    """The records that a field of these refers to, by id; none where the token may not see them."""
    ids = {str(number) for record in records if (number := extract_link(record, field))}
    with suppress(NotAllowed):
        found = ctx.envelope.records(find_records(ctx, path, sorted(ids)), "id")
        return {record["id"]: record for record in found}
    return {}


def extract_link(record: Record, field: str) -> int | None:
    """The id of a related record, which comes as ``{"id", "_href"}``."""
    related = record.get(field) or {}
    return related.get("id")


# --- labels -----------------------------------------------------------------------------------------


def label_account(account: Record) -> str:
    """The name with the domain, which no two accounts share."""
    return f"{format_name(account)} ({account['domain']})" if account.get("domain") else format_name(account)


def label_person(person: Record) -> str:
    """The name, the company, and the email address, which no two people share."""
    called = person.get("display_name") or f"Person {person['id']}"
    company, address = person.get("person_company_name"), person.get("email_address")
    label = f"{called} - {company}" if company else str(called)
    return f"{label} ({address})" if address and address != called else label


def format_person_name(people: RecordsById, record: Record) -> str:
    """The person whom a record is about."""
    number = extract_link(record, "person")
    return str(people.get(number, {}).get("display_name") or (f"person {number}" if number else "nobody"))


def format_time(text: str | None) -> str:
    """A time without seconds and zone, as the service gave it."""
    return (text or "").replace("T", " ")[:16]
