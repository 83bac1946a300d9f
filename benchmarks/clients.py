"""Four ways to make the same calls: bare ``http.client``, bare ``requests``, the vendor's ``basecrm``, and ours.

Each is written as its users would write it.  A client loads its libraries when it is made, so that a fresh process
pays for them in its time to the first result.
"""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any, Protocol

TOKEN = "0123456789abcdef" * 4
PER_PAGE = 100

PERSON = {
    "first_name": "Mark", "last_name": "Johnson", "owner_id": 1, "is_organization": False, "contact_id": 3,
    "customer_status": "none", "prospect_status": "current", "title": "CEO", "description": "I know him via Tom",
    "industry": "Design Services", "website": "www.designservices.com", "email": "mark@designservices.com",
    "phone": "508-778-6516", "mobile": "508-778-6516", "fax": "+44-208-1234567", "twitter": "mjohnson",
    "facebook": "mjohnson", "linkedin": "mjohnson", "skype": "mjohnson",
    "address": {"line1": "2726 Smith Street", "city": "Hyannis", "postal_code": "02601", "state": "MA"},
    "billing_address": {"line1": "2726 Smith Street", "city": "Hyannis"},
    "shipping_address": {"line1": "2726 Smith Street", "city": "Hyannis"},
    "tags": ["contractor", "vip"], "custom_fields": {"known_via": "tom"},
}  # fmt: skip
"""A contact with every field that the form of a person takes: 24."""


class Client(Protocol):
    def get(self) -> Any: ...
    def create(self) -> Any: ...
    def walk(self) -> Iterator[Any]: ...
    def all(self) -> list[Any]: ...


class HttpClient:
    """The standard library, and nothing around it: what any client must at least cost."""

    def __init__(self, host: str, rate: float = 0) -> None:
        import http.client

        self._connection = http.client.HTTPConnection(host)
        self._headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "bench", "Accept": "application/json"}

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        text = None if body is None else json.dumps(body)
        headers = self._headers | ({"Content-Type": "application/json"} if text else {})
        self._connection.request(method, path, text, headers)
        return json.loads(self._connection.getresponse().read())

    def get(self) -> Any:
        return self._ask("GET", "/v2/contacts/7")

    def create(self) -> Any:
        return self._ask("POST", "/v2/contacts", {"data": PERSON})

    def walk(self) -> Iterator[Any]:
        for page in count(1):
            reply = self._ask("GET", f"/v2/contacts?page={page}&per_page={PER_PAGE}")
            yield from reply["items"]
            if "next_page" not in reply["meta"]["links"]:
                return

    def all(self) -> list[Any]:
        return list(self.walk())


class Requests(HttpClient):
    """A ``requests`` session."""

    def __init__(self, host: str, rate: float = 0) -> None:
        import requests

        self._session, self._root = requests.Session(), f"http://{host}"
        self._session.headers["Authorization"] = f"Bearer {TOKEN}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._session.request(method, self._root + path, json=body, timeout=30).json()


class Basecrm:
    """The vendor's own client."""

    def __init__(self, host: str, rate: float = 0) -> None:
        import basecrm

        self._client = basecrm.Client(access_token=TOKEN, base_url=f"http://{host}")

    def get(self) -> Any:
        return self._client.contacts.retrieve(7)

    def create(self) -> Any:
        return self._client.contacts.create(**PERSON)

    def walk(self) -> Iterator[Any]:
        for page in count(1):
            items = self._client.contacts.list(page=page, per_page=PER_PAGE)
            yield from items
            if len(items) < PER_PAGE:
                return

    def all(self) -> list[Any]:
        return list(self.walk())


class Ours:
    """The whole pipeline: manifest, coercion, validation, signing, redaction, errors."""

    def __init__(self, host: str, rate: float = 0) -> None:
        from sales_connectors import connect

        fields = {"apiUrl": f"http://{host}", "rateLimit": rate}
        self._sell = connect("zendesk-sell", {"fields": fields, "token": {"access_token": TOKEN}})
        self._person = {_camel(name): value for name, value in PERSON.items()}

    def get(self) -> Any:
        return self._sell.getContact(id=7)

    def create(self) -> Any:
        return self._sell.createContact(**self._person)

    def walk(self) -> Iterator[Any]:
        return self._sell.iterate("listContacts")

    def all(self) -> list[Any]:
        items: list[Any] = self._sell.listContacts(fetchAll=True)["items"]
        return items


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


CLIENTS: dict[str, type] = {
    "http.client": HttpClient,
    "requests": Requests,
    "basecrm": Basecrm,
    "sales-connectors": Ours,
}
