"""What every test stands on: a home of its own, time passed in, a toy component, a server that misbehaves."""

import json
import os
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import responses

from sales_connectors import Runtime, components, manifest
from sales_connectors.runtime import Picked
from sales_connectors.store import Store
from sales_connectors.testing import FakeClock

SETTINGS = ("STORE", "KEY", "TOKEN", "CLIENT_SECRET")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: many tests wait for a server, a process or a lock instead of computing."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes what belongs to whoever runs it."""
    for name in [f"SALES_CONNECTORS_{setting}" for setting in SETTINGS] + [*PROXIES, *map(str.lower, PROXIES)]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SALES_CONNECTORS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def runtime(home: Path, clock: FakeClock) -> Iterator[Runtime]:
    """A runtime with a store, a clock and a chance of its own: every backoff is half of what it may be."""
    store = Store(f"sqlite:///{home / 'store.db'}", home=home, clock=clock)
    yield Runtime(store, clock=clock, random=lambda: 0.5)
    store.close()


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """The service, as replies to expect."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


# --- the toy component ----------------------------------------------------------------------------

TOY = {
    "component.yaml": """\
key: toy-service
label: Toy Service
description: Keeps things.
category: CRM
documentation: https://example.com/api
envelope:
  one: record
  list: {items: [record], more: object}
connections:
  token: {handler: token:connection}
actions:
  listThings: {handler: things:list_things, effect: read, returns: [thing]}
  getThing: {handler: things:get_thing, effect: read, returns: thing}
  createThing: {handler: things:create_thing, effect: create, returns: thing}
  updateThing: {handler: things:update_thing, effect: update, returns: thing}
  upsertThing: {handler: things:upsert_thing, effect: upsert, returns: thing}
  deleteThing: {handler: things:delete_thing, effect: delete, returns: nothing}
  rawCall: {handler: things:raw_call, effect: any, returns: anything}
  crash: {handler: things:crash, effect: read, returns: thing}
  noFunction: {handler: things:no_such_function, effect: read, returns: thing}
  noModule: {handler: nowhere:get_thing, effect: read, returns: thing}
dataSources:
  selectThing: {handler: things:select_thing, type: picklist}
  selectPlain: {handler: things:select_plain, type: picklist}
triggers:
  pollThings: {handler: things:poll_things}
""",
    "connections/token.py": '''\
"""A vendor whose numbered pages say which one is next."""

from sales_connectors.sdk import OAuth, Pages, Service, VendorError, VendorFault, sign_with_bearer


def connection(fields):
    return Service(
        api_url=fields["apiUrl"].rstrip("/"),
        sign=sign_with_bearer,
        whoami="/me",
        pages=pages,
        error=read_error,
        rate=0,
        oauth=OAuth(
            authorize_url=fields["authorizeUrl"],
            token_url=fields["tokenUrl"],
            client_id=fields.get("clientId", ""),
            client_secret=fields.get("clientSecret", ""),
        ),
    )


def pages(ctx, path, query, size):
    return Pages(
        fetch=lambda number: ctx.client.get(path, {**query, "page": number, "size": size}),
        first=1,
        items=ctx.envelope.items,
        after=lambda page, number: number + 1 if page["more"] else None,
        whole=lambda items: {"items": items, "more": False},
        asked=lambda: ctx.client.get(path, query),
        guess=lambda number: number + 1,
        total=lambda page: page.get("total"),
    )


def read_error(payload):
    if not isinstance(payload, dict):
        return VendorError()
    faults = [VendorFault(pointer, message) for pointer, message in payload.get("fields", {}).items()]
    return VendorError(str(payload.get("error", "")), payload.get("code"), faults, payload.get("request_id"))
''',
    "actions/things.py": '''\
"""Things."""

from sales_connectors.sdk import Changes, Repeat


def list_things(ctx, inputs):
    return ctx.pages("/things", {k: v for k, v in inputs.items() if k not in ("fetchAll",)}, size=3)


def get_thing(ctx, inputs):
    return ctx.client.get(f"/things/{inputs['id']}")


def create_thing(ctx, inputs):
    return ctx.client.post("/things", json=inputs)


def update_thing(ctx, inputs):
    return ctx.client.patch(f"/things/{inputs['id']}", json=inputs)


def upsert_thing(ctx, inputs):
    return ctx.client.post("/things/upsert", json=inputs)


def delete_thing(ctx, inputs):
    ctx.client.delete(f"/things/{inputs['id']}")


def raw_call(ctx, inputs):
    rule = inputs.get("repeat")
    reply = ctx.client.send(
        inputs["method"],
        inputs["path"],
        query=inputs.get("query"),
        headers=inputs.get("headers"),
        data=inputs.get("body"),
        timeout=inputs.get("timeout"),
        repeat=Repeat(**rule) if rule else None,
    )
    return {"status": reply.status, "headers": dict(reply.headers), "text": reply.content.decode("utf-8", "replace")}


def crash(ctx, inputs):
    raise LookupError("nobody foresaw this")


def poll_things(ctx, inputs):
    page = ctx.client.get("/changes", {"since": ctx.state or 0})
    return Changes({"created": page["items"], "updated": [], "deleted": []}, page["position"])
''',
    "datasources/things.py": '''\
"""Picklists of things: one that the service searches, one that it does not."""

from sales_connectors.sdk import Option, Picklist


def select_thing(ctx, inputs):
    return Picklist(
        pages=ctx.pages("/things", inputs, size=3),
        options=options,
        search=lambda text: ctx.pages("/things/search", {**inputs, "text": text}, size=3),
        find=lambda keys: ctx.client.get("/things", {"ids": ",".join(keys)})["items"],
    )


def select_plain(ctx, inputs):
    return Picklist(pages=ctx.pages("/plain", inputs, size=3), options=options)


def options(entries):
    return [Option(entry["name"], str(entry["id"])) for entry in entries]
''',
}

FIELDS: dict[str, Any] = {
    "apiUrl": {"type": "string", "default": "https://toy.example"},
    "authorizeUrl": {"type": "string", "default": "https://toy.example/authorize"},
    "tokenUrl": {"type": "string", "default": "https://toy.example/token"},
    "clientId": {"type": "string"},
    "clientSecret": {"type": "string", "writeOnly": True},
    "pin": {"type": "string", "writeOnly": True, "pattern": "^[0-9]+$"},
    "rateLimit": {"type": "number", "minimum": 0, "default": 0},
}
ID: dict[str, Any] = {"type": "integer", "minimum": 1}
THING: dict[str, Any] = {
    "name": {"type": "string", "title": "Name"},
    "color": {"type": ["string", "null"], "enum": ["red", "green", None]},
    "hot": {"type": "boolean"},
    "size": {"type": "number"},
    "price": {"type": "string", "pattern": "^-?\\d+(\\.\\d+)?$", "examples": ["9.99"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "ids": {"type": "array", "items": ID},
    "address": {"type": "object", "properties": {"city": {"type": ["string", "null"]}, "floor": {"type": "integer"}}},
    "extra": {"type": "object"},
    "anything": {
        "anyOf": [{"title": kind, "type": kind} for kind in ("object", "array", "string", "number", "boolean", "null")]
    },
    "when": {
        "anyOf": [
            {
                "title": "From and to",
                "description": "A span of days.",
                "type": "object",
                "properties": {"from": {"type": "string", "format": "date"}, "nights": {"type": "integer"}},
                "required": ["from"],
                "additionalProperties": False,
            },
            {"title": "Hours", "type": "array", "items": {"type": "integer", "minimum": 0}},
            {"title": "Nothing", "type": "null"},
        ]
    },
    "title": {"type": "string", "pattern": "\\S"},
    "day": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "email": {"type": "string", "format": "email"},
    "count": {"type": ["integer", "null"]},
    "kind": {"type": "string", "default": "plain"},
}
RECORD: dict[str, Any] = {
    **{name: {"type": "string"} for name in ("made_at", "owner_id", "color", "name", "price")},
    "id": {"type": "integer"},
    "address": {"type": "object", "properties": {"city": {"type": "string"}, "floor": {"type": "integer"}}},
    "maker": {"type": "object", "properties": {"id": {"type": "integer"}, "href": {"type": "string"}}},
    "extra": {"type": "object"},
}
RAW: dict[str, Any] = {
    "method": {"type": "string"},
    "path": {"type": "string"},
    "query": {"type": ["object", "array"]},
    "headers": {"type": "object"},
    "body": {"type": "string"},
    "timeout": {"type": "number"},
    "repeat": {"type": "object"},
}
FORMS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "token": (FIELDS, []),
    "listThings": ({"page": ID, "fetchAll": {"type": "boolean"}, "name": {"type": "string"}}, []),
    "createThing": (THING, ["name"]),
    "updateThing": ({"id": ID, **THING}, ["id"]),
    "upsertThing": (THING, []),
    "rawCall": (RAW, ["method", "path"]),
    "selectThing": ({"color": {"type": "string"}}, []),
    "pollThings": ({}, []),
    **{key: ({"id": ID}, ["id"]) for key in ("getThing", "deleteThing", "noFunction", "noModule")},
    **{key: ({}, []) for key in ("crash", "selectPlain")},
}


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    for name, text in TOY.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "schemas" / "records").mkdir(parents=True)
    record = {"title": "Thing", "description": "A thing.", "type": "object", "properties": RECORD}
    (folder / "schemas" / "records" / "thing.json").write_text(json.dumps(record), encoding="utf-8")
    for key, (properties, required) in FORMS.items():
        form = {"title": key, "description": f"{key}.", "type": "object", "properties": properties}
        text = json.dumps({**form, "required": required, "additionalProperties": False})
        (folder / "schemas" / f"{key}.json").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def toy(toy_folder: Path) -> Iterator[str]:
    """The key of a small component that has one of everything."""
    package = components.mount(toy_folder, "toy-service")
    yield "toy-service"
    unmount(package)


def unmount(package: str) -> None:
    """Forget a component that a test has mounted."""
    manifest.component._load_known.cache_clear()
    manifest.component.load_function.cache_clear()
    delattr(components, package.rpartition(".")[2])
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]


Connection = Mapping[str, Any]
SECRET = "tok-5f2b~9c+Q/8=x"


@dataclass(frozen=True)
class Toy:
    """The toy component over one connection, as a test calls it."""

    runtime: Runtime
    connection: Connection = field(default_factory=lambda: {"token": {"access_token": SECRET}})
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of every call."""

    def at(self, url: str, **fields: Any) -> "Toy":
        """The same component, at this address."""
        given = {**self.connection.get("fields", {}), "apiUrl": url, **fields}
        return replace(self, connection={**self.connection, "fields": given})

    def with_token(self, **token: Any) -> "Toy":
        return replace(self, connection={**self.connection, "token": token})

    def run(self, action: str, inputs: Any = None, **options: Any) -> Any:
        return self.runtime.invoke("toy-service", action, inputs, self.connection, {**self.options, **options})

    def data(self, action: str, inputs: Any = None, **options: Any) -> Any:
        return self.run(action, inputs, **options)["data"]

    def pick(self, source: str, inputs: Any = None, **question: Any) -> Picked:
        return self.runtime.pick("toy-service", source, inputs, self.connection, **question)


@pytest.fixture
def things(toy: str, runtime: Runtime) -> Toy:
    return Toy(runtime)


# --- a server that does what a test says, byte by byte ----------------------------------------------

Script = Callable[[socket.socket, bytes], bool | None]
"""Answers one request; the connection stays open where it returns True."""


def http(
    status: int = 200, body: bytes = b"{}", *, length: int | None = None, keep: bool = True, **headers: str
) -> Script:
    """A reply as it should be, or with a wrong length."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    reply = "\r\n".join([*lines, "", ""]).encode() + body

    def script(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(reply)
        return keep

    return script


def hang_up(connection: socket.socket, request: bytes) -> None:
    """Read the request and say nothing."""


class Server:
    """Plays one script for each request, the last one again and again; it remembers what it was sent."""

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self.scripts, self.requests = list(scripts), list[bytes]()
        self.connections = 0
        self.closed = threading.Semaphore(0)
        """Counts the connections that this side has closed."""
        self.over = threading.Event()
        """Set when the test ends: a script that wants to be slow waits for it."""
        self._tls, self._lock = tls, threading.Lock()
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        self.over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            secured = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            with secured:
                self._open.append(secured)
                while self._answer(secured):
                    pass
        self.closed.release()

    def _answer(self, connection: socket.socket) -> bool:
        request = _read(connection)
        if request is None:
            return False
        with self._lock:
            script = self.scripts[min(len(self.requests), len(self.scripts) - 1)]
            self.requests.append(request)
        return bool(script(connection, request))


def _read(connection: socket.socket) -> bytes | None:
    """One request, head and body."""
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65536)
        if not more:
            return None
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    return head + b"\r\n\r\n" + body


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers; they stop when the test ends."""
    started: list[Server] = []

    def start(*scripts: Script, tls: ssl.SSLContext | None = None) -> Server:
        started.append(Server(*scripts, tls=tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, with its key; nobody has a reason to trust it."""
    path = tmp_path_factory.mktemp("tls") / "pair.pem"
    _make_certificate(path)
    return path


@pytest.fixture(scope="session")
def self_signed(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _make_certificate(path: Path) -> None:
    from datetime import UTC, datetime, timedelta
    from ipaddress import IPv4Address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    signed = built.add_extension(here, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
