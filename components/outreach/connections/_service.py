"""What every kind of Outreach connection has in common: https://developers.outreach.io/api/making-requests/"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sales_connectors.sdk import (
    Caller,
    Inputs,
    InvalidInput,
    InvalidResponse,
    OAuth,
    Pages,
    Service,
    VendorError,
    VendorFault,
    parse_wait,
    sign_with_bearer,
)

MEDIA_TYPE = "application/vnd.api+json"
"""Required as the content type of every request, one without a body too."""
PAGING_PARAMETERS = ("page[size]", "page[after]", "page[before]", "count")
CURSOR_PARAMETERS = {"page[after]", "page[before]"}
REQUESTS_PER_SECOND = 10
"""The vendor counts by the hour alone; this keeps bursts short, and what is left of the hour says the rest."""
SPARE_SHARE = 0.1
"""The last part of the hour's budget, which is spread evenly over what is left of the hour."""
REFUSING_STATUSES = (503,)
"""Maintenance: nothing was done."""

SCOPE_CODES = ("unauthorizedOauthScope",)
"""How the service calls the lack of a scope, which it names."""
FIELD_POINTER = re.compile(r"^/(?:data/attributes|data/relationships|actionParams)/([^/]+)")
CUSTOM_FIELD = re.compile(r"custom\d+")


def build_service(fields: Inputs, oauth: OAuth) -> Service:
    """The service as its API describes itself: 10,000 requests an hour in the name of one user."""
    return Service(
        api_url=fields["apiUrl"].rstrip("/"),
        sign=sign_with_bearer,
        whoami="/api/v2",
        account=read_account,
        pages=build_pages,
        error=read_error,
        rate=REQUESTS_PER_SECOND,
        oauth=oauth,
        headers={"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE},
        media_type=MEDIA_TYPE,
        spent=compute_pause,
        scope_codes=SCOPE_CODES,
        refusals=REFUSING_STATUSES,
    )


def read_account(answer: Any) -> Any:
    """The user, or for want of one the organization, that the root of the API names in ``meta``, as a record."""
    meta = answer.get("meta") if isinstance(answer, Mapping) else None
    for kind in ("user", "org"):
        found = meta.get(kind) if isinstance(meta, Mapping) else None
        if isinstance(found, Mapping):
            return {"data": {"type": kind, "id": found.get("id"), "attributes": dict(found)}, "meta": meta}
    return answer


# --- paging -----------------------------------------------------------------------------------------


def build_pages(ctx: Caller, path: str, query: Inputs, size: int) -> Pages:
    """Pages that name the next one by its address, until one names none.

    The cursor of the first page is its query, of any later one its address.  Nobody who walks through all of it needs
    to be told how many there are; who asks for a page is told, unless they do not want to know.
    """
    filters = {name: value for name, value in query.items() if name not in PAGING_PARAMETERS}
    first = {**filters, "page[size]": size, "count": False}
    bulk = ctx.client.in_bulk()

    def fetch(cursor: Any) -> Any:
        return ctx.client.get(path, cursor) if isinstance(cursor, dict) else _follow(bulk.get, cursor)

    pages = Pages(
        fetch=fetch,
        first=first,
        items=ctx.envelope.items,
        after=lambda page, cursor: _extract_next(page),
        whole=_merge_pages,
        asked=lambda: ctx.client.get(path, {"count": True, **query}),
        beside="included",
        total=_extract_count,
    )
    begun = replace(pages, first={"page[size]": size, **query, "count": False})
    return replace(pages, begun=lambda: begun) if CURSOR_PARAMETERS & query.keys() else pages


def _follow(get: Callable[[str], Any], address: str) -> Any:
    """The page at an address that the service named; its token is sent to no other host."""
    try:
        return get(address)
    except InvalidInput as refused:
        if refused.status is not None:
            raise
        host = urlsplit(address).netloc
        message = f"The service named a next page on another host, {host!r:.100}, which gets no token"
        raise InvalidResponse(message, vendor=address) from None


def _extract_next(page: Any) -> str | None:
    links = page.get("links")
    following = links.get("next") if isinstance(links, Mapping) else None
    return following if isinstance(following, str) and following else None


def _extract_count(page: Any) -> int | None:
    """How many records there are, where the service was asked and knows it to the last one."""
    meta = page.get("meta")
    known = isinstance(meta, Mapping) and not meta.get("count_truncated")
    count = meta.get("count") if known else None
    return count if isinstance(count, int) else None


def _merge_pages(records: list[Any]) -> dict[str, Any]:
    """All records, as if the service had sent them on one page; of one that was met twice, the newer state."""
    met = {(record.get("type"), record.get("id")): record for record in records if isinstance(record, dict)}
    return {"data": [*met.values()], "links": {}, "meta": {"count": len(met)}}


# --- the rate limit ---------------------------------------------------------------------------------


def compute_pause(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds to hold back: until the hour is over once its budget is spent, and before that, when little is left of
    it, so long that it lasts."""
    limit, left = (_parse_count(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining"))
    rest = parse_wait(headers.get("x-ratelimit-reset", ""), headers.get("date", ""))
    if rest is None or (status != 429 and (limit is None or left is None or left > limit * SPARE_SHARE)):
        return None
    return rest / max(1, left or 0) if status != 429 else rest


def _parse_count(header: str | None) -> int | None:
    """A count in a header; of two in one, as ``9999, 19988``, the first is the user's own of this hour."""
    first = (header or "").partition(",")[0].strip()
    return int(first) if first.isdecimal() else None


# --- errors -----------------------------------------------------------------------------------------


def read_error(payload: Any) -> VendorError:
    """``{"errors": [{id, title, detail, source: {pointer}}]}``, in one place ``details``.

    The gateway in front of it says ``{error, description}``.
    """
    if not isinstance(payload, Mapping):
        return VendorError()
    listed = payload.get("errors")
    errors = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    if not errors:
        told = [payload.get(name) for name in ("error", "error_description", "description")]
        return VendorError(": ".join(str(text) for text in told if text))
    faults = [(pointer, _format_error(entry)) for entry in errors if (pointer := _extract_pointer(entry))]
    code = errors[0].get("id")
    return VendorError(
        message="; ".join(filter(None, map(_format_error, errors))),
        code=str(code) if code else None,
        faults=[VendorFault(_name_field(pointer), text) for pointer, text in faults],
    )


def _format_error(error: Inputs) -> str:
    """Title and detail; what is said twice is said once."""
    texts = [error.get(name) for name in ("title", "detail", "details")]
    return ": ".join(dict.fromkeys(str(text) for text in texts if text))


def _extract_pointer(error: Inputs) -> str | None:
    source = error.get("source")
    pointer = source.get("pointer") if isinstance(source, Mapping) else None
    return pointer if isinstance(pointer, str) else None


def _name_field(pointer: str) -> str:
    """The field that a pointer into the document means: inputs are flat, and custom fields stand together."""
    found = FIELD_POINTER.match(pointer)
    if found is None:
        return pointer
    return f"/customFields/{found[1]}" if CUSTOM_FIELD.fullmatch(found[1]) else f"/{found[1]}"
