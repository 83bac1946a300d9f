"""Zendesk Sell over OAuth 2.0, or with a personal access token: https://developer.zendesk.com/api-reference/sales-crm/"""

from typing import Any
from urllib.parse import urljoin

from sales_connectors.sdk import Caller, Inputs, OAuth, Pages, Service, VendorError, VendorFault, sign_with_bearer

PAGING_PARAMETERS = ("page", "per_page")
USUAL_SIZE = 25
"""Records on a page where nobody says how many."""


def connection(fields: Inputs) -> Service:
    """The service as its API describes itself; ten requests a second on one token."""
    return Service(
        api_url=fields["apiUrl"].rstrip("/"),
        sign=sign_with_bearer,
        whoami="/v2/users/self",
        pages=build_pages,
        error=read_error,
        rate=10,
        oauth=OAuth(
            authorize_url=fields["authorizeUrl"],
            token_url=fields["tokenUrl"],
            revoke_url=urljoin(fields["tokenUrl"], "revoke"),
            client_id=fields.get("clientId", ""),
            client_secret=fields.get("clientSecret", ""),
            scope=fields.get("scopes", ""),
            pkce=False,
            client_auth="basic",
        ),
    )


def build_pages(ctx: Caller, path: str, query: Inputs, size: int, first: int = 1) -> Pages:
    """Numbered pages, until there is no ``next_page``; size 0 is a list that takes no ``per_page``.

    https://developer.zendesk.com/api-reference/sales-crm/pagination/
    """
    filters = {key: value for key, value in query.items() if key not in PAGING_PARAMETERS}
    bulk = ctx.client.in_bulk()

    def fetch(number: int) -> Any:
        paging = {"page": number, "per_page": size} if size else {"page": number} if number > 1 else {}
        return (ctx.client if number == 1 else bulk).get(path, {**filters, **paging})

    return Pages(
        fetch=fetch,
        first=first,
        items=ctx.envelope.items,
        after=lambda page, number: number + 1 if _extract_links(page).get("next_page") else None,
        whole=lambda items: {"items": items, "meta": {"type": "collection", "count": len(items), "links": {}}},
        asked=lambda: ctx.client.get(path, query),
        begun=(lambda: build_pages(ctx, path, filters, query.get("per_page", size and USUAL_SIZE), query["page"]))
        if "page" in query
        else None,
        guess=lambda number: number + 1,
    )


def _extract_links(page: Inputs) -> Inputs:
    meta = page.get("meta")
    links = meta.get("links") if isinstance(meta, dict) else None
    return links if isinstance(links, dict) else {}


def read_error(payload: Any) -> VendorError:
    """Errors come as a list; OAuth's own have the shape of its RFC.

    https://developer.zendesk.com/api-reference/sales-crm/errors/
    """
    if not isinstance(payload, dict):
        return VendorError()
    if isinstance(payload.get("error"), str):
        return VendorError(payload.get("error_description") or payload["error"], payload["error"])
    errors = [entry["error"] for entry in _extract_errors(payload) if isinstance(entry.get("error"), dict)]
    return VendorError(
        message="; ".join(filter(None, map(_format_error, errors))),
        code=errors[0].get("code") if errors else None,
        faults=[
            VendorFault(error["field"], _format_message(error))
            for error in errors
            if isinstance(error.get("field"), str)
        ],
        request_id=_extract_logref(payload),
    )


def _extract_errors(payload: Inputs) -> list[Inputs]:
    errors = payload.get("errors")
    return [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []


def _format_error(error: Inputs) -> str:
    return " ".join(filter(None, [str(error.get("field") or ""), _format_message(error)]))


def _format_message(error: Inputs) -> str:
    """Message and details; the service often says the telling part in the details."""
    parts = [str(error.get(name)) for name in ("message", "details") if error.get(name)]
    return ": ".join(dict.fromkeys(parts))


def _extract_logref(payload: Inputs) -> str | None:
    meta = payload.get("meta")
    return meta.get("logref") if isinstance(meta, dict) else None
