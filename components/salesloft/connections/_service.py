"""What every kind of Salesloft connection has in common: https://developers.salesloft.com/docs/platform/api-basics/"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from sales_connectors.sdk import (
    Caller,
    Inputs,
    InvalidResponse,
    OAuth,
    Pages,
    Request,
    Service,
    VendorError,
    VendorFault,
    read_count,
    sign_with_bearer,
)

PAGING_PARAMETERS = ("page", "per_page")
USUAL_SIZE = 25
"""Records on a page where nobody says how many."""
SORT_PARAMETERS = {"sort_by", "sort_direction"}
SORT_BY_PATH = {
    "/v2/activities/emails": "send_time",
    "/v2/cadence_memberships": "added_at",
    "/v2/call_dispositions": "name",
    "/v2/call_sentiments": "name",
    "/v2/crm_activity_fields": "title",
    "/v2/custom_roles": "id",
    "/v2/tags": "name",
    "/v2/tasks": "due_date",
    "/v2/users": "id",
}
"""What changes least where a list cannot be sorted by the time of creation."""
CURSOR_PARAMETER = "id[gt]"
CURSOR_PATH = "/v2/bulk_jobs"
"""Bulk jobs, their data and their results are walked by id; everything else has numbered pages."""

COST_BY_LAST_PAGE = ((100, 1), (150, 3), (250, 8), (500, 10))
"""What a page costs, by the last page for which it holds; any later one costs MAX_COST."""
MAX_COST = 30
RESERVED_POINTS = 10
"""Points that are left to the team's other integrations, and to requests of ours that are under way."""

Sign = Callable[[Request, Mapping[str, Any]], Request]


def build_service(fields: Inputs, oauth: OAuth | None, sign: Sign = sign_with_bearer) -> Service:
    """The service as its API describes itself; a team has 600 points a minute, most requests cost one."""
    return Service(
        api_url=fields["apiUrl"].rstrip("/"),
        sign=sign,
        whoami="/v2/me",
        pages=build_pages,
        error=read_error,
        rate=10,
        oauth=oauth,
        cost=compute_cost,
        spent=compute_pause,
    )


# --- paging -----------------------------------------------------------------------------------------


def build_pages(ctx: Caller, path: str, query: Inputs, size: int) -> Pages:
    """A list in the way in which the service pages it; one that it gives out whole has a size of 0."""
    return (
        build_cursor_pages(ctx, path, query, size)
        if path.startswith(CURSOR_PATH)
        else build_numbered_pages(ctx, path, query, size)
    )


def build_numbered_pages(ctx: Caller, path: str, query: Inputs, size: int, first: int = 1) -> Pages:
    """Numbered pages, until there is no next one.

    The service sorts by the last change, so that a record that changes during a walk moves and another one slips
    through.  Unless the caller wants an order, a walk goes upwards by what stays: new records come last.
    """
    filters = {name: value for name, value in query.items() if name not in PAGING_PARAMETERS}
    order = (
        {} if SORT_PARAMETERS & filters.keys() or not size else {"sort_by": _choose_sort(path), "sort_direction": "ASC"}
    )
    bulk = ctx.client.in_bulk()

    def fetch(number: int) -> Any:
        paging = {"page": number, "per_page": size} if size else {}
        return (ctx.client if number == 1 else bulk).get(path, {**filters, **order, **paging})

    def after(page: Any, number: int) -> int | None:
        paging = _extract_paging(page)
        # some lists have been seen without their paging; a full page then has a next one
        more = paging.get("next_page") if paging else len(ctx.envelope.items(page)) == size
        return number + 1 if size and more else None

    return Pages(
        fetch=fetch,
        first=first,
        items=ctx.envelope.items,
        after=after,
        whole=lambda entries: _merge_pages(ctx.envelope.records(entries, "id")),
        asked=lambda: ctx.client.get(path, query),
        begun=(lambda: build_numbered_pages(ctx, path, filters, query.get("per_page", USUAL_SIZE), query["page"]))
        if size and "page" in query
        else None,
        guess=lambda number: number + 1,
        total=lambda page: _extract_paging(page).get("total_count"),
    )


def build_cursor_pages(ctx: Caller, path: str, query: Inputs, size: int, first: int = 0) -> Pages:
    """Pages behind the last id that was seen; a page that is not full is the last one."""
    filters = {name: value for name, value in query.items() if name not in (CURSOR_PARAMETER, *PAGING_PARAMETERS)}
    bulk = ctx.client.in_bulk()

    def fetch(last: int) -> Any:
        cursor = {CURSOR_PARAMETER: last} if last else {}
        return (bulk if last else ctx.client).get(path, {**filters, **cursor, "per_page": size})

    def after(page: Any, last: int) -> int | None:
        rows = ctx.envelope.items(page)
        full = len(rows) >= (read_count(_extract_paging(page).get("per_page")) or size)
        return max(map(_read_id, ctx.envelope.records(rows, "id"))) if rows and full else None

    return Pages(
        fetch=fetch,
        first=first,
        items=ctx.envelope.items,
        after=after,
        whole=lambda rows: {"data": rows, "metadata": {"paging": {"per_page": len(rows)}}},
        asked=lambda: ctx.client.get(path, query),
        begun=(lambda: build_cursor_pages(ctx, path, filters, size, query[CURSOR_PARAMETER]))
        if CURSOR_PARAMETER in query
        else None,
    )


def _read_id(row: dict[str, Any]) -> int:
    """The number behind which the next page begins."""
    number = read_count(row["id"])
    if number is None:
        raise InvalidResponse("The service answered with a record whose id is no number", vendor=row)
    return number


def _choose_sort(path: str) -> str:
    return SORT_BY_PATH.get(path, "created_at")


def _extract_paging(page: Any) -> dict[str, Any]:
    return _extract_object(_extract_object(page, "metadata"), "paging")


def _extract_object(found: Any, name: str) -> dict[str, Any]:
    inner = found.get(name) if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}


def _merge_pages(met: Iterable[Any]) -> dict[str, Any]:
    """All records, as if the service had sent them on one page; of one that was met twice, the newer state."""
    records = list({record["id"]: record for record in met}.values())
    count = len(records)
    paging = {"per_page": count, "current_page": 1, "next_page": None, "prev_page": None}
    return {"data": records, "metadata": {"paging": {**paging, "total_pages": 1, "total_count": count}}}


# --- the rate limit ---------------------------------------------------------------------------------


def compute_cost(path: str, query: Inputs) -> float:
    """The points that a request takes: deep pages are dear."""
    page = str(query.get("page", ""))
    number = int(page) if page.isdecimal() else 1
    return next((points for last, points in COST_BY_LAST_PAGE if number <= last), MAX_COST)


def compute_pause(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds until the next minute, when this one's points are used up or nearly so."""
    left = _parse_points(headers.get("x-ratelimit-remaining-minute"))
    needed = RESERVED_POINTS + (_parse_points(headers.get("x-ratelimit-endpoint-cost")) or 0)
    return (
        _compute_rest_of_minute(headers.get("date")) if status == 429 or (left is not None and left < needed) else None
    )


def _parse_points(header: str | None) -> int | None:
    return read_count((header or "").strip())


def _compute_rest_of_minute(date: str | None) -> float:
    """By the service's own clock, and a little more, so that not everybody is back in the same moment."""
    try:
        second = parsedate_to_datetime(date or "").second
    except ValueError:
        second = 0
    return 60 - second + random.random()


# --- errors -----------------------------------------------------------------------------------------


def read_error(payload: Any) -> VendorError:
    """``{"error": text}``, or ``{"errors": {field: [text]}}``; lists and bare texts have been seen too."""
    if not isinstance(payload, dict):
        return VendorError()
    told = list(_iterate_complaints(payload.get("errors")))
    own = payload.get("error_description") or payload.get("error")
    return VendorError(
        message="; ".join([*([str(own)] if own else []), *(_format_complaint(field, text) for field, text in told)]),
        faults=[VendorFault(f"/{field}", text) for field, text in told if field and field != "base"],
    )


def _iterate_complaints(errors: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Each complaint with the field that it is about, nested ones as a path."""
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from _iterate_complaints(inner, f"{field}/{name}" if field else str(name))
    elif isinstance(errors, list):
        for inner in errors:
            yield from _iterate_complaints(inner, field)
    elif errors is not None:
        yield field, str(errors)


def _format_complaint(field: str, text: str) -> str:
    return f"{field.replace('/', '.')} {text}" if field and field != "base" else text
