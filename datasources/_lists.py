"""Picklists over the lists of the API: read by id, searched where the service can search, found again by their keys."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sales_connectors.sdk import Context, InvalidInput, InvalidResponse, Option, Pages, Picklist, read_count, shorten

Record = dict[str, Any]
Label = Callable[[Record], str]
Search = Callable[[str], Pages]

PAGE_SIZE = 100


def build_picklist(
    ctx: Context,
    path: str,
    label: Label,
    *,
    query: dict[str, Any] | None = None,
    search: Search | None = None,
    sort_by: str | None = "id",
) -> Picklist:
    """Every record of a list, labelled one by one."""

    def options(records: list[Record]) -> list[Option]:
        return [Option(label(record), str(record["id"])) for record in records]

    return build_batch_picklist(ctx, path, options, query=query, search=search, sort_by=sort_by)


def build_batch_picklist(
    ctx: Context,
    path: str,
    options: Callable[[list[Record]], list[Option]],
    *,
    query: dict[str, Any] | None = None,
    search: Search | None = None,
    sort_by: str | None = "id",
) -> Picklist:
    """Every record of a list, labelled a page at a time: for labels that need a look at other records."""
    order = {"sort_by": sort_by} if sort_by else {}
    return Picklist(
        pages=ctx.pages(path, {**(query or {}), **order}, size=PAGE_SIZE),
        options=lambda items: options([*ctx.envelope.records(items, "id")]),
        search=search,
        find=lambda keys: find_records(ctx, path, keys),
    )


def build_unpaged_picklist(ctx: Context, path: str, label: Label, *, key: str = "id") -> Picklist:
    """A short list that takes no page size; saved keys are found by reading it again."""
    return Picklist(
        pages=ctx.pages(path, size=0),
        options=lambda items: [Option(label(record), str(record[key])) for record in ctx.envelope.records(items, key)],
    )


def find_records(ctx: Context, path: str, keys: Iterable[str]) -> Iterator[Any]:
    """The records with these ids that still exist; a key that is no number is no record's."""
    ids = [key for key in keys if key.isascii() and key.isdigit()]
    for start in range(0, len(ids), PAGE_SIZE):
        some = ",".join(ids[start : start + PAGE_SIZE])
        yield from ctx.pages(path, {"ids": some}, size=PAGE_SIZE).every_item()


def find_by_id(ctx: Context, path: str, ids: Iterable[int | None]) -> dict[int | None, Record]:
    """Records that labels refer to."""
    wanted = sorted({str(number) for number in ids if number})
    return {record["id"]: record for record in ctx.envelope.records(find_records(ctx, path, wanted), "id")}


# --- searching --------------------------------------------------------------------------------------


def build_text_search(ctx: Context, path: str) -> Search:
    """Search by the list's own ``q``: the words of the content."""
    return lambda text: ctx.pages(path, {"q": text, "sort_by": "id"}, size=PAGE_SIZE)


def build_index_search(
    ctx: Context, resource: str, attributes: list[str], fixed: dict[str, Any] | None = None
) -> Search:
    """Search in the index of the service, where records have attributes of their own names.

    https://developer.zendesk.com/api-reference/sales-crm/search/introduction/
    """

    def pages(text: str) -> Pages:
        question = _build_search(text, attributes, fixed or {})

        def fetch(number: int) -> Any:
            asked = {"items": [{"data": {**question, "page": number}}]}
            return _unwrap_answer(ctx.client.post(f"/v3/{resource}/search", json=asked))

        return Pages(
            fetch=fetch,
            first=0,
            items=lambda answer: answer["items"],
            after=lambda answer, number: number + 1 if _has_more(answer, number) else None,
            whole=lambda items: {"items": items},
            asked=lambda: fetch(0),
            total=lambda answer: answer["meta"].get("total_count"),
        )

    return pages


def _build_search(text: str, attributes: list[str], fixed: dict[str, Any]) -> Record:
    """Every word stands in one of the attributes; the operator ``contains`` is inferred."""
    words = [
        {"or": [_build_condition(attribute, "contains", word) for attribute in attributes]} for word in text.split()
    ]
    words += [_build_condition(attribute, "eq", value) for attribute, value in fixed.items()]
    return {
        "query": {
            "filter": {"and": words},
            "projection": [{"name": attribute} for attribute in attributes],
            "sort": [{"attribute": {"name": "id"}, "order": "ascending"}],
        },
        "per_page": PAGE_SIZE,
    }


def _build_condition(attribute: str, operator: str, value: Any) -> Record:
    return {"filter": {"attribute": {"name": attribute}, "parameter": {operator: value}}}


def _unwrap_answer(reply: Any) -> Any:
    """The one answer of a batch of one; an answer may fail although the batch does not."""
    try:
        answer = reply["items"][0]
        if not answer.get("successful", True):
            raise InvalidInput("The service refused the search", status=422, vendor=answer.get("errors"))
        return {"items": [*answer["items"]], "meta": {**answer["meta"]}}
    except (KeyError, IndexError, TypeError, AttributeError) as missing:
        raise InvalidResponse("The service answered a search without its result", vendor=reply) from missing


def _has_more(answer: Any, number: int) -> bool:
    total = read_count(answer["meta"].get("total_count"))
    return len(answer["items"]) == PAGE_SIZE and (total is None or (number + 1) * PAGE_SIZE < total)


# --- labels -----------------------------------------------------------------------------------------


def build_content_label(kind: str) -> Label:
    """The first words of a record's content."""

    def label(record: Record) -> str:
        return shorten(record.get("content")) or f"{kind} {record['id']}"

    return label


def append_email(label: str, record: Record) -> str:
    """Two people of one name are told apart by their addresses."""
    return f"{label} ({record['email']})" if record.get("email") else label
