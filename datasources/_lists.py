"""Picklists over the lists of the API: read by id, searched where the service can search, found again by their keys."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sales_connectors import Context, Option, Pages, Picklist
from sales_connectors.errors import InvalidInput

Record = dict[str, Any]
Label = Callable[[Record], str]

SHOWN = 50
"""Characters of a text that a label shows."""


def picklist(
    ctx: Context,
    path: str,
    label: Label,
    *,
    query: dict[str, Any] | None = None,
    search: Callable[[str], Pages] | None = None,
    size: int = 100,
) -> Picklist:
    """Every record of a list, labelled one by one."""

    def options(records: list[Record]) -> list[Option]:
        return [Option(label(record), str(record["id"])) for record in records]

    return labelled(ctx, path, options, query=query, search=search, size=size)


def labelled(
    ctx: Context,
    path: str,
    options: Callable[[list[Record]], list[Option]],
    *,
    query: dict[str, Any] | None = None,
    search: Callable[[str], Pages] | None = None,
    size: int = 100,
) -> Picklist:
    """Every record of a list, labelled a page at a time: for labels that need a look at other records."""
    return Picklist(
        pages=ctx.pages(path, query or {}, size=size),
        options=lambda items: options([item["data"] for item in items]),
        search=search,
        find=lambda keys: found(ctx, path, keys),
    )


def unpaged(ctx: Context, path: str, label: Label, *, key: Label = lambda record: str(record["id"])) -> Picklist:
    """A short list that the service gives out whole; saved keys are found by reading it again."""
    return Picklist(
        pages=ctx.pages(path, size=0),
        options=lambda items: [Option(label(item["data"]), key(item["data"])) for item in items],
    )


def found(ctx: Context, path: str, keys: Iterable[str]) -> Iterator[Any]:
    """The records with these ids that still exist; a key that is no number is no record's."""
    ids = [key for key in keys if key.isdigit()]
    for start in range(0, len(ids), 100):
        chunk = ids[start : start + 100]
        yield from ctx.client.get(path, {"ids": ",".join(chunk), "per_page": 100})["items"]


def by_id(ctx: Context, path: str, ids: Iterable[int | None]) -> dict[int, Record]:
    """Records that labels refer to."""
    wanted = sorted({str(number) for number in ids if number})
    return {item["data"]["id"]: item["data"] for item in found(ctx, path, wanted)}


def searched(
    ctx: Context, resource: str, attributes: list[str], fixed: dict[str, Any] | None = None
) -> Callable[[str], Pages]:
    """Search in the index of the service: every word must stand in one of the attributes.

    https://developer.zendesk.com/api-reference/sales-crm/search/introduction/ ; ``contains`` is inferred.
    """
    path = f"/v3/{resource}/search"

    def pages(text: str) -> Pages:
        words = [{"or": [_matches(attribute, "contains", word) for attribute in attributes]} for word in text.split()]
        words += [_matches(attribute, "eq", value) for attribute, value in (fixed or {}).items()]
        question = {
            "query": {
                "filter": {"and": words},
                "projection": [{"name": attribute} for attribute in attributes],
                "sort": [{"attribute": {"name": "id"}, "order": "ascending"}],
            },
            "per_page": 100,
        }

        def fetch(number: int) -> Any:
            reply = ctx.client.post(path, json={"items": [{"data": {**question, "page": number}}]})["items"][0]
            if not reply.get("successful", True):
                raise InvalidInput("The service refused the search", status=422, vendor=reply.get("errors"))
            return reply

        return Pages(
            fetch=fetch,
            first=0,
            items=lambda reply: reply["items"],
            after=lambda reply, number: (
                number + 1 if (number + 1) * 100 < reply["meta"].get("total_count", 0) else None
            ),
            whole=lambda items: {"items": items},
            asked=lambda: fetch(0),
            total=lambda reply: reply["meta"].get("total_count"),
        )

    return pages


def full_text(ctx: Context, path: str) -> Callable[[str], Pages]:
    """Search by the list's own ``q``: the words of the content."""
    return lambda text: ctx.pages(path, {"q": text, "sort_by": "id"})


def _matches(attribute: str, operator: str, value: Any) -> Record:
    return {"filter": {"attribute": {"name": attribute}, "parameter": {operator: value}}}


def name(record: Record) -> str:
    return str(record.get("name") or f"Unnamed ({record.get('id')})")


def shortened(kind: str) -> Label:
    """The first words of a record's content."""

    def label(record: Record) -> str:
        text = " ".join((record.get("content") or "").split())
        return (text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}…") or f"{kind} {record['id']}"

    return label


def with_email(label: str, record: Record) -> str:
    """Two people of one name are told apart by their addresses."""
    return f"{label} ({record['email']})" if record.get("email") else label
