"""The loopback service that every measurement runs against: canned replies, as fast as a socket gives them out.

It is the same for every client, so that a difference between two rows is a difference between the clients.
"""

import argparse
import json
import re
import selectors
import socket
import time
from urllib.parse import parse_qs, urlsplit

CONTACT = {
    "id": 7,
    "creator_id": 1,
    "owner_id": 1,
    "is_organization": False,
    "contact_id": 3,
    "parent_organization_id": None,
    "name": "Mark Johnson",
    "first_name": "Mark",
    "last_name": "Johnson",
    "customer_status": "none",
    "prospect_status": "none",
    "title": "CEO",
    "description": "I know him via Tom",
    "industry": "Design Services",
    "website": "http://www.designservice.com",
    "email": "mark@designservices.com",
    "phone": "508-778-6516",
    "mobile": "508-778-6516",
    "fax": "+44-208-1234567",
    "twitter": "mjohnson",
    "facebook": "mjohnson",
    "linkedin": "mjohnson",
    "skype": "mjohnson",
    "address": {
        "line1": "2726 Smith Street",
        "city": "Hyannis",
        "postal_code": "02601",
        "state": "MA",
        "country": "US",
    },
    "billing_address": None,
    "shipping_address": None,
    "tags": ["contractor", "early-adopter"],
    "custom_fields": {"known_via": "tom"},
    "created_at": "2026-01-27T16:32:56Z",
    "updated_at": "2026-01-27T16:32:56Z",
}
HEADER_END = b"\r\n\r\n"


def one() -> bytes:
    return json.dumps({"data": CONTACT, "meta": {"type": "contact"}}).encode()


def page(host: str, number: int, size: int, records: int) -> bytes:
    """One page of the list; the records differ in their ids, the text around them does not."""
    first, last = (number - 1) * size + 1, min(number * size, records)
    items = [{"data": {**CONTACT, "id": record}, "meta": {"type": "contact"}} for record in range(first, last + 1)]
    links = {"self": f"http://{host}/v2/contacts?page={number}&per_page={size}"}
    if last < records:
        links["next_page"] = f"http://{host}/v2/contacts?page={number + 1}&per_page={size}"
    return json.dumps({"items": items, "meta": {"type": "collection", "count": len(items), "links": links}}).encode()


class Stub:
    """A single-threaded server: one selector, keep-alive connections, replies from memory."""

    def __init__(self, records: int, latency: float) -> None:
        self.records, self.latency = records, latency
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.contact = one()
        self.pages: dict[tuple[int, int], bytes] = {}
        self.selector = selectors.DefaultSelector()
        self.received: dict[socket.socket, bytes] = {}
        self.due: list[tuple[float, socket.socket, bytes]] = []

    def serve(self) -> None:
        self.selector.register(self.listener, selectors.EVENT_READ)
        while True:
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            for key, _ in self.selector.select(wait):
                self._ready(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered
            while self.due and self.due[0][0] <= time.monotonic():
                _, client, reply = self.due.pop(0)
                client.sendall(reply)

    def _ready(self, ready: socket.socket) -> None:
        if ready is self.listener:
            client, _ = self.listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(client, selectors.EVENT_READ)
            self.received[client] = b""
            return
        try:
            data = ready.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            self.selector.unregister(ready)
            del self.received[ready]
            ready.close()
            return
        self.received[ready] += data
        self._answer(ready)

    def _answer(self, client: socket.socket) -> None:
        data = self.received[client]
        end = data.find(HEADER_END)
        if end < 0:
            return
        length = re.search(rb"(?i)content-length: *(\d+)", data[:end])
        whole = end + len(HEADER_END) + (int(length[1]) if length else 0)
        if len(data) < whole:
            return
        self.received[client] = data[whole:]
        reply = self._reply(data[: data.index(b"\r\n")].decode())
        if self.latency:
            self.due.append((time.monotonic() + self.latency, client, reply))
        else:
            client.sendall(reply)

    def _reply(self, request_line: str) -> bytes:
        parts = urlsplit(request_line.split()[1])
        query = parse_qs(parts.query)
        body = self.contact
        if parts.path == "/v2/contacts" and request_line.startswith("GET"):
            body = self._page(int(query.get("page", ["1"])[0]), int(query.get("per_page", ["25"])[0]))
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _page(self, number: int, size: int) -> bytes:
        key = (number, size)
        if key not in self.pages:
            self.pages[key] = page(self.host, number, size, self.records)
        return self.pages[key]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--records", type=int, default=100_000, help="how long the list is")
    options = parser.parse_args()
    stub = Stub(options.records, options.latency)
    print(stub.host, flush=True)
    stub.serve()


if __name__ == "__main__":
    main()
