"""Processes to torture with: each is started, spoken to in lines of JSON, and surely gone in the end.

A child that loses its parent ends by itself, since its standard input ends then.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from secrets import token_hex
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

from ..clock import SYSTEM_CLOCK, Clock
from ..store import Store
from .report import TrialAborted

Message = dict[str, Any]

CHILD_TIMEOUT_SECONDS = 60.0
"""Seconds to wait for a child that starts, answers or ends on a busy machine."""
MAX_OUTPUT_LINES = 20
"""Lines of a child's other output that are kept to explain its end."""


class Child:
    """A running module.  What it says is put on a queue, ``None`` at its end."""

    def __init__(self, module: str, spec: Mapping[str, Any], heard: "Queue[tuple[Child, Message | None]]") -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.{module}"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.last_output: list[str] = []
        self._heard = heard
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.say(spec)  # not as an argument: the address of a store may hold a password

    def say(self, message: Mapping[str, Any]) -> None:
        """Tell the child; one that is dead already does not mind."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{json.dumps(message)}\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        self._process.kill()

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def end(self, patience: float = 0.0) -> None:
        """Have it end by itself for as long as there is patience; then it is killed, and buried in any case."""
        with suppress(BrokenPipeError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        self._process.stdout.close()  # type: ignore[union-attr]

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = _parse_message(line)
            if message is None:
                self.last_output = [*self.last_output[1 - MAX_OUTPUT_LINES :], line.rstrip()]
            else:
                self._heard.put((self, message))
        self._heard.put((self, None))


class WorkerPool:
    """The workers of one trial; all of them are gone when it ends, however it ends."""

    def __init__(self) -> None:
        self.alive: list[Child] = []
        self._all: list[Child] = []
        self._heard: Queue[tuple[Child, Message | None]] = Queue()

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *failure: object) -> None:
        for child in self._all:
            child.kill()
        for child in self._all:
            child.end()

    def start(self, job: str, spec: Mapping[str, Any]) -> Child:
        child = Child("worker", {**spec, "job": job}, self._heard)
        self.alive.append(child)
        self._all.append(child)
        return child

    def hear(self, patience: float) -> tuple[Child, Message | None] | None:
        """The next message of anybody, with None for an end; None where nobody says anything for so long."""
        try:
            child, message = self._heard.get(timeout=max(0.0, patience))
        except Empty:
            return None
        if message is None and child in self.alive:
            child.end(CHILD_TIMEOUT_SECONDS)
            self.alive.remove(child)
        return child, message

    def listen(self, seconds: float) -> Iterator[tuple[Child, Message | None]]:
        """Everything that is said within so many seconds."""
        ends = monotonic() + seconds
        while (heard := self.hear(ends - monotonic())) is not None:
            yield heard

    def wait_for(
        self, name: str, children: list[Child], patience: float = CHILD_TIMEOUT_SECONDS
    ) -> list[tuple[Child, Message]]:
        """Wait until each of these has sent a message with this name in it; everything that was said until then."""
        missing, said, ends = list(children), [], monotonic() + patience
        while missing:
            heard = self.hear(ends - monotonic())
            if heard is None:
                raise TrialAborted(
                    f"{len(missing)} of {len(children)} processes did not say {name!r} in {patience:g} s"
                )
            child, message = heard
            if message is None:
                if child in missing:
                    raise TrialAborted(
                        f"a process ended ({child.exit_code}) before {name!r}: {' / '.join(child.last_output)}"
                    )
                continue
            said.append((child, message))
            if name in message and child in missing:
                missing.remove(child)
        return said

    def stop(self, patience: float = CHILD_TIMEOUT_SECONDS) -> list[tuple[Child, Message]]:
        """Ask all to stop, and wait until they have said that they did; everything that was said until then."""
        for child in self.alive:
            child.say({"stop": True})
        return self.wait_for("stopped", list(self.alive), patience)


class SandboxProcess:
    """The other side of a sandbox that runs in a process of its own."""

    def __init__(self, child: Child, heard: "Queue[tuple[Child, Message | None]]") -> None:
        self._child, self._heard = child, heard
        self.connection: dict[str, Any] = self._answer()["connection"]
        self.url: str = self.connection["fields"]["apiUrl"]

    def log(self) -> "list[SeenRequest]":
        """Every request so far."""
        return [SeenRequest(*entry) for entry in self._ask("log")["log"]]

    def count(self, path: str = "") -> int:
        """How many requests to paths that begin so have been answered."""
        return int(self._ask("count", path=path)["count"])

    def forget(self) -> None:
        self._ask("forget")

    def misbehave(self, faults: Any) -> None:
        self._ask("misbehave", faults=faults)

    def mint(self) -> dict[str, Any]:
        """Another token, as if somebody had signed in again."""
        token: dict[str, Any] = self._ask("mint")["token"]
        return token

    def _ask(self, what: str, **more: Any) -> Message:
        self._child.say({"ask": what, **more})
        return self._answer()

    def _answer(self) -> Message:
        try:
            message = self._heard.get(timeout=CHILD_TIMEOUT_SECONDS)[1]
        except Empty:
            message = None
        if message is None:
            raise TrialAborted(f"the sandbox does not answer: {' / '.join(self._child.last_output)}")
        return message


class SeenRequest(NamedTuple):
    """One request as the sandbox answered it."""

    time: float
    method: str
    path: str
    status: int
    mark: str
    """What tells one refresh token from another, in requests to the token endpoint."""


@contextmanager
def run_sandbox(component: str, **spec: Any) -> Iterator[SandboxProcess]:
    """A sandbox in a process of its own; ``spec`` has ``rate``, ``window``, ``seed``, and of its tokens ``life`` and
    ``refresh_once``."""
    heard: Queue[tuple[Child, Message | None]] = Queue()
    child = Child("vendor", {"component": component, **spec}, heard)
    try:
        yield SandboxProcess(child, heard)
    finally:
        child.end(CHILD_TIMEOUT_SECONDS)


@contextmanager
def run_stored_sandbox(
    component: str, store_url: str, home: Path | None, *, fields: Mapping[str, Any] | None = None, **spec: Any
) -> Iterator[tuple[SandboxProcess, Message]]:
    """A sandbox whose connection is kept in the store for as long; with it, what a worker must know to use it."""
    store, name = Store(store_url, home=home), f"torture-{token_hex(6)}"
    with run_sandbox(component, **spec) as box:
        given = {**box.connection, "fields": {**box.connection["fields"], **(fields or {})}}
        store.connections.save(name, component, given)
        try:
            yield box, {"store": store_url, "home": str(home) if home else None, "connection": name}
        finally:
            store.connections.remove(name)
            store.close()


class Worker:
    """The child's end of the line."""

    def __init__(self) -> None:
        self._lines = _read_lines(0)
        self._speaking = Lock()
        self.spec: Message = json.loads(next(self._lines))
        self.stopped = Event()
        self.orders: Queue[Message] = Queue()

    def open(self) -> "Worker":
        """Take orders from now on; where the parent is gone, so are we."""
        Thread(target=self._take_orders, daemon=True).start()
        return self

    def store(self, clock: Clock = SYSTEM_CLOCK) -> Store:
        """The store of the trial."""
        home = self.spec["home"]
        return Store(self.spec["store"], home=Path(home) if home else None, clock=clock)

    def tell(self, **message: Any) -> None:
        with self._speaking:
            sys.stdout.write(f"{json.dumps(message)}\n")
            sys.stdout.flush()

    def _take_orders(self) -> None:
        for line in self._lines:
            message = json.loads(line)
            if message.get("stop"):
                self.stopped.set()
            self.orders.put(message)
        if not self.stopped.is_set():
            os._exit(3)


def _read_lines(file: int) -> Iterator[bytes]:
    """Lines without Python's own buffer, whose lock a thread that waits for input would hold to the bitter end."""
    rest = b""
    while chunk := os.read(file, 1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines


def _parse_message(line: str) -> Message | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None
