"""Zendesk Sell over OAuth 2.0, or with a personal access token: https://developer.zendesk.com/api-reference/sales-crm/"""

from typing import Any

from sales_connectors import Client, Inputs, OAuth, Pages, Problem, Service, VendorFault
from sales_connectors.errors import InvalidResponse

PAGED = ("page", "per_page")


def connection(fields: Inputs) -> Service:
    """The service as its API describes itself; ten requests a second on one token."""
    return Service(
        api_url=fields["apiUrl"].rstrip("/"),
        sign=lambda token: {"Authorization": f"Bearer {token['access_token']}"},
        whoami="/v2/users/self",
        pages=pages,
        problem=problem,
        rate=10,
        oauth=OAuth(
            authorize_url=fields["authorizeUrl"],
            token_url=fields["tokenUrl"],
            client_id=fields.get("clientId", ""),
            client_secret=fields.get("clientSecret", ""),
            scope=fields.get("scopes", ""),
            pkce=False,
            client_auth="basic",
        ),
    )


def pages(client: Client, path: str, query: Inputs, size: int) -> Pages:
    """Numbered pages, until there is no ``next_page``; size 0 is a list that takes no ``per_page``.

    https://developer.zendesk.com/api-reference/sales-crm/pagination/
    """
    filters = {key: value for key, value in query.items() if key not in PAGED}
    bulk = client.in_bulk()

    def fetch(number: int) -> Any:
        paging = {"page": number, "per_page": size} if size else {"page": number} if number > 1 else {}
        return _listed((client if number == 1 else bulk).get(path, {**filters, **paging}))

    return Pages(
        fetch=fetch,
        first=1,
        items=lambda page: page["items"],
        after=lambda page, number: number + 1 if _has_more(page) else None,
        whole=lambda items: {"items": items, "meta": {"type": "collection", "count": len(items), "links": {}}},
        asked=lambda: _listed(client.get(path, query)),
        guess=lambda number: number + 1,
    )


def _listed(page: Any) -> Any:
    if not isinstance(page, dict) or not isinstance(page.get("items"), list):
        raise InvalidResponse("The service answered without items where a list belongs")
    return page


def _has_more(page: Inputs) -> bool:
    return bool(page["items"] and _links(page).get("next_page"))


def _links(page: Inputs) -> Inputs:
    meta = page.get("meta")
    links = meta.get("links") if isinstance(meta, dict) else None
    return links if isinstance(links, dict) else {}


def problem(payload: Any) -> Problem:
    """Errors come as a list; OAuth's own have the shape of its RFC.

    https://developer.zendesk.com/api-reference/sales-crm/errors/
    """
    if not isinstance(payload, dict):
        return Problem()
    if isinstance(payload.get("error"), str):
        return Problem(payload.get("error_description") or payload["error"], payload["error"])
    errors = [entry["error"] for entry in _entries(payload) if isinstance(entry.get("error"), dict)]
    return Problem(
        message="; ".join(filter(None, map(_worded, errors))),
        code=errors[0].get("code") if errors else None,
        faults=[VendorFault(error["field"], _words(error)) for error in errors if isinstance(error.get("field"), str)],
        request_id=_logref(payload),
    )


def _entries(payload: Inputs) -> list[Inputs]:
    errors = payload.get("errors")
    return [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []


def _worded(error: Inputs) -> str:
    return " ".join(filter(None, [str(error.get("field") or ""), _words(error)]))


def _words(error: Inputs) -> str:
    """Message and details; the service often says the telling part in the details."""
    parts = [str(error.get(name)) for name in ("message", "details") if error.get(name)]
    return ": ".join(dict.fromkeys(parts))


def _logref(payload: Inputs) -> str | None:
    meta = payload.get("meta")
    return meta.get("logref") if isinstance(meta, dict) else None
