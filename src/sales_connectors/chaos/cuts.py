"""Cut points: a connection breaks at every byte of the exchange while a keyed create runs."""

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from ..errors import SalesError
from ..runtime.idempotency import SETTLED_SECONDS
from ..runtime.runtime import Runtime
from ..store import Store
from .creates import ACTION, AheadClock, read_records
from .processes import run_sandbox
from .report import Report
from .target import COMPONENT

PROMISE = "Wherever the exchange breaks, one idempotency key makes at most one record, and in the end it is known."
NAME = "cut"
PATH = b"POST /v2/contacts "


def run(store_url: str, *, home: Path | None = None, step: int = 1) -> Report:
    """A create for each byte of the request and of its reply, or for each ``step`` of them, that breaks there once.

    Each is asked for again, and once more a quarter of an hour later where it is still unknown.
    """
    report = Report(PROMISE, {"bytes between two cuts": step})
    with report.measure(), run_sandbox(COMPONENT) as box, cutting_proxy(box.url) as proxy:
        clock = AheadClock(SETTLED_SECONDS * 1.5)
        store, later = Store(store_url, home=home), Store(store_url, home=home, clock=clock)
        given = {**box.connection, "fields": {**box.connection["fields"], "apiUrl": proxy.url, "rateLimit": 0}}
        store.connections.save(NAME, COMPONENT, given)
        try:
            trial = CutTrial(report, proxy, Runtime(store), Runtime(later, clock=clock))
            trial.cut_all(step)
            trial.judge(read_records(box))
        finally:
            store.connections.remove(NAME)
            store.close()
            later.close()
    return report


class CutTrial:
    """Creates under keys, each with a place where it breaks."""

    def __init__(self, report: Report, proxy: "CuttingProxy", now: Runtime, later: Runtime) -> None:
        self.report, self.proxy, self.now, self.later = report, proxy, now, later
        self.records: dict[str, int] = {}
        """What each key was told, by its name."""

    def cut_all(self, step: int) -> None:
        self._ask(self.now, "Cut whole")  # how long both sides are
        request, reply = self.proxy.lengths
        for side, length in (("request", request), ("reply", reply)):
            told = Counter[str]()
            for at in range(0, length + 1, step):
                told.update(self._cut(f"Cut {side} {at:05d}", Cut(side, at)))
            self.report.facts[f"cuts of the {side}"] = {"bytes": length, **dict(sorted(told.items()))}

    def _cut(self, name: str, cut: "Cut") -> Counter[str]:
        self.proxy.cut = cut
        told = [f"at first: {self._ask(self.now, name)}"]
        self.proxy.cut = None
        for when, runtime in (("asked again", self.now), ("a quarter of an hour later", self.later)):
            if name not in self.records:
                told.append(f"{when}: {self._ask(runtime, name)}")
        return Counter(told)

    def _ask(self, runtime: Runtime, name: str) -> str:
        options = {"idempotencyKey": name, "timeout": 10.0}
        try:
            made = runtime.invoke(COMPONENT, ACTION, {"isOrganization": True, "name": name}, NAME, options)
        except SalesError as error:
            return error.code
        self.records[name] = made["data"]["data"]["id"]
        return str(made["outcome"])

    def judge(self, records: dict[int, str]) -> None:
        made = Counter(name for name in records.values() if name.startswith("Cut "))
        twice = [name for name, count in made.items() if count > 1]
        unknown = [name for name in made if name not in self.records]
        missing = [name for name, number in self.records.items() if records.get(number) != name]
        known = {"records": sum(made.values()), "keys": len(self.records)}
        self.report.facts["in the end"] = {**known, "made twice": len(twice), "unknown": len(unknown)}
        for what, found in (("made twice", twice), ("made and never told", unknown), ("told but missing", missing)):
            self.report.expect(not found, f"{what}: {found[:5]}")
        self.report.expect(len(made) == len(self.records), f"{len(made)} names, {len(self.records)} keys were answered")


@dataclass(frozen=True)
class Cut:
    """Where an exchange breaks: after so many bytes of one side."""

    side: str
    at: int


class CuttingProxy:
    """Hands bytes to and fro; the next create breaks at the cut, and no other one does."""

    def __init__(self, target: tuple[str, int], listener: socket.socket) -> None:
        self._target, self._listener = target, listener
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.cut: Cut | None = None
        self.lengths = (0, 0)
        """Of the last create: the request's and the reply's."""

    def serve(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._target) as server:
            while request := _read_message(client):
                is_create = request.startswith(PATH)
                cut, self.cut = (self.cut, None) if is_create else (None, self.cut)
                server.sendall(request[: cut.at] if cut and cut.side == "request" else request)
                if cut and cut.side == "request":
                    return
                reply = _read_message(server)
                if is_create and not cut:
                    self.lengths = len(request), len(reply)
                client.sendall(reply[: cut.at] if cut else reply)
                if cut:
                    return


@contextmanager
def cutting_proxy(url: str) -> Iterator[CuttingProxy]:
    """A proxy before a service, at an address of its own."""
    target = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        proxy = CuttingProxy((target.hostname or "", target.port or 80), listener)
        thread = Thread(target=proxy.serve, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
    thread.join()


def _read_message(connection: socket.socket) -> bytes:
    """One request or reply, whole; nothing at the end of the connection."""
    message = b""
    while b"\r\n\r\n" not in message:
        part = connection.recv(65536)
        if not part:
            return b""
        message += part
    head, _, body = message.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        part = connection.recv(65536)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body
