"""JSON:API 1.0, held against every document: its own schema, and what that cannot say.

The vendor departs from it in one thing: its ids are integers.  They are made text before they are looked at.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import requests
from jsonschema import Draft6Validator
from tests.sandboxes import Caller as SandboxCaller

from sales_connectors.imitation import Box

HERE = Path(__file__).parent
MEDIA_TYPE = "application/vnd.api+json"
SCHEMA = Draft6Validator(json.loads((HERE / "jsonapi-1.0.schema.json").read_text("utf-8")))
WITHOUT_IDS = "/api/v2/types"
"""The one list whose entries the vendor gives no ids; its own documentation says so."""

Document = dict[str, Any]


def with_textual_ids(value: Any) -> Any:
    """A document as JSON:API would have it: ids of records and of references are texts."""
    if isinstance(value, list):
        return [with_textual_ids(one) for one in value]
    if not isinstance(value, dict):
        return value
    read = {name: value[name] if name in ("attributes", "meta") else with_textual_ids(value[name]) for name in value}
    return {**read, "id": str(value["id"])} if "type" in value and isinstance(value.get("id"), int) else read


def check_document(document: Document, sparse: bool = False) -> None:
    """A document is one of JSON:API; ``sparse`` is one whose members somebody has chosen."""
    SCHEMA.validate(with_textual_ids(document))
    found = [*list_primary(document), *document.get("included", [])]
    names = [name_of(one) for one in found]
    assert len(names) == len(set(names)), "a record stands in a document once"
    if not sparse:
        check_linkage(document)


def check_linkage(document: Document) -> None:
    """Whatever is included is named by something that is there ("full linkage")."""
    known = {name_of(one): one for one in document.get("included", [])}
    reached, waiting = set(), list_primary(document)
    while waiting:
        for name in list_references(waiting.pop()):
            if name in known and name not in reached:
                reached.add(name)
                waiting.append(known[name])
    assert reached == set(known), "what is included is named by nobody"


def list_primary(document: Document) -> list[Document]:
    data = document.get("data")
    return data if isinstance(data, list) else [data] if data else []


def list_references(record: Document) -> Iterator[tuple[str, str]]:
    for relationship in record.get("relationships", {}).values():
        data = relationship.get("data")
        for one in data if isinstance(data, list) else [data] if data else []:
            yield name_of(one)


def name_of(record: Document) -> tuple[str, str]:
    return record["type"], str(record["id"])


class Caller(SandboxCaller):
    """Calls the sandbox as any client would; every document that comes back is held against JSON:API."""

    def __init__(self, box: Box, token: str | None = None, **headers: str) -> None:
        super().__init__(box, token, **{"Content-Type": MEDIA_TYPE, **headers})

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> requests.Response:
        address = self.locate(path)
        reply = self.session.request(method, address, **{"json": json, "timeout": 10, **options})
        if reply.content and reply.headers["Content-Type"] == MEDIA_TYPE and not address.endswith(WITHOUT_IDS):
            check_document(reply.json(), sparse="fields[" in unquote(reply.url))
        return reply

    def locate(self, path: str) -> str:
        return path if path.startswith("http") else self.box.url + (path if path.startswith("/") else f"/api/v2/{path}")

    def get(self, path: str, query: Any = None, /, **more: Any) -> Any:
        reply = self("GET", path, params={**(query or {}), **more})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def ids(self, path: str, query: Any = None, /, **more: Any) -> list[Any]:
        """The ids of the records on one page of a list."""
        return [one["id"] for one in self.get(path, {"page[size]": 1000, **(query or {})}, **more)["data"]]

    def create(self, type: str, plural: str, attributes: Any = None, **relationships: Any) -> Document:
        reply = self("POST", plural, write(type, attributes, **relationships))
        assert reply.status_code == 201, reply.text
        made: Document = reply.json()["data"]
        return made

    def update(self, type: str, path: str, attributes: Any = None, **relationships: Any) -> Document:
        id = int(path.rpartition("/")[2])
        reply = self("PATCH", path, write(type, attributes, id, **relationships))
        assert reply.status_code == 200, reply.text
        changed: Document = reply.json()["data"]
        return changed

    def act(self, path: str, action: str, **parameters: Any) -> Document:
        reply = self._act(path, action, parameters)
        assert reply.status_code == 200, reply.text
        changed: Document = reply.json()["data"]
        return changed

    def refused_act(self, path: str, action: str, **parameters: Any) -> tuple[int, str]:
        reply = self._act(path, action, parameters)
        return reply.status_code, reply.json()["errors"][0]["detail"]

    def _act(self, path: str, action: str, parameters: Any) -> requests.Response:
        query = {f"actionParams[{name}]": value for name, value in parameters.items()}
        return self("POST", f"{path}/actions/{action}", params=query)

    def refused(self, method: str, path: str, json: Any = None, **options: Any) -> tuple[int, str | None, list[str]]:
        """The status of a refusal, the id of its first error, and what its errors point at."""
        reply = self(method, path, json, **options)
        assert reply.status_code >= 400, reply.text
        errors = reply.json()["errors"]
        pointers = [error["source"]["pointer"] for error in errors if "source" in error]
        return reply.status_code, errors[0].get("id"), pointers


def write(type: str, attributes: Any = None, id: int | None = None, /, **relationships: Any) -> Document:
    """The document that makes or changes a record; a relationship is ``(type, id)``, or None."""
    data: Document = {"type": type, **({} if id is None else {"id": id})}
    if attributes:
        data["attributes"] = attributes
    if relationships:
        data["relationships"] = {
            name: {"data": one and {"type": one[0], "id": one[1]}} for name, one in relationships.items()
        }
    return {"data": data}


def read_contract() -> dict[str, Any]:
    """The resources of the vendor's description: attributes, relationships, and what can be asked of each."""
    read: dict[str, Any] = json.loads((HERE / "resources.json").read_text("utf-8"))
    return read
