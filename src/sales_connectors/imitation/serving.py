"""Starting and stopping sandboxes.  What they are made of is imported only then."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from importlib import import_module
from threading import Event, Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any, cast

from ..errors import NotFound
from ..extras import require_extra

if TYPE_CHECKING:
    from .engine import Sandbox
    from .faults import Spec
    from .service import Service, Window


class Box:
    """A running sandbox, in the hands of whoever started it."""

    def __init__(self, sandbox: "Sandbox", url: str) -> None:
        self._sandbox = sandbox
        self.url = url
        self.connection = sandbox.connection(url)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What it has seen so far, oldest first; the controls are not counted."""
        return list(self._sandbox.requests)

    def count(self, path_prefix: str = "", method: str | None = None) -> int:
        """How many requests it has seen, to paths that begin so."""
        return sum(seen["path"].startswith(path_prefix) and method in (None, seen["method"]) for seen in self.requests)

    def forget(self) -> None:
        """Empty the log of requests."""
        self._sandbox.requests.clear()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock on: tokens expire, the rate bucket refills, streams forget."""
        self._sandbox.clock.advance(seconds)

    def misbehave(self, spec: "Spec") -> None:
        """Play these faults from now on and no others; None ends them."""
        self._sandbox.faults.change(spec)

    def undoing(self) -> AbstractContextManager[None]:
        """What is written meanwhile is undone at the end: each of many tests begins with the records of a new sandbox,
        without waiting for one."""
        return self._sandbox.store.undoing()

    def connect(self, key: str) -> dict[str, Any]:
        """A connection of another kind, by its key."""
        return self._sandbox.connection(self.url, key)

    def token(self, **options: Any) -> dict[str, Any]:
        """Another token; the options are those of ``Sandbox.mint``."""
        return self._sandbox.mint(**options)


@contextmanager
def running(
    component: "str | Service",
    *,
    rate: float | None = None,
    seed: int = 1,
    state: str | None = None,
    faults: "Spec" = None,
    port: int = 0,
    host: str = "127.0.0.1",
    window: "Window | None" = None,
    over: Event | None = None,
) -> Iterator[Box]:
    """Serve a component's imitation from a thread of this process.

    ``rate`` is the vendor's unless given as so many a second, 0 is none; ``window="sliding"`` counts it strictly.
    ``state`` names a file that keeps everything for the next time; ``over`` is set where somebody asks it over HTTP to
    stop.
    """
    require_extra("sandbox")
    from .engine import Sandbox

    service = load_imitation(component) if isinstance(component, str) else component
    # The socket queues connections from the start, so nobody has to wait for the server to come up.
    with socket.create_server((host, port), backlog=512) as listener:
        sandbox = Sandbox(service, rate=rate, window=window, seed=seed, state=state, faults=faults)
        sandbox.over = over or sandbox.over
        with _serving(sandbox, listener, host):
            yield Box(sandbox, f"http://{host}:{listener.getsockname()[1]}")


@contextmanager
def _serving(sandbox: "Sandbox", listener: socket.socket, host: str) -> Iterator[None]:
    """The sandbox behind the socket, in a thread of its own."""
    from uvicorn import Config

    from .application import build_application
    from .wire import PromptServer, build_protocol

    quiet: dict[str, Any] = {"log_config": None, "log_level": "warning", "access_log": False}
    protocol = build_protocol(sandbox.service.refuse)
    plain: dict[str, Any] = {"http": protocol, "ws": "none", "lifespan": "off", "timeout_graceful_shutdown": 1}
    # the date is the sandbox's, and nothing stands in front of it that could speak for others
    bare: dict[str, Any] = {"server_header": False, "date_header": False, "proxy_headers": False}
    server = PromptServer(Config(build_application(sandbox, host), **plain, **quiet, **bare))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
        sandbox.close()


def serve(
    components: list[str],
    *,
    port: int = 8080,
    rate: float | None = None,
    seed: int = 1,
    faults: "Spec" = None,
    state: str | None = None,
    host: str = "127.0.0.1",
    window: "Window | None" = None,
    ready: Callable[[dict[str, Any]], None],
) -> None:
    """Serve imitations until interrupted, each at the root of a port of its own: ``port``, ``port`` + 1 and so on.

    Once all of them listen, ``ready`` gets ``{component: connection}``.  With several components, each has a state file
    of its own, with the component's name at its end.
    """
    over = Event()
    with ExitStack() as boxes:
        connections = {}
        for index, component in enumerate(components):
            kept = f"{state}.{component}" if state and len(components) > 1 else state
            own: dict[str, Any] = {"state": kept, "port": port and port + index, "host": host, "over": over}
            started = running(component, rate=rate, seed=seed, faults=faults, window=window, **own)
            connections[component] = boxes.enter_context(started).connection
        ready(connections)
        _wait_for_the_end(over)


def _wait_for_the_end(over: Event) -> None:
    """Until Ctrl-C, a request to terminate, or one over HTTP to stop."""
    if current_thread() is main_thread():
        signal.signal(signal.SIGTERM, lambda number, frame: over.set())
    with suppress(KeyboardInterrupt):
        over.wait()


def load_imitation(component: str) -> "Service":
    """The imitation that a component brings, found by the component's key."""
    name = f"sales_connectors.components.{component.replace('-', '_')}.sandbox.service"
    try:
        module = import_module(name)
    except ModuleNotFoundError as missing:
        if not name.startswith(missing.name or name):
            raise
        raise NotFound(f"There is no sandbox for a component {component!r}.", code="unknown_component") from None
    return cast("Service", module.service())
