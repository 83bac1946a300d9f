"""The definitions of custom fields; they can only be read."""

from typing import Any

from sales_connectors.imitation import Reply, Request, Route

from .custom_fields import BY_NAME, DEFINITIONS, CustomField, name_in_search
from .errors import not_found
from .queries import PAGING, check_parameters, reply_items

SINCE = "2024-01-15T09:00:00Z"


def list_definitions(request: Request) -> Reply:
    """``GET /v2/{resource_type}/custom_fields``"""
    kind = request.params["resource_type"]
    if kind not in DEFINITIONS:
        raise not_found(f"There are no custom fields of {kind}.")
    check_parameters(request, PAGING)  # inferred: all definitions come at once, whatever page is asked for
    items = [{"data": describe(kind, defined), "meta": {"type": "custom_field"}} for defined in DEFINITIONS[kind]]
    return reply_items(items, {"self": f"{request.base_url}{request.path}"})


def describe(kind: str, defined: CustomField) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": defined.id, "name": defined.name, "type": defined.type}
    if defined.choices:
        shown["choices"] = defined.numbered_choices()
    if kind == "contact":
        shown |= {"for_organisation": defined.for_organisation, "for_contact": defined.for_contact}
    return {**shown, "created_at": SINCE, "updated_at": SINCE}


def list_mappings(request: Request) -> Reply:
    """``GET /v3/{leads|contacts|deals}/custom_fields``: by which name the Search API knows them."""
    kind = request.params["resource"].removesuffix("s")
    if request.params["resource"] not in ("leads", "contacts", "deals"):
        raise not_found("There is nothing at this path.")
    items = [
        {"data": _describe_mapping(kind, defined), "meta": {"type": "custom_field"}}
        for defined in BY_NAME[kind].values()
    ]
    return reply_items(items, {})


def _describe_mapping(kind: str, defined: CustomField) -> dict[str, Any]:
    return {
        "id": str(defined.id),
        "name": defined.name,
        "type": defined.type,
        "resource_type": kind,
        "search_api_id": name_in_search(kind, defined),
    }


ROUTES = [
    Route("GET", "/v2/{resource_type}/custom_fields", list_definitions, scope="read"),
    Route("GET", "/v3/{resource}/custom_fields", list_mappings, scope="read"),
]
