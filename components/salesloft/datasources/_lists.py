"""Picklists over the lists of the API: read in pages, searched where it can search, found again by their keys."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sales_connectors.sdk import Context, NotAllowed, Option, Pages, Picklist

Record = dict[str, Any]
Label = Callable[[Record], str]
Options = Callable[[list[Record]], list[Option]]
Find = Callable[[list[str]], Iterable[Any]]
Linked = dict[int | None, Record]
"""Related records by their ids."""

SHOWN = 50
"""Characters of a text that a label shows."""
AT_ONCE = 100
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")


def picklist(ctx: Context, path: str, label: Label, *, key: str = "id", **how: Any) -> Picklist:
    """Every record of a list, labelled one by one; ``how`` as :func:`labelled` takes it."""
    return labelled(ctx, path, lambda records: [Option(label(record), str(record[key])) for record in records], **how)


def labelled(
    ctx: Context,
    path: str,
    options: Options,
    *,
    query: dict[str, Any] | None = None,
    search: Callable[[str], Pages | None] | None = None,
    find: Find | None = None,
) -> Picklist:
    """Every record of a list, labelled a page at a time: for labels that need a look at other records."""
    return Picklist(
        pages=ctx.pages(path, {"include_paging_counts": True, **(query or {})}),
        options=options,
        search=search,
        find=find or (lambda keys: found(ctx, path, keys)),
    )


def by_name(ctx: Context, path: str) -> Picklist:
    """A short list whose records are stored by their names."""
    return read_again(picklist(ctx, path, name, key="name"))


def read_again(choices: Picklist) -> Picklist:
    """The same picklist, where the service does not look up keys: saved ones are found by reading it again."""
    return replace(choices, find=None)


def one_for_each_key(choices: Picklist) -> Picklist:
    """The same picklist, read whole, for short lists in which several records may share a key."""
    pages = choices.pages

    def options(records: list[Record]) -> list[Option]:
        return list({option.key: option for option in choices.options(records)}.values())

    def whole(cursor: Any) -> Any:
        return pages.whole(list(pages.every_item()))

    read_whole = replace(pages, fetch=whole, total=lambda page: len(options(pages.items(page))))
    return replace(choices, pages=read_whole, options=options)


def with_fixed(choices: Picklist, fixed: Sequence[Record]) -> Picklist:
    """The same picklist with options before its records that the service does not list."""

    def find(keys: list[str]) -> Iterator[Any]:
        yield from (record for record in fixed if record["id"] in keys)
        if choices.find and (others := [key for key in keys if all(key != record["id"] for record in fixed)]):
            yield from choices.find(others)

    def search(text: str) -> Pages | None:
        hits = choices.search(text) if choices.search else None
        matching = [record for record in fixed if text.casefold() in record["name"].casefold()]
        return hits and _preceded(hits, matching)

    return replace(choices, pages=_preceded(choices.pages, fixed), find=find, search=search)


def _preceded(pages: Pages, records: Sequence[Record]) -> Pages:
    def fetch(cursor: Any) -> Any:
        page = pages.fetch(cursor)
        return {**page, "data": [*records, *page["data"]]} if cursor == pages.first else page

    return replace(pages, fetch=fetch)


def by_address(ctx: Context) -> Callable[[str], Pages | None]:
    """People with an email address; the service can look up a whole one, and has no search for other words."""
    return lambda text: ctx.pages("/v2/people", {"email_addresses[]": [text]}) if ADDRESS.fullmatch(text) else None


# --- records by their keys --------------------------------------------------------------------------


def found(
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
    for start in range(0, len(wanted), AT_ONCE):
        chunk = wanted[start : start + AT_ONCE]
        yield from ctx.client.get(path, {name: chunk, "page": 1, "per_page": AT_ONCE, **(query or {})})["data"]


def linked(ctx: Context, path: str, records: Iterable[Record], field: str) -> Linked:
    """The records that a field of these refers to, by id; none where the token may not see them."""
    ids = {str(number) for record in records if (number := link(record, field))}
    with suppress(NotAllowed):
        return {record["id"]: record for record in found(ctx, path, sorted(ids))}
    return {}


def link(record: Record, field: str) -> int | None:
    """The id of a related record, which comes as ``{"id", "_href"}``."""
    related = record.get(field) or {}
    return related.get("id")


# --- labels -----------------------------------------------------------------------------------------


def name(record: Record) -> str:
    return str(record.get("name") or f"Unnamed ({record.get('id')})")


def account_label(account: Record) -> str:
    """The name with the domain, which no two accounts share."""
    return f"{name(account)} ({account['domain']})" if account.get("domain") else name(account)


def person_label(person: Record) -> str:
    """The name, the company, and the email address, which no two people share."""
    called = person.get("display_name") or f"Person {person['id']}"
    company, address = person.get("person_company_name"), person.get("email_address")
    label = f"{called} - {company}" if company else str(called)
    return f"{label} ({address})" if address and address != called else label


def person_name(people: Linked, record: Record) -> str:
    """The person whom a record is about."""
    number = link(record, "person")
    return str(people.get(number, {}).get("display_name") or (f"person {number}" if number else "nobody"))


def moment(text: str | None) -> str:
    """A time without seconds and zone, as the service gave it."""
    return (text or "").replace("T", " ")[:16]


def shortened(text: str | None) -> str:
    """The first words of a text."""
    words = " ".join((text or "").split())
    return words if len(words) <= SHOWN else f"{words[:SHOWN].rstrip()}…"
