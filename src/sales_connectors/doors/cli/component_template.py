"""The files of a new component: one resource of a made-up vendor, whole enough to pass every check.

``@KEY@``, ``@LABEL@``, ``@CLASS@`` and ``@DIALECT@`` stand for what differs.
"""

from collections.abc import Mapping

COMPONENT_FILES: Mapping[str, str] = {
    "component.yaml": """\
key: @KEY@
label: "@LABEL@"
description: Works with the items of @LABEL@.
category: CRM
documentation: https://example.com/api

envelope:
  one: {data: record}
  list: {data: [record], paging: object}

connections:
  oauth: {handler: oauth:connection}

actions:
  listItems: {handler: items:list_items, effect: read, returns: [item], group: Items}
  getItem: {handler: items:get_item, effect: read, returns: item, group: Items}
  createItem: {handler: items:create_item, effect: create, returns: item, group: Items}
  deleteItem: {handler: items:delete_item, effect: delete, returns: nothing, group: Items}

dataSources:
  selectItem: {handler: items:select_item}
""",
    "connections/oauth.py": '''\
"""@LABEL@ over OAuth 2.0."""

from typing import Any

from sales_connectors.sdk import Caller, Inputs, OAuth, Pages, Service, VendorError, sign_with_bearer


def connection(fields: Inputs) -> Service:
    """The service as its API describes itself."""
    return Service(
        api_url=fields["apiUrl"].rstrip("/"),
        sign=sign_with_bearer,
        whoami="/me",
        pages=build_pages,
        error=read_error,
        rate=10,
        oauth=OAuth(
            authorize_url=fields["authorizeUrl"],
            token_url=fields["tokenUrl"],
            client_id=fields.get("clientId", ""),
            client_secret=fields.get("clientSecret", ""),
        ),
    )


def build_pages(ctx: Caller, path: str, query: Inputs, size: int) -> Pages:
    """Numbered pages; each says which one is next."""
    filters = {name: value for name, value in query.items() if name not in ("page", "size")}

    def fetch(number: int) -> Any:
        return ctx.client.get(path, {**filters, "page": number, "size": size})

    return Pages(
        fetch=fetch,
        first=1,
        items=ctx.envelope.items,
        after=lambda page, number: (page.get("paging") or {}).get("next"),
        whole=lambda items: {"data": items, "paging": {}},
        asked=lambda: ctx.client.get(path, query),
    )


def read_error(payload: Any) -> VendorError:
    """``{"error": text}``; anything else says nothing."""
    return VendorError(str(payload.get("error") or "")) if isinstance(payload, dict) else VendorError()
''',
    "actions/items.py": '''\
"""Items."""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages


def list_items(ctx: Context, inputs: Inputs) -> Pages:
    """List items, by page or all at once."""
    return ctx.pages("/items", {name: value for name, value in inputs.items() if name != "fetchAll"})


def get_item(ctx: Context, inputs: Inputs) -> Any:
    """Get one item by its id."""
    return ctx.client.get(f"/items/{inputs['id']}")


def create_item(ctx: Context, inputs: Inputs) -> Any:
    """Create an item from the inputs that are given."""
    return ctx.client.post("/items", json=inputs)


def delete_item(ctx: Context, inputs: Inputs) -> None:
    """Delete an item for good."""
    ctx.client.delete(f"/items/{inputs['id']}")
''',
    "datasources/items.py": '''\
"""Items to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist


def select_item(ctx: Context, inputs: Inputs) -> Picklist:
    """Every item, by its name."""
    return Picklist(
        pages=ctx.pages("/items"),
        options=lambda items: [
            Option(str(item["name"]), str(item["id"])) for item in ctx.envelope.records(items, "id", "name")
        ],
    )
''',
    "schemas/oauth.json": """\
{
  "$schema": "@DIALECT@",
  "title": "OAuth 2.0",
  "description": "Signs in to @LABEL@ with OAuth 2.0. With an access token at hand none of the fields is needed.",
  "type": "object",
  "properties": {
    "authorizeUrl": {
      "title": "Authorize URL",
      "description": "Where a user is sent to grant access.",
      "type": "string",
      "pattern": "^(https://[^/?#@\\\\s]+|http://(localhost|127(\\\\.\\\\d+){3}|\\\\[::1\\\\])(:\\\\d+)?)(/\\\\S*)?$",
      "default": "https://api.example.com/oauth2/authorize",
      "examples": ["https://api.example.com/oauth2/authorize"]
    },
    "tokenUrl": {
      "title": "Token URL",
      "description": "Where codes and refresh tokens are exchanged for access tokens.",
      "type": "string",
      "pattern": "^(https://[^/?#@\\\\s]+|http://(localhost|127(\\\\.\\\\d+){3}|\\\\[::1\\\\])(:\\\\d+)?)(/\\\\S*)?$",
      "default": "https://api.example.com/oauth2/token",
      "examples": ["https://api.example.com/oauth2/token"]
    },
    "clientId": {
      "title": "Client ID",
      "description": "Client ID of the OAuth application.",
      "type": "string",
      "examples": ["3bca92f1d0e64f5c"]
    },
    "clientSecret": {
      "title": "Client Secret",
      "description": "Client secret of the OAuth application. Kept encrypted and never shown.",
      "type": "string",
      "writeOnly": true,
      "examples": ["d41f7a60c2b9"]
    },
    "apiUrl": {
      "title": "API URL",
      "description": "Scheme, host and port of the API, without a path. Only the sandbox needs another one.",
      "type": "string",
      "pattern": "^(https://[^/?#@\\\\s]+|http://(localhost|127(\\\\.\\\\d+){3}|\\\\[::1\\\\])(:\\\\d+)?)/?$",
      "default": "https://api.example.com",
      "examples": ["https://api.example.com"]
    },
    "rateLimit": {
      "title": "Rate Limit",
      "description": "Requests a second that the connection may make; 0 for no limit.",
      "type": "number",
      "minimum": 0,
      "default": 10,
      "examples": [10]
    }
  },
  "additionalProperties": false,
  "examples": [{"clientId": "3bca92f1d0e64f5c", "clientSecret": "d41f7a60c2b9"}]
}
""",
    "schemas/shared.json": """\
{
  "$schema": "@DIALECT@",
  "$defs": {
    "itemId": {
      "title": "Item ID",
      "description": "The item.",
      "type": "integer",
      "minimum": 1,
      "maximum": 9007199254740991,
      "x-data-source": "selectItem",
      "examples": [7]
    }
  }
}
""",
    "schemas/listItems.json": """\
{
  "$schema": "@DIALECT@",
  "title": "List Items",
  "description": "Lists items. Returns one page of records, or all of them with Fetch All.",
  "type": "object",
  "properties": {
    "fetchAll": {
      "title": "Fetch All",
      "description": "true for all records instead of one page of them.",
      "type": "boolean",
      "default": false,
      "examples": [true]
    },
    "page": {
      "title": "Page",
      "description": "Number of the page; the first one is 1.",
      "type": "integer",
      "minimum": 1,
      "examples": [1]
    },
    "size": {
      "title": "Page Size",
      "description": "Records on a page.",
      "type": "integer",
      "minimum": 1,
      "maximum": 100,
      "examples": [50]
    }
  },
  "additionalProperties": false,
  "examples": [{"page": 1, "size": 50}]
}
""",
    "schemas/getItem.json": """\
{
  "$schema": "@DIALECT@",
  "title": "Get Item",
  "description": "Gets one item by its ID. Returns the record.",
  "type": "object",
  "properties": {"id": {"$ref": "shared.json#/$defs/itemId"}},
  "required": ["id"],
  "additionalProperties": false,
  "examples": [{"id": 7}]
}
""",
    "schemas/createItem.json": """\
{
  "$schema": "@DIALECT@",
  "title": "Create Item",
  "description": "Creates an item. Returns the new record; calling it twice makes two items.",
  "type": "object",
  "properties": {
    "name": {
      "title": "Name",
      "description": "Name of the item.",
      "type": "string",
      "pattern": "\\\\S",
      "examples": ["Widget"]
    }
  },
  "required": ["name"],
  "additionalProperties": false,
  "examples": [{"name": "Widget"}]
}
""",
    "schemas/deleteItem.json": """\
{
  "$schema": "@DIALECT@",
  "title": "Delete Item",
  "description": "Deletes one item for good. Returns nothing.",
  "type": "object",
  "properties": {"id": {"$ref": "shared.json#/$defs/itemId"}},
  "required": ["id"],
  "additionalProperties": false,
  "examples": [{"id": 7}]
}
""",
    "schemas/selectItem.json": """\
{
  "$schema": "@DIALECT@",
  "title": "Select Item",
  "description": "Items by name.",
  "type": "object",
  "properties": {},
  "additionalProperties": false,
  "examples": [{}]
}
""",
    "schemas/records/item.json": """\
{
  "$schema": "@DIALECT@",
  "title": "Item",
  "description": "Something that @LABEL@ keeps.",
  "type": "object",
  "properties": {
    "id": {"description": "ID of the record.", "type": "integer"},
    "name": {"description": "Name of the item.", "type": "string"}
  },
  "required": ["id", "name"],
  "examples": [{"id": 7, "name": "Widget"}]
}
""",
    "sandbox/service.py": '''\
"""An imitation of the API of @LABEL@."""

import re
from typing import Any

from sales_connectors.imitation import Clock, Refused, Reply, Request, Route, Service, Store, User
from sales_connectors.imitation.kit import fetch_page

ME = User(1, "Robin Reed", "robin@example.com")
NUMBER = re.compile("[1-9][0-9]{0,8}")


def service() -> Service:
    """The imitation, as the engine serves it."""
    return Service(
        name="@LABEL@",
        routes=[
            Route("GET", "/me", lambda request: Reply(body={"data": {"id": ME.id, "name": ME.name}})),
            Route("GET", "/items", list_items),
            Route("POST", "/items", create_item),
            Route("GET", "/items/{id}", lambda request: Reply(body={"data": _find_item(request)})),
            Route("DELETE", "/items/{id}", delete_item),
        ],
        refuse=refuse,
        seed=seed,
        users=lambda store: [ME],
    )


def refuse(status: int, detail: str) -> Reply:
    """The vendor's errors, in its own words."""
    return Reply(status, {"error": detail})


def seed(store: Store, clock: Clock, companies: int) -> None:
    for number in range(1, 4):
        store.collection("items").insert({"name": f"Item {number}"})


def list_items(request: Request) -> Reply:
    number, size = _read_number(request, "page", usual="1"), _read_number(request, "size", usual="25")
    found, more = fetch_page(request.collection("items"), number=number, size=size)
    return Reply(body={"data": found, "paging": {"next": number + 1} if more else {}})


def create_item(request: Request) -> Reply:
    return Reply(201, {"data": request.collection("items").insert({"name": _read_name(request)})})


def delete_item(request: Request) -> Reply:
    request.collection("items").delete(_find_item(request)["id"])
    return Reply(204)


def _find_item(request: Request) -> dict[str, Any]:
    number = request.params["id"]
    found = request.collection("items").get(int(number)) if NUMBER.fullmatch(number) else None
    if found is None:
        raise Refused(refuse(404, "There is no such item"))
    return found


def _read_name(request: Request) -> str:
    """The name that a body gives."""
    try:
        name = request.json()["name"]
    except (ValueError, TypeError, KeyError):
        name = None
    if not isinstance(name, str) or not name.strip():
        raise Refused(refuse(422, "An item needs a name"))
    return name


def _read_number(request: Request, name: str, *, usual: str) -> int:
    """A number of the query."""
    text = request.arguments().get(name, usual)
    if not NUMBER.fullmatch(text):
        raise Refused(refuse(422, f"{name} is a number from 1 on, of nine digits at most"))
    return int(text)
''',
}

TEST_FILES: Mapping[str, str] = {
    "test_standard.py": '''\
"""@LABEL@ passes the standard suite."""

from typing import Any

from sales_connectors.testing import ComponentSuite, SentRequest


class Test@CLASS@(ComponentSuite):
    key = "@KEY@"

    def answer_list(self, entries: list[Any], request: SentRequest) -> Any:
        page, more = request.choose_page(entries, "page", "size")
        return {"data": page, "paging": {"next": int(request.query["page"]) + 1} if more else {}}
''',
}
